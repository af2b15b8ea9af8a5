#include "core/merkle/tlog_proof.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/merkle/proof.h"
#include "tests/core/merkle/naive_tree.h"

namespace urna::merkle {
namespace {

constexpr char kOrigin[] = "urna.example/poll";

class ReceiptTest : public testing::Test {
 protected:
  static constexpr uint64_t kSize = 21;
  static constexpr uint64_t kIndex = 17;

  ReceiptTest() : leaves_(naive::SomeLeaves(kSize)) {
    for (const Hash& leaf : leaves_) tree_.Append(leaf);
    note_ =
        SignCheckpoint(Checkpoint::Create(kOrigin, kSize, tree_.root()).value(), signer_).value();
    hashes_ = InclusionProof(kSize, kIndex, tree_.reader()).value();
  }

  TlogProof Receipt() const { return TlogProof::Create(kIndex, hashes_, note_).value(); }

  absl::StatusOr<Checkpoint> Verify(const TlogProof& receipt) const {
    return VerifyReceipt(leaves_[kIndex], receipt, signer_.verifier(), kOrigin);
  }

  const NoteSigner signer_ =
      NoteSigner::Create(kOrigin, crypto::SigningKey::FromSeed(Bytes(32, 9)).value()).value();
  std::vector<Hash> leaves_;
  MemoryTree tree_;
  std::string note_;
  std::vector<Hash> hashes_;
};

TEST_F(ReceiptTest, HasTheFormOfTheSpecification) {
  std::string expected = "c2sp.org/tlog-proof@v1\nindex 17\n";
  for (const Hash& hash : hashes_) absl::StrAppend(&expected, ToBase64(hash), "\n");
  absl::StrAppend(&expected, "\n", note_);
  EXPECT_EQ(hashes_.size(), 4u);
  EXPECT_EQ(Receipt().Serialize(), expected);
}

TEST_F(ReceiptTest, ReadsWhatItWroteAndVerifies) {
  const TlogProof receipt = TlogProof::Parse(AsBytes(Receipt().Serialize())).value();
  EXPECT_EQ(receipt, Receipt());
  EXPECT_EQ(receipt.index(), kIndex);
  EXPECT_EQ(receipt.checkpoint_note(), note_);
  EXPECT_EQ(receipt.unverified_checkpoint().size(), kSize);
  EXPECT_EQ(Verify(receipt)->root(), tree_.root());
}

TEST_F(ReceiptTest, OneEntryAloneNeedsNoHashes) {
  const Hash leaf = LeafHash(AsBytes("only"));
  const std::string note =
      SignCheckpoint(Checkpoint::Create(kOrigin, 1, leaf).value(), signer_).value();
  const std::string text = TlogProof::Create(0, {}, note)->Serialize();
  EXPECT_EQ(text, "c2sp.org/tlog-proof@v1\nindex 0\n\n" + note);
  const TlogProof receipt = TlogProof::Parse(AsBytes(text)).value();
  EXPECT_TRUE(VerifyReceipt(leaf, receipt, signer_.verifier(), kOrigin).ok());
}

TEST_F(ReceiptTest, EveryTruncationIsRefused) {
  const std::string text = Receipt().Serialize();
  for (size_t i = 0; i < text.size(); ++i) {
    EXPECT_FALSE(TlogProof::Parse(AsBytes(text.substr(0, i))).ok()) << i;
    EXPECT_FALSE(TlogProof::Parse(AsBytes(text.substr(i + 1))).ok()) << i;
  }
}

TEST_F(ReceiptTest, EveryChangedByteIsRefused) {
  const std::string text = Receipt().Serialize();
  for (size_t i = 0; i < text.size(); ++i) {
    for (int change : {1, 2, 4, 8, 16, 32, 64, 128, 0x40 ^ 0x0a}) {
      std::string changed = text;
      changed[i] = static_cast<char>(changed[i] ^ change);
      const absl::StatusOr<TlogProof> receipt = TlogProof::Parse(AsBytes(changed));
      if (!receipt.ok()) continue;
      EXPECT_EQ(receipt->Serialize(), changed);
      EXPECT_FALSE(Verify(*receipt).ok()) << changed;
    }
    for (const char* extra : {"\n", " ", "A"}) {
      std::string longer = text;
      longer.insert(i, extra);
      const absl::StatusOr<TlogProof> receipt = TlogProof::Parse(AsBytes(longer));
      EXPECT_FALSE(receipt.ok() && Verify(*receipt).ok()) << longer;
    }
  }
  for (const char* extra : {"\n", " ", "x\n"}) {
    EXPECT_FALSE(TlogProof::Parse(AsBytes(text + extra)).ok()) << extra;
  }
  EXPECT_FALSE(TlogProof::Parse(AsBytes(text + std::string(1, '\0'))).ok());
}

TEST_F(ReceiptTest, OtherLinesAreRefused) {
  const std::string text = Receipt().Serialize();
  const std::string hash = ToBase64(hashes_[0]);
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"@v1\n", "@v2\n"},
           {"@v1\n", "@v1\r\n"},
           {"index 17\n", "index 017\n"},
           {"index 17\n", "index  17\n"},
           {"index 17\n", "index +17\n"},
           {"index 17\n", "index\n"},
           {"index 17\n", ""},
           {"index 17\n", "index 17\nindex 17\n"},
           {"index 17\n", "index 21\n"},
           {"index 17\n", "index 9223372036854775808\n"},
           {"index 17\n", "extra \nindex 17\n"},
           {"index 17\n", "extra\nindex 17\n"},
           {"index 17\n", "extra AB==\nindex 17\n"},
           {"index 17\n", "index 17\nextra AA==\n"},
           {"index 17\n", "extra AA==\nextra AA==\nindex 17\n"},
           {hash, hash.substr(0, 40)},
           {hash, hash + " "},
           {hash, " " + hash}}) {
    const std::string changed = absl::StrReplaceAll(text, {{from, to}});
    ASSERT_NE(changed, text) << from;
    EXPECT_EQ(TlogProof::Parse(AsBytes(changed)).status().code(),
              absl::StatusCode::kInvalidArgument)
        << changed;
  }
}

