// Makes libsodium ready. Every main calls this first.
#pragma once

#include "absl/status/status.h"

namespace urna::crypto {

// Chooses libsodium's implementations for this processor and opens the system's source of
// randomness. May be called any number of times and from any thread. Internal if it fails, and
// then nothing else of this folder may be used.
absl::Status InitializeCrypto();

}  // namespace urna::crypto
