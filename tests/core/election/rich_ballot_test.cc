// Ballots with limits, blank, lists and wide sums: cast, and forged. docs/protocol.md §7.1.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/election/ballot_batch.h"
#include "core/election/sealed_ballot.h"
#include "tests/core/election/forged_ballot.h"
#include "tests/core/election/rich_contests.h"

namespace urna::election {
namespace {

using ::testing::ElementsAre;
using testing::ForgedBallot;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Numbers;

// An open election of one style with contests 1 (budget), 2 (a wide budget), 3 (lists with blank)
// and 4 (any 2 to 3 of 4, or blank).
class RichBallotTest : public ::testing::Test {
 protected:
  RichBallotTest() : rng_(5), credential_(crypto::Credential::Generate(rng_)) {
    Contest wide = testing::BudgetContest();
    wide.number = 2;
    wide.limits.pop_back();
    wide.limits[0].at_most = 900;
    Contest lists = testing::ListContest();
    lists.number = 3;
    Contest blank = testing::PlainContest(Rule::kKOfN, 4, 1, 2, 3);
    blank.number = 4;
    blank.blank = true;
    manifest_.contests = {testing::BudgetContest(), wide, lists, blank};
    manifest_.styles = {{1, {1, 2, 3, 4}}};
    manifest_.challenges = 1;
    voting_.poll_context = rng_.Array<32>();
    voting_.election_key = crypto::MulBase(crypto::SecretScalar::Random(rng_));
  }

  std::vector<Violation> Verify(const Ballot& ballot) {
    std::vector<Violation> one = VerifyBallotVarTime(manifest_, voting_, ballot);
    const Ballot* const pointer = &ballot;
    const auto batch = VerifyBallotsVarTime(manifest_, voting_, {&pointer, 1}, rng_);
    EXPECT_EQ(Numbers(one), Numbers(batch[0]));
    return one;
  }
  absl::StatusOr<Ballot> Make(const Selections& selections) {
    return MakeBallot(manifest_, voting_, 1, selections, 1, credential_, rng_);
  }
  ForgedBallot Plan() {
    ForgedBallot plan{.credential = &credential_};
    plan.style = 1;
    plan.values = {{1, 1, 0}, {1, 1, 0}, {1, 1, 0, 0, 1, 0, 0}, {1, 1, 0, 0, 0}};
    return plan;
  }
  std::vector<std::string> Forged(const ForgedBallot& plan) {
    return Numbers(Verify(testing::Forge(manifest_, voting_, plan, rng_)));
  }
  // Positions of a contest's linear proofs: behind those of its cells.
  size_t LinearProof(size_t contest, size_t number) {
    return ContestPlan(manifest_.contests[contest]).cells() + number;
  }
  SealedBallot Seal() {
    return SealedBallot::Seal(manifest_, voting_, 1, kSelections, 7, credential_, rng_).value();
  }

