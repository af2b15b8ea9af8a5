#include "core/crypto/ring_prover.h"

#include <cstdint>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "core/base/check.h"
#include "core/base/status.h"
#include "core/crypto/credential_secrets.h"
#include "core/crypto/hash_to_group.h"
#include "core/crypto/nonce_source.h"
#include "core/crypto/proof_batch.h"
#include "core/crypto/secret_bytes.h"
#include "core/crypto/vartime/encode_doubled.h"

namespace urna::crypto {
namespace {

constexpr size_t kN = kRingRadix;

// 0xff if both are equal, else 0.
uint8_t EqualMask(uint64_t a, uint64_t b) {
  const uint64_t difference = a ^ b;
  const uint64_t differs = (difference | (0 - difference)) >> 63;
  return static_cast<uint8_t>(differs - 1);
}

// Points that tell who signs; wiped when they go.
class SecretPoints {
 public:
  explicit SecretPoints(size_t size) : points_(size) {}
  SecretPoints(SecretPoints&&) noexcept = default;
  SecretPoints& operator=(SecretPoints&& other) noexcept {
    std::swap(points_, other.points_);
    return *this;
  }
  ~SecretPoints() {
    static_assert(std::is_trivially_copyable_v<RistrettoPoint>);
    auto* bytes = reinterpret_cast<uint8_t*>(points_.data());
    Wipe(std::span<uint8_t>(bytes, points_.size() * sizeof(RistrettoPoint)));
  }

  RistrettoPoint& operator[](size_t i) { return points_[i]; }
  // The `number`-th n of them.
  std::span<const RistrettoPoint> Group(size_t number) const {
    return std::span<const RistrettoPoint>(points_).subspan(kN * number, kN);
  }

 private:
  std::vector<RistrettoPoint> points_;
};

// 2·(P_{n·r+i} − P_{n·r}) at (n−1)·r + i − 1: public, so the fast arithmetic may make them. None is
// the identity, as no two points of a ring are equal.
std::vector<RistrettoPoint> DoubledDifferences(const Ring& ring) {
  std::vector<vartime::Encoding> encodings;
  for (const RistrettoPoint& point : ring.points()) encodings.push_back(point.bytes());
  const std::vector<vartime::Point> points = vartime::DecodeBatch(encodings).points;
  std::vector<vartime::Point> differences;
  for (size_t k = 0; k < points.size(); ++k) {
    if (k % kN != 0) differences.push_back(points[k] - points[k - k % kN]);
  }
  std::vector<RistrettoPoint> out;
  for (const vartime::Encoding& encoding : vartime::EncodeDoubled(differences)) {
    out.push_back(RistrettoPoint::Decode(encoding).value());
  }
  return out;
}

// The signer's place in the ring by its digits; secret.
class SecretPlace {
 public:
  explicit SecretPlace(size_t digits) : digits_(digits), digit_masks_(kN * digits) {}

  // 0xff if the point is in the ring, else 0; looks at all of them.
  uint8_t Find(const Ring& ring, const RistrettoPoint& own) {
    uint8_t found = 0;
    for (size_t k = 0; k < ring.size(); ++k) {
      uint8_t differs = 0;
      for (size_t byte = 0; byte < RistrettoPoint::kSize; ++byte) {
        differs |= ring.points()[k].bytes()[byte] ^ own.bytes()[byte];
      }
      const uint8_t here = EqualMask(differs, 0);
      found |= here;
      for (size_t j = 0; j < digits_; ++j) {
        digit_masks_.MutableSpan()[kN * j + (k >> (2 * j)) % kN] |= here;
      }
    }
    return found;
  }

  // σ_{j,i} as a mask: 0xff if i = l_j, else 0.
  uint8_t Sigma(size_t j, size_t i) const { return digit_masks_.ExposeSpan()[kN * j + i]; }

  // One of n points by digit j.
  RistrettoPoint Select(std::span<const RistrettoPoint> points, size_t j) const {
    uint64_t digit = 0;
    for (uint64_t i = 1; i < kN; ++i) digit |= i & Sigma(j, i);
    return SelectPoint(points, digit);
  }

 private:
  static_assert(kN == 4, "a digit is two bits");

