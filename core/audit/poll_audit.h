// Replays a poll's log entry by entry and makes the checks of elections and petitions on the way.
#pragma once

#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/audit/audit.h"
#include "core/audit/roll_audit.h"
#include "core/audit/running_sums.h"
#include "core/audit/series.h"
#include "core/audit/witness_audit.h"
#include "core/merkle/tree.h"
#include "core/record/entry.h"
#include "core/roll/ring_cache.h"

namespace urna::audit {

// One pass over the poll's entries. Used by one thread, which hands proofs to others.
class PollAudit {
 public:
  // `log`, `options` and `findings` must outlive this.
  PollAudit(const std::string& record, const record::LogReader& log, const AuditOptions& options,
            Findings& findings);

  void Run();

  PollKind kind() const;
  std::optional<Stage> stage() const;
  // Manifest identities for the policy checks; null before a readable manifest.
  const election::ElectionState* election() const { return election_.get(); }
  const petition::PetitionState* petition() const { return petition_.get(); }
  const std::shared_ptr<const roll::RollState>& roll() const { return roll_; }
  // Of the roll epochs (order 17) that have their place, in the order of the log.
  struct EpochBeacon {
    uint64_t index = 0;
    uint32_t epoch = 0;
    crypto::Hash32 beacon{};
  };
  const std::vector<EpochBeacon>& epoch_beacons() const { return epoch_beacons_; }
  // The root that the entries give at a size that was asked for, if they reach it.
  std::optional<merkle::Hash> RootAtSize(uint64_t size) const;
  // The poll's log key as the manifest states it.
  const absl::StatusOr<merkle::NoteVerifier>& log_key() const { return log_key_; }
  uint64_t size() const { return tree_.size(); }
  merkle::Hash root() const { return tree_.root(); }
  // Leaf hash at an index that a receipt names.
  std::optional<merkle::Hash> LeafAt(uint64_t index) const;

  // The sums of an election that is closed and not summed, if all its ballots can be read.
  std::optional<election::PartSums> SumsOfClosed();

  std::unique_ptr<election::ElectionState> TakeElection() { return std::move(election_); }
  // Of an anonymous petition that was opened.
  std::vector<SeriesPoint> SignatureSeries() const {
    return series_.Points(witnesses_.WitnessedInLog());
  }
  std::unique_ptr<petition::PetitionState> TakePetition() { return std::move(petition_); }

  // Roots and leaves to remember on the way.
  void WantRoot(uint64_t size);
  void WantLeaf(uint64_t index);

 private:
  struct Waiting {
    uint64_t index;
    size_t bytes;
    // A ballot, challenge or opening; a decryption share (then all are); or a petition's act.
    record::Entry entry;
  };
  // What an entry says by itself, without the log.
  struct Proved {
    std::vector<Violation> violations;
    std::optional<crypto::Hash64> opened;  // of an opening
  };
  // Entries that follow each other and are proved side by side.
  struct Chunk {
    std::vector<Waiting> entries;
    size_t bytes = 0;
    std::vector<Proved> proved;  // of voters' entries, once `done`
    std::future<void> done;      // the last member: it waits when it is destroyed
  };

  void Take(uint64_t index, const merkle::Hash& leaf, size_t bytes,
            absl::StatusOr<record::Entry> entry);
  void TakeManifest(const record::Entry& entry);
  void TakeElectionEntry(uint64_t index, size_t bytes, record::Entry entry);
  void TakePetitionEntry(uint64_t index, size_t bytes, record::Entry entry);
  void Wait(uint64_t index, size_t bytes, record::Entry entry);
  void TakeStranger(uint64_t index, const record::Entry& entry);
  void TakeElectionOrder(uint64_t index, const poll::SignedOrder& order);
  void TakePetitionOrder(uint64_t index, const poll::SignedOrder& order);
  void Flush();
  void Prove(const election::VotingContext& voting, Chunk& chunk);
  void ProveBatch(const election::VotingContext& voting, size_t begin, size_t end, Chunk& chunk);
  void AddToSums(const election::DecodedBallots& decoded, std::span<const size_t> places,
                 const Chunk& chunk);
  std::vector<size_t> Batches(const Chunk& chunk) const;
  void ProveRings(const election::VotingContext& voting, Chunk& chunk);
  void StartProving();
  void FinishProving();
  void TakeVoters(Chunk& chunk);
  std::vector<Violation> WithoutRoll(std::vector<Violation> violations) const;
  bool RingIsThere(const election::Ballot& ballot) const;
  void TakeBallot(uint64_t index, const election::Ballot& ballot, const Proved& proved);
  void TakeChallenge(uint64_t index, const election::BallotChallenge& challenge,
                     const Proved& proved);
  void TakeOpening(uint64_t index, const election::BallotOpening& opening, const Proved& proved);
  bool IsVotersEntryHere(const record::Entry& entry) const;
  std::vector<Violation> CanonicalVotersEntry(const record::Entry& entry) const;
  bool IsActHere(const record::Entry& entry) const;
  static std::vector<Violation> CanonicalAct(const record::Entry& entry);
  std::vector<std::vector<Violation>> ProveActs() const;
  void FlushActs();
  void TakeAct(uint64_t index, const record::Entry& entry, std::vector<Violation> proof);
  void FlushShares();
  void LoadRoll(const roll::RollPin& pin, uint64_t opening);
  RollAudit::State RollOf(const poll::Order& order, uint64_t index);
  void Add(const std::vector<Violation>& violations, uint64_t index, absl::string_view name);
  // `entry` is a trustee's message; `share_proved`: a decryption share that need not be proved
  // again.
  void TakeMessage(uint64_t index, const record::Entry& entry, bool share_proved);
  void MarkRan();
  void LookedAtVoter(bool ballot_or_challenge);
  void LookedAtProofs(const election::Ballot& ballot, const Proved& proved);
  void LookedAtOrder(const poll::Order& order);
  void LookedAtPetitionOrder(const poll::Order& order);
  void MarkPetitionRan();
  void Grow(const merkle::Hash& leaf);
  void CheckPrefix();
  bool VerifiedBefore(uint64_t index) const;

  std::string record_;
  const record::LogReader& log_;
  const AuditOptions& options_;
  Findings& findings_;
  std::unique_ptr<election::ElectionState> election_;
  std::unique_ptr<petition::PetitionState> petition_;
  std::optional<RunningSums> sums_;              // of the election's ballots
  std::unique_ptr<RollAudit> roll_audit_;        // once the opening has pinned a roll that is there
  std::shared_ptr<const roll::RollState> roll_;  // as the opening pins it
  bool roll_loaded_ = false;
  std::vector<EpochBeacon> epoch_beacons_;
  std::unique_ptr<roll::RingCache> rings_;  // of an anonymous poll, once opened
  merkle::CompactTree tree_;                // with all entries before the one at hand
  std::map<uint64_t, std::optional<merkle::Hash>> roots_;
  std::map<uint64_t, std::optional<merkle::Hash>> leaves_;
  std::map<uint16_t, std::map<Check, uint64_t>> proofs_;  // in a ballot of each style
  bool prefix_good_ = false;
  WitnessAudit witnesses_;
  Series series_;  // of an anonymous petition
  absl::StatusOr<merkle::NoteVerifier> log_key_ =
      absl::FailedPreconditionError("the record has no manifest");
  uint32_t tolerance_ = 0;          // of the manifest's schedule, in seconds
  unsigned threads_;                // that prove side by side
  Chunk waiting_;                   // what has been read and is not looked at yet
  std::unique_ptr<Chunk> proving_;  // voters' entries before it, which other threads prove
};

}  // namespace urna::audit
