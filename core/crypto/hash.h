// SHA-256 and SHA-512. Public data goes through OpenSSL, which is fast; data that contains a secret
// goes through libsodium, under its own name, and leaves no copy behind.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "core/base/bytes.h"
#include "core/crypto/secret_bytes.h"

extern "C" {
struct evp_md_ctx_st;
}

namespace urna::crypto {

using Hash32 = std::array<uint8_t, 32>;
using Hash64 = std::array<uint8_t, 64>;

// Of public data.
Hash32 Sha256(ByteSpan data);
Hash64 Sha512(ByteSpan data);

namespace internal {

// A digest in progress, copyable.
class EvpHasher {
 public:
  enum class Algorithm { kSha256, kSha512 };

  explicit EvpHasher(Algorithm algorithm);
  EvpHasher(const EvpHasher& other);
  EvpHasher& operator=(const EvpHasher& other);
  EvpHasher(EvpHasher&&) noexcept = default;
  EvpHasher& operator=(EvpHasher&&) noexcept = default;

  void Update(ByteSpan data);

  // Writes the digest, 32 or 64 bytes, and begins anew.
  void Finish(uint8_t* out);

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  Algorithm algorithm_;
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace internal

// Piece by piece, of public data. A copy continues from the same point.
class Sha256Hasher {
 public:
  Sha256Hasher() : hasher_(internal::EvpHasher::Algorithm::kSha256) {}

  Sha256Hasher& Update(ByteSpan data) {
    hasher_.Update(data);
    return *this;
  }

  // The digest of everything since the beginning or the last Finish; the hasher is empty after it.
  Hash32 Finish() {
    Hash32 out;
    hasher_.Finish(out.data());
    return out;
  }

 private:
  internal::EvpHasher hasher_;
};

// As Sha256Hasher.
class Sha512Hasher {
 public:
  Sha512Hasher() : hasher_(internal::EvpHasher::Algorithm::kSha512) {}

  Sha512Hasher& Update(ByteSpan data) {
    hasher_.Update(data);
    return *this;
  }

  Hash64 Finish() {
    Hash64 out;
    hasher_.Finish(out.data());
    return out;
  }

 private:
  internal::EvpHasher hasher_;
};

// SHA-512 of data that contains a secret. The state is wiped; so is the digest, which is a secret.
class SecretSha512Hasher {
 public:
  SecretSha512Hasher();

  SecretSha512Hasher& Update(ByteSpan data);

  // 64 bytes. The hasher must not be used after it.
  SecretBytes Finish() &&;

 private:
  SecretBytes state_;
};

// 64 bytes.
SecretBytes SecretSha512(ByteSpan data);

}  // namespace urna::crypto
