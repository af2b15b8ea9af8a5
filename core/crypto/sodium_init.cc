#include "core/crypto/sodium_init.h"

#include <sodium.h>

namespace urna::crypto {

absl::Status InitializeCrypto() {
  if (sodium_init() < 0) return absl::InternalError("libsodium could not be initialised");
  return absl::OkStatus();
}

}  // namespace urna::crypto
