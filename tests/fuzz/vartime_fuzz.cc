// Every engine for public points against libsodium: what is decoded and what is not, and sums, byte
// for byte.
//
// An input is a row of 66-byte terms: one byte that says what to make of the next 32, one that says
// what to make of the last 32.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "core/crypto/point.h"
#include "core/crypto/scalar.h"
#include "core/crypto/sodium_init.h"
#include "core/crypto/vartime/engine.h"

namespace urna::crypto::vartime {
namespace {

constexpr size_t kTerm = 66;
constexpr size_t kMostTerms = 80;       // enough for Pippenger and more than one vector
constexpr size_t kMostSodiumTerms = 8;  // libsodium is slow

void Require(bool holds, const Engine& engine, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "engine %s: %s\n", engine.name(), what);
  std::abort();
}

using Bytes32 = std::array<uint8_t, 32>;

// As it is, likely to reach the curve equation, certain to be a point, or near 0, p and 2^255.
Encoding MakeEncoding(uint8_t how, const uint8_t* bytes) {
  Encoding encoding;
  std::copy_n(bytes, 32, encoding.begin());
  switch (how % 5) {
    case 0:
      break;
    case 1:
      encoding[0] &= 0xfe;
      encoding[31] &= 0x7f;
      break;
    case 2: {
      std::array<uint8_t, 64> wide{};
      std::copy_n(bytes, 32, wide.begin());
      encoding = RistrettoPoint::FromUniform(wide).bytes();
      break;
    }
    case 3:
      std::fill(encoding.begin() + 1, encoding.end(), uint8_t{0});
      break;
    default:
      std::fill(encoding.begin() + 1, encoding.end() - 1, uint8_t{0xff});
      encoding[31] = (how & 0x80) != 0 ? 0xff : 0x7f;
  }
  return encoding;
}

// Reduced, a weight, the negative of one, or small.
Scalar MakeScalar(uint8_t how, const uint8_t* bytes) {
  std::array<uint8_t, 64> wide{};
  const size_t kept[] = {32, 16, 16, 1};
  std::copy_n(bytes, kept[how % 4], wide.begin());
  const Scalar scalar = Scalar::FromUniform(wide);
  return how % 4 == 2 ? scalar.Negate() : scalar;
}

void Compare(const std::vector<Encoding>& encodings, const std::vector<Scalar>& scalars) {
  std::vector<size_t> expected_failures;
  std::vector<PublicScalar> kept;
  RistrettoPoint sodium_sum;
  const bool by_sodium = encodings.size() <= kMostSodiumTerms;
  for (size_t i = 0; i < encodings.size(); ++i) {
    const auto point = RistrettoPoint::Decode(encodings[i]);
    if (!point.ok()) {
      expected_failures.push_back(i);
      continue;
    }
    kept.push_back(*PublicScalar::Decode(scalars[i].bytes()));
    if (by_sodium) sodium_sum = sodium_sum + MulVarTime(scalars[i], *point);
  }
  Encoding expected_sum = sodium_sum.bytes();
  const auto engines = AvailableEngines();
  for (auto at = engines.rbegin(); at != engines.rend(); ++at) {  // the portable one first
    const Engine& engine = **at;
    std::vector<Point> decoded(encodings.size());
    std::vector<size_t> failed;
    engine.Decode(encodings, decoded, &failed);
    Require(failed == expected_failures, engine, "accepts other encodings than libsodium");
    std::vector<Point> points;
    for (size_t i = 0; i < encodings.size(); ++i) {
      if (std::binary_search(failed.begin(), failed.end(), i)) continue;
      Require(decoded[i].Encode() == encodings[i], engine, "decodes to another point");
      points.push_back(decoded[i]);
    }
    const Encoding sum = engine.MultiScalarMul(kept, points).Encode();
    if (!by_sodium && at == engines.rbegin()) expected_sum = sum;
    Require(sum == expected_sum, engine, "finds another sum");

    std::vector<uint32_t> places;
    for (size_t i = 0; i < points.size(); ++i) places.push_back(encodings[i][5] % 3);
    std::vector<Point> sums(3), one_by_one(3);
    engine.AddToSums(points, places, sums);
    for (size_t i = 0; i < points.size(); ++i) {
      one_by_one[places[i]] = one_by_one[places[i]] + points[i];
    }
    for (size_t i = 0; i < 3; ++i) Require(sums[i] == one_by_one[i], engine, "adds up otherwise");
  }
}

}  // namespace
}  // namespace urna::crypto::vartime

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace urna::crypto;           // NOLINT: the entry's name is libFuzzer's
  using namespace urna::crypto::vartime;  // NOLINT
  static const bool started = InitializeCrypto().ok();
  if (!started) std::abort();
  std::vector<Encoding> encodings;
  std::vector<Scalar> scalars;
  for (size_t at = 0; at + kTerm <= size && encodings.size() < kMostTerms; at += kTerm) {
    encodings.push_back(MakeEncoding(data[at], data + at + 2));
    scalars.push_back(MakeScalar(data[at + 1], data + at + 34));
  }
  Compare(encodings, scalars);
  return 0;
}
