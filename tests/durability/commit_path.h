// What the tests of this folder share: a board with a petition, acts to send to it, and the
// judgement on what is left of it afterwards.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/clock.h"
#include "server/board.h"
#include "tests/server/board_fixture.h"

namespace urna::testing {

// Whether URNA_LONG asks for everything to be tried; by default samples are.
bool Long();

// A receipt that was given, and what for.
struct Given {
  server::Receipt receipt;
  uint64_t size = 0;  // of its checkpoint
  merkle::Hash root{};
};

// A data directory with an open petition, and acts for it: made once, copied for each run.
class Prepared {
 public:
  explicit Prepared(size_t acts);
  void CopyTo(const std::string& data) const { CopyDirectory(board_.data(), data); }
  const std::vector<Bytes>& acts() const { return acts_; }
  merkle::NoteVerifier key() const { return board_.LogVerifier(kPollOrigin); }
  merkle::NoteVerifier roll_key() const { return board_.LogVerifier(kRollOrigin); }

 private:
  TestBoard board_;
  std::vector<Bytes> acts_;
};

// A board that runs in this process over a copy, with a ledger that writes tables all the time.
class RunningBoard {
 public:
  RunningBoard(std::string data, const Prepared& prepared);

  enum class Compacting { kOn, kOff };
  absl::Status Open(Compacting compacting = Compacting::kOn);
  void Stop() { board_.reset(); }
  // Sends act `i` and waits for the answer.
  absl::StatusOr<Given> Send(size_t i);
  // Why it can write no more, if so.
  std::optional<absl::Status> fatal() const { return fatal_; }
  const server::Board& board() const { return *board_; }

 private:
  std::string data_;
  const Prepared& prepared_;
  FixedClock clock_{5'000'000};
  std::optional<absl::Status> fatal_;
  std::unique_ptr<server::Board> board_;
};

// What has become of a data directory in which these receipts were given.
struct Judgement {
  std::string refused;        // why it does not start; empty: it does
  size_t lost = 0;            // receipts whose entry is not in the ledger, in its place
  bool guard_behind = false;  // the published checkpoint beside it is older than a receipt's

  // It serves, and everything is there.
  bool Whole() const { return refused.empty() && lost == 0 && !guard_behind; }
  // It serves a tree that contains every receipt, or does not start and says what to do.
  bool Honest() const { return refused.empty() ? lost == 0 : SaysWhatToDo(); }
  // Every refusal names the page with the drill for it.
  bool SaysWhatToDo() const;
  std::string ToString() const;
};
Judgement Judge(const std::string& data, const std::vector<Given>& given, const Prepared& prepared);

}  // namespace urna::testing