  static const Selections kSelections;
  crypto::SeededRng rng_;
  crypto::Credential credential_;
  Manifest manifest_;
  VotingContext voting_;
};
const Selections RichBallotTest::kSelections = {
    {0, 1, 1}, {1, 0, 1}, {0, 0, 2, 0, 0, 1, 0}, {0, 0, 0, 0, 1}};

TEST_F(RichBallotTest, WhatIsAllowedVerifies) {
  for (const Selections& selections :
       {kSelections, Selections{{0, 0, 0}, {0, 0, 0}, {0, 0, 0, 0, 0, 0, 1}, {1, 1, 1, 0, 0}},
        Selections{{1, 1, 0}, {1, 1, 0}, {1, 1, 0, 0, 1, 0, 0}, {0, 1, 0, 1, 0}}}) {
    const absl::StatusOr<Ballot> ballot = Make(selections);
    ASSERT_TRUE(ballot.ok()) << ballot.status();
    EXPECT_THAT(Verify(*ballot), IsEmpty());
  }
}

TEST_F(RichBallotTest, TellsVotersWhatIsWrong) {
  const auto says = [&](size_t contest, std::vector<uint32_t> answers) {
    Selections selections = kSelections;
    selections[contest] = std::move(answers);
    return std::string(CheckSelections(manifest_, 1, selections).message());
  };
  EXPECT_EQ(says(0, {1, 0, 1}),
            "'Projects': limit 'Money': the cost of what is chosen is 800, above 700");
  EXPECT_EQ(says(1, {1, 1, 1}),
            "'Projects': limit 'Money': the cost of what is chosen is 1000, above 900");
  EXPECT_EQ(says(2, {0, 0, 0, 0, 0, 0, 0}),
            "'Council': exactly one list, or blank, must be chosen, here are 0");
  EXPECT_EQ(says(2, {1, 0, 0, 0, 0, 1, 0}),
            "'Council': option 'option0' is of list 'Greens', which is not the one chosen");
  EXPECT_EQ(says(2, {2, 1, 0, 0, 1, 0, 0}),
            "'Council': candidates of the list get 0 to 2 votes together, not 3");
  EXPECT_EQ(says(3, {1, 1, 0, 0, 1}), "'Plain': a blank vote gives nothing to any option");
  EXPECT_EQ(says(3, {1, 0, 0, 0, 0}), "'Plain': at least 2 options must be chosen, here are 1");
  manifest_.contests[0].limits[1].at_least = 1;
  EXPECT_EQ(says(0, {0, 1, 0}),
            "'Projects': limit 'Parks': the number of what is chosen is 0, below 1");
}

TEST_F(RichBallotTest, TheForgersToolMakesGoodBallotsToo) {
  EXPECT_THAT(Forged(Plan()), IsEmpty());
}

TEST_F(RichBallotTest, RefusesABudgetOverspentAndClaimedToBeKept) {
  ForgedBallot plan = Plan();
  plan.values[0] = {1, 1, 1};  // costs 1000 of 700, and two parks
  plan.claims = {{{0, LinearProof(0, 0)}, 7}, {{0, LinearProof(0, 1)}, 1}};
  EXPECT_THAT(Forged(plan), ElementsAre("B9", "B9"));
}

TEST_F(RichBallotTest, RefusesAWideBudgetOverspentWhateverTheSlack) {
  ForgedBallot plan = Plan();
  // 10 of 9: slack 1 + 2 + 4 + 2. With no slack the sum is false; with slack −1 that bit is.
  plan.values[1] = {1, 1, 1, 0, 0, 0, 0};
  plan.claims = {{{1, LinearProof(1, 0)}, 9}};
  EXPECT_THAT(Forged(plan), ElementsAre("B9"));
  plan.values[1] = {1, 1, 1, -1, 0, 0, 0};
  plan.claims = {{{1, 3}, 0}};
  EXPECT_THAT(Forged(plan), ElementsAre("B4"));
  // A project 'un-chosen' to pay for others.
  plan.values[1] = {-1, 2, 2, 0, 0, 0, 0};
  plan.claims = {{{1, 0}, 0}, {{1, 1}, 1}, {{1, 2}, 1}, {{1, LinearProof(1, 0)}, 9}};
  EXPECT_THAT(Forged(plan), ElementsAre("B4", "B4", "B4", "B9"));
}

TEST_F(RichBallotTest, RefusesABlankVoteThatAlsoChooses) {
  ForgedBallot plan = Plan();
  plan.values[3] = {1, 0, 0, 0, 1};  // 1 + 3
  plan.claims = {{{3, LinearProof(3, 0)}, 3}};
  EXPECT_THAT(Forged(plan), ElementsAre("B5"));
  plan.values[3] = {1, 1, 1, 0, -1};  // a negative blank makes room below
  plan.claims = {{{3, 4}, 0}, {{3, LinearProof(3, 0)}, 2}};
  EXPECT_THAT(Forged(plan), ElementsAre("B4", "B5"));
}

TEST_F(RichBallotTest, RefusesTwoListsAndCandidatesOfAnother) {
  ForgedBallot plan = Plan();
  plan.values[2] = {1, 0, 1, 0, 1, 1, 0};  // both lists
  plan.claims = {{{2, LinearProof(2, 0)}, 1}};
  EXPECT_THAT(Forged(plan), ElementsAre("B5"));
  plan.values[2] = {1, 0, 1, 0, 1, 0, 0};  // a candidate of the list that was not chosen
  plan.claims = {{{2, LinearProof(2, 2)}, 0}};
  EXPECT_THAT(Forged(plan), ElementsAre("B5"));
  plan.values[2] = {2, 1, 0, 0, 1, 0, 0};  // three points where there are two
  plan.claims = {{{2, LinearProof(2, 1)}, 0}};
  EXPECT_THAT(Forged(plan), ElementsAre("B5"));
  plan.values[2] = {1, 0, 0, 0, 0, 0, 1};  // blank, and a candidate
  plan.claims = {{{2, LinearProof(2, 1)}, 0}};
  EXPECT_THAT(Forged(plan), ElementsAre("B5"));
}

TEST_F(RichBallotTest, AProofOfOneClaimIsNoneOfAnother) {
  for (const auto kind : {crypto::ChallengeKind::kCellRange, crypto::ChallengeKind::kLinearClaim}) {
    ForgedBallot plan = Plan();
    plan.challenge = [kind](const crypto::Hash64& h, uint16_t q, uint16_t j,
                            crypto::ChallengeKind which) {
      return crypto::Challenge(h, q, which == kind && q == 1 && j == 1 ? 0 : j, which);
    };
    EXPECT_THAT(Forged(plan), ElementsAre(kind == crypto::ChallengeKind::kCellRange ? "B4" : "B9"));
  }
}

TEST_F(RichBallotTest, LacksNoContestAndHasNoProofTooFew) {
  Ballot ballot = Make(kSelections).value();
  Bytes& responses = ballot.contests[1].responses;
  responses.resize(responses.size() - 32);
  EXPECT_THAT(Numbers(Verify(ballot)), ElementsAre("B1"));
}

// --- Challenge or cast.

TEST_F(RichBallotTest, ASealedBallotIsCastAsItWasSealed) {
  SealedBallot sealed = Seal();
  const crypto::Hash64 h = sealed.hash();
  const Ballot ballot = std::move(sealed).Cast();
  EXPECT_EQ(BallotTranscript(voting_.poll_context, ballot), h);
  EXPECT_THAT(Verify(ballot), IsEmpty());
}

TEST_F(RichBallotTest, AChallengedBallotOpensToItsVotes) {
  SealedBallot sealed = Seal();
  const crypto::Hash64 h = sealed.hash();
  const auto [challenge, opening] = std::move(sealed).Challenge(voting_, credential_, rng_);
  EXPECT_EQ(challenge.ballot_hash, h);
  EXPECT_EQ(challenge.sequence, 7u);
  EXPECT_THAT(VerifyBallotChallengeVarTime(voting_, challenge), IsEmpty());
  const auto opened = OpenedBallotHash(manifest_, voting_, opening);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(*opened, h);
  for (size_t q = 0; q < kSelections.size(); ++q) {
    for (size_t cell = 0; cell < kSelections[q].size(); ++cell) {
      EXPECT_EQ(opening.contests[q].cells[cell * ContestOpening::kCellSize + 1],
                kSelections[q][cell]);
    }
  }
}

TEST_F(RichBallotTest, AnOpeningOfAnythingElseHasAnotherHash) {
  SealedBallot sealed = Seal();
  const crypto::Hash64 h = sealed.hash();
  const auto [challenge, honest] = std::move(sealed).Challenge(voting_, credential_, rng_);
  const auto opens = [&](auto&& change) {
    BallotOpening opening = honest;
    change(opening);
    const auto opened = OpenedBallotHash(manifest_, voting_, opening);
    return opened.ok() && *opened == h;
  };
  EXPECT_TRUE(opens([](BallotOpening&) {}));
  EXPECT_FALSE(opens([](BallotOpening& o) { o.contests[0].cells[1] ^= 1; }));
  EXPECT_FALSE(opens([](BallotOpening& o) { o.contests[0].cells[2] ^= 1; }));
  EXPECT_FALSE(opens([](BallotOpening& o) { o.contests[3].commitments[0] ^= 1; }));
  EXPECT_FALSE(opens([](BallotOpening& o) { o.commitment[0] ^= 1; }));
  EXPECT_FALSE(opens([](BallotOpening& o) { ++o.sequence; }));
  EXPECT_FALSE(opens([](BallotOpening& o) { o.credential[0] ^= 1; }));
  EXPECT_FALSE(opens([](BallotOpening& o) { o.contests.pop_back(); }));
  EXPECT_FALSE(opens([](BallotOpening& o) { o.contests[0].cells.resize(34); }));
  EXPECT_FALSE(opens(
      [](BallotOpening& o) { std::fill_n(o.contests[0].cells.begin() + 2, 32, uint8_t{0}); }));
  // Where it is in the log is not in the hash.
  EXPECT_TRUE(opens([](BallotOpening& o) { o.challenge = 9; }));
}

TEST_F(RichBallotTest, AChallengeIsProvedByItsCredentialForItsHash) {
  const auto honest = Seal().Challenge(voting_, credential_, rng_).challenge;
  BallotChallenge other = honest;
  other.ballot_hash[5] ^= 1;
  EXPECT_THAT(Numbers(VerifyBallotChallengeVarTime(voting_, other)), ElementsAre("B6"));
  other = honest;
  ++other.sequence;
  EXPECT_THAT(Numbers(VerifyBallotChallengeVarTime(voting_, other)), ElementsAre("B6"));
  VotingContext moved = voting_;
  moved.poll_context[0] ^= 1;
  EXPECT_THAT(Numbers(VerifyBallotChallengeVarTime(moved, honest)), ElementsAre("B6"));
  other = honest;
  other.commitment.fill(0xff);
  EXPECT_THAT(Numbers(VerifyBallotChallengeVarTime(voting_, other)), ElementsAre("L3"));
}

// The nonces that would give the credential or the votes away if they answered twice.
TEST_F(RichBallotTest, AChallengeTellsNothingOfTheProofs) {
  const SealedBallot sealed = Seal();
  const SealedBallot::Stored stored = sealed.ExposeForStorage();
  SealedBallot again = SealedBallot::FromStorage(manifest_, voting_, stored, credential_).value();
  const auto [challenge, opening] = std::move(again).Challenge(voting_, credential_, rng_);
  const Bytes logged = record::EncodeEntry(challenge).value();
  const Bytes opened = record::EncodeEntry(opening).value();
  const auto shown = [&](ByteSpan secret) {
    for (const Bytes* bytes : {&logged, &opened}) {
      if (std::search(bytes->begin(), bytes->end(), secret.begin(), secret.end()) != bytes->end()) {
        return true;
      }
    }
    return false;
  };
  const ByteSpan secrets = stored.secrets.ExposeSpan();
  EXPECT_FALSE(shown(secrets.subspan(0, 32)));   // a
  EXPECT_FALSE(shown(secrets.subspan(32, 32)));  // b
  size_t at = 64, hidden = 0;
  for (const Contest& contest : manifest_.contests) {
    const ContestPlan plan(contest);
    for (size_t cell = 0; cell < plan.cells(); ++cell, at += 34) {
      EXPECT_TRUE(shown(secrets.subspan(at, 34)));  // value and r are what an opening is
    }
    for (const PlannedProof& proof : plan.proofs()) {
      const size_t branches = proof.claim->branches();
      for (size_t i = 0; i < 2 * branches; ++i, ++hidden) {
        EXPECT_FALSE(shown(secrets.subspan(at + 32 + branches + 32 * i, 32)));
      }
      at += crypto::DisjunctiveProver::StorageBytes(branches);
    }
  }
  EXPECT_EQ(at, secrets.size());
  EXPECT_GT(hidden, 50u);
}

TEST_F(RichBallotTest, ASealedBallotSurvivesStorage) {
  SealedBallot sealed = Seal();
  const SealedBallot::Stored stored = sealed.ExposeForStorage();
  auto again = SealedBallot::FromStorage(manifest_, voting_, stored, credential_);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->hash(), sealed.hash());
  const Ballot ballot = std::move(*again).Cast();
  EXPECT_THAT(Verify(ballot), IsEmpty());
  // The same answers, so a cast that was interrupted can be repeated byte for byte.
  EXPECT_EQ(record::EncodeEntry(ballot).value(),
            record::EncodeEntry(std::move(sealed).Cast()).value());
}

TEST_F(RichBallotTest, WhatWasStoredMustFitTogether) {
  const SealedBallot sealed = Seal();
  const auto refuses = [&](auto&& change, const crypto::Credential& credential) {
    SealedBallot::Stored stored = sealed.ExposeForStorage();
    change(stored);
    const auto status = SealedBallot::FromStorage(manifest_, voting_, stored, credential).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  const auto nothing = [](SealedBallot::Stored&) {};
  EXPECT_THAT(refuses(nothing, crypto::Credential::Generate(rng_)),
              HasSubstr("sealed with another credential"));
  EXPECT_THAT(refuses([](auto& s) { s.secrets = crypto::SecretBytes(64); }, credential_),
              HasSubstr("another length"));
  EXPECT_THAT(refuses([](auto& s) { s.secrets.data()[0] ^= 1; }, credential_),
              HasSubstr("nonces are not those"));
  EXPECT_THAT(refuses([](auto& s) { s.statement.style = 2; }, credential_), HasSubstr("style"));
  EXPECT_THAT(refuses([](auto& s) { s.statement.contests[0].commitments.pop_back(); }, credential_),
              HasSubstr("commitments are not those"));
}

}  // namespace
}  // namespace urna::election
