// Where a command reads a sealed roll: from a board, or from a record on disk.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "core/console/console.h"
#include "core/roll/roll.h"
#include "tally/context.h"

namespace urna::tally {

using RollEpochs = std::map<uint64_t, std::shared_ptr<const roll::RollState>>;

// --roll ORIGIN with a board, or --roll-record DIR.
struct RollOptions {
  std::string roll, roll_record;
  void AddTo(CLI::App& command);
  bool given() const { return !roll.empty() || !roll_record.empty(); }
  // The roll with every enrolment verified; FailedPrecondition if it is not sealed.
  absl::StatusOr<std::shared_ptr<const roll::RollState>> Read(const console::BoardOptions& board,
                                                              const Context& context) const;
  // The same of all its epochs, by the size of the log with their seals; at least one.
  absl::StatusOr<RollEpochs> ReadEpochs(const console::BoardOptions& board,
                                        const Context& context) const;
};

// The epoch that a poll's order pins; DataLoss if these are not of that roll.
absl::StatusOr<std::shared_ptr<const roll::RollState>> FindPinned(const RollEpochs& epochs,
                                                                  const roll::RollPin& pin);

}  // namespace urna::tally
