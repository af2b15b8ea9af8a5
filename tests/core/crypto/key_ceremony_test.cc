#include "core/crypto/key_ceremony.h"

#include <gtest/gtest.h>

#include "core/crypto/decryption.h"
#include "core/crypto/discrete_log.h"
#include "core/crypto/drill.h"
#include "core/crypto/elgamal.h"
#include "tests/core/crypto/test_util.h"

namespace urna::crypto {
namespace {

// All trustees in one place, which only a test may have.
struct Ceremony {
  Ceremony(uint16_t t, uint16_t n, uint64_t seed) : threshold(t), rng(seed) {
    std::vector<std::vector<RistrettoPoint>> coefficients;
    for (uint16_t i = 1; i <= n; ++i) {
      dealers.push_back(Dealer::Make(poll, 1, i, t, rng));
      coefficients.push_back(dealers.back().published.coefficients);
    }
    keys = ElectionKeys::ComputeVarTime(coefficients).value();
    for (uint16_t j = 1; j <= n; ++j) {
      std::vector<SecretScalar> shares;
      for (const Dealer& dealer : dealers) {
        shares.push_back(dealer.secrets.polynomial.ShareFor(j));
        EXPECT_TRUE(VerifyShare(shares.back(), j, dealer.published.coefficients).ok());
      }
      key_shares.push_back(CombineShares(shares));
    }
  }

  RistrettoPoint Decrypt(const Ciphertext& ciphertext, const std::vector<uint16_t>& trustees) {
    std::vector<RistrettoPoint> shares;
    for (uint16_t j : trustees) shares.push_back(Mul(key_shares[j - 1u], ciphertext.alpha));
    return CombineDecryptionVarTime(ciphertext, LagrangeAtZero(trustees).value(), shares).value();
  }

