#include "core/election/ballot.h"
#include "core/election/ballot_proofs.h"

namespace urna::election {

std::vector<Violation> VerifyBallotVarTime(const Manifest& manifest, const VotingContext& context,
                                           const Ballot& ballot) {
  BallotProofs proofs = TakeApart(manifest, context, ballot);
  std::vector<Violation> violations = std::move(proofs.violations);
  for (const RangeStatement& range : proofs.ranges) {
    const absl::Status status = crypto::VerifyDisjunctiveProofVarTime(
        context.election_key, range.ciphertext, range.lo, range.hi, range.proof, range.challenge);
    if (!status.ok()) violations.push_back(RangeViolation(range, status));
  }
  if (proofs.credential.has_value()) {
    const absl::Status status = crypto::VerifyCredentialProofVarTime(
        proofs.credential->credential, proofs.credential->proof, proofs.credential->challenge);
    if (!status.ok()) violations.push_back(CredentialViolation(status));
  }
  return violations;
}

}  // namespace urna::election
