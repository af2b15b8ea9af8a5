// What an ElectionState holds, for the sources of this folder. docs/protocol.md §5-§9.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/crypto/key_set.h"
#include "core/crypto/signature.h"
#include "core/election/state.h"

namespace urna::election {

struct ElectionState::Impl {
  Impl(SignedManifest signed_manifest, BallotReader read_ballot);

  // S8: OK if phase and attempt allow the order now. An order that has no place changes nothing
  // but the chain's number, hash and time.
  absl::Status PlaceOf(const poll::Order& order) const;
  // S8: OK if the phase allows the message now and, for messages of the count, if trustee and part
  // exist and it is the first of its kind. Rounds of the ceremony are Ceremony's.
  absl::Status PlaceOf(const SignedTrusteeMessage& message) const;

  std::shared_ptr<const roll::Rings> MakeRings(std::shared_ptr<const roll::RollState> of_roll,
                                               const crypto::Hash32& beacon) const;
  void CheckRings(const poll::OpenAnonymousElection& order, const roll::Rings& rings,
                  std::vector<Violation>& out) const;
  // S14 and S16: the roll itself.
  void CheckRoll(const poll::OpenElection& order, const roll::RollState* pinned,
                 std::vector<Violation>& out) const;
  // Those who may vote; in a pseudonymous election all, of whatever district.
  roll::Census EntitledOn(const roll::RollState& of_roll) const;
  void CheckOpening(const poll::OpenElection& order, const roll::RollState* pinned,
                    std::vector<Violation>& out) const;
  void CheckSum(const poll::Sum& order, uint64_t index, const PartSums* sums,
                std::vector<Violation>& out) const;
  // S15 of `credentials`, which `order` revokes or restores.
  void CheckNamed(const poll::Order& order, const std::vector<Credential>& credentials,
                  std::vector<Violation>& out) const;
  void CheckResult(const poll::ElectionResult& order, std::vector<Violation>& out) const;
  // C9 and C7 of a result with totals that are in place and possible.
  void CheckOutcomes(const poll::ElectionResult& order, std::vector<Violation>& out) const;
  void CheckTotals(const poll::ElectionResult& order, std::vector<Violation>& out) const;
  void CheckContent(const CountAcknowledgement& message, std::vector<Violation>& out) const;
  void CheckContent(const DecryptionShare& message, bool proved, std::vector<Violation>& out) const;

  uint16_t trustees() const { return static_cast<uint16_t>(manifest().trustees.size()); }
  const Manifest& manifest() const { return signed_manifest.manifest; }
  // Whether all its fields are what the log says.
  bool Fits(const CountAcknowledgement& message) const;
  bool EnoughAcknowledgements() const;
  // B2 but for the style, and B3, of a ballot or challenge.
  absl::StatusOr<const District*> CheckEligible(const Credential& credential) const;
  uint64_t LastSequence(const Credential& credential) const;
  std::optional<Violation> CheckKind(bool anonymous) const;
  void CheckRingBallot(const Ballot& ballot, const RingAnswer& answer,
                       std::vector<Violation>& out) const;
  void CheckTagBallot(const Ballot& ballot, std::vector<Violation>& out) const;
  // B2 and B3 of a ballot that names its credential, and B10.
  void CheckNamedBallot(const Ballot& ballot, std::vector<Violation>& out) const;
  roll::DistrictWeight MemberOf(const RingAnswer& answer) const;
  void SetLastOfTag(const Ballot& ballot, uint64_t index);
  std::vector<CountedBallot> CountedBallots() const;
  std::vector<uint64_t> Counted() const;  // ascending
  std::vector<poll::Part> Parts() const;
  absl::StatusOr<std::vector<poll::Outcome>> Outcomes(
      const std::vector<poll::PartTotals>& totals) const;
  // v·G of every counted cell of every part.
  absl::StatusOr<std::vector<std::vector<crypto::RistrettoPoint>>> DecryptPoints() const;

  SignedManifest signed_manifest;
  crypto::Hash32 poll_id;
  std::vector<std::optional<crypto::VerifyKey>> trustee_keys;
  poll::OrderChain orders;
  Ceremony ceremony;
  Phase phase = Phase::kSetup;

  // Since the opening.
  std::optional<poll::OpenElection> opening;
  std::optional<VotingContext> voting;
  std::vector<std::optional<crypto::RistrettoPoint>> verification_keys;  // X_j of the opening
  std::shared_ptr<const roll::RollState> roll;

  std::optional<crypto::Hash32> pinned_beacon;  // of an anonymous election

  LastBallots last_ballots;
  absl::flat_hash_map<uint32_t, size_t> tags_of_rings;  // of the rings that have any
  crypto::KeySet alphas;                                // of all accepted ballots
  uint64_t ballots = 0;
  absl::flat_hash_map<Credential, std::shared_ptr<const Revocation>> revoked;

  // Only where the manifest allows challenges.
  using Sealed = std::pair<Credential, crypto::Hash64>;  // a ballot's h, and whose it is
  crypto::KeySet cast;                                   // SealedKey of all accepted ballots
  absl::flat_hash_set<Sealed> challenged;
  std::map<uint64_t, LoggedChallenge> challenges;  // by index
  struct Challenger {
    uint64_t challenges = 0;
    uint64_t sequence = 0;  // of the last one
  };
  absl::flat_hash_map<Credential, Challenger> challengers;

  // Since the order sum.
  std::optional<Summed> summed;
  std::map<uint16_t, CountAcknowledgement> acknowledgements;
  std::vector<std::map<uint16_t, DecryptionShare>> shares;  // [part][trustee]
  std::optional<poll::ElectionResult> published;
};

// Of a ballot's h and whose it is, for a set of them.
crypto::KeySet::Key SealedKey(const ElectionState::Credential& credential, const crypto::Hash64& h);

absl::string_view PhaseName(Phase phase);  // "set-up", "voting", …

// Calls f(contest, position from 0, α) for every ciphertext; stops when f says false.
template <typename F>
void ForEachAlpha(const Ballot& ballot, const F& f) {
  for (const ContestBallot& contest : ballot.contests) {
    for (size_t at = 0; at + 64 <= contest.ciphertexts.size(); at += 64) {
      crypto::KeySet::Key alpha;
      std::copy_n(contest.ciphertexts.begin() + static_cast<ptrdiff_t>(at), 32, alpha.begin());
      if (!f(contest.contest, at / 64, alpha)) return;
    }
  }
}

// Adds a violation with a sentence made of the words.
template <typename... Words>
void AddViolation(std::vector<Violation>& out, Check check, const Words&... words) {
  out.push_back({check, absl::FailedPreconditionError(absl::StrCat(words...))});
}

}  // namespace urna::election