  uint16_t threshold;
  SeededRng rng;
  Hash32 poll = Filled32(7);
  std::vector<Dealer> dealers;
  ElectionKeys keys;
  std::vector<SecretScalar> key_shares;
};

TEST(KeyCeremonyTest, SharesBelongToTheVerificationKeys) {
  for (const auto& [t, n] : {std::pair<uint16_t, uint16_t>{1, 1}, {2, 3}, {3, 5}, {3, 3}}) {
    Ceremony ceremony(t, n, 60u + n);
    for (uint16_t j = 1; j <= n; ++j) {
      EXPECT_EQ(MulBase(ceremony.key_shares[j - 1u]), ceremony.keys.VerificationKey(j).value());
    }
    EXPECT_FALSE(ceremony.keys.VerificationKey(0).ok());
    EXPECT_FALSE(ceremony.keys.VerificationKey(static_cast<uint16_t>(n + 1)).ok());
    for (const Dealer& dealer : ceremony.dealers) {
      EXPECT_TRUE(VerifyDealerCoefficientsVarTime(ceremony.poll, t, dealer.published).ok());
    }
  }
}

TEST(KeyCeremonyTest, EveryPairOfThreeDecrypts) {
  Ceremony ceremony(2, 3, 61);
  const Ciphertext ciphertext = EncryptVarTime(
      ceremony.keys.election_key, 9, SecretScalar::Random(ceremony.rng).ExposeForOpening());
  const RistrettoPoint nine = MulBaseVarTime(Scalar::FromUint64(9));
  for (const std::vector<uint16_t>& trustees :
       {std::vector<uint16_t>{1, 2}, {1, 3}, {2, 3}, {3, 1}, {1, 2, 3}}) {
    EXPECT_EQ(ceremony.Decrypt(ciphertext, trustees), nine);
  }
  EXPECT_NE(ceremony.Decrypt(ciphertext, {1}), nine) << "one of two must not be enough";
  EXPECT_NE(ceremony.Decrypt(ciphertext, {3}), nine);
}

TEST(KeyCeremonyTest, EveryTripleOfFiveDecryptsAndNoPairDoes) {
  Ceremony ceremony(3, 5, 62);
  const Ciphertext ciphertext = EncryptVarTime(
      ceremony.keys.election_key, 4, SecretScalar::Random(ceremony.rng).ExposeForOpening());
  const RistrettoPoint four = MulBaseVarTime(Scalar::FromUint64(4));
  int triples = 0;
  for (uint16_t a = 1; a <= 5; ++a) {
    for (uint16_t b = static_cast<uint16_t>(a + 1); b <= 5; ++b) {
      EXPECT_NE(ceremony.Decrypt(ciphertext, {a, b}), four);
      for (uint16_t c = static_cast<uint16_t>(b + 1); c <= 5; ++c) {
        EXPECT_EQ(ceremony.Decrypt(ciphertext, {a, b, c}), four);
        ++triples;
      }
    }
  }
  EXPECT_EQ(triples, 10);
}

TEST(KeyCeremonyTest, WrongShareIsDetected) {
  Ceremony ceremony(2, 3, 63);
  const Dealer& dealer = ceremony.dealers[0];
  const SecretScalar share = dealer.secrets.polynomial.ShareFor(2);
  const auto& coefficients = dealer.published.coefficients;
  EXPECT_TRUE(VerifyShare(share, 2, coefficients).ok());
  EXPECT_FALSE(VerifyShare(share, 3, coefficients).ok()) << "another trustee's";
  EXPECT_FALSE(VerifyShare(share.Add(SecretScalar::FromUint64(1)), 2, coefficients).ok());
  EXPECT_FALSE(VerifyShare(share, 2, ceremony.dealers[1].published.coefficients).ok());
  EXPECT_TRUE(VerifyOpenedShareVarTime(share.ExposeForOpening(), 2, coefficients).ok());
  EXPECT_FALSE(VerifyOpenedShareVarTime(Other(share.ExposeForOpening()), 2, coefficients).ok());
}

TEST(KeyCeremonyTest, CoefficientProofsAreBoundToEverything) {
  Ceremony ceremony(2, 3, 64);
  const DealerCoefficients good = ceremony.dealers[1].published;
  const auto verify = [&](const DealerCoefficients& published) {
    return VerifyDealerCoefficientsVarTime(ceremony.poll, 2, published);
  };
  ASSERT_TRUE(verify(good).ok());
  DealerCoefficients bad = good;
  bad.attempt = 2;
  EXPECT_FALSE(verify(bad).ok()) << "attempt";
  bad = good;
  bad.trustee = 1;
  EXPECT_FALSE(verify(bad).ok()) << "trustee";
  bad = good;
  bad.encryption_key[0] ^= 1;
  EXPECT_FALSE(verify(bad).ok()) << "encryption key";
  EXPECT_FALSE(VerifyDealerCoefficientsVarTime(Filled32(8), 2, good).ok()) << "poll";
  EXPECT_FALSE(VerifyDealerCoefficientsVarTime(ceremony.poll, 3, good).ok()) << "threshold";
  for (size_t k = 0; k < 2; ++k) {
    bad = good;
    bad.coefficients[k] = Other(bad.coefficients[k]);
    EXPECT_FALSE(verify(bad).ok()) << "coefficient " << k;
    bad = good;
    bad.proofs[k].commitment = Other(bad.proofs[k].commitment);
    EXPECT_FALSE(verify(bad).ok()) << "commitment " << k;
    bad = good;
    bad.proofs[k].response = Other(bad.proofs[k].response);
    const absl::Status status = verify(bad);
    EXPECT_FALSE(status.ok()) << "response " << k;
    EXPECT_NE(status.message().find("coefficient " + std::to_string(k)), absl::string_view::npos)
        << status;
  }
  bad = good;
  std::swap(bad.coefficients[0], bad.coefficients[1]);
  std::swap(bad.proofs[0], bad.proofs[1]);
  EXPECT_FALSE(verify(bad).ok()) << "swapped";
  bad = good;
  bad.coefficients[1] = RistrettoPoint::Identity();
  EXPECT_FALSE(verify(bad).ok()) << "identity";
  bad = good;
  bad.proofs.pop_back();
  EXPECT_FALSE(verify(bad).ok()) << "proof missing";
}

TEST(KeyCeremonyTest, CommitmentHashCoversEveryField) {
  Ceremony ceremony(2, 2, 65);
  const DealerCoefficients good = ceremony.dealers[0].published;
  const Hash32 hash = KeyCommitmentHash(ceremony.poll, good);
  EXPECT_NE(hash, KeyCommitmentHash(Filled32(1), good));
  DealerCoefficients bad = good;
  bad.salt[31] ^= 1;
  EXPECT_NE(hash, KeyCommitmentHash(ceremony.poll, bad));
  bad = good;
  bad.attempt = 3;
  EXPECT_NE(hash, KeyCommitmentHash(ceremony.poll, bad));
  bad = good;
  bad.trustee = 3;
  EXPECT_NE(hash, KeyCommitmentHash(ceremony.poll, bad));
  bad = good;
  bad.coefficients[0] = Other(bad.coefficients[0]);
  EXPECT_NE(hash, KeyCommitmentHash(ceremony.poll, bad));
  bad = good;
  bad.proofs[1].response = Other(bad.proofs[1].response);
  EXPECT_NE(hash, KeyCommitmentHash(ceremony.poll, bad));
  bad = good;
  bad.encryption_key[5] ^= 4;
  EXPECT_NE(hash, KeyCommitmentHash(ceremony.poll, bad));
}

TEST(KeyCeremonyTest, KeysAreRefusedWhenTheyAreTheIdentityOrUneven) {
  const RistrettoPoint g = RistrettoPoint::Base();
  using Lists = std::vector<std::vector<RistrettoPoint>>;
  EXPECT_FALSE(ElectionKeys::ComputeVarTime(Lists{}).ok());
  EXPECT_FALSE(ElectionKeys::ComputeVarTime(Lists{{g, g}, {g}}).ok());
  EXPECT_FALSE(ElectionKeys::ComputeVarTime(Lists{{g, g}, {g.Negate(), g}}).ok()) << "Y";
  EXPECT_FALSE(ElectionKeys::ComputeVarTime(Lists{{g, g.Negate()}}).ok()) << "X_1 = A_0 + A_1";
  EXPECT_TRUE(ElectionKeys::ComputeVarTime(Lists{{g, g}}).ok());
}

TEST(KeyCeremonyTest, PolynomialGoesToAFileAndBack) {
  SeededRng rng(66);
  const KeyPolynomial polynomial = KeyPolynomial::Random(3, rng);
  const SecretBytes file = polynomial.ExposeForKeyFile();
  const auto again = KeyPolynomial::FromKeyFile(file.ExposeSpan());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->commitments(), polynomial.commitments());
  EXPECT_FALSE(KeyPolynomial::FromKeyFile({}).ok());
  EXPECT_FALSE(KeyPolynomial::FromKeyFile(file.ExposeSpan().first(33)).ok());
  EXPECT_FALSE(KeyPolynomial::FromKeyFile(Bytes(64, 0)).ok()) << "zero coefficient";
}

class ShareBoxTest : public testing::Test {
 protected:
  SeededRng rng_{67};
  ShareEncryptionKey dealer_ = ShareEncryptionKey::Generate(rng_);
  ShareEncryptionKey recipient_ = ShareEncryptionKey::Generate(rng_);
  SecretScalar share_ = SecretScalar::Random(rng_);
  ShareContext context_{Filled32(1), 1, Filled32(2), 1, 2};
  SealedShare sealed_ = SealShare(context_, dealer_, recipient_.public_key(), share_, rng_).value();
};

TEST_F(ShareBoxTest, RecipientOpensAndNobodyElse) {
  const auto opened = OpenShare(context_, recipient_, dealer_.public_key(), sealed_);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->ExposeForOpening(), share_.ExposeForOpening());
  const ShareEncryptionKey stranger = ShareEncryptionKey::Generate(rng_);
  EXPECT_FALSE(OpenShare(context_, stranger, dealer_.public_key(), sealed_).ok());
  EXPECT_FALSE(OpenShare(context_, recipient_, stranger.public_key(), sealed_).ok());
}

