#include "core/petition/act_batch.h"

#include "core/base/parallel.h"
#include "core/crypto/proof_batch.h"
#include "core/crypto/transcript.h"

namespace urna::petition {

std::vector<std::vector<Violation>> VerifyActProofs(const ActContext& context,
                                                    std::span<const PetitionAct* const> acts,
                                                    unsigned threads, crypto::Rng& rng) {
  std::vector<std::vector<Violation>> violations(acts.size());
  ParallelForRuns(acts.size(), crypto::kProofBatch, threads, [&](size_t begin, size_t end) {
    std::vector<crypto::CredentialClaim> claims;
    for (const PetitionAct* act : acts.subspan(begin, end - begin)) {
      const crypto::Hash64 h = ActTranscript(context.poll_context, context.text_hash, *act);
      claims.push_back({act->credential, act->commitment, act->responses,
                        crypto::Challenge(h, crypto::kNoIndex, crypto::kNoIndex,
                                          crypto::ChallengeKind::kCredential)});
    }
    for (size_t i : crypto::FindUnprovedCredentials(claims, rng)) {
      violations[begin + i] = VerifyActProof(context, *acts[begin + i]);
    }
  });
  return violations;
}

}  // namespace urna::petition
