// Small secrets in files of their own, as servers keep them that start without anybody's
// passphrase: hex digits and a newline, mode 0600.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/bytes.h"
#include "core/crypto/secret_bytes.h"

namespace urna::crypto {

// Writes a new file durably. AlreadyExists if there is one.
absl::Status WriteSecretFile(const std::string& path, ByteSpan secret);

// FailedPrecondition if others than the file's owner can read it; InvalidArgument unless it holds
// exactly `size` bytes in hex; otherwise ReadFile's errors.
absl::StatusOr<SecretBytes> ReadSecretFile(const std::string& path, size_t size);

}  // namespace urna::crypto