TEST_F(ShareBoxTest, ContextIsAuthenticated) {
  const auto opens = [this](const ShareContext& context) {
    return OpenShare(context, recipient_, dealer_.public_key(), sealed_).ok();
  };
  ShareContext bad = context_;
  bad.poll[0] ^= 1;
  EXPECT_FALSE(opens(bad)) << "poll";
  bad = context_;
  bad.attempt = 2;
  EXPECT_FALSE(opens(bad)) << "attempt";
  bad = context_;
  bad.ceremony[0] ^= 1;
  EXPECT_FALSE(opens(bad)) << "ceremony";
  bad = context_;
  bad.dealer = 3;
  EXPECT_FALSE(opens(bad)) << "dealer";
  bad = context_;
  bad.recipient = 3;
  EXPECT_FALSE(opens(bad)) << "recipient";
  bad = context_;
  std::swap(bad.dealer, bad.recipient);
  EXPECT_FALSE(opens(bad)) << "the other way round";
  EXPECT_TRUE(opens(context_));
}

TEST_F(ShareBoxTest, DamageIsDetected) {
  SealedShare bad = sealed_;
  bad.ciphertext[47] ^= 1;
  EXPECT_FALSE(OpenShare(context_, recipient_, dealer_.public_key(), bad).ok());
  bad = sealed_;
  bad.nonce[0] ^= 1;
  const absl::Status status = OpenShare(context_, recipient_, dealer_.public_key(), bad).status();
  EXPECT_NE(status.message().find("dealer 1 for trustee 2"), absl::string_view::npos) << status;
}

TEST_F(ShareBoxTest, KeyOfSmallOrderIsRefused) {
  EXPECT_FALSE(SealShare(context_, dealer_, Filled32(0), share_, rng_).ok());
  EXPECT_FALSE(OpenShare(context_, recipient_, Filled32(0), sealed_).ok());
}

TEST_F(ShareBoxTest, KeyGoesToAFileAndBack) {
  const auto again = ShareEncryptionKey::FromKeyFile(recipient_.ExposeForKeyFile().ExposeSpan());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->public_key(), recipient_.public_key());
  EXPECT_FALSE(ShareEncryptionKey::FromKeyFile(Bytes(31, 1)).ok());
}

