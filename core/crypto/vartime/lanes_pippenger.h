// The additions of Pippenger's algorithm in the lanes of a vector, over any field F of
// lanes_field*.h. Public data only, never for secrets.
//
// The terms of a window are sorted by bucket first. Each lane then walks through an equal stretch
// of them with the sum of the bucket it is in: no two lanes touch the same bucket at once, nothing
// is gathered or scattered, and it takes as long if all points fall into one bucket.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/crypto/vartime/lane_engine.h"
#include "core/crypto/vartime/lanes_point.h"

namespace urna::crypto::vartime::lanes {

template <class F>
inline LaneExtended<F> UnpackSum(const Words<F>* packed) {
  return {F::FromPacked(packed), F::FromPacked(packed + 5), F::FromPacked(packed + 10),
          F::FromPacked(packed + 15)};
}

template <class F>
inline void PackSum(const LaneExtended<F>& sum, Words<F>* packed) {
  F::ToPacked(sum.x, packed);
  F::ToPacked(sum.y, packed + 5);
  F::ToPacked(sum.z, packed + 10);
  F::ToPacked(sum.t, packed + 15);
}

// The points of one row a lane, negated in the lanes of `negative`: y+x and y-x change places, and
// 2d·x·y is taken from 2p. Packed limbs are below 2^51 + 2^41, so no limb of 2p is exceeded.
template <class F>
inline LaneNiels<F> LoadNiels(const uint64_t* const* rows, unsigned negative) {
  using W = Words<F>;
  W words[kNielsWords];
  W::LoadRows(rows, words);
  const uint64_t* second[W::kLanes];
  for (int lane = 0; lane < W::kLanes; ++lane) second[lane] = rows[lane] + 8;
  W::LoadRows(second, words + 8);
  W plus[5], minus[5], t2d[5];
  for (int i = 0; i < 5; ++i) {
    const W twice_p = W::Broadcast(2 * (i == 0 ? kLimbMask - 18 : kLimbMask));
    plus[i] = W::Select(negative, words[5 + i], words[i]);
    minus[i] = W::Select(negative, words[i], words[5 + i]);
    t2d[i] = W::Select(negative, twice_p - words[10 + i], words[10 + i]);
  }
  return {F::FromPacked(plus), F::FromPacked(minus), F::FromPackedTwice(t2d)};
}

// LaneKernels::sum.
template <class F>
inline void SumBuckets(const PlacedTerm* placed, size_t count, const uint64_t* rows,
                       uint32_t identity, uint64_t* buckets, uint64_t* overflow,
                       int64_t* into_bucket) {
  using W = Words<F>;
  constexpr size_t kLanes = W::kLanes;
  constexpr size_t kAhead = 3;  // steps in which a point comes from outer caches
  const size_t stretch = (count + kLanes - 1) / kLanes;
  bool carried[kLanes];  // the lane is still in a bucket that began before its stretch
  for (size_t lane = 0; lane < kLanes; ++lane) {
    const size_t first = lane * stretch;
    into_bucket[lane] = -1;
    carried[lane] = first > 0 && first < count && placed[first - 1].bucket == placed[first].bucket;
  }
  LaneExtended<F> sum = LaneIdentity<F>();
  for (size_t step = 0; step < stretch; ++step) {
    const uint64_t* lane_rows[kLanes];
    unsigned negative = 0;
    unsigned ends = 0;  // lanes for which this is the last term of a bucket
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const size_t at = lane * stretch + step;
      uint32_t term = 2 * identity;
      if (at < count) {
        term = placed[at].term;
        const bool last =
            step + 1 == stretch || at + 1 == count || placed[at + 1].bucket != placed[at].bucket;
        ends |= static_cast<unsigned>(last) << lane;
        if (at + kAhead < count) {
          const uint64_t* ahead = rows + kNielsWords * (placed[at + kAhead].term >> 1);
          __builtin_prefetch(ahead);
          __builtin_prefetch(ahead + 8);
        }
      }
      lane_rows[lane] = rows + kNielsWords * (term >> 1);
      negative |= (term & 1) << lane;
    }
    sum = AddNiels<F>(sum, LoadNiels<F>(lane_rows, negative));
    if (ends == 0) continue;

    W packed[kSumWords];
    PackSum<F>(sum, packed);
    alignas(64) uint64_t words[kSumWords][kLanes];
    for (size_t i = 0; i < kSumWords; ++i) packed[i].Store(words[i]);
    for (size_t lane = 0; lane < kLanes; ++lane) {
      if ((ends >> lane & 1) == 0) continue;
      const uint32_t bucket = placed[lane * stretch + step].bucket;
      uint64_t* to = carried[lane] ? overflow + lane * kSumRow : buckets + bucket * kSumRow;
      if (carried[lane]) into_bucket[lane] = bucket;
      carried[lane] = false;
      for (size_t i = 0; i < kSumWords; ++i) to[i] = words[i][lane];
    }
    const LaneExtended<F> identity_sum = LaneIdentity<F>();
    sum.x = Select<F, 1>(ends, identity_sum.x, sum.x);
    sum.y = Select<F, 1>(ends, identity_sum.y, sum.y);
    sum.z = Select<F, 1>(ends, identity_sum.z, sum.z);
    sum.t = Select<F, 1>(ends, identity_sum.t, sum.t);
  }
}

// LaneKernels::collapse.
template <class F>
inline void CollapseBuckets(const uint64_t* const* windows, size_t count, Words<F>* packed_sum) {
  using W = Words<F>;
  LaneExtended<F> running = LaneIdentity<F>();
  LaneExtended<F> sum = running;
  for (size_t b = count; b-- > 0;) {
    W packed[kSumRow];
    const uint64_t* rows[W::kLanes];
    for (size_t part = 0; part < kSumRow; part += 8) {
      for (int lane = 0; lane < W::kLanes; ++lane) rows[lane] = windows[lane] + b * kSumRow + part;
      W::LoadRows(rows, packed + part);
    }
    running = AddExtended<F>(running, UnpackSum<F>(packed));
    sum = AddExtended<F>(sum, running);
  }
  PackSum<F>(sum, packed_sum);
}

// The first 15 of kNielsWords for each lane's point, from its affine x, y and x·y in packed limbs.
template <class F>
inline void ToNielsRows(const Words<F>* x, const Words<F>* y, const Words<F>* xy,
                        Words<F>* packed) {
  const Fe1<F> fx = F::FromPacked(x);
  const Fe1<F> fy = F::FromPacked(y);
  F::ToPacked(Carry(Add(fy, fx)), packed);
  F::ToPacked(Carry(Sub(fy, fx)), packed + 5);
  F::ToPacked(Mul(F::FromPacked(xy), Constant<F>(kTwoD)), packed + 10);
}

}  // namespace urna::crypto::vartime::lanes
