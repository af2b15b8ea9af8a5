// Making and verifying ballots, docs/protocol.md §7.
#include "core/election/ballot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/election/ballot_proofs.h"
#include "tests/core/election/forged_ballot.h"
#include "tests/support/election_fixture.h"

namespace urna::election {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using testing::ElectionFixture;
using testing::ElectionOptions;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::Numbers;
using testing::StatusOf;
using ::testing::UnorderedElementsAre;

const Selections kNorth = {{1, 0}, {1, 0, 1}, {2, 0}};  // of style 1
const Selections kSouth = {{0, 1}};                     // of style 2

class BallotTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    election_ = new ElectionFixture();
    election_->RunCeremony();
    election_->Open();
    north_ = new Ballot(election_->Ballot(0, kNorth));
    south_ = new Ballot(election_->Ballot(1, kSouth));
  }
  static void TearDownTestSuite() {
    delete south_;
    delete north_;
    delete election_;
  }

  static std::vector<Violation> Verify(const Ballot& ballot) {
    return VerifyBallotVarTime(election_->manifest(), *election_->state().voting(), ballot);
  }
  static absl::Status CheckStyle1(const Selections& selections) {
    return CheckSelections(election_->manifest(), 1, selections);
  }

  static ElectionFixture* election_;
  static Ballot* north_;
  static Ballot* south_;
};
ElectionFixture* BallotTest::election_ = nullptr;
Ballot* BallotTest::north_ = nullptr;
Ballot* BallotTest::south_ = nullptr;

// --- Selections.

TEST_F(BallotTest, TakesWhatTheRulesAllow) {
  for (const Selections& selections :
       {Selections{{0, 0}, {0, 1, 0}, {0, 0}}, Selections{{0, 1}, {1, 1, 0}, {2, 2}},
        Selections{{1, 0}, {0, 0, 1}, {1, 2}}}) {
    EXPECT_EQ(CheckStyle1(selections), absl::OkStatus());
  }
}

