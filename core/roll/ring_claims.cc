#include "core/roll/ring_claims.h"

#include <algorithm>
#include <mutex>
#include <numeric>
#include <utility>

#include "core/base/parallel.h"

namespace urna::roll {
namespace {

// Claims that one thread takes at a time, and what their decoded rings may take.
constexpr size_t kRun = 1024;
constexpr size_t kRunBytes = size_t{16} << 20;

// Claims one after the other, verified whenever enough are together.
class Run {
 public:
  Run(std::span<const NumberedRingClaim> all, const std::shared_ptr<const Rings>& rings,
      const crypto::RistrettoPoint& tag_base, const RingChallengeOf& challenge, RingCache& cache,
      RingOrder order, crypto::Rng& rng)
      : all_(all),
        rings_(rings),
        tag_base_(tag_base),
        challenge_(challenge),
        cache_(cache),
        order_(order),
        rng_(rng) {}

  void Add(size_t position) {
    const NumberedRingClaim& claim = all_[position];
    if (used_.empty() || last_ != claim.ring) {
      auto ring = cache_.Get(rings_, claim.ring);
      if (ring == nullptr) return;
      if (RingBytes(ring->ring().size()) * (used_.size() + 1) > kRunBytes) Verify();
      used_.push_back(std::move(ring));
      last_ = claim.ring;
    }
    taken_.push_back({position, crypto::RingStage::kMember, used_.back()});
    claims_.push_back({used_.back().get(), tag_base_, claim.tag, claim.commitments, claim.responses,
                       challenge_(position)});
  }

  void Verify() {
    if (order_ == RingOrder::kByStage) {
      for (const crypto::UnprovedRing& one : crypto::FindUnprovedRingsByStage(claims_, rng_)) {
        Refuse(taken_[one.position], one.stage);
      }
    } else {
      for (size_t i : crypto::FindUnprovedRings(claims_, rng_)) {
        Refuse(taken_[i], crypto::RingStage::kMember);
      }
    }
    claims_.clear();
    taken_.clear();
    used_.clear();
  }

  std::vector<RefusedRingClaim> TakeRefused() { return std::move(refused_); }

 private:
  void Refuse(RefusedRingClaim claim, crypto::RingStage stage) {
    claim.stage = stage;
    refused_.push_back(std::move(claim));
  }

  const std::span<const NumberedRingClaim> all_;
  const std::shared_ptr<const Rings>& rings_;
  const crypto::RistrettoPoint tag_base_;
  const RingChallengeOf& challenge_;
  RingCache& cache_;
  const RingOrder order_;
  crypto::Rng& rng_;
  std::vector<crypto::RingClaim> claims_;
  std::vector<RefusedRingClaim> taken_;  // beside claims_
  std::vector<std::shared_ptr<const crypto::DecodedRing>> used_;
  uint32_t last_ = 0;  // the number of the last of them
  std::vector<RefusedRingClaim> refused_;
};

}  // namespace

std::vector<RefusedRingClaim> FindUnprovedRingClaims(std::span<const NumberedRingClaim> claims,
                                                     const std::shared_ptr<const Rings>& rings,
                                                     const crypto::RistrettoPoint& tag_base,
                                                     const RingChallengeOf& challenge,
                                                     RingCache& cache, RingOrder order,
                                                     unsigned threads, crypto::Rng& rng) {
  std::vector<size_t> sorted(claims.size());
  std::iota(sorted.begin(), sorted.end(), size_t{0});
  std::ranges::stable_sort(sorted, {}, [&](size_t i) { return claims[i].ring; });
  std::mutex mutex;
  std::vector<RefusedRingClaim> refused;
  ParallelForRuns(sorted.size(), kRun, threads, [&](size_t begin, size_t end) {
    Run run(claims, rings, tag_base, challenge, cache, order, rng);
    for (size_t i = begin; i < end; ++i) run.Add(sorted[i]);
    run.Verify();
    const std::lock_guard lock(mutex);
    for (RefusedRingClaim& one : run.TakeRefused()) refused.push_back(std::move(one));
  });
  return refused;
}

}  // namespace urna::roll
