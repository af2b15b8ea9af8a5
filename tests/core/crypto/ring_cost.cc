// How many multiplications and additions of libsodium's a ring proof takes, counted where the
// linker puts our functions before libsodium's: as many as docs/protocol.md §3.8 says, wherever the
// signer stands.
#include <gtest/gtest.h>

#include "tests/core/crypto/ring_kit.h"

namespace urna::crypto {
namespace {

struct Cost {
  size_t multiplications = 0, additions = 0;
  friend bool operator==(const Cost&, const Cost&) = default;
};

Cost counted;

}  // namespace
}  // namespace urna::crypto

// --wrap (CMakeLists.txt): `__wrap_f` stands for f, and `__real_f` is libsodium's.
extern "C" {
using Byte = unsigned char;
int __real_crypto_scalarmult_ristretto255_base(Byte* q, const Byte* n);
int __real_crypto_scalarmult_ristretto255(Byte* q, const Byte* n, const Byte* p);
int __real_crypto_core_ristretto255_add(Byte* r, const Byte* p, const Byte* q);
int __real_crypto_core_ristretto255_sub(Byte* r, const Byte* p, const Byte* q);

int __wrap_crypto_scalarmult_ristretto255_base(Byte* q, const Byte* n) {
  ++urna::crypto::counted.multiplications;
  return __real_crypto_scalarmult_ristretto255_base(q, n);
}
int __wrap_crypto_scalarmult_ristretto255(Byte* q, const Byte* n, const Byte* p) {
  ++urna::crypto::counted.multiplications;
  return __real_crypto_scalarmult_ristretto255(q, n, p);
}
int __wrap_crypto_core_ristretto255_add(Byte* r, const Byte* p, const Byte* q) {
  ++urna::crypto::counted.additions;
  return __real_crypto_core_ristretto255_add(r, p, q);
}
int __wrap_crypto_core_ristretto255_sub(Byte* r, const Byte* p, const Byte* q) {
  ++urna::crypto::counted.additions;
  return __real_crypto_core_ristretto255_sub(r, p, q);
}
}

namespace urna::crypto {
namespace {

Cost CostOf(const Ring& ring, const Credential& credential, Rng& rng) {
  const RistrettoPoint tag_base = TagBase({});
  TheRingBases();
  CredentialBase();
  counted = {};
  RingProver prover = RingProver::Commit(ring, credential, tag_base, {}, rng).value();
  std::move(prover).Respond(Scalar::FromUint64(7));
  return counted;
}

TEST(RingCostTest, IsThatOfTheDocumentAndTheSameForEverybody) {
  SeededRng rng(111);
  std::vector<Credential> credentials;
  std::vector<RistrettoPoint> members;
  for (size_t i = 0; i < 5; ++i) {
    credentials.push_back(Credential::Generate(rng));
    members.push_back(credentials.back().public_key());
  }
  for (const auto& [size, expected] : {std::pair<size_t, size_t>{64, 137}, {1024, 1627}}) {
    const Ring ring = RingWith(members, size);
    const Cost first = CostOf(ring, credentials[0], rng);
    EXPECT_EQ(first.multiplications, expected + 1) << "and one for the tag; ring of " << size;
    for (const Credential& credential : credentials) {
      EXPECT_EQ(CostOf(ring, credential, rng), first);
    }
  }
}

}  // namespace
}  // namespace urna::crypto
