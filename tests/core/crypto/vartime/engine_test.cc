// Every back end that this processor has, and those it has not with emulated vectors, against
// libsodium and against each other.
#include "core/crypto/vartime/engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/crypto/vartime/lane_backends.h"
#include "core/crypto/vartime/lane_engine.h"
#include "core/crypto/vartime/lanes_field25.h"
#include "core/crypto/vartime/lanes_field51.h"
#include "core/crypto/vartime/lanes_kernels.h"
#include "core/crypto/vartime/multi_scalar.h"
#include "tests/core/crypto/vartime/bad_encodings.h"
#include "tests/core/crypto/vartime/big_integer.h"
#include "tests/core/crypto/vartime/emulated_words.h"
#include "tests/core/crypto/vartime/random_source.h"

namespace urna::crypto::vartime {
namespace {

using lanes::EmulatedWords;
using lanes::Field25;
using lanes::Field51;
using lanes::Kernels;
using lanes::LaneEngine;

std::vector<const Engine*> AllEngines() {
  static const LaneEngine eight25("emulated 8x10x25", Kernels<Field25<EmulatedWords<8>>>::Table(),
                                  kSha512Libcrypto, 1);
  static const LaneEngine four25("emulated 4x10x25", Kernels<Field25<EmulatedWords<4>>>::Table(),
                                 kSha512Libcrypto, 1);
  static const LaneEngine eight51("emulated 8x5x51", Kernels<Field51<EmulatedWords<8>>>::Table(),
                                  kSha512Libcrypto, 1);
  std::vector<const Engine*> engines(AvailableEngines().begin(), AvailableEngines().end());
  engines.insert(engines.end(), {&eight25, &four25, &eight51});
#if defined(__x86_64__)
  // The sums that the engine itself leaves to the portable one.
  if (__builtin_cpu_supports("avx2")) {
    static const LaneEngine avx2("avx2 sums", lanes::Avx2Kernels(), kSha512Libcrypto, 1);
    engines.push_back(&avx2);
  }
#endif
  return engines;
}

class EngineTest : public ::testing::TestWithParam<const Engine*> {
 protected:
  // What the engine accepts, and every accepted point encoded again.
  struct Decoded {
    std::vector<size_t> failed;
    std::vector<Encoding> encoded;  // zeros where it failed
  };
  static Decoded Decode(const std::vector<Encoding>& encodings) {
    Decoded out;
    std::vector<Point> points(encodings.size());
    GetParam()->Decode(encodings, points, &out.failed);
    for (const Point& point : points) out.encoded.push_back(point.Encode());
    return out;
  }
  static void ExpectAsLibsodium(const std::vector<Encoding>& encodings) {
    const Decoded decoded = Decode(encodings);
    std::vector<size_t> expected;
    for (size_t i = 0; i < encodings.size(); ++i) {
      if (RistrettoPoint::Decode(encodings[i]).ok()) {
        ASSERT_EQ(decoded.encoded[i], encodings[i]) << ToHex(encodings[i]);
      } else {
        expected.push_back(i);
        ASSERT_EQ(decoded.encoded[i], Encoding{}) << ToHex(encodings[i]);
      }
    }
    ASSERT_EQ(decoded.failed, expected);
  }
  static Point Sum(std::span<const PublicScalar> scalars, std::span<const Point> points) {
    return GetParam()->MultiScalarMul(scalars, points);
  }
};

// How many random inputs: URNA_DIFFERENTIAL, for long runs by hand.
size_t RandomInputs(size_t usual) {
  const char* given = std::getenv("URNA_DIFFERENTIAL");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : usual;
}

TEST_P(EngineTest, RejectsTheBadEncodingsOfRfc9496) {
  std::vector<Encoding> encodings;
  for (const char* hex : kBadEncodings) encodings.push_back(*ToArray<32>(*FromHex(hex)));
  EXPECT_EQ(Decode(encodings).failed.size(), encodings.size());
  ExpectAsLibsodium(encodings);
}

// ±1, p-1 … p+k, 2^255 + k, small multiples of the base, each also with bit 255.
TEST_P(EngineTest, DecodesSpecialEncodingsAsLibsodiumDoes) {
  std::vector<Encoding> encodings;
  for (int k = 0; k <= 400; ++k) {
    encodings.push_back(BigInteger(k).Bytes());
    encodings.push_back((BigInteger::P() + BigInteger(40) - BigInteger(k)).Bytes());
    encodings.push_back((BigInteger::PowerOfTwo(255) + BigInteger(k)).Bytes());
  }
  RistrettoPoint multiple;
  for (int k = 0; k < 64; ++k) {
    encodings.push_back(multiple.bytes());
    encodings.push_back(multiple.bytes());
    encodings.back()[31] |= 0x80;
    multiple = multiple + RistrettoPoint::Base();
  }
  ExpectAsLibsodium(encodings);
}

TEST_P(EngineTest, DecodesRandomStringsAsLibsodiumDoes) {
  RandomSourceForTest random;
  for (size_t left = RandomInputs(1500); left > 0;) {
    std::vector<Encoding> encodings;
    for (size_t i = 0; i < std::min<size_t>(left, 5003); ++i) {
      Encoding encoding = random.Bytes<32>();
      // Most are even and below 2^255, so that they reach the curve equation.
      if (i % 8 != 0) encoding[0] &= 0xfe;
      if (i % 8 != 1) encoding[31] &= 0x7f;
      encodings.push_back(encoding);
    }
    ASSERT_NO_FATAL_FAILURE(ExpectAsLibsodium(encodings));
    left -= encodings.size();
  }
}

// Every place in a vector, alone and beside good ones.
TEST_P(EngineTest, NamesExactlyTheBadOnes) {
  RandomSourceForTest random;
  const Encoding good = Point::Base().Doubled().Encode();
  const Encoding bad = *ToArray<32>(*FromHex(kBadEncodings[20]));
  for (size_t size = 0; size <= 20; ++size) {
    for (int round = 0; round < 10; ++round) {
      std::vector<Encoding> encodings;
      std::vector<size_t> failed;
      for (size_t i = 0; i < size; ++i) {
        const bool is_bad = round == 0 || (round > 1 && random.Below(2) == 0);
        encodings.push_back(is_bad ? bad : good);
        if (is_bad) failed.push_back(i);
      }
      ASSERT_EQ(Decode(encodings).failed, failed);
    }
  }
}

// Terms over points with known logarithms: Σ s_i·k_i·G.
struct KnownSum {
  std::vector<PublicScalar> scalars;
  std::vector<Point> points;
  PublicScalar logarithm;