TEST_F(ReceiptTest, ExtraDataIsReadButNoReceiptHasIt) {
  const TlogProof proof = TlogProof::Create(kIndex, hashes_, note_, Bytes{1, 2, 3}).value();
  const std::string text = proof.Serialize();
  EXPECT_EQ(text.substr(0, 43), "c2sp.org/tlog-proof@v1\nextra AQID\nindex 17\n");
  const TlogProof parsed = TlogProof::Parse(AsBytes(text)).value();
  EXPECT_EQ(parsed.extra(), (Bytes{1, 2, 3}));
  EXPECT_EQ(Verify(parsed).status().message(), "receipt: has extra data");
  EXPECT_FALSE(TlogProof::Create(kIndex, hashes_, note_, Bytes()).ok());
  EXPECT_FALSE(TlogProof::Create(kIndex, hashes_, note_, Bytes(65536)).ok());
  EXPECT_TRUE(TlogProof::Parse(
                  AsBytes(TlogProof::Create(kIndex, hashes_, note_, Bytes(65535))->Serialize()))
                  .ok());
}

TEST_F(ReceiptTest, WrongLeafHashesOriginOrKeyIsRefused) {
  const TlogProof receipt = Receipt();
  const NoteSigner other_key =
      NoteSigner::Create(kOrigin, crypto::SigningKey::FromSeed(Bytes(32, 8)).value()).value();
  EXPECT_FALSE(VerifyReceipt(leaves_[16], receipt, signer_.verifier(), kOrigin).ok());
  EXPECT_FALSE(VerifyReceipt(leaves_[17], receipt, signer_.verifier(), "urna.example/else").ok());
  EXPECT_EQ(VerifyReceipt(leaves_[17], receipt, other_key.verifier(), kOrigin).status().code(),
            absl::StatusCode::kPermissionDenied);
  for (size_t i = 0; i < hashes_.size(); ++i) {
    std::vector<Hash> changed = hashes_;
    changed[i][0] ^= 1;
    EXPECT_FALSE(Verify(TlogProof::Create(kIndex, changed, note_).value()).ok());
    changed = hashes_;
    changed.erase(changed.begin() + i);
    EXPECT_FALSE(Verify(TlogProof::Create(kIndex, changed, note_).value()).ok());
  }
  for (uint64_t index = 0; index < kSize; ++index) {
    EXPECT_EQ(Verify(TlogProof::Create(index, hashes_, note_).value()).ok(), index == kIndex);
  }
  EXPECT_FALSE(TlogProof::Create(kSize, hashes_, note_).ok());
  EXPECT_FALSE(TlogProof::Create(0, std::vector<Hash>(65), note_).ok());
  EXPECT_FALSE(TlogProof::Create(0, {}, "no note").ok());
  EXPECT_FALSE(TlogProof::Create(0, {}, SignNote("no checkpoint\n", signer_).value()).ok());
}

TEST_F(ReceiptTest, SignaturesOfOthersAreIgnored) {
  const std::string body = Checkpoint::Create(kOrigin, kSize, tree_.root())->Body();
  const NoteSigner witness =
      NoteSigner::Create("witness", crypto::SigningKey::FromSeed(Bytes(32, 7)).value()).value();
  const std::string cosigned =
      Note::Create(body, {signer_.Sign(body), witness.Sign(body)})->Serialize();
  EXPECT_TRUE(Verify(TlogProof::Create(kIndex, hashes_, cosigned).value()).ok());
}

}  // namespace
}  // namespace urna::merkle
