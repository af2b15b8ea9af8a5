#include "core/crypto/vartime/batch_equation.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "core/crypto/vartime/multi_scalar.h"
#include "tests/core/crypto/vartime/random_source.h"

namespace urna::crypto::vartime {
namespace {

// A proof of knowledge z·G = A + c·P, as in docs/protocol.md §3.4 with one base.
struct Proof {
  PublicScalar z, c;
  Point a, p;
};

class EquationBatchTest : public testing::Test {
 protected:
  std::vector<Proof> MakeProofs(size_t count) {
    const FixedBaseTable g(Point::Base());
    std::vector<Proof> proofs;
    for (size_t i = 0; i < count; ++i) {
      const PublicScalar secret = PublicScalar::Reduce(random_.Bytes<64>());
      const PublicScalar nonce = PublicScalar::Reduce(random_.Bytes<64>());
      const PublicScalar c = PublicScalar::Reduce(random_.Bytes<64>());
      proofs.push_back({nonce + c * secret, c, g.Mul(nonce), g.Mul(secret)});
    }
    return proofs;
  }

  RandomSource Source() {
    return [this](std::span<uint8_t> out) { random_.Fill(out); };
  }

  EquationBatch MakeBatch(std::span<const Proof> proofs) {
    EquationBatch batch(Source());
    const EquationBatch::Base g = batch.AddBase(Point::Base());
    for (const Proof& proof : proofs) {
      batch.BeginEquation();
      batch.Add(proof.z, g);
      batch.Subtract(proof.a);
      batch.Subtract(proof.c, proof.p);
    }
    return batch;
  }

