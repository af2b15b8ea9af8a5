// Key files of officers, registrars, trustees, auditors and voters: who it is, in the clear, and
// the secret in a box under a passphrase. Not part of the protocol; nothing of it is ever
// published.
//
// The file is JSON: {"urna": "key/1", "kind", "name", "public", "box"}; "public" is a vkey, or a
// voter's credential P in hex; "box" is base64 of core/crypto/password_box.h. What stands in the
// clear is repeated inside the box and compared when it is opened.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "core/base/bytes.h"
#include "core/crypto/password_box.h"
#include "core/crypto/rng.h"
#include "core/crypto/secret_bytes.h"
#include "core/crypto/signature.h"

namespace urna::console {

struct KeyFile {
  std::string kind;  // "officer", "registrar", "trustee", "auditor", "credential"
  std::string name;
  std::string public_key;  // vkey or hex
  crypto::SecretBytes secret;
};

// The part in the clear, without passphrase.
struct KeyFileLabel {
  std::string kind, name, public_key;
};
absl::StatusOr<KeyFileLabel> ReadKeyFileLabel(const std::string& path);

// PermissionDenied if the passphrase is wrong or the clear part was changed; InvalidArgument if
// it is no key file or of another kind than `kind` (if given).
absl::StatusOr<KeyFile> OpenKeyFile(const std::string& path, absl::string_view kind,
                                    const crypto::SecretBytes& passphrase);

// Mode 0600. AlreadyExists rather than overwrite, unless `replace`: then by write, fsync, rename.
absl::Status WriteKeyFile(const std::string& path, const KeyFile& key,
                          const crypto::SecretBytes& passphrase, crypto::PasswordStrength strength,
                          bool replace, crypto::Rng& rng);

// A new Ed25519 key of an officer, registrar, trustee or auditor; the secret is the seed.
absl::StatusOr<KeyFile> NewSigningKeyFile(absl::string_view kind, absl::string_view name,
                                          crypto::Rng& rng);
// From a key file whose secret begins with the seed.
absl::StatusOr<crypto::SigningKey> SigningKeyOf(const KeyFile& key);

}  // namespace urna::console
