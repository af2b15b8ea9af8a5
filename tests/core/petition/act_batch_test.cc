// Many acts at once: the verdicts of one after the other, in the same words.
#include "core/petition/act_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/support/verdicts.h"

namespace urna::petition {
namespace {

class ActBatchTest : public ::testing::Test {
 protected:
  std::vector<PetitionAct> Make(size_t count) {
    std::vector<PetitionAct> out;
    for (size_t i = 0; i < count; ++i) {
      out.push_back(MakeAct(context_, i % 3 == 2 ? Act::kWithdraw : Act::kSign, i + 1,
                            crypto::Credential::Generate(rng_), rng_));
    }
    return out;
  }
  // How many are not in order, having compared all of them.
  size_t CountBad(const std::vector<PetitionAct>& acts) {
    std::vector<const PetitionAct*> pointers;
    for (const PetitionAct& act : acts) pointers.push_back(&act);
    size_t bad = 0;
    for (unsigned threads : {1, 3}) {
      const auto verdicts = VerifyActProofs(context_, pointers, threads, rng_);
      EXPECT_EQ(verdicts.size(), acts.size());
      bad = 0;
      for (size_t i = 0; i < acts.size(); ++i) {
        EXPECT_EQ(testing::Words(verdicts[i]), testing::Words(VerifyActProof(context_, acts[i])))
            << i;
        bad += verdicts[i].empty() ? 0 : 1;
      }
    }
    return bad;
  }

  crypto::SystemRng rng_;
  ActContext context_{rng_.Array<32>(), rng_.Array<32>()};
};

TEST_F(ActBatchTest, NoneOneSomeAllBad) {
  for (size_t count : {0, 1, 20}) {
    std::vector<PetitionAct> acts = Make(count);
    EXPECT_EQ(CountBad(acts), 0u);
    for (PetitionAct& act : acts) ++act.sequence;
    EXPECT_EQ(CountBad(acts), count);
  }
  std::vector<PetitionAct> acts = Make(20);
  acts[6].act = Act::kWithdraw;
  EXPECT_EQ(CountBad(acts), 1u);
  std::swap(acts[0].credential, acts[19].credential);
  EXPECT_EQ(CountBad(acts), 3u);
}

TEST_F(ActBatchTest, EveryWayToBeWrongIsSaidInTheSameWords) {
  const std::vector<std::function<void(PetitionAct&)>> changes = {
      [](PetitionAct& a) { a.credential = {}; },
      [](PetitionAct& a) { a.credential.fill(0xff); },
      [](PetitionAct& a) { a.commitment.fill(0xff); },
      [](PetitionAct& a) { a.commitment = {}; },
      [](PetitionAct& a) { std::fill_n(a.responses.begin(), 32, 0xff); },
      [](PetitionAct& a) { std::fill_n(a.responses.begin() + 32, 32, 0xff); },
      [](PetitionAct& a) { a.sequence += 1; },
  };
  std::vector<PetitionAct> acts = Make(2 * changes.size());
  for (size_t i = 0; i < changes.size(); ++i) changes[i](acts[2 * i]);
  EXPECT_EQ(CountBad(acts), changes.size());
}

TEST_F(ActBatchTest, ErrorsThatWouldCancelAreFound) {
  std::vector<PetitionAct> acts = Make(2);
  testing::AddToScalar(acts[0].responses, 32, crypto::Scalar::One());
  testing::AddToScalar(acts[1].responses, 32, crypto::Scalar::One().Negate());
  EXPECT_EQ(CountBad(acts), 2u);
}

}  // namespace
}  // namespace urna::petition