  size_t digits_;
  SecretBytes digit_masks_;  // n a digit
};

// Whether there is a proof to make at all is not a secret.
[[gnu::noinline]] absl::Status CheckIsInRing(uint8_t found) {
  if (found != 0) return absl::OkStatus();
  return absl::InvalidArgumentError("the credential is not in the ring");
}

}  // namespace

namespace internal {

// Everything that must go with the answer.
struct RingSecrets {
  RingSecrets(CredentialSecrets own, SecretPlace own_place, size_t digits, NonceSource& nonces)
      : s(std::move(own.s)),
        t(std::move(own.t)),
        place(std::move(own_place)),
        r(nonces.Next()),
        r_a(nonces.Next()),
        r_b(nonces.Next()),
        alpha(nonces.Next()),
        beta(nonces.Next()) {
    a.reserve(kN * digits);
    for (size_t j = 0; j < digits; ++j) {
      rho.push_back(nonces.Next());
      a.push_back(SecretScalar::FromUint64(0));
      for (size_t i = 1; i < kN; ++i) {
        a.push_back(nonces.Next());
        a[kN * j] = a[kN * j].Sub(a.back());
      }
    }
  }

  size_t digits() const { return rho.size(); }
  const SecretScalar& A(size_t j, size_t i) const { return a[kN * j + i]; }

  // B's part of one place is ±a·V with the sign of 1 − 2σ.
  SecretScalar SignedA(size_t j, size_t i) const {
    return A(j, i).Sub(A(j, i).Add(A(j, i)).Masked(place.Sigma(j, i)));
  }

  SecretScalar s, t;
  SecretPlace place;
  SecretScalar r, r_a, r_b, alpha, beta;  // r is r′
  std::vector<SecretScalar> a;            // a_{j,i}; of every j they add up to zero
  std::vector<SecretScalar> rho;
};

}  // namespace internal

namespace {

using internal::RingSecrets;

// Σ_k p_{k,d}·P_k of every d < m, digit by digit. After j digits there is, for each number that the
// remaining digits can make, a polynomial of degree j with points for coefficients: coefficient d
// of number r at d·numbers + r. One more digit multiplies n of them by σ_i·x + a_i and adds them
// up.
class PolynomialOfPoints {
 public:
  PolynomialOfPoints(const Ring& ring, const RingSecrets& secrets)
      : numbers_(ring.size() / kN), degree_(1), coefficients_(2 * numbers_) {
    // With a_0 = −Σ a_i the first digit takes n − 1 multiplications of differences, not n.
    const std::vector<RistrettoPoint> differences = DoubledDifferences(ring);
    const Scalar half = Scalar::Decode(vartime::HalfScalar().bytes()).value();
    std::vector<SecretScalar> halves;
    for (size_t i = 1; i < kN; ++i) halves.push_back(secrets.A(0, i).Mul(half));
    for (size_t r = 0; r < numbers_; ++r) {
      RistrettoPoint& sum = coefficients_[r];
      sum = Mul(halves[0], differences[(kN - 1) * r]);
      for (size_t i = 1; i < halves.size(); ++i) {
        sum = sum + Mul(halves[i], differences[(kN - 1) * r + i]);
      }
      coefficients_[numbers_ + r] = secrets.place.Select(ring.points().subspan(kN * r, kN), 0);
    }
    for (size_t j = 1; j < ring.digits(); ++j) TakeDigit(j, secrets);
  }

  RistrettoPoint& operator[](size_t d) { return coefficients_[d]; }

 private:
  void TakeDigit(size_t j, const RingSecrets& secrets) {
    const size_t numbers = numbers_ / kN;
    SecretPoints next((degree_ + 2) * numbers);
    for (size_t at = 0; at < (degree_ + 1) * numbers; ++at) {
      const std::span<const RistrettoPoint> group = coefficients_.Group(at);
      next[numbers + at] = secrets.place.Select(group, j);  // σ·x raises the degree
    }
    for (size_t at = 0; at < (degree_ + 1) * numbers; ++at) {
      const std::span<const RistrettoPoint> group = coefficients_.Group(at);
      RistrettoPoint& sum = next[at];
      for (size_t i = 0; i < kN; ++i) sum = sum + Mul(secrets.A(j, i), group[i]);
    }
    coefficients_ = std::move(next);
    numbers_ = numbers;
    ++degree_;
  }

