// The rules of an election's log, entry by entry. docs/protocol.md §5-§9; checks S1, S2, S5-S16,
// B2, B3, B7, B8, B10-B12 and C1-C9 of §12. Pure: no I/O, no clock. Server and verifier run the
// same rules.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "core/base/numbered_checks.h"
#include "core/election/ballot.h"
#include "core/election/ceremony.h"
#include "core/election/last_ballots.h"
#include "core/election/manifest.h"
#include "core/election/messages.h"
#include "core/election/tally.h"
#include "core/poll/order_chain.h"
#include "core/roll/roll.h"

namespace urna::election {

enum class Phase : uint8_t { kSetup, kVoting, kClosed, kSummed, kFinal };

// The state of one election. One thread changes it; const methods may run on several at once.
class ElectionState {
 public:
  using Credential = std::array<uint8_t, 32>;  // P; in an anonymous election a tag T

  // S1 and S2 about the first entry.
  static std::vector<Violation> CheckManifestEntry(const SignedManifest& manifest);
  // Reads again the ballot that was accepted at an index; on any thread.
  using BallotReader = std::function<absl::StatusOr<Ballot>(uint64_t index)>;
  // `read_ballot` lets the state keep short fingerprints of what must not stand twice (KeySet)
  // rather than the thing itself, several times as long; it may be empty.
  explicit ElectionState(SignedManifest manifest, BallotReader read_ballot = nullptr);
  ElectionState(ElectionState&&) noexcept;
  ElectionState& operator=(ElectionState&&) noexcept;
  ~ElectionState();

  // S5-S8, S11-S14, S16, B12 and L3 (opening), S15 (revoke, restore), C1, C2, C3 (order sum; C3
  // needs `sums`), C6-C9 (result) about the next entry. `pinned`: the roll that the opening order
  // names, or null if it is not at hand. `sums`: for order sum, those of Parts() over
  // CountedBallots(), computed by the caller from the log; if null C3 is skipped.
  std::vector<Violation> CheckOrder(const poll::SignedOrder& order, uint64_t index,
                                    const roll::RollState* pinned, const PartSums* sums) const;
  // Whether S8 finds nothing against the order. One that has no place changes nothing but the
  // chain.
  bool HasPlace(const poll::Order& order) const;
  // Moves on even where Check found violations (§12), if the order's kind makes sense at all.
  // `root_after`: the Merkle root with this entry, needed for order sum. `sums`: as for CheckOrder,
  // kept for the shares (null where unknown: shares and totals then cannot be checked).
  void ApplyOrder(const poll::SignedOrder& order, uint64_t index,
                  std::shared_ptr<const roll::RollState> pinned, const crypto::Hash32& root_after,
                  const PartSums* sums);

  // S8-S10, S13, C4, C5, and L3 about points and scalars. `share_proved`: FindProvedShares has
  // found the decryption share that this is, and its proofs are not verified again.
  std::vector<Violation> CheckTrusteeMessage(const SignedTrusteeMessage& message,
                                             bool share_proved = false) const;
  // Which decryption shares are proved, many verified together (share_batch.h); of others
  // CheckTrusteeMessage says why. The same from order sum to the result, whatever messages come
  // in between.
  std::vector<bool> FindProvedShares(std::span<const DecryptionShare* const> shares,
                                     crypto::Rng& rng) const;
  void ApplyTrusteeMessage(const SignedTrusteeMessage& message, uint64_t index);

  // The rings that a roll and a beacon give (§4.1). Only of an anonymous election.
  std::shared_ptr<const roll::Rings> MakeRings(std::shared_ptr<const roll::RollState> roll,
                                               const crypto::Hash32& beacon) const;

  // B2, B3, B7, B8, B10; S8 alone of a ballot of a kind that this election does not have. The
  // proofs are for VerifyBallotVarTime and ring_ballots.h.
  std::vector<Violation> CheckBallot(const Ballot& ballot) const;
  // Only for a ballot without violations.
  void ApplyBallot(const Ballot& ballot, uint64_t index);

