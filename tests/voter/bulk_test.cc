#include "voter/bulk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/record/entry.h"
#include "tests/voter/fake_board.h"

namespace urna::voter {
namespace {

using ::testing::HasSubstr;

constexpr char kOrigin[] = "board.example/poll";

class BulkTest : public ::testing::Test {
 protected:
  BulkTest()
      : verifier_(merkle::NoteVerifier::Create(kOrigin, petition_.people.poll_log.key.public_key())
                      .value()) {
    options_.in_flight = 3;
    options_.patience_seconds = 10;
  }

  absl::StatusOr<Bytes> Sign(uint64_t item, uint64_t sequence) {
    return record::EncodeEntry(petition::MakeAct(*petition_.state->context(), petition::Act::kSign,
                                                 sequence, petition_.roll.credentials.at(item),
                                                 rng_));
  }
  BulkResult Run(const MakeEntry& make, uint64_t count = 5) {
    return SubmitAll(
        petition_.board, Submission::kAct, count, make, verifier_,
        [this](uint64_t item, const remote::Receipt&) {
          items_.insert(item);
          return absl::OkStatus();
        },
        [this](uint64_t accepted, uint64_t failed) {
          progress_ = {accepted, failed};
        },
        options_);
  }
  MakeEntry Signing() {
    return [this](uint64_t item) { return Sign(item, 1); };
  }

