// A roll behind its first seal: what changes make of it, and every way to break them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/match.h"
#include "core/roll/roll.h"
#include "tests/support/poll_fixture.h"

namespace urna::roll {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Four members by turns of the districts 1 and 2, and two credentials of people who are not there.
class RollChangesTest : public ::testing::Test {
 protected:
  RollChangesTest() {
    roll_ = testing::MakeRoll({.districts = {1, 2}}, registrar_, log_, rng_);
    for (RollMember& newcomer : newcomers_) {
      newcomer = testing::MakeMember(id(), crypto::Credential::Generate(rng_), 2, rng_);
    }
    if (newcomers_[1].credential < newcomers_[0].credential) {
      std::swap(newcomers_[0], newcomers_[1]);
    }
  }

  const crypto::Hash32& id() const { return roll_.state->roll_id(); }
  const std::array<uint8_t, 32>& P(size_t member) const { return roll_.members[member].credential; }

  static RollChange Add(const RollMember& member) { return {ChangeKind::kAdd, member, {}}; }
  RollChange Remove(size_t member) const {
    return {ChangeKind::kRemove, {.credential = P(member)}, {}};
  }
  RollChange Move(size_t member, uint16_t district, uint32_t weight = 1) const {
    return {ChangeKind::kMove,
            {.credential = P(member), .district = district, .category = 1, .weight = weight},
            {}};
  }
  RollChange Rekey(const RollMember& member, const std::array<uint8_t, 32>& replaced) const {
    return {ChangeKind::kRekey, member, replaced};
  }
  SignedRollChange Sign(const RollChange& change, uint32_t epoch = 2) const {
    return testing::SignRollChange(registrar_, id(), epoch, change);
  }
  void Epoch(std::vector<RollChange> changes) {
    testing::ChangeRoll(roll_, registrar_, std::move(changes));
  }

  void ExpectS3(const RollState& state, const SignedRollChange& change, absl::string_view words) {
    const std::vector<Violation> violations = state.CheckChange(change);
    ASSERT_THAT(testing::Numbers(violations), ElementsAre("S3")) << words;
    EXPECT_TRUE(absl::StrContains(violations[0].status.message(), words)) << violations[0].status;
  }
  void ExpectS3(const SignedRollChange& change, absl::string_view words) {
    ExpectS3(*roll_.state, change, words);
  }
  // The roll with one change of its next epoch.
  RollState After(const SignedRollChange& change) const {
    RollState state = *roll_.state;
    EXPECT_THAT(testing::Numbers(state.CheckChange(change)), IsEmpty());
    state.ApplyChange(change);
    return state;
  }

