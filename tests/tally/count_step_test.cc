#include "tally/count_step.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/audit/policy.h"
#include "tests/support/election_fixture.h"
#include "tests/support/record_files.h"

namespace urna::tally {
namespace {

using election::Phase;
using ::testing::HasSubstr;
using urna::testing::ElectionFixture;

// Trustee 1 of three, whose key file is past the ceremony, and a record on disk.
class CountStepTest : public ::testing::Test {
 protected:
  CountStepTest() : rng_(3) {
    log_.RunTo(Phase::kClosed);
    state_.poll = log_.state().poll_id();
    state_.trustee = 1;
    state_.attempt = 1;
    state_.key_share = log_.KeyShare(1);
    state_.key_context = log_.state().ceremony().keys()->key_context;
  }

  const crypto::SigningKey& Key() { return log_.people().trustees[0].key; }

  // What the verifier says of the log as it is now.
  audit::AuditResult Audit(bool with_policy = true, Stage stage = Stage::kClosed) {
    const testing::TemporaryDirectory directory;
    testing::WriteRecordFiles(directory.path(), log_.manifest().origin, log_.people(),
                              log_.encoded(), log_.roll());
    audit::AuditOptions options;
    options.stage = stage;
    options.verified_prefix = state_.verified;
    if (with_policy) {
      options.policy = *audit::Policy::Parse(testing::PolicyText(
          log_.people(), log_.manifest().officer_quorum, log_.manifest().trustee_threshold));
    }
    return audit::AuditRecord(directory.path(), options);
  }

  void Log(ByteSpan bytes) {
    const absl::StatusOr<record::Entry> entry = record::DecodeEntry(bytes);
    ASSERT_TRUE(entry.ok()) << entry.status();
    const std::vector<Violation> violations = log_.Append(*entry);
    EXPECT_TRUE(violations.empty()) << violations.front().status;
  }
  void AcknowledgeBy(uint16_t trustee) {
    EXPECT_TRUE(log_.Append(log_.Sign(log_.CountAcknowledgement(trustee))).empty());
  }
  absl::StatusOr<Bytes> Acknowledge() { return AcknowledgeCount(Audit(), Key(), state_); }
  absl::StatusOr<std::vector<Bytes>> Decrypt() {
    return DecryptParts(Audit(), Key(), state_, rng_);
  }

  crypto::SeededRng rng_;
  ElectionFixture log_;
  TrusteeState state_;
};

TEST_F(CountStepTest, AcknowledgesThenDecrypts) {
  log_.LogSum();
  const absl::StatusOr<Bytes> acknowledgement = Acknowledge();
  ASSERT_TRUE(acknowledgement.ok()) << acknowledgement.status();
  ASSERT_TRUE(state_.pinned.has_value());
  EXPECT_EQ(state_.pinned->sum_order, log_.state().summed()->order_hash);
  EXPECT_EQ(state_.verified->size, log_.entries().size());
  // The same bytes again.
  EXPECT_EQ(*Acknowledge(), *acknowledgement);
  Log(*acknowledgement);
  // One acknowledgement is not more than half of n + t - 1 = 4.
  EXPECT_THAT(std::string(Decrypt().status().message()), HasSubstr("more than 2 are needed"));
  AcknowledgeBy(2);
  EXPECT_TRUE(absl::IsFailedPrecondition(Decrypt().status()));
  AcknowledgeBy(3);

  const absl::StatusOr<std::vector<Bytes>> shares = Decrypt();
  ASSERT_TRUE(shares.ok()) << shares.status();
  EXPECT_EQ(shares->size(), log_.state().summed()->sum.parts.size());
  const absl::StatusOr<std::vector<Bytes>> again = Decrypt();
  EXPECT_EQ(*again, *shares);
  for (const Bytes& share : *shares) Log(share);
  log_.LogDecryptionShares(3);
  EXPECT_EQ(*log_.state().Decrypt(), ElectionFixture::UsualTotals());
  EXPECT_TRUE(Decrypt()->empty());
}

TEST_F(CountStepTest, NeedsAPolicyAndAnOrder) {
  EXPECT_THAT(std::string(Acknowledge().status().message()), HasSubstr("nothing to count"));
  log_.LogSum();
  const auto without = AcknowledgeCount(Audit(false), Key(), state_);
  EXPECT_THAT(std::string(without.status().message()), HasSubstr("L6 was not run"));
  EXPECT_FALSE(state_.pinned.has_value());
}

TEST_F(CountStepTest, OfficersWithoutAPolicyVerifyWhatNeedsNone) {
  log_.LogSum();
  const audit::Report& report = Audit(false).report;
  EXPECT_EQ(CheckVerified(report, false), absl::OkStatus());
  EXPECT_THAT(std::string(CheckVerified(report).message()), HasSubstr("L6 was not run"));
}

TEST_F(CountStepTest, DecryptsNothingThatItHasNotAcknowledged) {
  log_.LogSum();
  log_.LogCountAcknowledgements();
  EXPECT_THAT(std::string(Decrypt().status().message()), HasSubstr("has not acknowledged"));
  state_.poll_context = log_.state().voting()->poll_context;
  state_.pinned = PinnedSet{log_.state().summed()->order_hash, {}, {}};
  EXPECT_TRUE(absl::IsPermissionDenied(Decrypt().status()));
}

TEST_F(CountStepTest, PinsOneSetForEver) {
  state_.poll_context = log_.state().voting()->poll_context;
  state_.pinned = PinnedSet{};
  log_.LogSum();
  EXPECT_THAT(std::string(Acknowledge().status().message()), HasSubstr("another set already"));
}

TEST_F(CountStepTest, RefusesAnotherOpeningAndAnotherKey) {
  log_.LogSum();
  state_.poll_context = crypto::Hash32{};
  EXPECT_TRUE(absl::IsPermissionDenied(Acknowledge().status()));
  state_.poll_context.reset();
  state_.key_share = log_.KeyShare(2);
  EXPECT_TRUE(absl::IsPermissionDenied(Acknowledge().status()));
  state_.key_share = log_.KeyShare(1);
  state_.poll->at(0) ^= 1;
  EXPECT_TRUE(absl::IsPermissionDenied(Acknowledge().status()));
}

TEST_F(CountStepTest, RefusesASumThatLies) {
  // One officer's wish: a ballot less.
  log_.options().order = [](poll::Order& order) {
    if (auto* sum = std::get_if<poll::Sum>(&order.act)) sum->sums_hash[0] ^= 1;
  };
  log_.LogSum();
  EXPECT_THAT(std::string(Acknowledge().status().message()), HasSubstr("does not verify: C3"));
  EXPECT_FALSE(state_.pinned.has_value());
}

TEST_F(CountStepTest, ForgetsOnlyAfterTheResult) {
  log_.LogSum();
  EXPECT_FALSE(Forget(Audit(true, Stage::kFinal), state_).ok());
  log_.LogCountAcknowledgements();
  log_.LogDecryptionShares(1);
  log_.LogDecryptionShares(2);
  EXPECT_FALSE(Forget(Audit(true, Stage::kFinal), state_).ok());
  EXPECT_TRUE(state_.key_share.has_value());
  log_.LogResult();
  const absl::Status done = Forget(Audit(true, Stage::kFinal), state_);
  EXPECT_TRUE(done.ok()) << done;
  EXPECT_FALSE(state_.key_share.has_value());
  EXPECT_TRUE(state_.forgotten);
}

}  // namespace
}  // namespace urna::tally
