#include "core/election/share_batch.h"

#include <algorithm>

#include "core/crypto/proof_batch.h"

namespace urna::election {
namespace {

using crypto::EqualityClaim;

constexpr size_t kShareSize = 32;
constexpr size_t kProofSize = 96;

// What the share claims of every cell, where it is of this poll and has the right lengths.
std::vector<EqualityClaim> ClaimsOf(const ShareToVerify& one, const crypto::Hash64& h) {
  const ByteSpan shares = one.share->shares;
  const ByteSpan proofs = one.share->proofs;
  std::vector<EqualityClaim> out;
  for (size_t cell = 0; cell < one.sums->size(); ++cell) {
    out.push_back({one.verification_key, (*one.sums)[cell].alpha,
                   shares.subspan(cell * kShareSize).first<kShareSize>(),
                   proofs.subspan(cell * kProofSize).first<kProofSize>(),
                   DecryptionShareChallenge(h, one.contest, cell)});
  }
  return out;
}

}  // namespace

std::vector<size_t> FindUnprovedShares(const crypto::Hash32& poll_context,
                                       const crypto::Hash32& sum_order,
                                       std::span<const ShareToVerify> shares, crypto::Rng& rng) {
  std::vector<size_t> unproved;
  std::vector<std::vector<EqualityClaim>> claims;
  std::vector<size_t> places;  // of each of `claims` among all
  for (size_t i = 0; i < shares.size(); ++i) {
    const ShareToVerify& one = shares[i];
    const size_t cells = one.sums->size();
    if (one.share->context != poll_context || one.share->shares.size() != cells * kShareSize ||
        one.share->proofs.size() != cells * kProofSize) {
      unproved.push_back(i);
      continue;
    }
    const crypto::Hash64 h = DecryptionShareTranscript(
        poll_context, sum_order, one.contest, one.verification_key.bytes(), *one.sums, *one.share);
    claims.push_back(ClaimsOf(one, h));
    places.push_back(i);
  }
  for (size_t bad : crypto::FindUnprovedEqualities(claims, rng)) unproved.push_back(places[bad]);
  std::ranges::sort(unproved);
  return unproved;
}

}  // namespace urna::election
