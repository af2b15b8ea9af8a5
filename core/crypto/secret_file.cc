#include "core/crypto/secret_file.h"

#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/base/status.h"

namespace urna::crypto {

absl::Status WriteSecretFile(const std::string& path, ByteSpan secret) {
  std::string text = absl::StrCat(ToHex(secret), "\n");
  const absl::Status status = WriteNewFileDurably(path, AsBytes(text), 0600);
  Wipe(std::span(reinterpret_cast<uint8_t*>(text.data()), text.size()));
  return status;
}

absl::StatusOr<SecretBytes> ReadSecretFile(const std::string& path, size_t size) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && (info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("'", path, "' can be read by others than its owner; set its mode to 0600"));
  }
  URNA_ASSIGN_OR_RETURN(Bytes text, ReadFile(path, 2 * size + 1));
  absl::string_view digits = AsText(text);
  if (!digits.empty() && digits.back() == '\n') digits.remove_suffix(1);
  absl::StatusOr<Bytes> bytes = FromHex(digits);
  Wipe(text);
  if (!bytes.ok() || bytes->size() != size) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", path, "' must hold ", 2 * size, " hex digits"));
  }
  SecretBytes secret = SecretBytes::CopyOf(*bytes);
  Wipe(*bytes);
  return secret;
}

}  // namespace urna::crypto
