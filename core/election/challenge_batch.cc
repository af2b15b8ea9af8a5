#include "core/election/challenge_batch.h"

#include "core/crypto/proof_batch.h"
#include "core/crypto/transcript.h"

namespace urna::election {

std::vector<std::vector<Violation>> VerifyBallotChallengesVarTime(
    const VotingContext& context, std::span<const BallotChallenge* const> challenges,
    crypto::Rng& rng) {
  std::vector<crypto::CredentialClaim> claims;
  for (const BallotChallenge* challenge : challenges) {
    const crypto::Hash64 h = BallotChallengeTranscript(context.poll_context, *challenge);
    claims.push_back({challenge->credential, challenge->commitment, challenge->responses,
                      crypto::Challenge(h, crypto::kNoIndex, crypto::kNoIndex,
                                        crypto::ChallengeKind::kCredential)});
  }
  std::vector<std::vector<Violation>> violations(challenges.size());
  for (size_t i : crypto::FindUnprovedCredentials(claims, rng)) {
    violations[i] = VerifyBallotChallengeVarTime(context, *challenges[i]);
  }
  return violations;
}

}  // namespace urna::election