  // B2, B3, B8, B10, or S8 in an anonymous election; the proof is for VerifyBallotChallengeVarTime.
  std::vector<Violation> CheckChallenge(const BallotChallenge& challenge) const;
  // Only for a challenge without violations.
  void ApplyChallenge(const BallotChallenge& challenge, uint64_t index);

  // B8, B11, or S8 in an anonymous election. `hash`: what OpenBallotVarTime finds; null leaves the
  // comparison out.
  std::vector<Violation> CheckBallotOpening(const BallotOpening& opening,
                                            const crypto::Hash64* hash) const;
  // Only for an opening without violations.
  void ApplyBallotOpening(const BallotOpening& opening, uint64_t index);

  const Manifest& manifest() const;
  const crypto::Hash32& poll_id() const;
  Phase phase() const;
  Stage stage() const;
  const poll::OrderChain& orders() const;
  const Ceremony& ceremony() const;                    // of the current attempt
  const std::optional<VotingContext>& voting() const;  // once opened
  const std::optional<poll::OpenElection>& opening() const;
  uint64_t ballots() const;  // accepted, revotes included
  uint64_t voters() const;   // credentials, or tags, that cast at least one
  // Of an anonymous election, once opened.
  const std::optional<crypto::Hash32>& beacon() const;

  // The last ballot of a credential or tag, whether it counts or not.
  std::optional<LastBallots::Ballot> Find(const Credential& credential) const;
  // What the roll says of a credential, or the ring of a tag; the default if it is not known.
  roll::DistrictWeight MemberOf(const Credential& credential) const;
  // Likewise of whom cast the ballot, of one over a ring also before it is applied.
  roll::DistrictWeight MemberOf(const Ballot& ballot) const;
  // The highest of its ballots and challenges; 0 before the first.
  uint64_t LastSequence(const Credential& credential) const;

  struct LoggedChallenge {
    Credential credential{};
    crypto::Hash64 ballot_hash{};
    bool opened = false;
  };
  const std::map<uint64_t, LoggedChallenge>& challenges() const;  // by index

  // Credentials that are revoked now, with the last order that said so.
  struct Revocation {
    uint32_t order = 0;  // its number
    std::string reason;
  };
  const absl::flat_hash_map<Credential, std::shared_ptr<const Revocation>>& revoked() const;

  // The counted set so far, ascending; and its parts.
  struct CountedBallot {
    uint64_t index = 0;
    roll::DistrictWeight member;
  };
  std::vector<CountedBallot> CountedBallots() const;
  std::vector<uint64_t> Counted() const;  // the indices alone
  std::vector<poll::Part> Parts() const;
  // What order sum must say if it is logged at `index`.
  poll::Sum SumOrder(uint64_t index, const PartSums& sums) const;

  // After order sum.
  struct Summed {
    poll::Sum sum;
    crypto::Hash32 order_hash{};
    uint64_t index = 0;     // of the order in the log
    crypto::Hash32 root{};  // of the tree of size index + 1
    std::optional<PartSums> sums;
  };
  const std::optional<Summed>& summed() const;
  const std::map<uint16_t, CountAcknowledgement>& acknowledgements() const;
  // Whether more than (n + t − 1)/2 trustees have acknowledged.
  bool EnoughAcknowledgements() const;
  // shares()[part][trustee]
  const std::vector<std::map<uint16_t, DecryptionShare>>& shares() const;
  // The totals from the shares in the log; FailedPrecondition while a part has too few.
  absl::StatusOr<std::vector<poll::PartTotals>> Decrypt() const;
  // What the result must say: totals as Decrypt finds them, and the outcomes.
  absl::StatusOr<poll::ElectionResult> ResultOrder() const;
  const std::optional<poll::ElectionResult>& published() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace urna::election
