// The rules of an election's log, entry by entry. docs/protocol.md §5-§9; checks S1, S2, S5-S14,
// B2, B3, B7, B8 and C1-C8 of §12. Pure: no I/O, no clock. Server and verifier run the same rules.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/numbered_checks.h"
#include "core/election/ballot.h"
#include "core/election/ceremony.h"
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
  // S1 and S2 about the first entry.
  static std::vector<Violation> CheckManifestEntry(const SignedManifest& manifest);
  explicit ElectionState(SignedManifest manifest);
  ElectionState(ElectionState&&) noexcept;
  ElectionState& operator=(ElectionState&&) noexcept;
  ~ElectionState();

  // S5-S8, S11-S14 and L3 (opening), C1, C2, C3 (order sum; C3 needs `sums`), C6, C7, C8 (result)
  // about the next entry. `pinned`: the roll that the opening order names, or null if it is not at
  // hand. `sums`: for order sum, those of Parts() over Counted(), computed by the caller from the
  // log; if null C3 is skipped.
  std::vector<Violation> CheckOrder(const poll::SignedOrder& order, uint64_t index,
                                    const roll::RollState* pinned, const PartSums* sums) const;
  // Moves on even where Check found violations (§12), if the order's kind makes sense at all.
  // `root_after`: the Merkle root with this entry, needed for order sum. `sums`: as for CheckOrder,
  // kept for the shares (null where unknown: shares and totals then cannot be checked).
  void ApplyOrder(const poll::SignedOrder& order, uint64_t index,
                  std::shared_ptr<const roll::RollState> pinned, const crypto::Hash32& root_after,
                  const PartSums* sums);

  // S8-S10, S13, C4, C5, and L3 about points and scalars.
  std::vector<Violation> CheckTrusteeMessage(const SignedTrusteeMessage& message) const;
  void ApplyTrusteeMessage(const SignedTrusteeMessage& message, uint64_t index);

  // B2, B3, B7, B8; the proofs are for VerifyBallotVarTime.
  std::vector<Violation> CheckBallot(const Ballot& ballot) const;
  // Only for a ballot without violations.
  void ApplyBallot(const Ballot& ballot, uint64_t index);

  const Manifest& manifest() const;
  const crypto::Hash32& poll_id() const;
  Phase phase() const;
  Stage stage() const;
  const poll::OrderChain& orders() const;
  const Ceremony& ceremony() const;                    // of the current attempt
  const std::optional<VotingContext>& voting() const;  // once opened
  const std::optional<poll::OpenElection>& opening() const;
  uint64_t ballots() const;  // accepted, revotes included
  uint64_t voters() const;   // credentials that cast at least one

  // The last ballot of a credential.
  struct LastBallot {
    uint64_t sequence = 0;
    uint64_t index = 0;
    uint16_t style = 0;
  };
  std::optional<LastBallot> Find(const std::array<uint8_t, 32>& credential) const;

  // The counted set so far, ascending; and its parts.
  std::vector<uint64_t> Counted() const;
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
  const std::optional<poll::ElectionResult>& published() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace urna::election