  RandomSourceForTest random_;
};

TEST_F(EquationBatchTest, AcceptsTrueEquationsAndMergesBases) {
  for (size_t count : {0, 1, 2, 10, 200}) {
    const std::vector<Proof> proofs = MakeProofs(count);
    const EquationBatch batch = MakeBatch(proofs);
    EXPECT_EQ(batch.equations(), count);
    EXPECT_EQ(batch.points(), 1 + 2 * count);
    EXPECT_TRUE(batch.Check()) << count;
  }
}

TEST_F(EquationBatchTest, RejectsOneWrongEquationWhereverItIs) {
  const std::vector<Proof> proofs = MakeProofs(20);
  for (size_t i = 0; i < proofs.size(); ++i) {
    std::vector<Proof> changed = proofs;
    switch (i % 4) {
      case 0:
        changed[i].z += PublicScalar::One();
        break;
      case 1:
        changed[i].c = -changed[i].c;
        break;
      case 2:
        changed[i].a = changed[i].a + Point::Base();
        break;
      default:
        changed[i].p = proofs[(i + 1) % proofs.size()].p;
    }
    EXPECT_FALSE(MakeBatch(changed).Check()) << i;
  }
}

// Without a weight of its own for each, the two mistakes would cancel.
TEST_F(EquationBatchTest, RejectsMistakesThatCancel) {
  std::vector<Proof> proofs = MakeProofs(2);
  proofs[0].z += PublicScalar::One();
  proofs[1].z = proofs[1].z - PublicScalar::One();
  EXPECT_FALSE(MakeBatch(proofs).Check());
}

TEST_F(EquationBatchTest, OneBaseServesEquationsOfBothSigns) {
  EquationBatch batch(Source());
  const EquationBatch::Base p = batch.AddBase(Point::Base().Doubled());
  for (uint64_t k = 0; k < 5; ++k) {
    batch.BeginEquation();
    batch.Add(PublicScalar::FromU64(k), p);
    batch.Subtract(PublicScalar::FromU64(k + 1), p);
    batch.Add(Point::Base());
    batch.Add(PublicScalar::One(), Point::Base());
  }
  EXPECT_TRUE(batch.Check());
  batch.BeginEquation();
  batch.Add(PublicScalar::One(), p);
  EXPECT_FALSE(batch.Check());
}

TEST_F(EquationBatchTest, WeightsAreSixteenBytesEachAndNeverRepeat) {
  size_t drawn = 0;
  EquationBatch batch([&](std::span<uint8_t> out) {
    drawn += out.size();
    random_.Fill(out);
  });
  for (int i = 0; i < 1000; ++i) batch.BeginEquation();
  EXPECT_GE(drawn, 16000u);
  EXPECT_LT(drawn, 17100u);
}

// The weight itself is visible where the sum is weight·G: a source of 0, 0, 5, … must give 5.
TEST_F(EquationBatchTest, SkipsTheWeightZero) {
  EquationBatch batch([](std::span<uint8_t> out) {
    std::ranges::fill(out, uint8_t{0});
    out[32] = 5;
  });
  batch.BeginEquation();
  batch.Add(Point::Base());
  EXPECT_FALSE(batch.Check());
}

TEST(EquationBatchDeathTest, AbortsOnASourceOfZerosAndOnTermsWithoutAnEquation) {
  const RandomSource zeros = [](std::span<uint8_t> out) { std::ranges::fill(out, uint8_t{0}); };
  EXPECT_DEATH(EquationBatch(zeros).BeginEquation(), "gives zeros");
  EXPECT_DEATH(EquationBatch(zeros).Add(Point::Base()), "before the first equation");
}

TEST_F(EquationBatchTest, BisectionNamesExactlyTheBadOnes) {
  std::vector<Proof> proofs = MakeProofs(64);
  const std::vector<size_t> bad = {0, 13, 14, 40, 63};
  for (size_t i : bad) proofs[i].a = proofs[i].a + Point::Base();
  const auto check = [&](size_t begin, size_t end) {
    return MakeBatch(std::span(proofs).subspan(begin, end - begin)).Check();
  };
  EXPECT_EQ(FindFailing(proofs.size(), check), bad);
}

TEST_F(EquationBatchTest, BisectionWorksForEverySetOfBadOnes) {
  for (size_t count = 0; count <= 9; ++count) {
    for (size_t mask = 0; mask < size_t{1} << count; ++mask) {
      std::vector<size_t> bad;
      for (size_t i = 0; i < count; ++i) {
        if ((mask >> i & 1) != 0) bad.push_back(i);
      }
      std::set<std::pair<size_t, size_t>> asked;
      const auto check = [&](size_t begin, size_t end) {
        EXPECT_LT(begin, end);
        EXPECT_TRUE(asked.emplace(begin, end).second) << "asked twice";
        return (mask >> begin & ((size_t{1} << (end - begin)) - 1)) == 0;
      };
      ASSERT_EQ(FindFailing(count, check), bad);
    }
  }
}

class PartsTest : public EquationBatchTest {
 protected:
  // Each proof is a part, with its P as a base of its own.
  EquationBatch MakeParts(std::span<const Proof> proofs) {
    EquationBatch batch(Source());
    const EquationBatch::Base g = batch.AddBase(Point::Base());
    for (const Proof& proof : proofs) {
      batch.BeginPart();
      const EquationBatch::Base p = batch.AddBase(proof.p);
      batch.BeginEquation();
      batch.Add(proof.z, g);
      batch.Subtract(proof.a);
      batch.Subtract(proof.c, p);
    }
    return batch;
  }
};

TEST_F(PartsTest, SumsOfRangesThatMeetAddUp) {
  std::vector<Proof> proofs = MakeProofs(70);
  for (size_t i : {1, 30, 69}) proofs[i].z += PublicScalar::One();
  const EquationBatch batch = MakeParts(proofs);
  ASSERT_EQ(batch.parts(), proofs.size());
  EXPECT_FALSE(batch.Check());
  for (size_t begin : {0, 1, 29, 60}) {
    for (size_t end : {60, 70}) {
      const size_t middle = (begin + end) / 2;
      EXPECT_EQ(batch.SumOfParts(begin, middle) + batch.SumOfParts(middle, end),
                batch.SumOfParts(begin, end));
    }
  }
  EXPECT_TRUE(batch.SumOfParts(2, 30).IsIdentity());
  EXPECT_FALSE(batch.SumOfParts(30, 31).IsIdentity());
  EXPECT_TRUE(batch.SumOfParts(7, 7).IsIdentity());
}

TEST_F(PartsTest, ExactlyTheBadOnesAreNamed) {
  const std::vector<Proof> good = MakeProofs(9);
  EXPECT_TRUE(FindFailing(MakeParts({})).empty());
  for (size_t count = 1; count <= good.size(); ++count) {
    for (size_t mask = 0; mask < size_t{1} << count; ++mask) {
      std::vector<Proof> proofs(good.begin(), good.begin() + static_cast<ptrdiff_t>(count));
      std::vector<size_t> bad;
      for (size_t i = 0; i < count; ++i) {
        if ((mask >> i & 1) == 0) continue;
        bad.push_back(i);
        proofs[i].a = proofs[i].a + Point::Base();
      }
      const EquationBatch batch = MakeParts(proofs);
      ASSERT_EQ(batch.Check(), bad.empty());
      ASSERT_EQ(FindFailing(batch), bad);
    }
  }
}

TEST_F(PartsTest, MistakesOfTwoPartsThatCancelAreFound) {
  std::vector<Proof> proofs = MakeProofs(4);
  proofs[0].z += PublicScalar::One();
  proofs[1].z = proofs[1].z - PublicScalar::One();
  EXPECT_EQ(FindFailing(MakeParts(proofs)), (std::vector<size_t>{0, 1}));
}

TEST(PartsDeathTest, AbortsOnWhatIsInNoPart) {
  RandomSourceForTest random;
  const RandomSource source = [&random](std::span<uint8_t> out) { random.Fill(out); };
  EquationBatch without(source);
  without.BeginEquation();
  EXPECT_DEATH(without.BeginPart(), "an equation before the first part");
  EquationBatch batch(source);
  batch.BeginPart();
  const EquationBatch::Base own = batch.AddBase(Point::Base());
  batch.BeginPart();
  batch.BeginEquation();
  EXPECT_DEATH(batch.Add(PublicScalar::One(), own), "a base of another part");
  EXPECT_DEATH(batch.SumOfParts(1, 3), "parts that are not there");
}

}  // namespace
}  // namespace urna::crypto::vartime
