// One log as the rules see it: an election, a petition or a roll, entry by entry, whatever its
// kind. docs/protocol.md §4-§9; the rules themselves are those of core/, the verifier's too.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/election/state.h"
#include "core/merkle/tree.h"
#include "core/petition/state.h"
#include "core/record/entry.h"
#include "core/record/log_kind.h"
#include "core/roll/ring_cache.h"
#include "core/roll/roll.h"
#include "server/standing_book.h"
#include "server/witness_trail.h"

namespace urna::server {

using record::LogKind;
using record::LogPhase;

// What never changes about a log: it is in its first entry. Immutable.
struct LogFacts {
  std::string origin;
  LogKind kind = LogKind::kRoll;
  std::array<uint8_t, 32> log_key{};
  crypto::Hash32 id{};  // manifest hash, or roll id
  LocalizedTexts title;
  poll::Schedule schedule;                     // all zero for a roll
  std::optional<election::Manifest> election;  // of an election

  // The log's key under its origin.
  absl::StatusOr<merkle::NoteVerifier> LogVerifier() const;
};

// A log at one published checkpoint, for everybody but the committer. Immutable.
struct LogView {
  std::shared_ptr<const LogFacts> facts;
  uint32_t number = 0;  // in the ledger
  uint64_t size = 0;
  merkle::Hash root{};
  std::string checkpoint;  // the signed note
  LogPhase phase = LogPhase::kSetup;
  std::string state;                              // of a petition, as in "it is …"; else empty
  std::optional<roll::RollPin> pin;               // once opened
  std::shared_ptr<const roll::RollState> roll;    // once opened
  std::optional<election::VotingContext> voting;  // of an election, once opened
  std::optional<petition::ActContext> signing;    // of a petition, once opened
  std::vector<uint64_t> later_orders;  // of a petition: their indexes, of those behind the opening
  // Of an anonymous poll, once opened; thread-safe, and the same in all views of the log.
  std::shared_ptr<roll::RingCache> rings;
  // Of a petition; the same in all views of the log, so it knows more than this one.
  std::shared_ptr<const SignerBook> signers;
  std::shared_ptr<const VoterBook> voters;  // likewise of an election
  uint64_t signatures = 0;                  // of a petition, online and on paper, as the next two
  std::vector<poll::DistrictCount> districts;
  std::vector<poll::ThresholdReached> thresholds;
  WitnessStanding witnesses;  // of a poll, on a board that has a witness quorum
};

// What an entry's rules need beside the log's own state.
struct Surroundings {
  // The roll that is meant, as LogState::sealed_roll gives it, or null.
  std::function<std::shared_ptr<const roll::RollState>(const roll::RollPin& pin)> find_roll;
  // The tree before the entry, and the entry's leaf hash.
  const merkle::CompactTree* tree = nullptr;
  merkle::Hash leaf_hash{};
  // Of the log as far as it is written; for witnessed checkpoints.
  merkle::NodeReader nodes;
  // For the opening of a challenged ballot: what it comes to; null leaves the comparison out.
  const crypto::Hash64* opened = nullptr;
  // For order sum; null skips check C3 and leaves the sums unknown.
  const election::PartSums* sums = nullptr;
};

// Belongs to one thread.
class LogState {
 public:
  // From the first entry, whose rules and signatures are checked; FailedPrecondition if it is none
  // that begins a log.
  static absl::StatusOr<LogState> Begin(const record::Entry& first);

  // The first rule that the next entry breaks, or the board's own, which takes no ballots of
  // revoked credentials; FailedPrecondition if such entries have no place in a log of this kind.
  absl::Status Check(const record::Entry& entry, const Surroundings& surroundings) const;
  // Only for an entry that has passed Check, now or before it was stored.
  absl::Status Apply(const record::Entry& entry, const Surroundings& surroundings);

  const std::shared_ptr<const LogFacts>& facts() const { return facts_; }
  LogPhase phase() const;
  // Of a roll the epoch that ends at this size of its log, or if none does the last one; null if it
  // has none.
  std::shared_ptr<const roll::RollState> sealed_roll(uint64_t size) const;
  // Null unless it is an election.
  const election::ElectionState* election() const;
  const WitnessTrail& witness_trail() const { return trail_; }

  // Everything of a view but checkpoint, size, root, number and where it stands with witnesses.
  LogView View() const;

 private:
  using Rules = std::variant<election::ElectionState, petition::PetitionState,
                             std::shared_ptr<roll::RollState>>;
  LogState(std::shared_ptr<const LogFacts> facts, Rules rules);
  // An act of a petition; false if the entry is none.
  bool ApplyAct(const record::Entry& entry, uint64_t index);
  absl::Status CheckWitnessed(const poll::WitnessedCheckpoint& entry,
                              const Surroundings& surroundings) const;

  std::shared_ptr<const LogFacts> facts_;
  Rules rules_;
  // Of a roll its epochs by the size of the log with their seals.
  std::map<uint64_t, std::shared_ptr<const roll::RollState>> epochs_;
  std::shared_ptr<const roll::RollState> pinned_;  // once opened
  std::shared_ptr<roll::RingCache> rings_;         // of an anonymous poll, once opened
  std::vector<uint64_t> later_orders_;             // of a petition, as LogView has them
  std::shared_ptr<SignerBook> signers_;            // of a petition
  std::shared_ptr<VoterBook> voters_;              // of an election
  WitnessTrail trail_;
};

// The status of the first violation, or OK.
absl::Status FirstOf(const std::vector<Violation>& violations);

}  // namespace urna::server