// The whole ceremony of key_ceremony.json: shares open, hashes and drills verify, the sum decrypts.
TEST(KeyCeremonyVectorTest, SealedSharesOpen) {
  const auto vectors = LoadVectors("key_ceremony.json");
  std::vector<ShareEncryptionKey> keys;
  std::vector<KeyPolynomial> polynomials;
  for (const auto& dealer : vectors["dealers"]) {
    keys.push_back(ShareEncryptionKey::FromKeyFile(Unhex(dealer["encryption_secret"])).value());
    polynomials.push_back(KeyPolynomial::FromKeyFile(Unhex(dealer["polynomial"])).value());
  }
  ASSERT_EQ(vectors["shares"].size(), 6u);
  for (const auto& vector : vectors["shares"]) {
    const uint16_t i = vector["dealer"];
    const uint16_t j = vector["recipient"];
    const ShareContext context{UnhexArray<32>(vectors["poll"]), vectors["attempt"],
                               UnhexArray<32>(vectors["ceremony_hash"]), i, j};
    const SealedShare sealed{UnhexArray<24>(vector["nonce"]), UnhexArray<48>(vector["ciphertext"])};
    const auto share = OpenShare(context, keys[j - 1u], keys[i - 1u].public_key(), sealed);
    ASSERT_TRUE(share.ok()) << share.status();
    EXPECT_EQ(ToHex(share->ExposeSpan()), vector["share"].get<std::string>());
    EXPECT_TRUE(VerifyShare(*share, j, polynomials[i - 1u].commitments()).ok());
  }
}

TEST(KeyCeremonyVectorTest, DrillsAndDecryptionVerify) {
  const auto vectors = LoadVectors("key_ceremony.json");
  const auto keys = DecodePoints(Unhex(vectors["verification_keys"])).value();
  for (const auto& vector : vectors["drills"]) {
    const uint16_t j = vector["trustee"];
    const Drill drill{vector["drill"], RistrettoPoint::Decode(Unhex(vector["share"])).value(),
                      EqualityProof::Decode(Unhex(vector["proof"])).value()};
    EXPECT_TRUE(
        VerifyDrillVarTime(UnhexArray<32>(vectors["key_context"]), j, keys[j - 1u], drill).ok());
  }
  const auto& decryption = vectors["decryption"];
  const auto message = RistrettoPoint::Decode(Unhex(decryption["message"])).value();
  EXPECT_EQ(DiscreteLog::Create(10).value().Find(message).value(),
            decryption["total"].get<uint64_t>());
}

class DrillTest : public testing::Test {
 protected:
  SeededRng rng_{68};
  SecretScalar x_ = SecretScalar::Random(rng_);
  RistrettoPoint key_ = MulBase(x_);
  Hash32 context_ = Filled32(5);
  Drill drill_ = MakeDrill(context_, 3, 2, x_, key_, rng_);
};

TEST_F(DrillTest, RoundTripAndBinding) {
  EXPECT_TRUE(VerifyDrillVarTime(context_, 2, key_, drill_).ok());
  EXPECT_FALSE(VerifyDrillVarTime(Filled32(6), 2, key_, drill_).ok()) << "context";
  EXPECT_FALSE(VerifyDrillVarTime(context_, 1, key_, drill_).ok()) << "trustee";
  EXPECT_FALSE(VerifyDrillVarTime(context_, 2, Other(key_), drill_).ok()) << "key";
  Drill bad = drill_;
  bad.number = 4;
  EXPECT_FALSE(VerifyDrillVarTime(context_, 2, key_, bad).ok()) << "number";
  bad = drill_;
  bad.share = Other(bad.share);
  EXPECT_FALSE(VerifyDrillVarTime(context_, 2, key_, bad).ok()) << "share";
  bad = drill_;
  bad.proof.response = Other(bad.proof.response);
  EXPECT_FALSE(VerifyDrillVarTime(context_, 2, key_, bad).ok()) << "proof";
}

TEST_F(DrillTest, DamagedKeyShareIsFoundOut) {
  const Drill bad = MakeDrill(context_, 4, 2, x_.Add(SecretScalar::FromUint64(1)), key_, rng_);
  const absl::Status status = VerifyDrillVarTime(context_, 2, key_, bad);
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.message().find("drill 4 of trustee 2"), absl::string_view::npos) << status;
}

TEST_F(DrillTest, BasesDiffer) {
  const RistrettoPoint base = DrillBase(context_, 1, 1);
  EXPECT_NE(base, DrillBase(context_, 2, 1));
  EXPECT_NE(base, DrillBase(context_, 1, 2));
  EXPECT_NE(base, DrillBase(Filled32(6), 1, 1));
}

}  // namespace
}  // namespace urna::crypto
