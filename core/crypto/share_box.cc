#include "core/crypto/share_box.h"

#include <sodium.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/base/status.h"
#include "core/crypto/transcript.h"

namespace urna::crypto {

ShareEncryptionKey::ShareEncryptionKey(SecretBytes secret) : secret_(std::move(secret)) {
  URNA_CHECK(crypto_scalarmult_base(public_key_.data(), secret_.data()) == 0,
             "X25519 of the base point failed");
}

ShareEncryptionKey ShareEncryptionKey::Generate(Rng& rng) {
  SecretBytes secret(kSize);
  rng.Fill(secret.MutableSpan());
  return ShareEncryptionKey(std::move(secret));
}

absl::StatusOr<ShareEncryptionKey> ShareEncryptionKey::FromKeyFile(ByteSpan bytes) {
  if (bytes.size() != kSize) {
    return absl::InvalidArgumentError("a share encryption key is 32 bytes long");
  }
  return ShareEncryptionKey(SecretBytes::CopyOf(bytes));
}

// The key of one share, and the associated data.
class ShareCipher {
 public:
  // A function of its own, so that the test of constant time can except its one branch by name.
  [[gnu::noinline]] static absl::StatusOr<ShareCipher> Make(
      const ShareContext& context, const ShareEncryptionKey& own,
      const std::array<uint8_t, 32>& other_public_key) {
    SecretBytes shared(crypto_scalarmult_BYTES);
    if (crypto_scalarmult(shared.data(), own.secret_.data(), other_public_key.data()) != 0) {
      return absl::InvalidArgumentError("the other trustee's encryption key is of small order");
    }
    return ShareCipher(context, shared);
  }

  ByteSpan key() const { return key_.ExposeSpan().first(32); }
  ByteSpan associated_data() const { return associated_data_; }

 private:
  ShareCipher(const ShareContext& context, const SecretBytes& shared)
      : key_(Key(context, shared)),
        associated_data_(Transcript("share associated data")
                             .Field("poll", context.poll)
                             .FieldU16("attempt", context.attempt)
                             .FieldU16("dealer", context.dealer)
                             .FieldU16("recipient", context.recipient)
                             .Field("ceremony", context.ceremony)
                             .Hash()) {}

  // T32("share key"; secret, ceremony, dealer, recipient) as in transcript.h, but the hash of a
  // secret is libsodium's.
  static SecretBytes Key(const ShareContext& context, const SecretBytes& shared) {
    SecretSha512Hasher hasher;
    const auto field = [&hasher](absl::string_view label, ByteSpan value) {
      Writer prefix;
      prefix.Vector8(AsBytes(label));
      prefix.U32(static_cast<uint32_t>(value.size()));
      hasher.Update(prefix.bytes()).Update(value);
    };
    const auto number = [&field](absl::string_view label, uint16_t value) {
      Writer writer;
      writer.U16(value);
      field(label, writer.bytes());
    };
    field("protocol", AsBytes("urna/1"));
    field("purpose", AsBytes("share key"));
    field("secret", shared.ExposeSpan());
    field("ceremony", context.ceremony);
    number("dealer", context.dealer);
    number("recipient", context.recipient);
    return std::move(hasher).Finish();
  }

  SecretBytes key_;  // 64 bytes, of which the first 32 are used
  Hash64 associated_data_;
};

absl::StatusOr<SealedShare> SealShare(const ShareContext& context,
                                      const ShareEncryptionKey& dealer_key,
                                      const std::array<uint8_t, 32>& recipient_public_key,
                                      const SecretScalar& share, Rng& rng) {
  URNA_ASSIGN_OR_RETURN(const ShareCipher cipher,
                        ShareCipher::Make(context, dealer_key, recipient_public_key));
  SealedShare sealed;
  sealed.nonce = rng.Array<24>();
  const ByteSpan plaintext = share.ExposeSpan();
  const ByteSpan data = cipher.associated_data();
  unsigned long long length = 0;
  URNA_CHECK(crypto_aead_xchacha20poly1305_ietf_encrypt(
                 sealed.ciphertext.data(), &length, plaintext.data(), plaintext.size(), data.data(),
                 data.size(), nullptr, sealed.nonce.data(), cipher.key().data()) == 0 &&
                 length == sealed.ciphertext.size(),
             "sealing a share failed");
  return sealed;
}

absl::StatusOr<SecretScalar> OpenShare(const ShareContext& context,
                                       const ShareEncryptionKey& recipient_key,
                                       const std::array<uint8_t, 32>& dealer_public_key,
                                       const SealedShare& sealed) {
  const auto refuse = [&context](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat("the share of dealer ", context.dealer,
                                                   " for trustee ", context.recipient,
                                                   " does not decrypt: ", why));
  };
  absl::StatusOr<ShareCipher> cipher = ShareCipher::Make(context, recipient_key, dealer_public_key);
  if (!cipher.ok()) return refuse(cipher.status().message());
  SecretBytes plaintext(Scalar::kSize);
  const ByteSpan data = cipher->associated_data();
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          plaintext.data(), nullptr, nullptr, sealed.ciphertext.data(), sealed.ciphertext.size(),
          data.data(), data.size(), sealed.nonce.data(), cipher->key().data()) != 0) {
    return refuse("its tag is wrong");
  }
  absl::StatusOr<SecretScalar> share =
      SecretScalar::FromCanonicalSecretBytes(plaintext.ExposeSpan());
  if (!share.ok()) return refuse(share.status().message());
  return share;
}

}  // namespace urna::crypto
