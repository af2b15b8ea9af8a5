#include "core/crypto/hash.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <utility>

#include "core/base/check.h"

namespace urna::crypto {
namespace {

// Looking an algorithm up costs OpenSSL 3 more than hashing a short message, hence once only.
const EVP_MD* FetchedSha256() {
  static const EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  URNA_CHECK(md != nullptr, "libcrypto has no SHA-256");
  return md;
}

const EVP_MD* FetchedSha512() {
  static const EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA512", nullptr);
  URNA_CHECK(md != nullptr, "libcrypto has no SHA-512");
  return md;
}

}  // namespace

Hash32 Sha256(ByteSpan data) {
  Hash32 out;
  URNA_CHECK(
      EVP_Digest(data.data(), data.size(), out.data(), nullptr, FetchedSha256(), nullptr) == 1,
      "SHA-256 failed");
  return out;
}

Hash64 Sha512(ByteSpan data) {
  Hash64 out;
  URNA_CHECK(
      EVP_Digest(data.data(), data.size(), out.data(), nullptr, FetchedSha512(), nullptr) == 1,
      "SHA-512 failed");
  return out;
}

namespace internal {

void EvpHasher::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

EvpHasher::EvpHasher(Algorithm algorithm) : algorithm_(algorithm), context_(EVP_MD_CTX_new()) {
  URNA_CHECK(context_ != nullptr, "out of memory");
  const EVP_MD* md = algorithm_ == Algorithm::kSha256 ? FetchedSha256() : FetchedSha512();
  URNA_CHECK(EVP_DigestInit_ex(context_.get(), md, nullptr) == 1, "EVP_DigestInit_ex failed");
}

EvpHasher::EvpHasher(const EvpHasher& other)
    : algorithm_(other.algorithm_), context_(EVP_MD_CTX_new()) {
  URNA_CHECK(context_ != nullptr, "out of memory");
  URNA_CHECK(EVP_MD_CTX_copy_ex(context_.get(), other.context_.get()) == 1,
             "EVP_MD_CTX_copy_ex failed");
}

EvpHasher& EvpHasher::operator=(const EvpHasher& other) {
  if (this != &other) *this = EvpHasher(other);
  return *this;
}

void EvpHasher::Update(ByteSpan data) {
  URNA_CHECK(EVP_DigestUpdate(context_.get(), data.data(), data.size()) == 1,
             "EVP_DigestUpdate failed");
}

void EvpHasher::Finish(uint8_t* out) {
  URNA_CHECK(EVP_DigestFinal_ex(context_.get(), out, nullptr) == 1, "EVP_DigestFinal_ex failed");
  URNA_CHECK(EVP_DigestInit_ex(context_.get(), nullptr, nullptr) == 1, "EVP_DigestInit_ex failed");
}

}  // namespace internal

SecretSha512Hasher::SecretSha512Hasher() : state_(sizeof(crypto_hash_sha512_state)) {
  crypto_hash_sha512_init(reinterpret_cast<crypto_hash_sha512_state*>(state_.data()));
}

SecretSha512Hasher& SecretSha512Hasher::Update(ByteSpan data) {
  crypto_hash_sha512_update(reinterpret_cast<crypto_hash_sha512_state*>(state_.data()), data.data(),
                            data.size());
  return *this;
}

SecretBytes SecretSha512Hasher::Finish() && {
  SecretBytes out(crypto_hash_sha512_BYTES);
  crypto_hash_sha512_final(reinterpret_cast<crypto_hash_sha512_state*>(state_.data()), out.data());
  return out;
}

SecretBytes SecretSha512(ByteSpan data) {
  SecretBytes out(crypto_hash_sha512_BYTES);
  crypto_hash_sha512(out.data(), data.data(), data.size());
  return out;
}

}  // namespace urna::crypto
