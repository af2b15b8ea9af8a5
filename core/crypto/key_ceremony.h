// The key ceremony as a whole: its hashes and the keys that come out of it. Implements
// docs/protocol.md §5.1–§5.5. The polynomials are in key_polynomial.h, the sealed shares in
// share_box.h, the drill in drill.h; the trustees' messages themselves belong to core/record.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/bytes.h"
#include "core/crypto/hash.h"
#include "core/crypto/key_polynomial.h"
#include "core/crypto/point.h"
#include "core/crypto/share_box.h"

namespace urna::crypto {

// What a trustee publishes in KeyCoefficients, having committed to it in KeyCommitment.
struct DealerCoefficients {
  uint16_t attempt = 0;                      // from 1
  uint16_t trustee = 0;                      // from 1
  std::vector<RistrettoPoint> coefficients;  // A_0 … A_{t−1}
  std::vector<CoefficientProof> proofs;      // one for each
  std::array<uint8_t, 32> encryption_key{};  // X25519
  std::array<uint8_t, 32> salt{};

  friend bool operator==(const DealerCoefficients&, const DealerCoefficients&) = default;
};

// A trustee's part in one attempt, made in one go: polynomial, encryption key, salt and what will
// be published of them. Keep the first two secret and on disk until the acknowledgement.
struct DealerSecrets {
  KeyPolynomial polynomial;
  ShareEncryptionKey encryption_key;
};
struct Dealer {
  DealerSecrets secrets;
  DealerCoefficients published;

  static Dealer Make(const Hash32& poll, uint16_t attempt, uint16_t trustee, uint16_t threshold,
                     Rng& rng);
};

// T32("key commitment"; poll, attempt, trustee, coefficients, proofs, encryption key, salt).
Hash32 KeyCommitmentHash(const Hash32& poll, const DealerCoefficients& published);

// Exactly `threshold` coefficients, none the identity, with valid proofs (§5.2). InvalidArgument
// otherwise, naming trustee and coefficient.
absl::Status VerifyDealerCoefficientsVarTime(const Hash32& poll, uint16_t threshold,
                                             const DealerCoefficients& published);

// T32("ceremony"; poll, attempt, coefficients: the message of KeyCoefficients of i, for i = 1..n).
// 'Message' is the bytes of the fields between version and signature.
Hash32 CeremonyHash(const Hash32& poll, uint16_t attempt,
                    std::span<const Bytes> coefficient_messages);

// T32("ceremony digest"; ceremony, shares: the message of KeyShares of i, for i = 1..n).
Hash32 CeremonyDigest(const Hash32& ceremony, std::span<const Bytes> share_messages);

// What the ceremony makes.
struct ElectionKeys {
  RistrettoPoint election_key;                    // Y = Σ_i A_{i,0}
  std::vector<RistrettoPoint> verification_keys;  // X_j = Σ_i Σ_k j^k·A_{i,k}, j = 1..n

  // From the coefficients of trustees 1..n, in order. InvalidArgument if there is none, if the
  // numbers of coefficients differ, or if one of the keys is the identity.
  static absl::StatusOr<ElectionKeys> ComputeVarTime(
      std::span<const std::vector<RistrettoPoint>> coefficients);

  // X_j, j from 1. OutOfRange if there is no such trustee.
  absl::StatusOr<RistrettoPoint> VerificationKey(uint16_t trustee) const;

  friend bool operator==(const ElectionKeys&, const ElectionKeys&) = default;
};

// T32("key context"; poll, attempt, election key: Y, verification keys: X_1 ‖ … ‖ X_n).
Hash32 KeyContext(const Hash32& poll, uint16_t attempt, const ElectionKeys& keys);

}  // namespace urna::crypto
