#include "core/election/ring_ballots.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/crypto/ring_proof.h"
#include "core/election/ballot_proofs.h"

namespace urna::election {
namespace {

Violation NotProved(const absl::Status& why) {
  return {Check::kB6, absl::PermissionDeniedError(absl::StrCat(
                          "proof over the ring does not verify (", why.message(), ")"))};
}

crypto::Scalar RingChallengeOf(const VotingContext& context, const Ballot& ballot) {
  return crypto::RingChallenge(crypto::Sha512(*BallotTranscriptBytes(context, ballot)));
}

}  // namespace

std::vector<Violation> VerifyBallotRingVarTime(const VotingContext& context, const Ballot& ballot,
                                               const crypto::DecodedRing& ring) {
  const RingAnswer* answer = ballot.ring_answer();
  if (answer == nullptr || !BallotTranscriptBytes(context, ballot).has_value()) return {};
  std::vector<Violation> wrong = CheckRingAnswer(ballot, *answer);
  if (!wrong.empty()) return wrong;
  const auto proof =
      crypto::RingProof::Decode(ring.ring().digits(), answer->commitments, answer->responses);
  if (!proof.ok()) return {NotProved(proof.status())};
  const absl::Status proved =
      crypto::VerifyRingProofVarTime(ring, context.anonymous->tag_base,
                                     *crypto::RistrettoPoint::DecodeNonIdentity(ballot.credential),
                                     *proof, RingChallengeOf(context, ballot));
  if (!proved.ok()) wrong.push_back(NotProved(proved));
  return wrong;
}

std::vector<RingVerdict> VerifyBallotRingsVarTime(const VotingContext& context,
                                                  std::span<const Ballot* const> ballots,
                                                  roll::RingCache& rings, roll::RingOrder order,
                                                  unsigned threads, crypto::Rng& rng) {
  std::vector<RingVerdict> out(ballots.size());
  std::vector<roll::NumberedRingClaim> claims;
  std::vector<size_t> places;
  for (size_t i = 0; i < ballots.size(); ++i) {
    const RingAnswer* answer = ballots[i]->ring_answer();
    if (answer == nullptr || context.anonymous == nullptr || context.anonymous->rings == nullptr) {
      continue;
    }
    places.push_back(i);
    claims.push_back(
        {answer->ring, ballots[i]->credential, answer->commitments, answer->responses});
  }
  if (claims.empty()) return out;
  const auto refused = roll::FindUnprovedRingClaims(
      claims, context.anonymous->rings, context.anonymous->tag_base,
      [&](size_t position) { return RingChallengeOf(context, *ballots[places[position]]); }, rings,
      order, threads, rng);
  for (const roll::RefusedRingClaim& one : refused) {
    const size_t place = places[one.position];
    out[place] = {VerifyBallotRingVarTime(context, *ballots[place], *one.ring), one.stage};
  }
  return out;
}

void AddRingVerdict(const std::vector<Violation>& about_ring, std::vector<Violation>& violations) {
  for (const Violation& one : about_ring) {
    if (one.check == Check::kL3) {
      std::erase_if(violations, [](const Violation& v) {
        return v.check == Check::kB4 || v.check == Check::kB5 || v.check == Check::kB9;
      });
    }
    // The one-by-one verification of the rest has looked at the same points.
    const bool known = std::any_of(violations.begin(), violations.end(), [&](const Violation& v) {
      return v.check == one.check && v.status == one.status;
    });
    if (!known) violations.push_back(one);
  }
}

}  // namespace urna::election
