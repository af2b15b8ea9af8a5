// How an officers' order is made from what the poll's log says: drafted, checked, shown in words,
// signed, and written to a file or posted. Each command says only what its order is.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/console/console.h"
#include "tally/context.h"
#include "tally/draft_order.h"
#include "tally/message_file.h"
#include "tally/poll_source.h"

namespace urna::tally {

// What every command that makes an order is told.
struct OrderOptions {
  PollOptions poll;
  console::PassphraseSource passphrase;
  std::string reason, time, out;
  std::vector<std::string> keys;
  bool submit = false;
  void AddTo(CLI::App& command);
};

// Borrows both, which must outlive it.
class OrderMaker {
 public:
  OrderMaker(const OrderOptions& options, const Context& context)
      : options_(options), context_(context) {}

 protected:
  // The poll as far as it has come.
  struct Poll {
    PollState state;
    uint64_t size = 0;  // of the log
    Bytes manifest;     // its first entry
  };
  static Poll PollOf(const PollReplay& replay);

  // InvalidArgument if it is not said where the order goes.
  absl::Status CheckOptions() const;
  // The poll's log, without its roll.
  absl::StatusOr<std::unique_ptr<PollReader>> Read() const;
  // Drafts, checks, signs, and writes or posts it. `more` goes into the JSON answer.
  absl::Status Finish(const Poll& poll, OrderAct act, const roll::RollState* roll,
                      const election::PartSums* sums, const Json& more) const;

  const Context& context() const { return context_; }

 private:
  absl::Status Post(const Message& message, Json& answer, std::string& said) const;

  const OrderOptions& options_;
  const Context& context_;
};

}  // namespace urna::tally
