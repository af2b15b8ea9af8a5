#include "tally/ceremony_step.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/election_fixture.h"

namespace urna::tally {
namespace {

using ::testing::HasSubstr;
using urna::testing::ElectionFixture;
using Kind = CeremonyStep::Kind;

// Trustees with key files in memory, and the log of a fixture that the rules watch over.
class CeremonyStepTest : public ::testing::Test {
 protected:
  CeremonyStepTest() : rng_(7), states_(3) { Refresh(); }

  void Refresh() {
    while (replay_.size() < log_.encoded().size()) {
      ASSERT_TRUE(replay_.Take(log_.encoded()[replay_.size()]).ok());
    }
  }
  const crypto::SigningKey& Key(size_t i) { return log_.people().trustees[i].key; }
  absl::StatusOr<CeremonyStep> Next(size_t i) {
    return NextCeremonyStep(replay_, Key(i), states_[i], rng_);
  }
  // Logs an entry that must break no rule.
  void Log(ByteSpan bytes) {
    const absl::StatusOr<record::Entry> entry = record::DecodeEntry(bytes);
    ASSERT_TRUE(entry.ok()) << entry.status();
    const std::vector<Violation> violations = log_.Append(*entry);
    EXPECT_TRUE(violations.empty()) << violations.front().status;
    Refresh();
  }
  // As if the tool had been ended and started again.
  void Restart(size_t i) {
    absl::StatusOr<TrusteeState> state = TrusteeState::Decode(states_[i].Encode().ExposeSpan());
    ASSERT_TRUE(state.ok()) << state.status();
    states_[i] = *std::move(state);
  }
  // The trustee's next message, which is logged.
  void Send(size_t i, const std::string& what) {
    const absl::StatusOr<CeremonyStep> step = Next(i);
    ASSERT_TRUE(step.ok()) << step.status();
    ASSERT_EQ(step->kind, Kind::kSend) << step->what;
    EXPECT_EQ(step->what, what);
    Restart(i);
    Log(step->entry);
  }
  void SendAll(const std::string& what) {
    for (size_t i = 0; i < 3; ++i) Send(i, what);
  }
  std::string ErrorOf(size_t i) {
    const absl::StatusOr<CeremonyStep> step = Next(i);
    EXPECT_FALSE(step.ok());
    return step.ok() ? "" : std::string(step.status().message());
  }

  crypto::SeededRng rng_;
  ElectionFixture log_;
  PollReplay replay_;
  std::vector<TrusteeState> states_;
};

TEST_F(CeremonyStepTest, MakesAKeyThatOpensTheElection) {
  SendAll("key commitment");
  SendAll("key coefficients");
  SendAll("key shares");
  SendAll("key acknowledgement");
  SendAll("drill");
  for (size_t i = 0; i < 3; ++i) {
    const absl::StatusOr<CeremonyStep> step = Next(i);
    ASSERT_TRUE(step.ok());
    EXPECT_EQ(step->kind, Kind::kDone);
    // Nothing is left but the share itself.
    EXPECT_FALSE(states_[i].polynomial.has_value());
    EXPECT_FALSE(states_[i].encryption_key.has_value());
    EXPECT_EQ(crypto::MulBase(*states_[i].key_share),
              replay_.election()->ceremony().keys()->verification_keys[i]);
  }
  EXPECT_TRUE(replay_.election()->ceremony().CheckReady().empty());
  EXPECT_TRUE(replay_.problems().empty());
}

TEST_F(CeremonyStepTest, WaitsForTheOthersByName) {
  Send(0, "key commitment");
  const absl::StatusOr<CeremonyStep> step = Next(0);
  ASSERT_TRUE(step.ok());
  EXPECT_EQ(step->kind, Kind::kWait);
  const auto& trustees = log_.manifest().trustees;
  EXPECT_EQ(step->what,
            "waiting for the key commitment of " + trustees[1].name + ", " + trustees[2].name);
}

TEST_F(CeremonyStepTest, SendsTheSameBytesAgainUntilTheyAreLogged) {
  const absl::StatusOr<CeremonyStep> first = Next(0);
  Restart(0);
  const absl::StatusOr<CeremonyStep> second = Next(0);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->entry, second->entry);

