// The challenge of an enrolment proof, docs/protocol.md §4.
#pragma once

#include <cstdint>
#include <span>

#include "core/crypto/hash.h"
#include "core/crypto/scalar.h"

namespace urna::crypto {

// c = Challenge(h, 65535, 65535, 3), h = T("enrolment"; roll, nonce, credential: P, commitment: C).
// P and C are bytes as they were sent, canonical or not.
Scalar EnrolmentChallenge(const Hash32& roll_id, std::span<const uint8_t, 32> nonce,
                          std::span<const uint8_t, 32> credential,
                          std::span<const uint8_t, 32> commitment);

}  // namespace urna::crypto
