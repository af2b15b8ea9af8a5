// For the sources of this folder: SHA-512's compression of several blocks side by side, for each
// kind of vector. sha512_batch.h is what to use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/crypto/vartime/sha512_batch.h"

namespace urna::crypto::vartime {

// One block of 128 bytes into each of `lanes` states. Word i of lane l stands at
// state[i·lanes + l]; blocks[l] has any alignment, and several lanes may read the same block.
struct Sha512Kernel {
  const char* name;
  size_t lanes;
  // How many blocks libcrypto hashes one by one in the time of one call, as measured: with fewer
  // lanes in use a call is a loss. 1: call always.
  size_t worth;
  void (*compress)(uint64_t* state, const uint8_t* const* blocks);  // null: libcrypto, one by one
};

inline constexpr size_t kMaxSha512Lanes = 8;

inline constexpr Sha512Kernel kSha512Libcrypto = {"libcrypto", 1, 1, nullptr};

// On a processor without the instructions these end in SIGILL: ask before calling.
#if defined(__x86_64__)
void Sha512CompressAvx512(uint64_t* state, const uint8_t* const* blocks);  // AVX-512 F and BW
void Sha512CompressAvx2(uint64_t* state, const uint8_t* const* blocks);
inline constexpr Sha512Kernel kSha512Avx512 = {"AVX-512", 8, 2, Sha512CompressAvx512};
inline constexpr Sha512Kernel kSha512Avx2 = {"AVX2", 4, 3, Sha512CompressAvx2};
#endif

// As Sha512Batch, by this kernel and no other.
void Sha512BatchWith(const Sha512Kernel& kernel, std::span<const ByteSpan> messages,
                     std::span<Sha512Digest> digests);

}  // namespace urna::crypto::vartime
