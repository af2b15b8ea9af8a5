#include "core/election/ballot.h"
#include "core/election/ballot_proofs.h"

namespace urna::election {

std::vector<Violation> VerifyBallotVarTime(const Manifest& manifest, const VotingContext& context,
                                           const Ballot& ballot) {
  BallotProofs proofs = TakeApart(manifest, context, ballot);
  std::vector<Violation> violations = std::move(proofs.violations);
  // Every proof is bound to the whole ballot: of one that is not whole nothing more is said.
  const bool whole = violations.empty();
  for (size_t i = 0; i < proofs.ranges.size() && whole; ++i) {
    if (auto violation = VerifyVarTime(context.election_key, proofs.ranges[i])) {
      violations.push_back(*std::move(violation));
    }
  }
  if (proofs.credential.has_value()) {
    if (auto violation = VerifyVarTime(*proofs.credential)) {
      violations.push_back(*std::move(violation));
    }
  }
  if (proofs.tag.has_value()) {
    if (auto violation = VerifyVarTime(*proofs.tag)) violations.push_back(*std::move(violation));
  }
  return violations;
}

std::vector<Violation> VerifyBallotChallengeVarTime(const VotingContext& context,
                                                    const BallotChallenge& challenge) {
  std::vector<Violation> violations;
  const auto statement =
      TakeCredential(BallotChallengeTranscript(context.poll_context, challenge),
                     challenge.credential, challenge.commitment, challenge.responses, violations);
  if (statement.has_value()) {
    if (auto violation = VerifyVarTime(*statement)) violations.push_back(*std::move(violation));
  }
  return violations;
}

}  // namespace urna::election
