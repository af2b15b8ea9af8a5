#include "tally/trustee_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_replace.h"
#include "core/base/file.h"
#include "tally/ceremony_step.h"
#include "tally/trustee_key.h"
#include "tests/support/record_files.h"

namespace urna::tally {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

crypto::Hash32 Filled(uint8_t byte) {
  crypto::Hash32 out;
  out.fill(byte);
  return out;
}

TrusteeState FullState(crypto::Rng& rng) {
  TrusteeState state;
  state.rehearsal = true;
  state.poll = Filled(1);
  state.trustee = 2;
  state.attempt = 3;
  state.polynomial = crypto::KeyPolynomial::Random(2, rng);
  state.encryption_key = crypto::ShareEncryptionKey::Generate(rng);
  state.key_share = crypto::SecretScalar::Random(rng);
  state.ceremony = Filled(2);
  state.key_context = Filled(3);
  state.poll_context = Filled(4);
  state.pinned = PinnedSet{Filled(5), Filled(6), Filled(7)};
  state.verified = audit::VerifiedPrefix{1234, Filled(8)};
  const crypto::SigningKey key = crypto::SigningKey::Generate(rng);
  state.messages.push_back(
      *SignTrusteeMessage(Filled(1), election::KeyCommitment{3, 2, Filled(9)}, key));
  state.messages.push_back(*SignTrusteeMessage(Filled(1), election::KeyComplaint{3, 2, 1, 1}, key));
  return state;
}

Bytes EncodingOf(const TrusteeState& state) { return ToBytes(state.Encode().ExposeSpan()); }

TEST(TrusteeStateTest, ComesBackAsItWas) {
  crypto::SeededRng rng(1);
  const TrusteeState state = FullState(rng);
  const absl::StatusOr<TrusteeState> again = TrusteeState::Decode(EncodingOf(state));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(EncodingOf(*again), EncodingOf(state));
  EXPECT_EQ(again->poll, state.poll);
  EXPECT_EQ(again->trustee, 2);
  EXPECT_EQ(again->attempt, 3);
  EXPECT_EQ(again->polynomial->commitments(), state.polynomial->commitments());
  EXPECT_EQ(again->encryption_key->public_key(), state.encryption_key->public_key());
  EXPECT_EQ(crypto::MulBase(*again->key_share), crypto::MulBase(*state.key_share));
  EXPECT_EQ(again->pinned, state.pinned);
  EXPECT_EQ(again->verified->size, 1234u);
  EXPECT_EQ(again->messages, state.messages);
  EXPECT_FALSE(again->forgotten);
}

TEST(TrusteeStateTest, AnEmptyOneIsNew) {
  const absl::StatusOr<TrusteeState> state = TrusteeState::Decode({});
  ASSERT_TRUE(state.ok());
  EXPECT_FALSE(state->poll.has_value());
  EXPECT_EQ(state->attempt, 0);
  const absl::StatusOr<TrusteeState> again = TrusteeState::Decode(EncodingOf(*state));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(EncodingOf(*again), EncodingOf(*state));
}

TEST(TrusteeStateTest, RefusesEveryTruncation) {
  crypto::SeededRng rng(2);
  const TrusteeState state = FullState(rng);
  const Bytes whole = EncodingOf(state);
  size_t accepted = 0;
  for (size_t length = 1; length < whole.size(); ++length) {
    const auto part = TrusteeState::Decode(ByteSpan(whole).first(length));
    // Only where the list of messages ends early is the rest still a state, with fewer messages.
    if (part.ok()) {
      ++accepted;
      EXPECT_LT(part->messages.size(), state.messages.size());
    }
  }
  EXPECT_EQ(accepted, 2u);
}

TEST(TrusteeStateTest, RefusesWhatItDoesNotWrite) {
  crypto::SeededRng rng(3);
  Bytes bytes = EncodingOf(FullState(rng));
  Bytes other_version = bytes;
  other_version[0] = 2;
  EXPECT_FALSE(TrusteeState::Decode(other_version).ok());
  Bytes odd_flag = bytes;
  odd_flag[1] = 2;
  EXPECT_THAT(std::string(TrusteeState::Decode(odd_flag).status().message()),
              HasSubstr("rehearsal"));
  Bytes short_poll = bytes;
  short_poll[2] = 31;
  EXPECT_FALSE(TrusteeState::Decode(short_poll).ok());
  bytes.push_back(0);
  EXPECT_FALSE(TrusteeState::Decode(bytes).ok());
}

TEST(TrusteeStateTest, ANewAttemptForgetsTheOneBefore) {
  crypto::SeededRng rng(4);
  TrusteeState state = FullState(rng);
  state.BeginAttempt(4);
  EXPECT_EQ(state.attempt, 4);
  EXPECT_FALSE(state.polynomial.has_value());
  EXPECT_FALSE(state.encryption_key.has_value());
  EXPECT_FALSE(state.key_share.has_value());
  EXPECT_FALSE(state.key_context.has_value());
  EXPECT_TRUE(state.messages.empty());
  EXPECT_TRUE(state.poll.has_value());
}

class TrusteeKeyTest : public ::testing::Test {
 protected:
  TrusteeKeyTest() : rng_(5), path_(directory_.path() + "/tess.key") {}

