// A trustee's key file, open: the signing key and the state, written back before anything is sent.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/console/key_file.h"
#include "core/crypto/rng.h"
#include "core/crypto/signature.h"
#include "tally/trustee_state.h"

namespace urna::tally {

// A new key of a trustee: the seed and an empty state of this strength.
absl::StatusOr<console::KeyFile> NewTrusteeKeyFile(absl::string_view name, bool rehearsal,
                                                   crypto::Rng& rng);

// Holds the file's lock (FILE.lock) while it lives, so that no two commands make two different
// messages with one key. Move-only.
class TrusteeKey {
 public:
  // Errors of console::OpenKeyFile; FailedPrecondition if another command has the file open.
  static absl::StatusOr<TrusteeKey> Open(const std::string& path, crypto::SecretBytes passphrase);

  const std::string& name() const { return name_; }
  const crypto::SigningKey& signing_key() const { return *signing_key_; }
  TrusteeState& state() { return state_; }
  const TrusteeState& state() const { return state_; }

  // Writes the state into the file, durably. Call it before anything that the state says was made
  // leaves this machine.
  absl::Status Save(crypto::Rng& rng) const;

 private:
  struct Lock;
  struct Unlock {
    void operator()(Lock* lock) const;
  };
  TrusteeKey() = default;

  std::unique_ptr<Lock, Unlock> lock_;
  std::string path_;
  std::string name_;
  std::string public_key_;
  crypto::SecretBytes passphrase_;
  std::unique_ptr<crypto::SigningKey> signing_key_;
  TrusteeState state_;
};

}  // namespace urna::tally
