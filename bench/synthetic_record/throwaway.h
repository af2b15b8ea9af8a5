// Secrets of a synthetic election: drawn from a seed that is no secret, used by arithmetic that
// does not hide them, and drawn again where they are wanted again.
//
// FOR BENCHMARKS ONLY. Nothing here, or in anything that includes it, may ever touch a real vote,
// credential or key: products make those with core/crypto, in constant time. No product folder may
// include bench/ (scripts/check_layers.py).
#pragma once

#include <cstdint>

#include "core/crypto/rng.h"
#include "core/crypto/scalar.h"
#include "core/crypto/vartime/encode_doubled.h"
#include "core/crypto/vartime/multi_scalar.h"
#include "core/crypto/vartime/scalar_vartime.h"

namespace urna::bench {

// What a stream of draws is for; with a number it names the stream.
enum class Draw : uint8_t { kPeople = 1, kCredential, kEnrolment, kBallot, kSignature };

// The same draws whenever it is made for the same seed, purpose and number.
class Throwaway {
 public:
  using Scalar = crypto::vartime::PublicScalar;

  Throwaway(uint64_t seed, Draw purpose, uint64_t number) : rng_(Key(seed, purpose, number)) {}

  crypto::Rng& rng() { return rng_; }
  Scalar DrawScalar() { return Scalar::Reduce(rng_.Array<64>()); }
  // 0..bound-1, hardly biased for bounds far below 2^64.
  uint64_t DrawBelow(uint64_t bound) {
    uint64_t value = 0;
    for (uint8_t byte : rng_.Array<8>()) value = value << 8 | byte;
    return value % bound;
  }

 private:
  static std::array<uint8_t, 32> Key(uint64_t seed, Draw purpose, uint64_t number) {
    std::array<uint8_t, 32> key{};
    for (size_t i = 0; i < 8; ++i) key[i] = static_cast<uint8_t>(seed >> (8 * i));
    for (size_t i = 0; i < 8; ++i) key[8 + i] = static_cast<uint8_t>(number >> (8 * i));
    key[16] = static_cast<uint8_t>(purpose);
    return key;
  }

  crypto::SeededRng rng_;
};

// Halves of multiples of one base: (k/2)·B, to be encoded as k·B by EncodeDoubled.
class HalfMultiples {
 public:
  using Point = crypto::vartime::Point;

  explicit HalfMultiples(const Point& base) : table_(base), half_(crypto::vartime::HalfScalar()) {}

  Point operator()(const crypto::vartime::PublicScalar& k) const { return table_.Mul(k * half_); }

 private:
  crypto::vartime::FixedBaseTable table_;
  crypto::vartime::PublicScalar half_;
};

// A scalar of core/crypto, which is canonical.
inline crypto::vartime::PublicScalar ToVartime(const crypto::Scalar& scalar) {
  return crypto::vartime::PublicScalar::Reduce(std::span<const uint8_t, 32>(scalar.bytes()));
}

}  // namespace urna::bench
