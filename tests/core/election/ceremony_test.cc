// The key ceremony, docs/protocol.md §5: rounds, proofs and keys.
#include "core/election/ceremony.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/crypto/key_polynomial.h"
#include "core/crypto/share_box.h"
#include "tests/support/election_fixture.h"

namespace urna::election {
namespace {

using ::testing::Contains;
using testing::ElectionFixture;
using testing::ElectionOptions;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Numbers;
using testing::StatusOf;

// What is wrong with a message of the ceremony if it came next.
std::vector<std::string> Wrong(ElectionFixture& election, TrusteeMessage message) {
  return Numbers(election.Check(election.Sign(std::move(message))));
}

std::string Sentence(ElectionFixture& election, TrusteeMessage message, Check check) {
  const auto found = election.Check(election.Sign(std::move(message)));
  return std::string(StatusOf(found, check).message());
}

TEST(CeremonyTest, GivesTheKeysOfTheSummedPolynomials) {
  ElectionFixture election;
  election.RunCeremony();
  EXPECT_THAT(Numbers(election.violations()), IsEmpty());
  const Ceremony& ceremony = election.state().ceremony();
  EXPECT_THAT(ceremony.CheckReady(), IsEmpty());
  ASSERT_TRUE(ceremony.keys().has_value());
  for (uint16_t j = 1; j <= 3; ++j) {
    EXPECT_EQ(crypto::MulBase(election.KeyShare(j)), ceremony.keys()->verification_keys[j - 1]);
  }
  crypto::RistrettoPoint y;
  for (uint16_t i = 1; i <= 3; ++i) y = y + election.dealer(i).published.coefficients[0];
  EXPECT_EQ(ceremony.keys()->election_key, y);
}

TEST(CeremonyTest, SharesInTheLogOpenForTheirRecipientsOnly) {
  ElectionFixture election;
  election.LogCommitments();
  election.LogCoefficients();
  election.LogShares();
  const Ceremony& ceremony = election.state().ceremony();
  const EncryptedShare& share = ceremony.shares().at(1).shares[1];  // for trustee 3
  ASSERT_EQ(share.recipient, 3);
  const crypto::ShareContext context{election.state().poll_id(), 1, *ceremony.ceremony_hash(), 1,
                                     3};
  const auto opened = crypto::OpenShare(context, election.dealer(3).secrets.encryption_key,
                                        ceremony.coefficients().at(1).encryption_key,
                                        {share.nonce, share.ciphertext});
  ASSERT_TRUE(opened.ok());
  EXPECT_TRUE(crypto::VerifyShare(*opened, 3, election.dealer(1).published.coefficients).ok());
  EXPECT_FALSE(crypto::OpenShare(context, election.dealer(2).secrets.encryption_key,
                                 ceremony.coefficients().at(1).encryption_key,
                                 {share.nonce, share.ciphertext})
                   .ok());
}

// --- S8: rounds.

TEST(CeremonyTest, EveryRoundWaitsForTheOneBefore) {
  ElectionFixture election;
  election.Append(election.Sign(election.Commitment(1)));
  election.Append(election.Sign(election.Commitment(2)));
  EXPECT_EQ(Sentence(election, election.Coefficients(1), Check::kS8),
            "only 2 of 3 key commitments are in the log");
  election.Append(election.Sign(election.Commitment(3)));
  EXPECT_THAT(Wrong(election, election.Coefficients(1)), IsEmpty());
  EXPECT_THAT(Wrong(election, election.Shares(1)), ElementsAre("S8"));
  election.LogCoefficients();
  EXPECT_THAT(Wrong(election, election.Acknowledgement(1)), ElementsAre("S8"));
  EXPECT_THAT(Wrong(election, KeyComplaint{1, 1, 2, 1}), ElementsAre("S8"));
  election.LogShares();
  EXPECT_THAT(Wrong(election, KeyComplaint{1, 1, 2, 1}), IsEmpty());
  EXPECT_THAT(Wrong(election, election.Drill(1, 1)), ElementsAre("S8"));
  election.LogAcknowledgements();
  EXPECT_THAT(Wrong(election, election.Drill(1, 1)), IsEmpty());
  EXPECT_THAT(Numbers(election.violations()), IsEmpty());
}

TEST(CeremonyTest, TakesOneMessageOfEachKindFromEachTrustee) {
  ElectionFixture election;
  const auto twice = [&](TrusteeMessage message) {
    const auto found = election.Check(election.Sign(std::move(message)));
    EXPECT_THAT(Numbers(found), ElementsAre("S8"));
    return StatusOf(found, Check::kS8).code();
  };
  election.LogCommitments();
  EXPECT_EQ(twice(election.Commitment(2)), absl::StatusCode::kAlreadyExists);
  election.LogCoefficients();
  EXPECT_EQ(twice(election.Coefficients(2)), absl::StatusCode::kAlreadyExists);
  election.LogShares();
  EXPECT_EQ(twice(election.Shares(2)), absl::StatusCode::kAlreadyExists);
  election.LogAcknowledgements();
  EXPECT_EQ(twice(election.Acknowledgement(2)), absl::StatusCode::kAlreadyExists);
}

TEST(CeremonyTest, RefusesOtherAttemptsAndTrustees) {
  ElectionFixture election;
  KeyCommitment message = election.Commitment(1);
  message.attempt = 2;
  EXPECT_EQ(Sentence(election, message, Check::kS8),
            "attempt 2 where attempt 1 is the current one");
  for (uint16_t trustee : {0, 4, 65535}) {
    message = election.Commitment(1);
    message.trustee = trustee;
    EXPECT_THAT(Wrong(election, message), ElementsAre("S8"));
  }
}

TEST(CeremonyTest, SharesAreForEveryOtherTrustee) {
  ElectionFixture election;
  election.LogCommitments();
  election.LogCoefficients();
  KeyShares shares = election.Shares(2);
  KeyShares missing = shares;
  missing.shares.pop_back();
  EXPECT_THAT(Wrong(election, missing), ElementsAre("S8"));
  KeyShares own = shares;
  own.shares[1].recipient = 2;
  EXPECT_THAT(Wrong(election, own), ElementsAre("S8"));
  KeyShares unknown = shares;
  unknown.shares[1].recipient = 4;
  EXPECT_THAT(Wrong(election, unknown), ElementsAre("S8"));
}

TEST(CeremonyTest, AComplaintEndsTheAttempt) {
  ElectionFixture election;
  election.LogCommitments();
  election.LogCoefficients();
  election.LogShares();
  EXPECT_THAT(Wrong(election, KeyComplaint{1, 2, 0, 1}), ElementsAre("S8"));
  EXPECT_THAT(Wrong(election, KeyComplaint{1, 2, 4, 1}), ElementsAre("S8"));
  EXPECT_THAT(Wrong(election, KeyComplaint{1, 2, 2, 1}), ElementsAre("S8"));
  EXPECT_THAT(Wrong(election, KeyComplaint{1, 2, 3, 3}), ElementsAre("S8"));
  election.Append(election.Sign(election.Acknowledgement(1)));
  EXPECT_THAT(Wrong(election, KeyComplaint{1, 1, 3, 1}), ElementsAre("S8"));
  EXPECT_THAT(election.Append(election.Sign(KeyComplaint{1, 2, 3, 2})), IsEmpty());

  EXPECT_EQ(Sentence(election, election.Acknowledgement(3), Check::kS8),
            "attempt 1 was ended by the complaint of trustee 2");
  EXPECT_THAT(Wrong(election, KeyComplaint{1, 3, 1, 1}), ElementsAre("S8"));
  EXPECT_THAT(Numbers(election.state().ceremony().CheckReady()), Contains("S11"));

  // The dealer opens the one share, and only that.
  KeyShareOpening opening{1, 3, 2, {}};
  opening.share = election.dealer(3).secrets.polynomial.ShareFor(2).ExposeForOpening().bytes();
  KeyShareOpening other = opening;
  other.recipient = 1;
  EXPECT_THAT(Wrong(election, other), ElementsAre("S8"));
  other = opening;
  other.trustee = 1;
  EXPECT_THAT(Wrong(election, other), ElementsAre("S8"));
  other = opening;
  other.share.fill(0xff);
  EXPECT_THAT(Wrong(election, other), ElementsAre("L3"));
  EXPECT_THAT(election.Append(election.Sign(opening)), IsEmpty());
  EXPECT_THAT(Wrong(election, opening), ElementsAre("S8"));
  EXPECT_TRUE(crypto::VerifyOpenedShareVarTime(*crypto::Scalar::Decode(opening.share), 2,
                                               election.dealer(3).published.coefficients)
                  .ok());
}

TEST(CeremonyTest, AfterAComplaintANewAttemptSucceeds) {
  ElectionFixture election;
  election.LogCommitments();
  election.LogCoefficients();
  election.LogShares();
  election.Append(election.Sign(KeyComplaint{1, 2, 3, 1}));
  election.NewAttempt();
  EXPECT_EQ(election.state().ceremony().attempt(), 2);
  EXPECT_THAT(election.state().ceremony().commitments(), IsEmpty());
  election.RunTo(Phase::kFinal);
  EXPECT_THAT(Numbers(election.violations()), IsEmpty());
  EXPECT_EQ(election.state().published()->results, ElectionFixture::UsualTotals());
}

TEST(CeremonyTest, AnAttemptThatStallsCanBeGivenUp) {
  ElectionFixture election;
  election.Append(election.Sign(election.Commitment(1)));
  election.NewAttempt();
  election.RunCeremony();
  EXPECT_THAT(Numbers(election.violations()), IsEmpty());
}

// --- S10: what is proved.

TEST(CeremonyTest, RefusesCoefficientsThatWereNotCommittedTo) {
  // The last mover waits for the others' coefficients and chooses his own then.
  ElectionFixture election;
  election.LogCommitments();
  const crypto::Dealer other =
      crypto::Dealer::Make(election.state().poll_id(), 1, 3, 2, election.rng());
  election.dealer(3).published = other.published;
  EXPECT_EQ(Sentence(election, election.Coefficients(3), Check::kS10),
            "key coefficients of trustee 3: they are not what the trustee committed to");
}

TEST(CeremonyTest, RefusesCoefficientsWithoutKnowledge) {
  // Committed to as they are, but nobody knows the logarithm of the first: Y minus the others'.
  ElectionFixture election;
  crypto::DealerCoefficients& published = election.dealer(3).published;
  published.coefficients[0] =
      published.coefficients[0] - election.dealer(1).published.coefficients[0];
  election.LogCommitments();
  EXPECT_THAT(Wrong(election, election.Coefficients(3)), ElementsAre("S10"));
}

TEST(CeremonyTest, RefusesProofsOfAnotherTrusteeOrAttempt) {
  ElectionFixture election;
  const crypto::Dealer as_other =
      crypto::Dealer::Make(election.state().poll_id(), 1, 2, 2, election.rng());
  election.dealer(3).published = as_other.published;
  election.LogCommitments();
  KeyCoefficients moved = election.Coefficients(3);
  EXPECT_THAT(Wrong(election, moved), ElementsAre("S10", "S10"));
}

TEST(CeremonyTest, RefusesMoreOrFewerCoefficientsThanTheThreshold) {
  for (uint16_t t : {1, 3}) {
    ElectionFixture election;
    const crypto::Dealer other =
        crypto::Dealer::Make(election.state().poll_id(), 1, 3, t, election.rng());
    election.dealer(3).published = other.published;
    election.LogCommitments();
    EXPECT_THAT(Wrong(election, election.Coefficients(3)), ElementsAre("S10")) << t;
  }
}

TEST(CeremonyTest, RefusesEncryptionKeysThatGiveNoSecret) {
  ElectionFixture election;
  election.LogCommitments();
  const auto with_key = [&](absl::string_view hex) {
    KeyCoefficients message = election.Coefficients(1);
    const Bytes key = FromHex(hex).value();
    std::copy(key.begin(), key.end(), message.encryption_key.begin());
    return Sentence(election, message, Check::kS10);
  };
  const std::string zeros(62, '0');
  EXPECT_THAT(with_key("00" + zeros), HasSubstr("the encryption key is of small order"));
  EXPECT_THAT(with_key("01" + zeros), HasSubstr("small order"));
  EXPECT_THAT(with_key("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
              HasSubstr("small order"));
  EXPECT_THAT(with_key("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
              HasSubstr("small order"));
  EXPECT_THAT(with_key("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
              HasSubstr("small order"));
  EXPECT_THAT(with_key("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
              HasSubstr("not below 2^255 - 19"));
  EXPECT_THAT(with_key("09" + zeros.substr(2) + "80"), HasSubstr("not below 2^255 - 19"));
  // The base point is a good one; another message than was committed to, though.
  EXPECT_THAT(with_key("09" + zeros), HasSubstr("not what the trustee committed to"));
}

TEST(CeremonyTest, KeysOfSmallOrderAreThoseThatSealNothing) {
  // The list above against X25519 itself.
  crypto::SeededRng rng(5);
  const crypto::ShareEncryptionKey own = crypto::ShareEncryptionKey::Generate(rng);
  for (absl::string_view hex :
       {"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
    std::array<uint8_t, 32> key;
    const Bytes bytes = FromHex(hex).value();
    std::copy(bytes.begin(), bytes.end(), key.begin());
    EXPECT_FALSE(crypto::SealShare({}, own, key, crypto::SecretScalar::FromUint64(7), rng).ok());
  }
}

TEST(CeremonyTest, RefusesPointsAndScalarsThatAreNotCanonical) {
  ElectionFixture election;
  election.LogCommitments();
  KeyCoefficients message = election.Coefficients(1);
  std::fill_n(message.coefficients.begin(), 32, uint8_t{0xff});
  EXPECT_THAT(Wrong(election, message), ElementsAre("L3"));
  message = election.Coefficients(1);
  std::fill_n(message.coefficients.begin(), 32, uint8_t{0});  // the identity
  EXPECT_THAT(Wrong(election, message), ElementsAre("L3"));
  message = election.Coefficients(1);
  std::fill_n(message.proofs.begin() + 32, 32, uint8_t{0xff});
  EXPECT_THAT(Wrong(election, message), ElementsAre("L3"));
}

// --- S13: drills.

TEST(CeremonyTest, DrillNumbersRise) {
  ElectionFixture election;
  election.RunCeremony();
  EXPECT_THAT(Wrong(election, election.Drill(2, 1)), ElementsAre("S13"));
  EXPECT_EQ(Sentence(election, election.Drill(2, 0), Check::kS13),
            "drill of trustee 2: number 0 is not above 1, the last one");
  EXPECT_THAT(election.Append(election.Sign(election.Drill(2, 9))), IsEmpty());
  EXPECT_THAT(Wrong(election, election.Drill(2, 5)), ElementsAre("S13"));
  EXPECT_THAT(Wrong(election, election.Drill(1, 5)), IsEmpty());
}

TEST(CeremonyTest, RefusesDrillsThatAreNotProved) {
  ElectionFixture election;
  election.RunCeremony();
  Drill drill = election.Drill(1, 2);
  Drill other_number = drill;
  other_number.drill = 3;
  EXPECT_THAT(Wrong(election, other_number), ElementsAre("S13"));
  Drill other_trustee = drill;
  other_trustee.trustee = 2;
  EXPECT_THAT(Wrong(election, other_trustee), ElementsAre("S13"));
  Drill response = drill;
  response.proof[64] ^= 1;
  EXPECT_THAT(Wrong(election, response), ElementsAre("S13"));
  Drill share = drill;
  share.share = election.Drill(2, 2).share;
  EXPECT_THAT(Wrong(election, share), ElementsAre("S13"));
  Drill garbage = drill;
  garbage.share.fill(0xff);
  EXPECT_THAT(Wrong(election, garbage), ElementsAre("L3"));
}

TEST(CeremonyTest, DrillsGoOnAfterTheOpening) {
  ElectionFixture election;
  election.RunTo(Phase::kSummed);
  election.LogDrills(2);
  EXPECT_THAT(Numbers(election.violations()), IsEmpty());
}

// --- S9.

TEST(CeremonyTest, MessagesAreSignedByTheirTrustees) {
  ElectionFixture election;
  SignedTrusteeMessage message = election.Sign(election.Commitment(1));
  message.signature[0] ^= 1;
  EXPECT_THAT(Numbers(election.Check(message)), ElementsAre("S9"));
  EXPECT_EQ(StatusOf(election.Check(message), Check::kS9).code(),
            absl::StatusCode::kPermissionDenied);

  // By another trustee.
  message.signature = election.people().trustees[1].key.Sign(
      TrusteeSignatureMessage(election.state().poll_id(), message.type, message.fields));
  EXPECT_THAT(Numbers(election.Check(message)), ElementsAre("S9"));

  // For another poll.
  crypto::Hash32 other = election.state().poll_id();
  other[0] ^= 1;
  message.signature = election.people().trustees[0].key.Sign(
      TrusteeSignatureMessage(other, message.type, message.fields));
  EXPECT_THAT(Numbers(election.Check(message)), ElementsAre("S9"));
}

// --- Whatever comes.

TEST(CeremonyTest, ApplyIsSafeWithAnyContent) {
  ElectionFixture election;
  const crypto::Hash32 poll = election.state().poll_id();
  Ceremony ceremony(poll, 1, 2, 2);
  const auto apply = [&](TrusteeMessage message) {
    SignedTrusteeMessage entry;
    entry.message = std::move(message);
    ceremony.Check(entry);
    ceremony.Apply(entry);
  };
  for (uint16_t j : {0, 1, 2, 3}) apply(KeyCommitment{1, j, {}});
  KeyCoefficients garbage;
  garbage.attempt = 1;
  for (uint16_t j : {1, 2}) {
    garbage.trustee = j;
    garbage.coefficients.assign(j == 1 ? 64 : 13, 0xff);
    apply(garbage);
  }
  EXPECT_TRUE(ceremony.ceremony_hash().has_value());
  EXPECT_FALSE(ceremony.keys().has_value());
  apply(KeyShares{1, 1, {{2, {}, {}}}});
  apply(KeyShares{1, 2, {{1, {}, {}}}});
  for (uint16_t j : {1, 2}) apply(KeyAcknowledgement{1, j, {}, {}});
  EXPECT_EQ(ceremony.acknowledgements().size(), 2u);
  apply(Drill{1, 1, 7, {}, {}});
  apply(KeyShareOpening{1, 1, 0, {}});
  apply(CountAcknowledgement{});
  EXPECT_THAT(Numbers(ceremony.CheckReady()), ElementsAre("S11", "S11", "S13"));
}

}  // namespace
}  // namespace urna::election
