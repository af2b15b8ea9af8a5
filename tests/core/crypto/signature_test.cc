#include "core/crypto/signature.h"

#include <gtest/gtest.h>

#include "tests/core/crypto/test_util.h"

namespace urna::crypto {
namespace {

TEST(SignatureTest, Rfc8032Tests1And2) {
  struct {
    const char *seed, *key, *message, *signature;
  } const vectors[] = {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
       "f9b46bd25bf5f0595bbe24655141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0"
       "f11d8c387b2eaeb4302aeeb00d291612bb0c00"}};
  for (const auto& vector : vectors) {
    const SigningKey key = SigningKey::FromSeed(Unhex(vector.seed)).value();
    EXPECT_EQ(ToHex(key.public_key().bytes()), vector.key);
    const Bytes message = Unhex(vector.message);
    const Signature signature = key.Sign(message);
    EXPECT_EQ(ToHex(signature), vector.signature);
    EXPECT_TRUE(VerifyKey::Decode(Unhex(vector.key)).value().Verify(message, signature).ok());
  }
}

TEST(SignatureTest, EveryBitFlippedIsRefused) {
  SeededRng rng(21);
  const SigningKey key = SigningKey::Generate(rng);
  const Bytes message = {1, 2, 3};
  const Signature good = key.Sign(message);
  ASSERT_TRUE(key.public_key().Verify(message, good).ok());
  for (size_t byte = 0; byte < good.size(); ++byte) {
    Signature bad = good;
    bad[byte] ^= static_cast<uint8_t>(1u << (byte % 8));
    EXPECT_FALSE(key.public_key().Verify(message, bad).ok()) << byte;
  }
  EXPECT_FALSE(key.public_key().Verify(Bytes{1, 2, 4}, good).ok());
  EXPECT_FALSE(key.public_key().Verify(Bytes{1, 2}, good).ok());
  EXPECT_FALSE(SigningKey::Generate(rng).public_key().Verify(message, good).ok());
}

// Small order, not canonical, mixed order, S + L: the same answers as check_vectors.py gives.
TEST(SignatureTest, EdgeCases) {
  const auto vectors = LoadVectors("ed25519_edges.json");
  ASSERT_EQ(vectors["keys"].size(), 19u);
  for (const auto& vector : vectors["keys"]) {
    EXPECT_EQ(VerifyKey::Decode(Unhex(vector["key"])).ok(), vector["good"].get<bool>())
        << vector["why"];
  }
  ASSERT_EQ(vectors["signatures"].size(), 6u);
  for (const auto& vector : vectors["signatures"]) {
    const VerifyKey key = VerifyKey::Decode(Unhex(vector["key"])).value();
    EXPECT_EQ(key.Verify(Unhex(vector["message"]), UnhexArray<64>(vector["signature"])).ok(),
              vector["good"].get<bool>())
        << vector["why"];
  }
}

TEST(SignatureTest, SeedGoesToAFileAndBack) {
  SeededRng rng(22);
  const SigningKey key = SigningKey::Generate(rng);
  const SigningKey again = SigningKey::FromSeed(key.ExposeSeedForKeyFile().ExposeSpan()).value();
  EXPECT_EQ(again.public_key(), key.public_key());
  EXPECT_EQ(again.Sign(Bytes{9}), key.Sign(Bytes{9}));
  EXPECT_FALSE(SigningKey::FromSeed(Bytes(31, 1)).ok());
  EXPECT_FALSE(VerifyKey::Decode(Bytes(31, 1)).ok());
}

TEST(SignatureTest, KeysAreOrderedByTheirBytes) {
  SeededRng rng(23);
  const VerifyKey a = SigningKey::Generate(rng).public_key();
  const VerifyKey b = SigningKey::Generate(rng).public_key();
  EXPECT_EQ(a < b, a.bytes() < b.bytes());
  EXPECT_NE(a, b);
}

}  // namespace
}  // namespace urna::crypto