  size_t numbers_, degree_;
  SecretPoints coefficients_;
};

// A = Σ a·U − Σ a²·V + r_A·W
RistrettoPoint CommitToNonces(const RingSecrets& secrets) {
  const RingBases& bases = TheRingBases();
  RistrettoPoint out = Mul(secrets.r_a, bases.w);
  for (size_t j = 0; j < secrets.digits(); ++j) {
    for (size_t i = 0; i < kN; ++i) {
      const SecretScalar& a = secrets.A(j, i);
      out = out + Mul(a, bases.u[j][i]) - Mul(a.Mul(a), bases.v[j][i]);
    }
  }
  return out;
}

// B = Σ σ·U + Σ a(1−2σ)·V + r_B·W
RistrettoPoint CommitToDigits(const RingSecrets& secrets) {
  const RingBases& bases = TheRingBases();
  RistrettoPoint out = Mul(secrets.r_b, bases.w);
  for (size_t j = 0; j < secrets.digits(); ++j) {
    out = out + secrets.place.Select(bases.u[j], j);
    for (size_t i = 0; i < kN; ++i) out = out + Mul(secrets.SignedA(j, i), bases.v[j][i]);
  }
  return out;
}

}  // namespace

RingProver::RingProver(std::unique_ptr<internal::RingSecrets> secrets)
    : secrets_(std::move(secrets)) {}
RingProver::RingProver(RingProver&&) noexcept = default;
RingProver& RingProver::operator=(RingProver&&) noexcept = default;
RingProver::~RingProver() = default;

absl::StatusOr<RingProver> RingProver::Commit(const Ring& ring, const Credential& credential,
                                              const RistrettoPoint& tag_base, ByteSpan context,
                                              Rng& rng) {
  SecretPlace place(ring.digits());
  URNA_RETURN_IF_ERROR(CheckIsInRing(place.Find(ring, credential.public_key())));
  CredentialSecrets own = CredentialSecrets::Of(credential);
  NonceSource nonces("ring proof", rng);
  nonces.Secret(own.s).Secret(own.t);
  nonces.Public(ring.hash()).Public(tag_base).Public(context);
  RingProver out(
      std::make_unique<RingSecrets>(std::move(own), std::move(place), ring.digits(), nonces));
  const RingSecrets& secrets = *out.secrets_;
  out.tag_ = Mul(secrets.s, tag_base);
  RingProof& proof = out.proof_;
  proof.a = CommitToNonces(secrets);
  proof.b = CommitToDigits(secrets);
  PolynomialOfPoints polynomial(ring, secrets);
  for (size_t d = 0; d < ring.digits(); ++d) {
    proof.x.push_back(polynomial[d] + Mul(secrets.rho[d], CredentialBase()));
  }
  // s·G = P − t·K_R saves a multiplication.
  proof.c = credential.public_key() + Mul(secrets.r.Sub(secrets.t), CredentialBase());
  proof.r1 = MulBase(secrets.alpha) + Mul(secrets.beta, CredentialBase());
  proof.r2 = Mul(secrets.alpha, tag_base);
  return out;
}

RingProof RingProver::Respond(const Scalar& challenge) && {
  URNA_CHECK(secrets_ != nullptr, "a ring proof answers one challenge");
  const std::unique_ptr<const RingSecrets> secrets = std::move(secrets_);
  const SecretScalar secret_challenge = SecretScalar::FromPublic(challenge);
  SecretScalar z = SecretScalar::FromUint64(0);
  Scalar power = Scalar::One();  // ξ^j
  for (size_t j = 0; j < secrets->digits(); ++j) {
    for (size_t i = 1; i < kN; ++i) {
      proof_.f.push_back(secret_challenge.Masked(secrets->place.Sigma(j, i))
                             .Add(secrets->A(j, i))
                             .ExposeForProofResponse());
    }
    z = z.Sub(secrets->rho[j].Mul(power));
    power = power * challenge;
  }
  proof_.z_a = secrets->r_a.Add(secrets->r_b.Mul(challenge)).ExposeForProofResponse();
  proof_.z = z.Add(secrets->t.Sub(secrets->r).Mul(power)).ExposeForProofResponse();
  proof_.u = secrets->alpha.Add(secrets->s.Mul(challenge)).ExposeForProofResponse();
  proof_.v = secrets->beta.Add(secrets->r.Mul(challenge)).ExposeForProofResponse();
  return std::move(proof_);
}

}  // namespace urna::crypto