  crypto::SecretBytes Passphrase(absl::string_view text = "correct horse") {
    return crypto::SecretBytes::CopyOf(AsBytes(text));
  }
  void Make() {
    const absl::StatusOr<console::KeyFile> key = NewTrusteeKeyFile("tess", true, rng_);
    ASSERT_TRUE(key.ok()) << key.status();
    ASSERT_TRUE(console::WriteKeyFile(path_, *key, Passphrase(),
                                      crypto::PasswordStrength::kRehearsal, false, rng_)
                    .ok());
  }

  crypto::SeededRng rng_;
  testing::TemporaryDirectory directory_;
  std::string path_;
};

TEST_F(TrusteeKeyTest, KeepsTheStateBetweenTwoCommands) {
  Make();
  crypto::VerifyKey before = [&] {
    absl::StatusOr<TrusteeKey> key = TrusteeKey::Open(path_, Passphrase());
    EXPECT_TRUE(key.ok()) << key.status();
    EXPECT_TRUE(key->state().rehearsal);
    EXPECT_FALSE(key->state().poll.has_value());
    key->state().poll = Filled(1);
    key->state().key_share = crypto::SecretScalar::FromUint64(5);
    EXPECT_TRUE(key->Save(rng_).ok());
    return key->signing_key().public_key();
  }();
  const absl::StatusOr<TrusteeKey> key = TrusteeKey::Open(path_, Passphrase());
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->signing_key().public_key(), before);
  EXPECT_EQ(key->state().poll, Filled(1));
  EXPECT_EQ(crypto::MulBase(*key->state().key_share),
            crypto::MulBase(crypto::SecretScalar::FromUint64(5)));
  EXPECT_EQ(fs::status(path_).permissions() & fs::perms::all,
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(TrusteeKeyTest, RefusesAWrongPassphraseAndATamperedFile) {
  Make();
  EXPECT_TRUE(absl::IsPermissionDenied(TrusteeKey::Open(path_, Passphrase("wrong")).status()));
  const std::string text(AsText(*ReadFile(path_, 1 << 20)));
  // The name in the clear is another one.
  ASSERT_TRUE(
      WriteFileDurably(path_, AsBytes(absl::StrReplaceAll(text, {{"\"tess\"", "\"eve\""}}))).ok());
  EXPECT_TRUE(absl::IsPermissionDenied(TrusteeKey::Open(path_, Passphrase()).status()));
  // One character of the box is another one.
  std::string box = text;
  const size_t at = box.find("\"box\": \"") + 100;
  box[at] = box[at] == 'A' ? 'B' : 'A';
  ASSERT_TRUE(WriteFileDurably(path_, AsBytes(box)).ok());
  EXPECT_FALSE(TrusteeKey::Open(path_, Passphrase()).ok());
  ASSERT_TRUE(WriteFileDurably(path_, AsBytes(text)).ok());
  EXPECT_TRUE(TrusteeKey::Open(path_, Passphrase()).ok());
}

TEST_F(TrusteeKeyTest, IsOpenInOneCommandAtATime) {
  Make();
  {
    const absl::StatusOr<TrusteeKey> first = TrusteeKey::Open(path_, Passphrase());
    ASSERT_TRUE(first.ok());
    const absl::StatusOr<TrusteeKey> second = TrusteeKey::Open(path_, Passphrase());
    EXPECT_TRUE(absl::IsFailedPrecondition(second.status()));
  }
  EXPECT_TRUE(TrusteeKey::Open(path_, Passphrase()).ok());
}

}  // namespace
}  // namespace urna::tally
