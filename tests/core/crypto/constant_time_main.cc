// Secrets are marked undefined, and valgrind complains wherever a branch or an address depends on
// one (Langley, ctgrind). Run under valgrind by the test `constant_time`; by itself it proves
// nothing. What may depend on secret *points* is listed by name in constant_time.supp.
#include <valgrind/memcheck.h>

#include <cstdio>
#include <vector>

#include "core/base/check.h"
#include "core/crypto/credential.h"
#include "core/crypto/decryption.h"
#include "core/crypto/disjunctive_proof.h"
#include "core/crypto/drill.h"
#include "core/crypto/elgamal.h"
#include "core/crypto/key_ceremony.h"
#include "core/crypto/rng.h"
#include "core/crypto/signature.h"
#include "core/crypto/sodium_init.h"

namespace urna::crypto {
namespace {

// Everything drawn from it is a secret.
class SecretRng final : public Rng {
 public:
  void Fill(std::span<uint8_t> out) override {
    rng_.Fill(out);
    VALGRIND_MAKE_MEM_UNDEFINED(out.data(), out.size());
  }

 private:
  SeededRng rng_{4711};
};

// What is published is a secret no longer.
template <typename T>
T Published(T value) {
  VALGRIND_MAKE_MEM_DEFINED(&value, sizeof(value));
  return value;
}

template <typename T>
void PublishAll(const std::vector<T>& values) {
  VALGRIND_MAKE_MEM_DEFINED(values.data(), values.size() * sizeof(T));
}

void Vote(uint64_t value, Rng& rng) {
  const RistrettoPoint key = MulBaseVarTime(Scalar::FromUint64(99));
  VALGRIND_MAKE_MEM_UNDEFINED(&value, sizeof(value));
  const SecretScalar r = SecretScalar::Random(rng);
  const Ciphertext ciphertext = Published(Encrypt(key, value, r));
  auto prover = DisjunctiveProver::Commit(key, ciphertext, value, r, 0, 2, rng);
  URNA_CHECK(prover.ok(), "a vote in its range can be proved");
  PublishAll(prover->commitments());
  const Scalar challenge = Scalar::FromUint64(31337);
  DisjunctiveProof proof = std::move(*prover).Respond(challenge);
  PublishAll(proof.commitments);
  PublishAll(proof.challenges);
  PublishAll(proof.responses);
  URNA_CHECK(VerifyDisjunctiveProofVarTime(key, ciphertext, 0, 2, proof, challenge).ok(),
             "the proof verifies");
}

void SignIn(Rng& rng) {
  const Hash32 roll{};
  const Credential credential = Credential::Generate(rng);
  const RistrettoPoint p = Published(credential.public_key());
  const CredentialProof proof = Published(MakeEnrolmentProof(roll, roll, credential, rng));
  URNA_CHECK(VerifyEnrolmentProofVarTime(roll, roll, p, proof).ok(), "the proof verifies");
}

void ShareKey(Rng& rng) {
  const SecretScalar x = SecretScalar::Random(rng);
  const RistrettoPoint key = Published(MulBase(x));
  const Hash32 context{};
  const Drill drill = Published(MakeDrill(context, 1, 1, x, key, rng));
  URNA_CHECK(VerifyDrillVarTime(context, 1, key, drill).ok(), "the drill verifies");

  const KeyPolynomial polynomial = KeyPolynomial::Random(2, rng);
  PublishAll(polynomial.commitments());
  const SecretScalar share = polynomial.ShareFor(3);
  const ShareEncryptionKey dealer = ShareEncryptionKey::Generate(rng);
  const ShareEncryptionKey recipient = ShareEncryptionKey::Generate(rng);
  const ShareContext binding{context, 1, context, 1, 3};
  const auto sealed = SealShare(binding, dealer, Published(recipient.public_key()), share, rng);
  URNA_CHECK(sealed.ok(), "the share is sealed");
  const auto opened =
      OpenShare(binding, recipient, Published(dealer.public_key()), Published(*sealed));
  URNA_CHECK(opened.ok(), "the share opens");

  const SigningKey signer = SigningKey::Generate(rng);
  const Signature signature = Published(signer.Sign(context));
  URNA_CHECK(Published(signer.public_key()).Verify(context, signature).ok(), "it is signed");
}

}  // namespace
}  // namespace urna::crypto

int main() {
  using namespace urna::crypto;
  if (!InitializeCrypto().ok()) return 2;
  SecretRng rng;
  for (uint64_t value : {0u, 1u, 2u}) Vote(value, rng);
  SignIn(rng);
  ShareKey(rng);
  if (VALGRIND_COUNT_ERRORS != 0) return 1;
  std::printf("no branch and no address depends on a secret\n");
  return 0;
}