  Encoding Expected() const { return MulBaseVarTime(*Scalar::Decode(logarithm.bytes())).bytes(); }
};

// The kinds of scalars and points that meet in a batch, and those that should not.
KnownSum MixedSum(RandomSourceForTest& random, size_t count) {
  static const FixedBaseTable base(Point::Base());
  KnownSum sum;
  PublicScalar logarithm;
  Point point;
  for (size_t i = 0; i < count; ++i) {
    if (random.Below(8) != 0) {
      logarithm = PublicScalar::Reduce(random.Bytes<64>());
      const Point computed = base.Mul(logarithm);
      point = *Point::Decode(computed.Encode());
    }
    PublicScalar scalar = PublicScalar::Reduce(random.Bytes<64>());
    switch (random.Below(10)) {
      case 0:
        scalar = PublicScalar::FromU64(random.Below(4));
        break;
      case 1:
        scalar = -PublicScalar::FromU64(random.Below(4));
        break;
      case 2:
      case 3:
        scalar = PublicScalar::FromWeight(random.Bytes<16>());
        break;
      case 4:
        scalar = -PublicScalar::FromWeight(random.Bytes<16>());
        break;
      default:
        break;
    }
    const bool identity = random.Below(50) == 0;
    sum.points.push_back(identity ? Point() : point);
    sum.scalars.push_back(scalar);
    if (!identity) sum.logarithm += scalar * logarithm;
  }
  return sum;
}

TEST_P(EngineTest, SumsOfEverySizeMatchTheSumOfLogarithms) {
  RandomSourceForTest random;
  for (size_t size = 0; size < 140; size += 1 + size / 16) {
    const KnownSum sum = MixedSum(random, size);
    ASSERT_EQ(Sum(sum.scalars, sum.points).Encode(), sum.Expected()) << size;
  }
  for (size_t size : {300, 1000, 3001}) {
    const KnownSum sum = MixedSum(random, size);
    ASSERT_EQ(Sum(sum.scalars, sum.points).Encode(), sum.Expected()) << size;
  }
}

// All in one bucket, each in its own, and each twice with opposite signs.
TEST_P(EngineTest, SumsWithUnevenBucketsMatch) {
  RandomSourceForTest random;
  for (size_t size : {49, 64, 100, 515}) {
    KnownSum sum = MixedSum(random, size);
    std::vector<PublicScalar> ones, ramps, cancelling;
    std::vector<Point> doubled;
    const PublicScalar same = PublicScalar::Reduce(random.Bytes<64>());
    for (size_t i = 0; i < size; ++i) {
      ones.push_back(same);
      ramps.push_back(PublicScalar::FromU64(i));
      for (const PublicScalar& s : {sum.scalars[i], -sum.scalars[i]}) {
        cancelling.push_back(s);
        doubled.push_back(sum.points[i]);
      }
    }
    const auto portable = [&](const std::vector<PublicScalar>& scalars) {
      return PortableEngine().MultiScalarMul(scalars, sum.points).Encode();
    };
    ASSERT_EQ(Sum(ones, sum.points).Encode(), portable(ones)) << size;
    ASSERT_EQ(Sum(ramps, sum.points).Encode(), portable(ramps)) << size;
    ASSERT_TRUE(Sum(cancelling, doubled).IsIdentity()) << size;
    ASSERT_TRUE(Sum(std::vector<PublicScalar>(size), sum.points).IsIdentity()) << size;
    // One point again and again: every addition is a doubling, or adds a negative.
    const std::vector<Point> one_point(size, sum.points.back());
    ASSERT_EQ(Sum(ones, one_point).Encode(),
              PortableEngine().MultiScalarMul(ones, one_point).Encode());
  }
}

// Points that were computed have Z != 1.
TEST_P(EngineTest, SumsOfComputedPointsMatch) {
  RandomSourceForTest random;
  KnownSum sum = MixedSum(random, 120);
  const Point other = Point::Base().Doubled();
  for (size_t i = 0; i < sum.points.size(); i += 1 + i % 3) {
    sum.points[i] = sum.points[i] + other - other;
  }
  EXPECT_EQ(Sum(sum.scalars, sum.points).Encode(), sum.Expected());
}

// Cells of ballots: uneven, some without any point, the same point twice, the identity, computed
// points.
TEST_P(EngineTest, AddsToSumsAsOneByOne) {
  RandomSourceForTest random;
  const KnownSum sum = MixedSum(random, 200);
  for (size_t count : {0, 1, 2, 7, 8, 9, 63, 200}) {
    for (size_t cells : {1, 2, 3, 6, 40}) {
      std::vector<Point> points(sum.points.begin(), sum.points.begin() + count);
      if (count == 63) points[5] = points[5].Doubled();
      std::vector<uint32_t> places;
      for (size_t i = 0; i < count; ++i) {
        // In turn as in ballots, or at random, with the last cell left out.
        places.push_back(static_cast<uint32_t>(
            cells < 6 ? i % cells : std::min<uint64_t>(random.Below(cells), cells - 2)));
      }
      std::vector<Point> sums, expected;
      for (size_t i = 0; i < cells; ++i) sums.push_back(sum.points[199 - i]);
      expected = sums;
      GetParam()->AddToSums(points, places, sums);
      PortableEngine().AddToSums(points, places, expected);
      for (size_t i = 0; i < cells; ++i) ASSERT_TRUE(sums[i] == expected[i]) << count << " " << i;
    }
  }
}

// Limb by limb against big integers: at random, and with every limb as large as it may be, which
// is what fills the columns; with terms around every carry.
TEST_P(EngineTest, SumsOuterProductsAsIntegers) {
  RandomSourceForTest random;
  for (const auto& [lows, highs, terms] : {std::array<size_t, 3>{16, 4, 0},
                                           {8, 2, 1},
                                           {64, 3, 5},
                                           {3, 5, 7},
                                           {8, 1, 255},
                                           {8, 1, 256},
                                           {8, 1, 257},
                                           {16, 1, 800}}) {
    for (const bool full : {false, true}) {
      const auto limb = [&, full = full](size_t i) {
        const uint64_t most = i == 4 ? (uint64_t{1} << 45) - 1 : (uint64_t{1} << 52) - 1;
        return full ? most : random.Next() & most;
      };
      std::vector<uint64_t> low(terms * kFactorLimbs * lows), high(terms * kFactorLimbs * highs);
      for (size_t i = 0; i < low.size(); ++i) low[i] = limb(i / lows % kFactorLimbs);
      for (size_t i = 0; i < high.size(); ++i) high[i] = limb(i % kFactorLimbs);
      std::vector<uint64_t> sums(lows * highs * kSumLimbs, 1);  // 1: what stood there before
      GetParam()->SumOuterProducts({lows, highs, terms, low.data(), high.data()}, sums);
      for (size_t l = 0; l < lows; ++l) {
        for (size_t h = 0; h < highs; ++h) {
          BigInteger expected, found;
          for (size_t term = 0; term < terms; ++term) {
            BigInteger a, b;
            for (size_t i = 0; i < kFactorLimbs; ++i) {
              const BigInteger unit = BigInteger::PowerOfTwo(52 * static_cast<int>(i));
              a = a + BigInteger(low[(term * kFactorLimbs + i) * lows + l]) * unit;
              b = b + BigInteger(high[(term * highs + h) * kFactorLimbs + i]) * unit;
            }
            expected = expected + a * b;
          }
          for (size_t i = 0; i < kSumLimbs; ++i) {
            const uint64_t limb_found = sums[(lows * h + l) * kSumLimbs + i];
            ASSERT_LT(limb_found, uint64_t{1} << (i == 9 ? 58 : 52));
            found =
                found + BigInteger(limb_found) * BigInteger::PowerOfTwo(52 * static_cast<int>(i));
          }
          ASSERT_EQ(found, expected) << lows << " " << highs << " " << terms << " " << full;
        }
      }
    }
  }
}

std::string EngineName(const ::testing::TestParamInfo<const Engine*>& engine) {
  std::string name = engine.param->name();
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, EngineTest, ::testing::ValuesIn(AllEngines()), EngineName);

TEST(EngineChoiceTest, ThePortableEngineIsAlwaysThereAndLast) {
  ASSERT_FALSE(AvailableEngines().empty());
  EXPECT_STREQ(AvailableEngines().back()->name(), "portable");
  EXPECT_EQ(&CurrentEngine(), AvailableEngines().front());
}

TEST(EngineChoiceTest, AnEngineCanBeForced) {
  for (const Engine* engine : AvailableEngines()) {
    ASSERT_TRUE(SelectEngine(engine->name()).ok());
    EXPECT_EQ(&CurrentEngine(), engine);
  }
  const absl::Status status = SelectEngine("abacus");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("portable"), absl::string_view::npos);
  EXPECT_EQ(&CurrentEngine(), AvailableEngines().back());
  ASSERT_TRUE(SelectEngine("").ok());
  EXPECT_EQ(&CurrentEngine(), AvailableEngines().front());
}

}  // namespace
}  // namespace urna::crypto::vartime