TEST_F(BallotTest, TellsVotersWhatIsWrong) {
  const auto says = [](const absl::Status& status) {
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  EXPECT_EQ(says(CheckStyle1({{1, 1}, {1, 0, 0}, {0, 0}})),
            "'Mayor': at most 1 options may be chosen, here are 2");
  EXPECT_EQ(says(CheckStyle1({{1, 0}, {0, 0, 0}, {0, 0}})),
            "'Council': at least 1 options must be chosen, here are 0");
  EXPECT_EQ(says(CheckStyle1({{1, 0}, {1, 1, 1}, {0, 0}})),
            "'Council': at most 2 options may be chosen, here are 3");
  EXPECT_EQ(says(CheckStyle1({{2, 0}, {1, 0, 0}, {0, 0}})),
            "'Mayor': option 'anna' can be chosen once, not 2 times");
  EXPECT_EQ(says(CheckStyle1({{1, 0}, {1, 0, 0}, {0, 3}})),
            "'Budget': option 'park' can have at most 2 points, not 3");
  EXPECT_EQ(says(CheckStyle1({{1, 0, 0}, {1, 0, 0}, {0, 0}})),
            "'Mayor': 3 answers where there are 2");
  EXPECT_EQ(says(CheckStyle1({{1, 0}})), "answers to 1 contests where the ballot has 3");
  EXPECT_EQ(says(CheckSelections(election_->manifest(), 9, kSouth)),
            "there is no ballot style 9 in this election");
}

TEST_F(BallotTest, IsNotMadeOfWrongSelectionsOrWithoutSequence) {
  const crypto::Credential& credential = election_->roll().credentials[0];
  const auto make = [&](const Selections& selections, uint64_t sequence) {
    return MakeBallot(election_->manifest(), *election_->state().voting(), 1, selections, sequence,
                      credential, election_->rng())
        .status()
        .code();
  };
  EXPECT_EQ(make({{1, 1}, {1, 0, 0}, {0, 0}}, 1), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(make(kNorth, 0), absl::StatusCode::kInvalidArgument);
}

// --- Whole ballots.

TEST_F(BallotTest, VerifiesForEveryRule) {
  EXPECT_THAT(Verify(*north_), IsEmpty());
  EXPECT_THAT(Verify(*south_), IsEmpty());
  EXPECT_THAT(Verify(election_->Ballot(0, {{0, 0}, {0, 1, 0}, {0, 0}})), IsEmpty());
  EXPECT_THAT(Verify(election_->Ballot(0, {{0, 1}, {1, 1, 0}, {2, 2}})), IsEmpty());
}

TEST_F(BallotTest, HasTheSizeThatTheManifestPromises) {
  for (const Ballot* ballot : {north_, south_}) {
    EXPECT_EQ(record::EncodeEntry(*ballot).value().size(),
              BallotSize(election_->manifest(), *election_->manifest().FindStyle(ballot->style)));
  }
}

TEST_F(BallotTest, NoTwoAreAlike) {
  const Ballot again = election_->Ballot(1, kSouth);
  EXPECT_NE(again.contests[0].ciphertexts, south_->contests[0].ciphertexts);
  EXPECT_NE(again.contests[0].commitments, south_->contests[0].commitments);
  EXPECT_NE(again.commitment, south_->commitment);
}

// Two answers of one nonce would give the vote away: so randomness that comes twice, as on a device
// that was put back to an earlier state, must not make them.
TEST_F(BallotTest, RandomnessThatComesTwiceMakesNoNonceTwice) {
  const auto make = [](const Selections& selections, uint64_t sequence) {
    crypto::SeededRng same(77);
    return MakeBallot(election_->manifest(), *election_->state().voting(), 1, selections, sequence,
                      election_->roll().credentials[0], same)
        .value();
  };
  const Ballot first = make(kNorth, 5);
  EXPECT_EQ(record::EncodeEntry(make(kNorth, 5)).value(), record::EncodeEntry(first).value());
  // Contest 1 says the same in all three.
  for (const Ballot& other : {make(kNorth, 6), make({kNorth[0], kNorth[1], {2, 1}}, 5)}) {
    EXPECT_EQ(other.contests[0].ciphertexts, first.contests[0].ciphertexts);
    const auto ours = crypto::DecodePoints(first.contests[0].commitments).value();
    const auto theirs = crypto::DecodePoints(other.contests[0].commitments).value();
    for (const crypto::RistrettoPoint& point : ours) EXPECT_THAT(theirs, Not(Contains(point)));
    EXPECT_NE(other.commitment, first.commitment);
    EXPECT_THAT(Verify(other), IsEmpty());
  }
}

TEST_F(BallotTest, EveryByteCounts) {
  const Bytes bytes = record::EncodeEntry(*south_).value();
  // Byte 0 and 1 are type and version, and lengths are the codec's.
  for (size_t at = 2; at < bytes.size(); at += 7) {
    Bytes spoilt = bytes;
    spoilt[at] ^= 1;
    const auto entry = record::DecodeEntry(spoilt);
    if (!entry.ok()) continue;
    EXPECT_THAT(Verify(std::get<Ballot>(*entry)), Not(IsEmpty())) << "byte " << at;
  }
}

TEST_F(BallotTest, IsBoundToItsPollSequenceStyleAndCredential) {
  VotingContext other = *election_->state().voting();
  other.poll_context[0] ^= 1;
  const auto moved = VerifyBallotVarTime(election_->manifest(), other, *south_);
  EXPECT_THAT(Numbers(moved), ElementsAre("B4", "B4", "B5", "B6"));

  Ballot later = *south_;
  later.sequence += 1;
  EXPECT_THAT(Numbers(Verify(later)), ElementsAre("B4", "B4", "B5", "B6"));

  Ballot stolen = *south_;
  stolen.credential = north_->credential;
  EXPECT_THAT(Numbers(Verify(stolen)), ElementsAre("B4", "B4", "B5", "B6"));
  EXPECT_EQ(StatusOf(Verify(stolen), Check::kB6).code(), absl::StatusCode::kPermissionDenied);
}

// --- B1: shape.

TEST_F(BallotTest, HasExactlyTheContestsOfItsStyle) {
  Ballot missing = *north_;
  missing.contests.pop_back();
  EXPECT_THAT(Numbers(Verify(missing)), Contains("B1"));
  EXPECT_EQ(StatusOf(Verify(missing), Check::kB1).message(), "contest 3 of style 1 is missing");

  Ballot extra = *south_;
  extra.contests.push_back(north_->contests[1]);
  EXPECT_EQ(StatusOf(Verify(extra), Check::kB1).message(),
            "contest 2 stands where no further contest of style 2 belongs");

  Ballot swapped = *north_;
  std::swap(swapped.contests[0], swapped.contests[1]);
  EXPECT_EQ(StatusOf(Verify(swapped), Check::kB1).message(),
            "contest 2 stands where contest 1 of style 1 belongs");

  Ballot twice = *north_;
  twice.contests[1] = twice.contests[0];
  EXPECT_THAT(Numbers(Verify(twice)), Contains("B1"));

  Ballot unknown = *south_;
  unknown.style = 7;
  EXPECT_EQ(StatusOf(Verify(unknown), Check::kB1).message(), "there is no style 7");
}

TEST_F(BallotTest, HasExactlyTheOptionsAndProofsOfItsContests) {
  const auto spoilt = [&](auto&& spoil) {
    Ballot ballot = *north_;
    spoil(ballot.contests[1]);
    return std::string(StatusOf(Verify(ballot), Check::kB1).message());
  };
  const auto cut = [](Bytes& bytes, size_t n) { bytes.resize(bytes.size() - n); };
  EXPECT_EQ(spoilt([&](ContestBallot& c) { cut(c.ciphertexts, 64); }),
            "contest 2: ciphertexts of 128 bytes where 192 belong");
  // Without its sum proof: 2 branches.
  EXPECT_EQ(spoilt([&](ContestBallot& c) {
              cut(c.commitments, 128);
              cut(c.challenges, 32);
              cut(c.responses, 64);
            }),
            "contest 2: commitments of 384 bytes where 512 belong");
  EXPECT_EQ(spoilt([&](ContestBallot& c) { c.challenges.resize(c.challenges.size() + 32); }),
            "contest 2: challenges of 160 bytes where 128 belong");
  EXPECT_EQ(spoilt([&](ContestBallot& c) { cut(c.responses, 1); }),
            "contest 2: responses of 255 bytes where 256 belong");
  // A sum proof where none belongs.
  Ballot more = *north_;
  more.contests[2].challenges.resize(more.contests[2].challenges.size() + 32);
  EXPECT_THAT(Numbers(Verify(more)), Contains("B1"));
}

// --- L3: points and scalars.

TEST_F(BallotTest, HasCanonicalPointsAndScalarsOnly) {
  const auto spoil = [](Ballot ballot, auto&& where) {
    std::span<uint8_t> bytes = where(ballot);
    std::fill(bytes.begin(), bytes.begin() + 32, 0xff);
    return Verify(ballot);
  };
  for (const auto& violations :
       {spoil(*south_, [](Ballot& b) { return std::span<uint8_t>(b.contests[0].ciphertexts); }),
        spoil(*south_, [](Ballot& b) { return std::span<uint8_t>(b.contests[0].commitments); }),
        spoil(*south_, [](Ballot& b) { return std::span<uint8_t>(b.contests[0].challenges); }),
        spoil(*south_, [](Ballot& b) { return std::span<uint8_t>(b.contests[0].responses); }),
        spoil(*south_, [](Ballot& b) { return std::span<uint8_t>(b.credential); }),
        spoil(*south_, [](Ballot& b) { return std::span<uint8_t>(b.commitment); }),
        spoil(*south_, [](Ballot& b) { return std::span<uint8_t>(b.responses); })}) {
    EXPECT_THAT(Numbers(violations), Contains("L3"));
  }
  EXPECT_THAT(
      std::string(StatusOf(spoil(*south_,
                                 [](Ballot& b) {
                                   return std::span<uint8_t>(b.contests[0].ciphertexts).subspan(64);
                                 }),
                           Check::kL3)
                      .message()),
      HasSubstr("contest 1, option 2 'bo': ciphertext"));
}

TEST_F(BallotTest, RefusesTheIdentityAsFirstHalfAndAsCredentialOnly) {
  Ballot alpha = *south_;
  std::fill_n(alpha.contests[0].ciphertexts.begin(), 32, uint8_t{0});
  EXPECT_THAT(Numbers(Verify(alpha)), Contains("L3"));
  Ballot beta = *south_;
  std::fill_n(beta.contests[0].ciphertexts.begin() + 32, 32, uint8_t{0});
  EXPECT_THAT(Numbers(Verify(beta)), AllOf(Not(Contains("L3")), Contains("B4")));
  Ballot credential = *south_;
  credential.credential.fill(0);
  EXPECT_THAT(Numbers(Verify(credential)), Contains("L3"));
}

// --- B4, B5: proofs bound to their places.

TEST_F(BallotTest, RefusesSwappedChallenges) {
  Ballot ballot = *north_;  // contest 2: three options and a sum, one challenge each
  Bytes& challenges = ballot.contests[1].challenges;
  std::swap_ranges(challenges.begin(), challenges.begin() + 32, challenges.begin() + 32);
  EXPECT_THAT(Numbers(Verify(ballot)), ElementsAre("B4", "B4"));
  EXPECT_THAT(std::string(Verify(ballot)[1].status.message()),
              HasSubstr("contest 2, option 2 'dan': range proof does not verify"));
}

TEST_F(BallotTest, RefusesASumProofWithAnotherChallenge) {
  Ballot ballot = *north_;
  Bytes& challenges = ballot.contests[1].challenges;
  challenges[challenges.size() - 32] ^= 1;
  EXPECT_THAT(Numbers(Verify(ballot)), ElementsAre("B5"));
  EXPECT_THAT(std::string(Verify(ballot)[0].status.message()),
              HasSubstr("contest 2, sum: range proof does not verify"));
}

TEST_F(BallotTest, ReportsEveryBrokenProof) {
  Ballot ballot = *north_;
  ballot.contests[0].responses[0] ^= 1;
  ballot.contests[1].responses[ballot.contests[1].responses.size() - 32] ^= 1;
  ballot.contests[2].responses[32] ^= 1;
  ballot.responses[0] ^= 1;
  EXPECT_THAT(Numbers(Verify(ballot)), ElementsAre("B4", "B5", "B4", "B6"));
}

TEST_F(BallotTest, RefusesOptionsThatChangedPlaces) {
  Ballot ballot = *south_;
  ContestBallot& contest = ballot.contests[0];
  const auto swap = [](Bytes& bytes, ptrdiff_t n) {
    std::swap_ranges(bytes.begin(), bytes.begin() + n, bytes.begin() + n);
  };
  swap(contest.ciphertexts, 64);
  swap(contest.commitments, 128);
  swap(contest.challenges, 32);
  swap(contest.responses, 64);
  EXPECT_THAT(Numbers(Verify(ballot)), ElementsAre("B4", "B4", "B5", "B6"));
}

TEST_F(BallotTest, RefusesAnOptionOfAnotherBallot) {
  Ballot ballot = election_->Ballot(1, {{1, 0}});
  ContestBallot& to = ballot.contests[0];
  const ContestBallot& from = south_->contests[0];
  std::copy_n(from.ciphertexts.begin(), 64, to.ciphertexts.begin());
  std::copy_n(from.commitments.begin(), 128, to.commitments.begin());
  std::copy_n(from.challenges.begin(), 32, to.challenges.begin());
  std::copy_n(from.responses.begin(), 64, to.responses.begin());
  EXPECT_THAT(Numbers(Verify(ballot)), ElementsAre("B4", "B4", "B5", "B6"));
}

// The forger knows its randomness and chooses the challenges' places: everything but one thing is
// right, so that exactly the check about that thing must find it.

TEST_F(BallotTest, TheForgersToolMakesGoodBallotsToo) {
  testing::ForgedBallot plan{.credential = &election_->roll().credentials[1]};
  plan.values = {{0, 1}};
  EXPECT_THAT(Verify(testing::Forge(*election_, plan)), IsEmpty());
}

TEST_F(BallotTest, RefusesAnOverVoteWithACompensatingNegative) {
  testing::ForgedBallot plan{.credential = &election_->roll().credentials[1]};
  plan.values = {{2, -1}};
  plan.claims = {{{0, 0}, 1}, {{0, 1}, 0}};  // the sum's proof is true
  EXPECT_THAT(Numbers(Verify(testing::Forge(*election_, plan))), ElementsAre("B4", "B4"));
}

TEST_F(BallotTest, RefusesTwoMarksWhereOneIsAllowed) {
  testing::ForgedBallot plan{.credential = &election_->roll().credentials[1]};
  plan.values = {{1, 1}};
  plan.claims = {{{0, 2}, 1}};
  EXPECT_THAT(Numbers(Verify(testing::Forge(*election_, plan))), ElementsAre("B5"));
}

TEST_F(BallotTest, RefusesAProofForAnotherOptionContestOrKind) {
  using crypto::Challenge;
  using crypto::ChallengeKind;
  const auto forge = [&](auto&& challenge_of) {
    testing::ForgedBallot plan{.credential = &election_->roll().credentials[1]};
    plan.values = {{0, 1}};
    plan.challenge = challenge_of;
    return Numbers(Verify(testing::Forge(*election_, plan)));
  };
  EXPECT_THAT(forge([](const crypto::Hash64& h, uint16_t q, uint16_t o, ChallengeKind kind) {
                if (kind == ChallengeKind::kCellRange && o == 1) o = 0;
                return Challenge(h, q, o, kind);
              }),
              ElementsAre("B4"));
  EXPECT_THAT(forge([](const crypto::Hash64& h, uint16_t q, uint16_t o, ChallengeKind kind) {
                return Challenge(h, kind == ChallengeKind::kCellRange ? q + 1 : q, o, kind);
              }),
              ElementsAre("B4", "B4"));
  EXPECT_THAT(forge([](const crypto::Hash64& h, uint16_t q, uint16_t o, ChallengeKind kind) {
                if (kind == ChallengeKind::kLinearClaim) kind = ChallengeKind::kCellRange;
                return Challenge(h, q, o, kind);
              }),
              ElementsAre("B5"));
  EXPECT_THAT(forge([](const crypto::Hash64& h, uint16_t q, uint16_t o, ChallengeKind kind) {
                if (kind == ChallengeKind::kCredential) kind = ChallengeKind::kEnrolment;
                return Challenge(h, q, o, kind);
              }),
              ElementsAre("B6"));
}

TEST_F(BallotTest, IsTakenApartIntoOneStatementForEveryProof) {
  const BallotProofs proofs =
      TakeApart(election_->manifest(), *election_->state().voting(), *north_);
  EXPECT_THAT(proofs.violations, IsEmpty());
  std::vector<std::string> places;
  for (const RangeStatement& statement : proofs.ranges) places.push_back(statement.where);
  EXPECT_THAT(places, ElementsAre("contest 1, option 1 'anna'", "contest 1, option 2 'bo'",
                                  "contest 1, sum", "contest 2, option 1 'cleo'",
                                  "contest 2, option 2 'dan'", "contest 2, option 3 'eva'",
                                  "contest 2, sum", "contest 3, option 1 'library'",
                                  "contest 3, option 2 'park'"));
  EXPECT_TRUE(proofs.credential.has_value());
}

}  // namespace
}  // namespace urna::election
