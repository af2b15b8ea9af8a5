// Where a command reads a sealed roll: from a board, or from a record on disk.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "core/console/console.h"
#include "core/roll/roll.h"
#include "tally/context.h"

namespace urna::tally {

// --roll ORIGIN with a board, or --roll-record DIR.
struct RollOptions {
  std::string roll, roll_record;
  void AddTo(CLI::App& command);
  bool given() const { return !roll.empty() || !roll_record.empty(); }
  // The roll with every enrolment verified; FailedPrecondition if it is not sealed.
  absl::StatusOr<std::shared_ptr<const roll::RollState>> Read(const console::BoardOptions& board,
                                                              const Context& context) const;
};

}  // namespace urna::tally
