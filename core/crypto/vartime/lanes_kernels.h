// The lane arithmetic over a field F of lanes_field*.h as plain functions over plain memory, behind
// which lane_engine.h does the rest. Public data only, never for secrets.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/crypto/vartime/lane_engine.h"
#include "core/crypto/vartime/lanes_outer.h"
#include "core/crypto/vartime/lanes_pippenger.h"

namespace urna::crypto::vartime::lanes {

template <class F>
struct Kernels {
  using W = Words<F>;
  static constexpr size_t kLanes = W::kLanes;
  static constexpr size_t kSide = kDecodeSide;

  static unsigned Decode(const uint64_t* s, uint64_t* xyt) {
    DecodeStart<F> start[kSide];
    Side<F, kSide> power;
    for (size_t side = 0; side < kSide; ++side) {
      W packed[5];
      for (size_t i = 0; i < 5; ++i) packed[i] = W::Load(s + (5 * side + i) * kLanes);
      start[side] = StartDecoding<F>(F::FromPacked(packed));
      power.v[side] = start[side].base;
    }
    power = Pow22523<F, kSide>(power);
    unsigned good = 0;
    for (size_t side = 0; side < kSide; ++side) {
      W words[15];
      good |= EndDecoding<F>(start[side], power.v[side], words) << (side * kLanes);
      for (size_t i = 0; i < 15; ++i) words[i].Store(xyt + (15 * side + i) * kLanes);
    }
    return good;
  }

  static void ToNiels(const uint64_t* xyt, uint64_t* rows) {
    W words[15], packed[15];
    for (size_t i = 0; i < 15; ++i) words[i] = W::Load(xyt + i * kLanes);
    ToNielsRows<F>(words, words + 5, words + 10, packed);
    Transpose<15>(packed, rows, kNielsWords);
  }

  static void Sum(const PlacedTerm* placed, size_t count, const uint64_t* rows, uint32_t identity,
                  uint64_t* buckets, uint64_t* overflow, int64_t* into_bucket) {
    SumBuckets<F>(placed, count, rows, identity, buckets, overflow, into_bucket);
  }

  static void Collapse(const uint64_t* const* windows, size_t count, uint64_t* sums) {
    W packed[kSumWords];
    CollapseBuckets<F>(windows, count, packed);
    Transpose<kSumWords>(packed, sums, kSumRow);
  }

  static void Outer(const OuterFactors& factors, uint64_t* sums) {
    SumOuterProducts<W>(factors, sums);
  }

  static constexpr LaneKernels Table() {
    LaneKernels kernels = {kLanes, &Decode, &ToNiels, &Sum, &Collapse, nullptr};
    if constexpr (F::kProductsOf52Bits) kernels.outer = &Outer;
    return kernels;
  }

 private:
  // Word i of lane l to to[l·stride + i].
  template <size_t kCount>
  static void Transpose(const W* words, uint64_t* to, size_t stride) {
    uint64_t lanes_of_word[kLanes];
    for (size_t i = 0; i < kCount; ++i) {
      words[i].Store(lanes_of_word);
      for (size_t lane = 0; lane < kLanes; ++lane) to[lane * stride + i] = lanes_of_word[lane];
    }
  }
};

}  // namespace urna::crypto::vartime::lanes
