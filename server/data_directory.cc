#include "server/data_directory.h"

#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/crypto/secret_file.h"
#include "core/roll/roll.h"
#include "server/ledger.h"

namespace urna::server {
namespace {

constexpr int kFormat = 1;
constexpr size_t kSecretSize = 32;

std::string IdentityPath(const std::string& data) { return absl::StrCat(data, "/board.json"); }

absl::Status CheckBoardName(absl::string_view name) {
  return Annotate(roll::CheckOrigin(absl::StrCat(name, "/x")),
                  absl::StrCat("board name '", name, "'"));
}

absl::StatusOr<BoardIdentity> DecodeIdentity(const Bytes& bytes) {
  const nlohmann::json json = nlohmann::json::parse(bytes.begin(), bytes.end(), nullptr, false);
  const auto text = [&json](const char* field) {
    const bool there = json.contains(field) && json[field].is_string();
    return there ? json[field].get<std::string>() : std::string();
  };
  if (!json.is_object() || json.value("format", nlohmann::json()) != kFormat) {
    return absl::InvalidArgumentError(absl::StrCat("it is no board of format ", kFormat));
  }
  const std::string name = text("name");
  URNA_RETURN_IF_ERROR(CheckBoardName(name));
  absl::StatusOr<Bytes> key_bytes = FromHex(text("log_key"));
  absl::StatusOr<crypto::VerifyKey> key =
      key_bytes.ok() ? crypto::VerifyKey::Decode(*key_bytes) : key_bytes.status();
  if (!key.ok()) return Annotate(key.status(), "log_key");
  return BoardIdentity{name, *key};
}

}  // namespace

std::string LedgerPath(const std::string& data) { return absl::StrCat(data, "/ledger"); }
std::string CheckpointsPath(const std::string& data) { return absl::StrCat(data, "/checkpoints"); }
std::string CosignedPath(const std::string& data) { return absl::StrCat(data, "/cosigned"); }
std::string AlarmsPath(const std::string& data) { return absl::StrCat(data, "/alarms"); }
std::string LogKeyPath(const std::string& data) { return absl::StrCat(data, "/log.key"); }
std::string TokenPath(const std::string& data) { return absl::StrCat(data, "/admin.token"); }

absl::StatusOr<BoardIdentity> InitializeBoard(const std::string& data, absl::string_view name,
                                              crypto::Rng& rng) {
  URNA_RETURN_IF_ERROR(CheckBoardName(name));
  URNA_RETURN_IF_ERROR(MakeDirectories(data));
  URNA_RETURN_IF_ERROR(MakeDirectories(CheckpointsPath(data)));
  struct stat info {};
  if (::stat(IdentityPath(data).c_str(), &info) == 0) {
    return absl::AlreadyExistsError(absl::StrCat("there is a board in '", data, "' already"));
  }
  const crypto::SigningKey key = crypto::SigningKey::Generate(rng);
  const crypto::SecretBytes seed = key.ExposeSeedForKeyFile();
  URNA_RETURN_IF_ERROR(crypto::WriteSecretFile(LogKeyPath(data), seed.ExposeSpan()));
  URNA_RETURN_IF_ERROR(MakeToken(TokenPath(data), rng));
  LedgerOptions create;
  create.mode = LedgerMode::kCreate;
  URNA_RETURN_IF_ERROR(Ledger::Open(LedgerPath(data), create).status());
  BoardIdentity identity{std::string(name), key.public_key()};
  URNA_RETURN_IF_ERROR(WriteIdentity(data, identity));  // last: with it the board exists
  return identity;
}

absl::Status WriteIdentity(const std::string& data, const BoardIdentity& identity) {
  const nlohmann::json json = {
      {"format", kFormat}, {"name", identity.name}, {"log_key", ToHex(identity.log_key.bytes())}};
  return WriteNewFileDurably(IdentityPath(data), AsBytes(absl::StrCat(json.dump(2), "\n")), 0644);
}

absl::Status MakeToken(const std::string& path, crypto::Rng& rng) {
  crypto::SecretBytes token(kSecretSize);
  rng.Fill(token.MutableSpan());
  return crypto::WriteSecretFile(path, token.ExposeSpan());
}

absl::StatusOr<BoardIdentity> LoadIdentity(const std::string& data) {
  absl::StatusOr<Bytes> bytes = ReadFile(IdentityPath(data), 1 << 16);
  if (absl::IsNotFound(bytes.status())) {
    return absl::NotFoundError(
        absl::StrCat("there is no board in '", data, "'; `urna-server init` makes one. If there ",
                     "was one, its board.json is in each backup (docs/operations.md)"));
  }
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<BoardIdentity> identity = DecodeIdentity(*bytes);
  if (!identity.ok()) {
    return absl::DataLossError(
        absl::StrCat("'", IdentityPath(data), "' is damaged: ", identity.status().message(),
                     ". The same file is in each backup: put it there (docs/operations.md)"));
  }
  return identity;
}

absl::StatusOr<crypto::SigningKey> LoadLogKey(const std::string& path,
                                              const BoardIdentity& identity) {
  const absl::StatusOr<crypto::SecretBytes> seed = crypto::ReadSecretFile(path, kSecretSize);
  if (absl::IsNotFound(seed.status())) {
    return absl::NotFoundError(absl::StrCat(
        "there is no '", path, "', the key that signs the checkpoints of board '", identity.name,
        "'. Put it there from the copy that was kept, or name its file with --log-key-file; "
        "without it this board's logs cannot go on (docs/operations.md)"));
  }
  if (absl::IsInvalidArgument(seed.status()) || absl::IsResourceExhausted(seed.status())) {
    return absl::DataLossError(absl::StrCat(
        seed.status().message(), ", the key of board '", identity.name,
        "'. Put it there from the copy that was kept, or name its file with --log-key-file "
        "(docs/operations.md)"));
  }
  if (!seed.ok()) return seed.status();
  URNA_ASSIGN_OR_RETURN(crypto::SigningKey key, crypto::SigningKey::FromSeed(seed->ExposeSpan()));
  if (key.public_key() != identity.log_key) {
    return absl::FailedPreconditionError(
        absl::StrCat("'", path, "' is not the key of board '", identity.name, "', which is ",
                     ToHex(identity.log_key.bytes()),
                     ". Nothing may be signed with another: put the board's own key there, from "
                     "the copy that was kept, or name its file with --log-key-file "
                     "(docs/operations.md)"));
  }
  return key;
}

absl::StatusOr<crypto::SecretBytes> LoadToken(const std::string& path) {
  absl::StatusOr<crypto::SecretBytes> token = crypto::ReadSecretFile(path, kSecretSize);
  if (absl::IsNotFound(token.status())) {
    return absl::NotFoundError(absl::StrCat(
        "there is no administration token in '", path,
        "'. It is 64 random hex digits in a file of mode 0600: put it there from a copy, or make a "
        "new one (docs/operations.md)"));
  }
  if (absl::IsInvalidArgument(token.status()) || absl::IsResourceExhausted(token.status())) {
    return absl::DataLossError(
        absl::StrCat(token.status().message(),
                     ", the administration token. Make a new one (docs/operations.md)"));
  }
  return token;
}

}  // namespace urna::server
