// SHA-512 (FIPS 180-4) of many messages at once, several side by side where the processor can:
// transcripts and challenges of whole batches (docs/protocol.md §2).
//
// For public data only: what is hashed stays in memory, and the time tells the lengths.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/base/bytes.h"

namespace urna::crypto::vartime {

using Sha512Digest = std::array<uint8_t, 64>;

// digests[i] = SHA-512(messages[i]), on the fastest back end that this processor has. Both spans
// have the same length (checked, aborts), which may be 0. Messages may have any lengths; those of
// about the same length are hashed side by side, wherever they stand. Any thread.
void Sha512Batch(std::span<const ByteSpan> messages, std::span<Sha512Digest> digests);

// For tests and measurements: one back end and no other.
enum class Sha512Backend {
  kAvx512,     // 8 messages side by side; AVX-512 F and BW
  kAvx2,       // 4
  kLibcrypto,  // OpenSSL's, one by one: on any processor
  kEmulated,   // the algorithm of the vectors in plain C++, slow, 3 messages: only to test it
};

absl::string_view Name(Sha512Backend backend);

// Those that work on this processor, the fastest first.
std::vector<Sha512Backend> AvailableSha512Backends();

// As Sha512Batch. Aborts if the back end is not available.
void Sha512BatchWith(Sha512Backend backend, std::span<const ByteSpan> messages,
                     std::span<Sha512Digest> digests);

}  // namespace urna::crypto::vartime
