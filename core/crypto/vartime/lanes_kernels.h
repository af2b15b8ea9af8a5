// The lane arithmetic over a field F of lanes_field*.h as plain functions over plain memory, behind
// which lane_engine.h does the rest. Public data only, never for secrets.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/crypto/vartime/lane_engine.h"
#include "core/crypto/vartime/lanes_pippenger.h"

namespace urna::crypto::vartime::lanes {

template <class F>
struct Kernels {
  using W = Words<F>;
  static constexpr size_t kLanes = W::kLanes;

  static unsigned Decode(const uint64_t* s, uint64_t* xyt) {
    W packed[5], words[15];
    for (size_t i = 0; i < 5; ++i) packed[i] = W::Load(s + i * kLanes);
    const unsigned good = DecodeLanes<F>(F::FromPacked(packed), words, words + 5, words + 10);
    for (size_t i = 0; i < 15; ++i) words[i].Store(xyt + i * kLanes);
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

  static constexpr LaneKernels Table() { return {kLanes, &Decode, &ToNiels, &Sum, &Collapse}; }

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