  crypto::SystemRng rng_;
  PetitionOnBoard petition_;
  ReceiptVerifier verifier_;
  BulkOptions options_;
  std::multiset<uint64_t> items_;
  std::pair<uint64_t, uint64_t> progress_;
};

TEST_F(BulkTest, SendsAllAndVerifiesEveryReceipt) {
  const BulkResult result = Run(Signing());
  EXPECT_TRUE(result.ended.ok()) << result.ended;
  EXPECT_EQ(result.accepted, 5u);
  EXPECT_TRUE(result.failures.empty());
  EXPECT_EQ(result.unanswered, 0u);
  EXPECT_EQ(petition_.state->count(), 5u);
  EXPECT_THAT(items_, ::testing::ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(progress_, (std::pair<uint64_t, uint64_t>(5, 0)));
  EXPECT_EQ(verifier_.checkpoints(), 5u);
}

TEST_F(BulkTest, SendsTheSameBytesAgainToABusyOrAbsentBoard) {
  petition_.board.answers = {absl::ResourceExhaustedError("busy"), absl::OkStatus(),
                             absl::UnavailableError("away"), absl::OkStatus(),
                             absl::DeadlineExceededError("slow")};
  petition_.board.lose_answers = 1;
  const BulkResult result = Run(Signing());
  EXPECT_TRUE(result.ended.ok()) << result.ended;
  EXPECT_EQ(result.accepted, 5u);
  EXPECT_EQ(petition_.state->count(), 5u);
  const std::set<Bytes> distinct(petition_.board.submitted.begin(),
                                 petition_.board.submitted.end());
  EXPECT_EQ(distinct.size(), 5u) << "nothing was made anew";
  EXPECT_EQ(petition_.board.submitted.size(), 9u);
}

TEST_F(BulkTest, ReportsWhatCannotBeMadeAndGoesOn) {
  const BulkResult result = Run([this](uint64_t item) -> absl::StatusOr<Bytes> {
    if (item == 2) return absl::InvalidArgumentError("voter 'v3' at line 14: no");
    return Sign(item, 1);
  });
  EXPECT_TRUE(result.ended.ok());
  EXPECT_EQ(result.accepted, 4u);
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_EQ(result.failures[0].item, 2u);
  EXPECT_EQ(result.failures[0].status.message(), "voter 'v3' at line 14: no");
}

TEST_F(BulkTest, ReportsRefusalsAndEndsAfterManyOfThem) {
  ASSERT_EQ(Run(Signing()).accepted, 5u);
  BulkResult result = Run(Signing());  // they have all signed already
  EXPECT_EQ(result.accepted, 0u);
  EXPECT_EQ(result.failures.size(), 5u);
  EXPECT_THAT(result.failures[0].status.message(), HasSubstr("the board refused the act"));

  options_.most_refusals = 2;
  options_.in_flight = 1;
  result = Run(Signing());
  EXPECT_EQ(result.failures.size(), 2u);
  EXPECT_EQ(result.unanswered, 3u);
  EXPECT_THAT(result.ended.message(), HasSubstr("ended after 2 refusals"));
}

TEST_F(BulkTest, GivesUpABoardThatIsGone) {
  options_.patience_seconds = 0.2;
  options_.in_flight = 2;
  petition_.board.answers.assign(100, absl::UnavailableError("the board is gone"));
  petition_.board.answers.push_front(absl::OkStatus());
  const BulkResult result = Run(Signing());
  EXPECT_TRUE(absl::IsUnavailable(result.ended)) << result.ended;
  EXPECT_EQ(result.accepted, 1u);
  EXPECT_EQ(result.unanswered, 4u);
  EXPECT_EQ(items_.size(), 1u);
}

TEST_F(BulkTest, AFalseReceiptIsAFailure) {
  petition_.board.spoil = [](remote::Receipt& receipt) { receipt.leaf_hash[3] ^= 1; };
  const BulkResult result = Run(Signing());
  EXPECT_EQ(result.accepted, 0u);
  ASSERT_EQ(result.failures.size(), 5u);
  EXPECT_THAT(result.failures[0].status.message(), HasSubstr("receipt does not verify"));
}

TEST_F(BulkTest, EndsWhenReceiptsCannotBeKept) {
  options_.in_flight = 1;
  const BulkResult result = SubmitAll(
      petition_.board, Submission::kAct, 5, Signing(), verifier_,
      [](uint64_t, const remote::Receipt&) { return absl::UnknownError("disk full"); },
      [](uint64_t, uint64_t) {}, options_);
  EXPECT_EQ(result.ended.message(), "disk full");
  EXPECT_EQ(result.accepted, 1u);
}

TEST_F(BulkTest, TwoHistoriesInTheReceiptsAreSeen) {
  const Bytes first = Sign(0, 1).value(), second = Sign(1, 1).value();
  ASSERT_TRUE(petition_.board.Submit(kOrigin, Submission::kAct, first).ok());
  const auto one = petition_.board.FindReceipt(kOrigin, merkle::LeafHash(first)).value();
  std::vector<Bytes> entries = petition_.board.entries(kOrigin);
  entries.back() = second;
  petition_.board.Replace(kOrigin, entries);
  const auto two = petition_.board.FindReceipt(kOrigin, merkle::LeafHash(second)).value();
  EXPECT_TRUE(verifier_.Verify(one, merkle::LeafHash(first)).ok());
  EXPECT_TRUE(absl::IsDataLoss(verifier_.Verify(two, merkle::LeafHash(second)).status()));
}

TEST(EnrolManyTest, EveryCredentialIsItsOwnAndProved) {
  crypto::SystemRng rng;
  crypto::Hash32 roll{};
  roll[0] = 9;
  std::vector<std::array<uint8_t, 32>> nonces(4);
  for (auto& nonce : nonces) nonce = rng.Array<32>();
  const ManyEnrolled many = EnrolMany(roll, nonces, 2, rng);
  ASSERT_EQ(CountCredentials(many.secrets).value(), 4u);
  std::set<std::array<uint8_t, 32>> distinct;
  for (size_t i = 0; i < 4; ++i) {
    const auto credential = CredentialAt(many.secrets, i);
    ASSERT_TRUE(credential.ok()) << credential.status();
    const Enrolment& enrolment = many.enrolments[i];
    EXPECT_EQ(credential->public_key().bytes(), enrolment.credential);
    EXPECT_EQ(enrolment.nonce, nonces[i]);
    distinct.insert(enrolment.credential);
    roll::RollMember member;
    member.credential = enrolment.credential;
    member.nonce = enrolment.nonce;
    member.commitment = enrolment.commitment;
    member.responses = enrolment.responses;
    EXPECT_TRUE(roll::VerifyEnrolment(roll, member).empty());
  }
  EXPECT_EQ(distinct.size(), 4u);
  EXPECT_FALSE(CredentialAt(many.secrets, 4).ok());
  EXPECT_FALSE(CountCredentials(crypto::SecretBytes(63)).ok());
}

TEST(EnrolmentTest, LinesHaveTheFieldsOfARegistrarsFile) {
  Enrolment enrolment;
  enrolment.credential[0] = 0xab;
  const std::string zeros(62, '0');
  EXPECT_THAT(EnrolmentLine(enrolment), HasSubstr("{\"credential\":\"ab" + zeros + "\""));
  const std::string line = MemberLine(enrolment, {3, 2});
  EXPECT_THAT(line, ::testing::EndsWith(",\"district\":3,\"category\":2}"));
  EXPECT_THAT(line, ::testing::Not(HasSubstr("\n")));
  EXPECT_THAT(ParseHex32("AB", "--nonce").status().message(), HasSubstr("--nonce"));
  EXPECT_FALSE(ParseHex32("ab", "--nonce").ok());
}

}  // namespace
}  // namespace urna::voter
