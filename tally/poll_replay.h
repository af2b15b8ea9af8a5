// A poll's log, entry by entry, as the rules see it: what the commands know of a poll before they
// draft, sign or show something. Every rule is applied but the proofs of ballots, challenges and
// petition acts and the content of openings; whoever counts or decrypts runs the verifier
// (core/audit) instead. docs/protocol.md §5-§9.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/election/state.h"
#include "core/merkle/note.h"
#include "core/merkle/tree.h"
#include "core/petition/state.h"
#include "core/record/entry.h"
#include "core/roll/roll.h"

namespace urna::tally {

// The key under which a log signs its checkpoints.
absl::StatusOr<merkle::NoteVerifier> LogVerifier(absl::string_view origin,
                                                 const std::array<uint8_t, 32>& key);

struct LoggedOrder {
  uint64_t index = 0;
  poll::SignedOrder order;
};
struct LoggedMessage {
  uint64_t index = 0;
  Bytes entry;
  election::SignedTrusteeMessage message;
};

// Used by one thread.
class PollReplay {
 public:
  // The sums of the parts of the counted set, asked for at order 'sum'; without it shares and
  // totals are not checked.
  using SumsOf = std::function<absl::StatusOr<election::PartSums>(const election::ElectionState&)>;
  // The roll that an order pins. Without it nobody's right to vote is checked.
  using RollOf =
      std::function<absl::StatusOr<std::shared_ptr<const roll::RollState>>(const roll::RollPin&)>;

  PollReplay() = default;
  PollReplay(RollOf roll_of, SumsOf sums_of)
      : roll_of_(std::move(roll_of)), sums_of_(std::move(sums_of)) {}

  // The next entry. DataLoss if it cannot be read at all; broken rules are Problems().
  absl::Status Take(ByteSpan bytes);

  uint64_t size() const { return tree_.size(); }
  merkle::Hash root() const { return tree_.root(); }

  // One of them once the manifest was taken.
  const election::ElectionState* election() const { return election_.get(); }
  const petition::PetitionState* petition() const { return petition_.get(); }
  const std::optional<record::Entry>& manifest() const { return manifest_; }
  const Bytes& manifest_bytes() const { return manifest_bytes_; }
  std::string origin() const;
  const crypto::Hash32& poll_id() const;
  const poll::OrderChain& orders() const;
  absl::StatusOr<merkle::NoteVerifier> log() const;
  // As the opening pins it.
  const std::shared_ptr<const roll::RollState>& roll() const { return roll_; }

  const std::vector<LoggedOrder>& logged_orders() const { return logged_orders_; }
  const std::vector<LoggedMessage>& logged_messages() const { return logged_messages_; }

  // What breaks the rules: "entry 17 (drill): S13: …".
  const std::vector<std::string>& problems() const { return problems_; }
  // DataLoss with the first of them if there is one.
  absl::Status CheckNoProblems() const;

 private:
  void TakeManifest(const record::Entry& entry, ByteSpan bytes);
  // False if the entry is none of voters.
  bool TakeVoters(const record::Entry& entry);
  absl::Status TakeElection(const record::Entry& entry, ByteSpan bytes);
  absl::Status TakePetition(const record::Entry& entry);
  // Null if nothing is pinned, or nobody knows rolls.
  absl::StatusOr<std::shared_ptr<const roll::RollState>> RollFor(
      const std::optional<roll::RollPin>& pin) const;
  void Add(const std::vector<Violation>& violations, const record::Entry& entry);
  uint64_t index() const { return tree_.size() - 1; }  // of the entry at hand

  RollOf roll_of_;
  SumsOf sums_of_;
  merkle::CompactTree tree_;
  std::optional<record::Entry> manifest_;
  Bytes manifest_bytes_;
  std::unique_ptr<election::ElectionState> election_;
  std::unique_ptr<petition::PetitionState> petition_;
  std::shared_ptr<const roll::RollState> roll_;
  std::vector<LoggedOrder> logged_orders_;
  std::vector<LoggedMessage> logged_messages_;
  std::vector<std::string> problems_;
};

}  // namespace urna::tally
