#include "core/petition/anonymous_batch.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/parallel.h"

namespace urna::petition {
namespace {

// Acts that one thread takes at a time, and what their decoded rings may take.
constexpr size_t kRun = 1024;
constexpr size_t kRunBytes = size_t{16} << 20;

// Positions of the ring acts, sorted by ring, and of the tag acts.
struct Places {
  std::vector<size_t> ring_acts;
  std::vector<size_t> tag_acts;
};

const RingAct& RingActAt(std::span<const AnonymousAct> acts, size_t place) {
  return *std::get<const RingAct*>(acts[place]);
}

Places Sort(std::span<const AnonymousAct> acts) {
  Places out;
  for (size_t i = 0; i < acts.size(); ++i) {
    (std::holds_alternative<const RingAct*>(acts[i]) ? out.ring_acts : out.tag_acts).push_back(i);
  }
  std::ranges::stable_sort(out.ring_acts, {}, [&](size_t i) {
    const RingAct& act = RingActAt(acts, i);
    return std::pair(act.epoch, act.ring);
  });
  return out;
}

// Ring acts one after the other, verified whenever enough are together.
class RingRun {
 public:
  RingRun(const ActContext& context, RingCache& rings, bool by_stage, crypto::Rng& rng,
          std::vector<ScreenedAct>& verdicts)
      : context_(context), rings_(rings), by_stage_(by_stage), rng_(rng), verdicts_(verdicts) {}

  void Add(size_t place, const RingAct& act) {
    if (act_ring_ != act.ring || act_epoch_ != act.epoch || used_.empty()) {
      auto ring = Get(act.epoch, act.ring);
      if (ring == nullptr) {
        verdicts_[place].violations = CheckCanonical(act);
        return;
      }
      if (RingBytes(ring->ring().size()) * (used_.size() + 1) > kRunBytes) Verify();
      used_.push_back(std::move(ring));
      act_epoch_ = act.epoch;
      act_ring_ = act.ring;
    }
    const crypto::DecodedRing& ring = *used_.back();
    acts_.push_back({place, &act, &ring});
    claims_.push_back({&ring, context_.anonymous->tag_base, act.tag, act.commitments, act.responses,
                       RingActChallenge(context_, act, ring.ring().hash())});
  }

  void Verify() {
    if (by_stage_) {
      for (const crypto::UnprovedRing& one : crypto::FindUnprovedRingsByStage(claims_, rng_)) {
        Refuse(acts_[one.position], one.stage);
      }
    } else {
      for (size_t i : crypto::FindUnprovedRings(claims_, rng_)) {
        Refuse(acts_[i], crypto::RingStage::kMember);
      }
    }
    claims_.clear();
    acts_.clear();
    used_.clear();
  }

 private:
  struct Taken {
    size_t place;
    const RingAct* act;
    const crypto::DecodedRing* ring;
  };
  // Null if there is no such ring.
  std::shared_ptr<const crypto::DecodedRing> Get(uint32_t epoch, uint32_t number) {
    if (context_.anonymous == nullptr) return nullptr;
    const EpochRings* brought_in = context_.anonymous->epochs.Find(epoch);
    return brought_in == nullptr ? nullptr : rings_.Get(brought_in->rings, number);
  }
  void Refuse(const Taken& taken, crypto::RingStage stage) {
    verdicts_[taken.place] = {VerifyActProof(context_, *taken.act, taken.ring), stage};
  }

  const ActContext& context_;
  RingCache& rings_;
  const bool by_stage_;
  crypto::Rng& rng_;
  std::vector<ScreenedAct>& verdicts_;
  std::vector<crypto::RingClaim> claims_;
  std::vector<Taken> acts_;
  std::vector<std::shared_ptr<const crypto::DecodedRing>> used_;
  uint32_t act_epoch_ = 0, act_ring_ = 0;  // of the last of them
};

std::vector<ScreenedAct> VerifyAll(const ActContext& context, std::span<const AnonymousAct> acts,
                                   RingCache& rings, bool by_stage, unsigned threads,
                                   crypto::Rng& rng) {
  std::vector<ScreenedAct> verdicts(acts.size());
  const Places places = Sort(acts);
  ParallelForRuns(places.ring_acts.size(), kRun, threads, [&](size_t begin, size_t end) {
    RingRun run(context, rings, by_stage, rng, verdicts);
    for (size_t i = begin; i < end; ++i) {
      run.Add(places.ring_acts[i], RingActAt(acts, places.ring_acts[i]));
    }
    run.Verify();
  });
  ParallelFor(places.tag_acts.size(), threads, [&](size_t i) {
    const size_t place = places.tag_acts[i];
    ScreenedAct& verdict = verdicts[place];
    verdict.violations = VerifyActProof(context, *std::get<const TagAct*>(acts[place]));
    if (!verdict.violations.empty() && verdict.violations.front().check != Check::kL3) {
      verdict.refused_by = crypto::RingStage::kTag;
    }
  });
  return verdicts;
}

}  // namespace

std::vector<std::vector<Violation>> VerifyAnonymousProofs(const ActContext& context,
                                                          std::span<const AnonymousAct> acts,
                                                          RingCache& rings, unsigned threads,
                                                          crypto::Rng& rng) {
  std::vector<std::vector<Violation>> violations;
  violations.reserve(acts.size());
  for (ScreenedAct& verdict : VerifyAll(context, acts, rings, false, threads, rng)) {
    violations.push_back(std::move(verdict.violations));
  }
  return violations;
}

std::vector<ScreenedAct> ScreenAnonymousProofs(const ActContext& context,
                                               std::span<const AnonymousAct> acts, RingCache& rings,
                                               unsigned threads, crypto::Rng& rng) {
  return VerifyAll(context, acts, rings, true, threads, rng);
}

}  // namespace urna::petition
