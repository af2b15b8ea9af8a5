#include "core/console/key_file.h"

#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "core/base/codec.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/merkle/note.h"

namespace urna::console {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMaxKeyFile = 16 << 20;

absl::StatusOr<Json> ReadJson(const std::string& path) {
  URNA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(path, kMaxKeyFile));
  Json json = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
  const auto text = [&](const char* field) {
    return json.contains(field) && json[field].is_string();
  };
  if (!json.is_object() || !text("urna") || json["urna"] != "key/1" || !text("kind") ||
      !text("name") || !text("public") || !text("box")) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": not a key file of Urna"));
  }
  return json;
}

}  // namespace

absl::StatusOr<KeyFileLabel> ReadKeyFileLabel(const std::string& path) {
  URNA_ASSIGN_OR_RETURN(const Json json, ReadJson(path));
  return KeyFileLabel{json["kind"], json["name"], json["public"]};
}

absl::StatusOr<KeyFile> OpenKeyFile(const std::string& path, absl::string_view kind,
                                    const crypto::SecretBytes& passphrase) {
  URNA_ASSIGN_OR_RETURN(const Json json, ReadJson(path));
  const KeyFileLabel label{json["kind"], json["name"], json["public"]};
  if (!kind.empty() && label.kind != kind) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": a key of kind '", label.kind, "', not '", kind, "'"));
  }
  URNA_ASSIGN_OR_RETURN(const Bytes box, FromBase64(json["box"].get<std::string>()));
  absl::StatusOr<crypto::SecretBytes> plain =
      crypto::OpenWithPassword(AsText(passphrase.ExposeSpan()), box);
  if (!plain.ok()) return Annotate(plain.status(), path);
  Reader reader(plain->ExposeSpan());
  URNA_ASSIGN_OR_RETURN(const ByteSpan inner_kind, reader.Vector16("kind"));
  URNA_ASSIGN_OR_RETURN(const ByteSpan inner_name, reader.Vector16("name"));
  URNA_ASSIGN_OR_RETURN(const ByteSpan inner_public, reader.Vector16("public"));
  URNA_ASSIGN_OR_RETURN(const ByteSpan secret, reader.Vector32("secret"));
  URNA_RETURN_IF_ERROR(reader.Finish("key file"));
  if (AsText(inner_kind) != label.kind || AsText(inner_name) != label.name ||
      AsText(inner_public) != label.public_key) {
    return absl::PermissionDeniedError(
        absl::StrCat(path, ": kind, name or public key outside the box were changed"));
  }
  return KeyFile{label.kind, label.name, label.public_key, crypto::SecretBytes::CopyOf(secret)};
}

absl::Status WriteKeyFile(const std::string& path, const KeyFile& key,
                          const crypto::SecretBytes& passphrase, crypto::PasswordStrength strength,
                          bool replace, crypto::Rng& rng) {
  Writer writer;
  writer.Vector16(AsBytes(key.kind));
  writer.Vector16(AsBytes(key.name));
  writer.Vector16(AsBytes(key.public_key));
  writer.Vector32(key.secret.ExposeSpan());
  Bytes plain = writer.Take();
  absl::StatusOr<Bytes> box =
      crypto::SealWithPassword(AsText(passphrase.ExposeSpan()), plain, strength, rng);
  crypto::Wipe(plain);
  if (!box.ok()) return box.status();
  Json json;
  json["urna"] = "key/1";
  json["kind"] = key.kind;
  json["name"] = key.name;
  json["public"] = key.public_key;
  json["box"] = ToBase64(*box);
  const std::string text = json.dump(2) + "\n";
  if (!replace) return WriteNewFileDurably(path, AsBytes(text), 0600);
  return WriteFileDurably(path, AsBytes(text), 0600);
}

absl::StatusOr<KeyFile> NewSigningKeyFile(absl::string_view kind, absl::string_view name,
                                          crypto::Rng& rng) {
  const crypto::SigningKey key = crypto::SigningKey::Generate(rng);
  URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier verifier,
                        merkle::NoteVerifier::Create(name, key.public_key()));
  return KeyFile{std::string(kind), std::string(name), verifier.vkey(), key.ExposeSeedForKeyFile()};
}

absl::StatusOr<crypto::SigningKey> SigningKeyOf(const KeyFile& key) {
  if (key.secret.size() < crypto::SigningKey::kSeedSize) {
    return absl::InvalidArgumentError("the key file holds no signing key");
  }
  return crypto::SigningKey::FromSeed(key.secret.ExposeSpan().first(crypto::SigningKey::kSeedSize));
}

}  // namespace urna::console
