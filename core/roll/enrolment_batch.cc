#include "core/roll/enrolment_batch.h"

#include "core/base/parallel.h"
#include "core/crypto/enrolment.h"
#include "core/crypto/proof_batch.h"

namespace urna::roll {

std::vector<std::vector<Violation>> VerifyEnrolments(const crypto::Hash32& roll_id,
                                                     std::span<const RollMember* const> members,
                                                     unsigned threads, crypto::Rng& rng) {
  std::vector<std::vector<Violation>> violations(members.size());
  ParallelForRuns(members.size(), crypto::kProofBatch, threads, [&](size_t begin, size_t end) {
    std::vector<crypto::CredentialClaim> claims;
    for (const RollMember* m : members.subspan(begin, end - begin)) {
      claims.push_back(
          {m->credential, m->commitment, m->responses,
           crypto::EnrolmentChallenge(roll_id, m->nonce, m->credential, m->commitment)});
    }
    for (size_t i : crypto::FindUnprovedCredentials(claims, rng)) {
      violations[begin + i] = VerifyEnrolment(roll_id, *members[begin + i]);
    }
  });
  return violations;
}

}  // namespace urna::roll
