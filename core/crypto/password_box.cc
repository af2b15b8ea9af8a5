#include "core/crypto/password_box.h"

#include <sodium.h>

#include <array>

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/base/status.h"

namespace urna::crypto {
namespace {

constexpr absl::string_view kMagic = "urna box";
constexpr uint8_t kVersion = 1;
constexpr size_t kTagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;

struct Header {
  uint64_t operations;
  uint64_t memory;  // bytes
  std::array<uint8_t, crypto_pwhash_argon2id_SALTBYTES> salt;
  std::array<uint8_t, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES> nonce;
};

Bytes EncodeHeader(const Header& header) {
  Writer writer;
  writer.Raw(AsBytes(kMagic));
  writer.U8(kVersion);
  writer.U64(header.operations);
  writer.U64(header.memory);
  writer.Raw(header.salt);
  writer.Raw(header.nonce);
  return writer.Take();
}

absl::StatusOr<Header> DecodeHeader(Reader& reader) {
  Header header;
  URNA_ASSIGN_OR_RETURN(const ByteSpan magic, reader.Raw(kMagic.size(), "magic"));
  URNA_ASSIGN_OR_RETURN(const uint8_t version, reader.U8("version"));
  if (AsText(magic) != kMagic || version != kVersion) {
    return absl::InvalidArgumentError("not a key file of this version");
  }
  URNA_ASSIGN_OR_RETURN(header.operations, reader.U64("operations"));
  URNA_ASSIGN_OR_RETURN(header.memory, reader.U64("memory"));
  URNA_ASSIGN_OR_RETURN(header.salt, reader.Array<crypto_pwhash_argon2id_SALTBYTES>("salt"));
  URNA_ASSIGN_OR_RETURN(header.nonce,
                        reader.Array<crypto_aead_xchacha20poly1305_ietf_NPUBBYTES>("nonce"));
  if (header.operations < crypto_pwhash_argon2id_OPSLIMIT_MIN ||
      header.operations > crypto_pwhash_argon2id_OPSLIMIT_SENSITIVE ||
      header.memory < crypto_pwhash_argon2id_MEMLIMIT_MIN ||
      header.memory > crypto_pwhash_argon2id_MEMLIMIT_SENSITIVE) {
    return absl::InvalidArgumentError("the key file's Argon2 parameters are out of range");
  }
  return header;
}

absl::StatusOr<SecretBytes> DeriveKey(absl::string_view passphrase, const Header& header) {
  SecretBytes key(crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
  if (crypto_pwhash_argon2id(key.data(), key.size(), passphrase.data(), passphrase.size(),
                             header.salt.data(), header.operations, header.memory,
                             crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
    return absl::ResourceExhaustedError("no memory to derive the key from the passphrase");
  }
  return key;
}

Header FreshHeader(PasswordStrength strength, Rng& rng) {
  Header header{};
  switch (strength) {
    case PasswordStrength::kRehearsal:
      header.operations = crypto_pwhash_argon2id_OPSLIMIT_MIN;
      header.memory = crypto_pwhash_argon2id_MEMLIMIT_MIN;
      break;
    case PasswordStrength::kModerate:
      header.operations = crypto_pwhash_argon2id_OPSLIMIT_MODERATE;
      header.memory = crypto_pwhash_argon2id_MEMLIMIT_MODERATE;
      break;
    case PasswordStrength::kSensitive:
      header.operations = crypto_pwhash_argon2id_OPSLIMIT_SENSITIVE;
      header.memory = crypto_pwhash_argon2id_MEMLIMIT_SENSITIVE;
      break;
  }
  rng.Fill(header.salt);
  rng.Fill(header.nonce);
  return header;
}

}  // namespace

absl::StatusOr<Bytes> SealWithPassword(absl::string_view passphrase, ByteSpan plaintext,
                                       PasswordStrength strength, Rng& rng) {
  const Header header = FreshHeader(strength, rng);
  URNA_ASSIGN_OR_RETURN(const SecretBytes key, DeriveKey(passphrase, header));
  const Bytes encoded = EncodeHeader(header);
  Bytes box = encoded;
  box.resize(encoded.size() + plaintext.size() + kTagSize);
  URNA_CHECK(crypto_aead_xchacha20poly1305_ietf_encrypt(
                 box.data() + encoded.size(), nullptr, plaintext.data(), plaintext.size(),
                 encoded.data(), encoded.size(), nullptr, header.nonce.data(), key.data()) == 0,
             "sealing a key file failed");
  return box;
}

absl::StatusOr<SecretBytes> OpenWithPassword(absl::string_view passphrase, ByteSpan box) {
  Reader reader(box);
  absl::StatusOr<Header> header = DecodeHeader(reader);
  if (!header.ok()) return Annotate(header.status(), "key file");
  const ByteSpan encoded = box.first(box.size() - reader.remaining());
  const ByteSpan sealed = box.subspan(encoded.size());
  if (sealed.size() < kTagSize) {
    return absl::InvalidArgumentError("key file: it ends too early");
  }
  URNA_ASSIGN_OR_RETURN(const SecretBytes key, DeriveKey(passphrase, *header));
  SecretBytes plaintext(sealed.size() - kTagSize);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(plaintext.data(), nullptr, nullptr, sealed.data(),
                                                 sealed.size(), encoded.data(), encoded.size(),
                                                 header->nonce.data(), key.data()) != 0) {
    return absl::PermissionDeniedError("wrong passphrase or damaged file");
  }
  return plaintext;
}

}  // namespace urna::crypto
