// SHA-512 (FIPS 180-4) of many messages at once, several side by side where the processor can:
// transcripts and challenges of whole batches (docs/protocol.md §2).
//
// For public data only: what is hashed stays in memory, and the time tells the lengths.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/base/bytes.h"

namespace urna::crypto::vartime {

using Sha512Digest = std::array<uint8_t, 64>;

// digests[i] = SHA-512(messages[i]), by the current engine (engine.h). Both spans have the same
// length (checked, aborts), which may be 0. Messages may have any lengths; those of about the same
// length are hashed side by side, wherever they stand. Any thread.
void Sha512Batch(std::span<const ByteSpan> messages, std::span<Sha512Digest> digests);

}  // namespace urna::crypto::vartime