  crypto::SeededRng rng_{3};
  testing::Signer registrar_ = testing::MakeSigner("registrar", rng_);
  testing::Signer log_ = testing::MakeSigner("board.example/roll", rng_);
  testing::TestRoll roll_;
  std::array<RollMember, 3> newcomers_;
};

TEST_F(RollChangesTest, MakeTheNextEpoch) {
  const RollState before = *roll_.state;
  Epoch({Add(newcomers_[0]), Remove(0), Move(1, 1, 3), Rekey(newcomers_[1], P(2))});
  const RollState& now = *roll_.state;
  EXPECT_TRUE(now.sealed());
  EXPECT_EQ(now.epoch(), 2u);
  EXPECT_EQ(now.members(), 4u);
  EXPECT_EQ(now.numbered(), 4u);
  EXPECT_EQ(now.pin().size, 11u);
  EXPECT_EQ(now.pin().root, testing::RootOf(roll_.Entries()));
  EXPECT_EQ(now.Find(P(0)), nullptr);
  EXPECT_EQ(now.Find(P(2)), nullptr);
  EXPECT_EQ(*now.Find(P(1)), (RollState::Entitlement{1, 1, 3}));
  EXPECT_EQ(*now.Find(newcomers_[0].credential), (RollState::Entitlement{2, 1, 1}));
  EXPECT_EQ(*now.Find(newcomers_[1].credential), (RollState::Entitlement{2, 1, 1}));
  EXPECT_EQ(now.CountMembers(), (Census{{{1, 3}, 1}, {{2, 1}, 3}}));
  for (uint64_t i = 1; i < now.numbered(); ++i) {
    EXPECT_LT(now.Numbered(i - 1).credential, now.Numbered(i).credential);
    EXPECT_EQ(now.NumberOf(now.Numbered(i).credential), i);
  }
  // Whoever has the epoch before still has it.
  EXPECT_EQ(before.epoch(), 1u);
  EXPECT_EQ(before.members(), 4u);
  EXPECT_EQ(before.Find(P(1))->district, 2);
  EXPECT_NE(before.Find(P(0)), nullptr);
  EXPECT_EQ(before.Find(newcomers_[0].credential), nullptr);
}

TEST_F(RollChangesTest, RemembersUntilWhenWhatWasReplacedStoodOnTheRoll) {
  Epoch({Rekey(newcomers_[0], P(0)), Move(1, 1), Remove(2)});
  Epoch({Rekey(newcomers_[1], newcomers_[0].credential)});
  EXPECT_EQ(roll_.state->ReplacedLastOn(newcomers_[0].credential), 1u);
  EXPECT_EQ(roll_.state->ReplacedLastOn(newcomers_[1].credential), 2u);
  EXPECT_EQ(roll_.state->ReplacedLastOn(P(1)), 0u);
  // Who was taken off in epoch 2 and comes back in epoch 4.
  Epoch({Rekey(newcomers_[2], P(2))});
  EXPECT_EQ(roll_.state->ReplacedLastOn(newcomers_[2].credential), 1u);
  EXPECT_THAT(roll_.state->LeftCategories(P(1)), IsEmpty());  // it moved within its category
}

TEST_F(RollChangesTest, RemembersCategoriesThatWereLeft) {
  RollHeader header = roll_.header.header;
  header.categories.push_back({2, testing::English("Abroad")});
  RollState state(testing::SignRollHeader(registrar_, header));
  state.ApplyMember(roll_.members[0]);
  state.ApplySeal({}, {});
  RollChange move = Move(0, 1);
  move.member.category = 2;
  state.ApplyChange(Sign(move));
  state.ApplySeal({}, {});
  ASSERT_THAT(state.LeftCategories(P(0)), SizeIs(1));
  EXPECT_EQ(state.LeftCategories(P(0))[0].epoch, 2u);
  EXPECT_EQ(state.LeftCategories(P(0))[0].category, 1);
}

TEST_F(RollChangesTest, AreSeenBeforeASealClosesThem) {
  const RollState state = After(Sign(Remove(3)));
  EXPECT_FALSE(state.sealed());
  EXPECT_EQ(state.epoch(), 1u);
  EXPECT_EQ(state.Find(P(3)), nullptr);
  EXPECT_EQ(state.members(), 3u);
  EXPECT_EQ(state.numbered(), 4u);
  const RollState all = state.Unsealed();
  EXPECT_FALSE(all.sealed());
  EXPECT_EQ(all.numbered(), 3u);
  EXPECT_EQ(all.NumberOf(P(3)), std::nullopt);
  EXPECT_EQ(all.CountMembers(), (Census{{{1, 1}, 2}, {{2, 1}, 1}}));
}

TEST_F(RollChangesTest, NeedASealBeforeThem) {
  RollState state(roll_.header);
  state.ApplyMember(roll_.members[0]);
  ExpectS3(state, Sign(Remove(0), 1), "before the first seal");
}

TEST_F(RollChangesTest, AreSignedByTheRegistrarForTheirEpoch) {
  const testing::Signer other = testing::MakeSigner("registrar", rng_);
  const absl::string_view words = "the signature of the registrar 'registrar' does not verify";
  ExpectS3(testing::SignRollChange(other, id(), 2, Remove(0)), words);
  ExpectS3(Sign(Remove(0), 3), words);
  ExpectS3(Sign(Remove(0), 1), words);
  crypto::Hash32 other_id = id();
  other_id[0] ^= 1;
  ExpectS3(testing::SignRollChange(registrar_, other_id, 2, Remove(0)), words);
  SignedRollChange spoilt = Sign(Remove(0));
  spoilt.signature[5] ^= 1;
  ExpectS3(spoilt, words);
}

TEST_F(RollChangesTest, StandInOrderAndNameNobodyTwice) {
  ExpectS3(After(Sign(Remove(2))), Sign(Remove(1)), "ascending");
  ExpectS3(After(Sign(Remove(2))), Sign(Move(2, 2)), "ascending");
  // Both ways to name a member that is replaced.
  RollMember low = newcomers_[0], high = newcomers_[0];
  low.credential = {1};
  high.credential.fill(0xff);
  ExpectS3(After(Sign(Rekey(low, P(2)))), Sign(Remove(2)), "another change of this epoch");
  ExpectS3(After(Sign(Remove(2))), Sign(Rekey(high, P(2))), "named by another change");
}

TEST_F(RollChangesTest, AddOnlyWhoWasNeverThere) {
  ExpectS3(Sign(Add(roll_.members[1])), "or was on it before");
  Epoch({Remove(1), Rekey(newcomers_[0], P(0))});
  ExpectS3(Sign(Add(roll_.members[1]), 3), "or was on it before");
  ExpectS3(Sign(Add(roll_.members[0]), 3), "or was on it before");
  ExpectS3(Sign(Rekey(roll_.members[0], P(2)), 3), "or was on it before");
}

TEST_F(RollChangesTest, RemoveAndMoveOnlyWhoIsThere) {
  Epoch({Remove(1)});
  ExpectS3(Sign(Remove(1), 3), "not on the roll");
  ExpectS3(Sign(Move(1, 1), 3), "not on the roll");
  ExpectS3(Sign(Move(0, 1), 3), "changes neither district nor category nor weight");
  ExpectS3(Sign(Move(0, 3), 3), "no district 3");
  ExpectS3(Sign(Move(0, 2, 0), 3), "weight 0");
}

TEST_F(RollChangesTest, ReplaceEachCredentialOnceAlsoOneThatWasTakenOff) {
  ExpectS3(Sign(Rekey(newcomers_[0], newcomers_[1].credential)), "was never on the roll");
  Epoch({Remove(1)});
  EXPECT_EQ(roll_.state->members(), 3u);
  Epoch({Rekey(newcomers_[0], P(1))});
  EXPECT_EQ(roll_.state->members(), 4u);
  ExpectS3(Sign(Rekey(newcomers_[1], P(1)), 4), "was replaced already");
}

TEST_F(RollChangesTest, ThatArePassedOverChangeNothing) {
  RollState state = *roll_.state;
  state.PassOver();
  EXPECT_FALSE(state.sealed());
  EXPECT_EQ(state.members(), 4u);
  EXPECT_EQ(state.pin().size, 7u);
}

TEST_F(RollChangesTest, AreWhatASealOfALaterEpochNeeds) {
  RollState state = After(Sign(Remove(0)));
  const crypto::Hash32 root = {5};
  const auto seal = [&](RollSeal said) { return testing::SignRollSeal(registrar_, id(), said); };
  EXPECT_THAT(testing::Numbers(state.CheckSeal(seal({2, 3, root}), root)), IsEmpty());
  for (const RollSeal& wrong : {RollSeal{1, 3, root}, RollSeal{3, 3, root}, RollSeal{2, 4, root}}) {
    EXPECT_THAT(testing::Numbers(state.CheckSeal(seal(wrong), root)), ElementsAre("S3"));
  }
  state.ApplySeal(seal({2, 3, root}), root);
  EXPECT_THAT(testing::Numbers(state.CheckSeal(seal({3, 3, root}), root)), ElementsAre("S3"));
}

TEST_F(RollChangesTest, WithPointsThatAreNoneAreL3) {
  RollChange change = Remove(0);
  EXPECT_THAT(testing::Numbers(CheckCanonical(change)), IsEmpty());
  change.member.credential.fill(0xff);
  EXPECT_THAT(testing::Numbers(CheckCanonical(change)), ElementsAre("L3"));
  change.member.credential = {};  // the identity
  EXPECT_THAT(testing::Numbers(CheckCanonical(change)), ElementsAre("L3"));
  change = Rekey(newcomers_[0], P(0));
  EXPECT_THAT(testing::Numbers(CheckCanonical(change)), IsEmpty());
  change.replaced = {};
  EXPECT_THAT(testing::Numbers(CheckCanonical(change)), ElementsAre("L3"));
}

TEST_F(RollChangesTest, OfARollThatIsWrongAreMadeAllTheSame) {
  RollState state(roll_.header);
  for (size_t i : {2, 0, 1}) state.ApplyMember(roll_.members[i]);  // two out of order
  state.ApplySeal({}, {});
  ASSERT_THAT(state.Strays(), SizeIs(2));
  state.ApplyChange(Sign(Remove(0)));
  state.ApplyChange(Sign(Move(1, 1)));
  state.ApplySeal({}, {});
  EXPECT_EQ(state.Find(P(0)), nullptr);
  EXPECT_EQ(state.Find(P(1))->district, 1);
  EXPECT_THAT(state.Strays(), IsEmpty());
  EXPECT_EQ(state.numbered(), 2u);
}

}  // namespace
}  // namespace urna::roll
