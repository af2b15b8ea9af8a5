#include "tally/trustee_key.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "core/base/codec.h"
#include "core/base/status.h"

namespace urna::tally {
namespace {

// seed ‖ state
crypto::SecretBytes Join(const crypto::SecretBytes& seed, const TrusteeState& state) {
  const crypto::SecretBytes encoded = state.Encode();
  crypto::SecretBytes out(seed.size() + encoded.size());
  std::copy_n(seed.data(), seed.size(), out.data());
  std::copy_n(encoded.data(), encoded.size(), out.data() + seed.size());
  return out;
}

}  // namespace

struct TrusteeKey::Lock {
  int descriptor = -1;
};

void TrusteeKey::Unlock::operator()(Lock* lock) const {
  if (lock->descriptor >= 0) close(lock->descriptor);
  delete lock;
}

absl::StatusOr<console::KeyFile> NewTrusteeKeyFile(absl::string_view name, bool rehearsal,
                                                   crypto::Rng& rng) {
  URNA_ASSIGN_OR_RETURN(console::KeyFile key, console::NewSigningKeyFile("trustee", name, rng));
  TrusteeState state;
  state.rehearsal = rehearsal;
  key.secret = Join(key.secret, state);
  return key;
}

absl::StatusOr<TrusteeKey> TrusteeKey::Open(const std::string& path,
                                            crypto::SecretBytes passphrase) {
  TrusteeKey out;
  const std::string lock_path = path + ".lock";
  out.lock_.reset(new Lock{open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)});
  if (out.lock_->descriptor < 0) {
    return absl::InternalError(absl::StrCat(lock_path, " cannot be opened"));
  }
  if (flock(out.lock_->descriptor, LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is in use by another command; wait until that is done"));
  }
  URNA_ASSIGN_OR_RETURN(console::KeyFile key, console::OpenKeyFile(path, "trustee", passphrase));
  URNA_ASSIGN_OR_RETURN(crypto::SigningKey signing_key, console::SigningKeyOf(key));
  absl::StatusOr<TrusteeState> state =
      TrusteeState::Decode(key.secret.ExposeSpan().subspan(crypto::SigningKey::kSeedSize));
  if (!state.ok()) return Annotate(state.status(), path);
  out.path_ = path;
  out.name_ = key.name;
  out.public_key_ = key.public_key;
  out.passphrase_ = std::move(passphrase);
  out.signing_key_ = std::make_unique<crypto::SigningKey>(std::move(signing_key));
  out.state_ = *std::move(state);
  return out;
}

absl::Status TrusteeKey::Save(crypto::Rng& rng) const {
  console::KeyFile key{"trustee", name_, public_key_,
                       Join(signing_key_->ExposeSeedForKeyFile(), state_)};
  return console::WriteKeyFile(
      path_, key, passphrase_,
      state_.rehearsal ? crypto::PasswordStrength::kRehearsal : crypto::PasswordStrength::kModerate,
      true, rng);
}

}  // namespace urna::tally
