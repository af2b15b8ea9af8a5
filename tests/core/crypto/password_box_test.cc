#include "core/crypto/password_box.h"

#include <gtest/gtest.h>

#include "tests/core/crypto/test_util.h"

namespace urna::crypto {
namespace {

constexpr size_t kHeaderSize = 8 + 1 + 8 + 8 + 16 + 24;

class PasswordBoxTest : public testing::Test {
 protected:
  SeededRng rng_{81};
  Bytes plaintext_ = ToBytes(AsBytes("a key share"));
  Bytes box_ =
      SealWithPassword("correct horse", plaintext_, PasswordStrength::kRehearsal, rng_).value();
};

TEST_F(PasswordBoxTest, OpensWithThePassphrase) {
  EXPECT_EQ(box_.size(), kHeaderSize + plaintext_.size() + 16);
  const auto opened = OpenWithPassword("correct horse", box_);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(ToBytes(opened->ExposeSpan()), plaintext_);
}

TEST_F(PasswordBoxTest, EmptyPlaintextAndPassphraseWork) {
  const Bytes box = SealWithPassword("", {}, PasswordStrength::kRehearsal, rng_).value();
  const auto opened = OpenWithPassword("", box);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_TRUE(opened->empty());
}

TEST_F(PasswordBoxTest, WrongPassphraseIsPermissionDenied) {
  const absl::Status status = OpenWithPassword("correct horsf", box_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(status.message(), "wrong passphrase or damaged file");
  EXPECT_FALSE(OpenWithPassword("", box_).ok());
}

TEST_F(PasswordBoxTest, EveryDamagedByteIsNoticed) {
  for (size_t i = 0; i < box_.size(); ++i) {
    Bytes bad = box_;
    bad[i] ^= 1;
    EXPECT_FALSE(OpenWithPassword("correct horse", bad).ok()) << "byte " << i;
  }
}

TEST_F(PasswordBoxTest, TruncationIsNoticed) {
  for (size_t n : {size_t{0}, size_t{5}, kHeaderSize, box_.size() - 1}) {
    EXPECT_FALSE(OpenWithPassword("correct horse", ByteSpan(box_).first(n)).ok()) << n;
  }
}

TEST_F(PasswordBoxTest, AbsurdWorkIsRefusedBeforeItIsDone) {
  Bytes bad = box_;
  bad[9] = 1;  // 2^56 operations
  EXPECT_EQ(OpenWithPassword("correct horse", bad).status().code(),
            absl::StatusCode::kInvalidArgument);
  bad = box_;
  bad[17] = 1;  // 2^56 bytes
  EXPECT_EQ(OpenWithPassword("correct horse", bad).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(PasswordBoxTest, SaltAndNonceAreFresh) {
  const Bytes second =
      SealWithPassword("correct horse", plaintext_, PasswordStrength::kRehearsal, rng_).value();
  EXPECT_FALSE(BytesEqual(ByteSpan(box_).subspan(25, 40), ByteSpan(second).subspan(25, 40)));
}

}  // namespace
}  // namespace urna::crypto
