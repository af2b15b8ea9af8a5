#include "core/merkle/verifier_key.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/codec.h"
#include "core/base/status.h"
#include "core/base/utf8.h"
#include "core/crypto/hash.h"

namespace urna::merkle {
namespace {

absl::Status WrongType(uint8_t type) {
  return absl::InvalidArgumentError(type == kEd25519KeyType
                                        ? "not an Ed25519 key (type 0x01)"
                                        : "not an Ed25519 key for cosignatures (type 0x04)");
}

}  // namespace

bool IsKeyName(absl::string_view name) {
  if (name.empty()) return false;
  while (!name.empty()) {
    const std::optional<char32_t> character = TakeUtf8Character(name);
    if (!character || *character < 0x20 || *character == U'+' || IsUnicodeSpace(*character)) {
      return false;
    }
  }
  return true;
}

uint32_t KeyId(absl::string_view name, uint8_t type, ByteSpan public_key) {
  Writer input;
  input.Raw(AsBytes(name));
  input.U8('\n');
  input.U8(type);
  input.Raw(public_key);
  const std::array<uint8_t, 32> hash = crypto::Sha256(input.bytes());
  return static_cast<uint32_t>(hash[0]) << 24 | static_cast<uint32_t>(hash[1]) << 16 |
         static_cast<uint32_t>(hash[2]) << 8 | hash[3];
}

Bytes KeyIdBytes(uint32_t key_id) {
  Writer writer;
  writer.U32(key_id);
  return writer.Take();
}

VerifierKey::VerifierKey(std::string name, uint8_t type, const crypto::VerifyKey& key)
    : name_(std::move(name)), type_(type), key_(key), key_id_(KeyId(name_, type_, key_.bytes())) {}

absl::StatusOr<VerifierKey> VerifierKey::Create(absl::string_view name, uint8_t type,
                                                const crypto::VerifyKey& key) {
  if (!IsKeyName(name)) {
    return absl::InvalidArgumentError("a key name must be UTF-8 without spaces and '+'");
  }
  return VerifierKey(std::string(name), type, key);
}

absl::StatusOr<VerifierKey> VerifierKey::Parse(absl::string_view vkey, uint8_t type) {
  const size_t first = vkey.find('+');
  const size_t second = first == absl::string_view::npos ? first : vkey.find('+', first + 1);
  if (second == absl::string_view::npos) {
    return absl::InvalidArgumentError("a verifier key must be name+key ID+key");
  }
  const absl::string_view name = vkey.substr(0, first);
  const auto annotated = [&name](const absl::Status& status) {
    return Annotate(status, absl::StrCat("verifier key '", name, "'"));
  };
  const absl::StatusOr<Bytes> key_id = FromHex(vkey.substr(first + 1, second - first - 1));
  if (!key_id.ok()) return annotated(key_id.status());
  const absl::StatusOr<Bytes> typed_key = FromBase64(vkey.substr(second + 1));
  if (!typed_key.ok()) return annotated(typed_key.status());
  if (typed_key->empty() || typed_key->front() != type) return annotated(WrongType(type));
  const absl::StatusOr<crypto::VerifyKey> key =
      crypto::VerifyKey::Decode(ByteSpan(*typed_key).subspan(1));
  if (!key.ok()) return annotated(key.status());
  absl::StatusOr<VerifierKey> verifier = Create(name, type, *key);
  if (!verifier.ok()) return annotated(verifier.status());
  if (*key_id != KeyIdBytes(verifier->key_id())) {
    return annotated(absl::InvalidArgumentError("the key ID is not that of the key"));
  }
  return verifier;
}

std::string VerifierKey::vkey() const {
  Writer typed_key;
  typed_key.U8(type_);
  typed_key.Raw(key_.bytes());
  return absl::StrCat(name_, "+", ToHex(KeyIdBytes(key_id_)), "+", ToBase64(typed_key.bytes()));
}

}  // namespace urna::merkle