  SendAll("key commitment");
  SendAll("key coefficients");
  // Sealed shares and drills have fresh nonces, so that only stored ones come again.
  for (const char* what : {"key shares", "key acknowledgement", "drill"}) {
    const absl::StatusOr<CeremonyStep> once = Next(1);
    Restart(1);
    const absl::StatusOr<CeremonyStep> again = Next(1);
    ASSERT_TRUE(once.ok() && again.ok());
    EXPECT_EQ(once->entry, again->entry);
    SendAll(what);
  }
}

TEST_F(CeremonyStepTest, DrillsAgainAnyDay) {
  for (const char* what :
       {"key commitment", "key coefficients", "key shares", "key acknowledgement", "drill"}) {
    SendAll(what);
  }
  const absl::StatusOr<CeremonyStep> drill = NextDrill(replay_, Key(2), states_[2], rng_);
  ASSERT_TRUE(drill.ok()) << drill.status();
  const absl::StatusOr<CeremonyStep> again = NextDrill(replay_, Key(2), states_[2], rng_);
  EXPECT_EQ(drill->entry, again->entry);
  Log(drill->entry);
  EXPECT_EQ(replay_.election()->ceremony().last_drill().at(3), 2u);
  const absl::StatusOr<CeremonyStep> third = NextDrill(replay_, Key(2), states_[2], rng_);
  ASSERT_TRUE(third.ok());
  EXPECT_NE(third->entry, drill->entry);
}

TEST_F(CeremonyStepTest, HasNoDrillWithoutAShare) {
  SendAll("key commitment");
  EXPECT_TRUE(absl::IsFailedPrecondition(NextDrill(replay_, Key(0), states_[0], rng_).status()));
}

TEST_F(CeremonyStepTest, ComplainsAboutASpoiltShareAndGoesOnInTheNextAttempt) {
  SendAll("key commitment");
  SendAll("key coefficients");
  Send(0, "key shares");
  Send(1, "key shares");
  // Trustee 3 sends trustee 1 a share that does not decrypt.
  absl::StatusOr<CeremonyStep> step = Next(2);
  ASSERT_TRUE(step.ok());
  const absl::StatusOr<election::SignedTrusteeMessage> message = DecodeStored(step->entry);
  election::KeyShares spoilt = std::get<election::KeyShares>(message->message);
  spoilt.shares[0].ciphertext[0] ^= 1;
  const absl::StatusOr<Bytes> entry = SignTrusteeMessage(replay_.poll_id(), spoilt, Key(2));
  states_[2].messages.back() = *entry;
  Log(*entry);

  Send(1, "key acknowledgement");
  Send(0, "complaint");
  ASSERT_EQ(replay_.election()->ceremony().complaints().size(), 1u);
  EXPECT_EQ(replay_.election()->ceremony().complaints()[0].dealer, 3);
  EXPECT_EQ(replay_.election()->ceremony().complaints()[0].reason, 1);
  Send(2, "key share opening");
  for (size_t i = 0; i < 3; ++i) {
    step = Next(i);
    ASSERT_TRUE(step.ok()) << step.status();
    EXPECT_EQ(step->kind, Kind::kWait);
    EXPECT_THAT(step->what, HasSubstr("ended by a complaint"));
  }

  log_.NewAttempt();
  Refresh();
  for (const char* what :
       {"key commitment", "key coefficients", "key shares", "key acknowledgement", "drill"}) {
    SendAll(what);
  }
  EXPECT_EQ(states_[0].attempt, 2);
  EXPECT_TRUE(replay_.election()->ceremony().CheckReady().empty());
}

TEST_F(CeremonyStepTest, ComplainsAboutAShareThatDoesNotFit) {
  SendAll("key commitment");
  SendAll("key coefficients");
  // Trustee 2 deals from another polynomial than the one that was published.
  states_[1].polynomial = crypto::KeyPolynomial::Random(2, rng_);
  SendAll("key shares");
  Send(2, "complaint");
  EXPECT_EQ(replay_.election()->ceremony().complaints()[0].dealer, 2);
  EXPECT_EQ(replay_.election()->ceremony().complaints()[0].reason, 2);
}

TEST_F(CeremonyStepTest, RefusesAnotherPoll) {
  Send(0, "key commitment");
  states_[0].poll->at(0) ^= 1;
  EXPECT_THAT(ErrorOf(0), HasSubstr("belongs to the poll"));
}

TEST_F(CeremonyStepTest, RefusesAKeyOfNoTrustee) {
  TrusteeState state;
  const auto step = NextCeremonyStep(replay_, log_.people().officers[0].key, state, rng_);
  EXPECT_TRUE(absl::IsPermissionDenied(step.status()));
}

TEST_F(CeremonyStepTest, NoticesASecondCopyOfTheKey) {
  SendAll("key commitment");
  states_[0] = TrusteeState();
  states_[0].poll = replay_.poll_id();
  states_[0].trustee = 1;
  states_[0].attempt = 1;
  EXPECT_THAT(ErrorOf(0), HasSubstr("this key file has not made"));
}

TEST_F(CeremonyStepTest, NoticesALogThatHasGoneBack) {
  Send(0, "key commitment");
  states_[0].attempt = 2;
  EXPECT_THAT(ErrorOf(0), HasSubstr("the log shows attempt 1"));
}

TEST_F(CeremonyStepTest, MakesNoSharesForOtherCoefficients) {
  SendAll("key commitment");
  SendAll("key coefficients");
  const absl::StatusOr<CeremonyStep> step = Next(0);
  ASSERT_TRUE(step.ok());
  states_[0].ceremony->at(5) ^= 1;
  EXPECT_THAT(ErrorOf(0), HasSubstr("other coefficients"));
}

TEST_F(CeremonyStepTest, StopsAtALogThatBreaksTheRules) {
  SendAll("key commitment");
  const auto forged = SignTrusteeMessage(replay_.poll_id(),
                                         election::KeyCommitment{1, 2, crypto::Hash32{}}, Key(1));
  ASSERT_FALSE(log_.Append(*record::DecodeEntry(*forged)).empty());
  Refresh();
  EXPECT_THAT(ErrorOf(0), HasSubstr("the log breaks the rules: entry 4 (key commitment): S8"));
}

TEST_F(CeremonyStepTest, BeginsNoNewKeyOnceACountWasAcknowledged) {
  states_[0].poll_context = crypto::Hash32{};
  EXPECT_THAT(ErrorOf(0), HasSubstr("has acknowledged a count"));
}

}  // namespace
}  // namespace urna::tally
