#include "core/crypto/ring_verifier.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/crypto/hash_to_group.h"
#include "core/crypto/proof_batch.h"
#include "core/crypto/vartime/multi_scalar.h"
#include "core/crypto/vartime/outer_products.h"

namespace urna::crypto {
namespace {

using vartime::Point;
using vartime::PublicScalar;

std::vector<Point> DecodeAll(const Ring& ring) {
  std::vector<vartime::Encoding> encodings;
  encodings.reserve(ring.size());
  for (const RistrettoPoint& point : ring.points()) encodings.push_back(point.bytes());
  return vartime::DecodeBatch(encodings).points;
}

DecodedRingBases DecodeBases() {
  const RingBases& bases = TheRingBases();
  DecodedRingBases out;
  for (size_t j = 0; j < kMaxRingDigits; ++j) {
    for (size_t i = 0; i < kRingRadix; ++i) {
      out.u[j][i] = ToVarTimePoint(bases.u[j][i]);
      out.v[j][i] = ToVarTimePoint(bases.v[j][i]);
    }
  }
  out.w = ToVarTimePoint(bases.w);
  out.k_r = ToVarTimePoint(CredentialBase());
  return out;
}

// A sum of multiples that must be the identity.
class Sum {
 public:
  void Add(const PublicScalar& scalar, const Point& point) {
    scalars_.push_back(scalar);
    points_.push_back(point);
  }
  void Add(const PublicScalar& scalar, const RistrettoPoint& point) {
    Add(scalar, ToVarTimePoint(point));
  }
  bool IsIdentity() const { return vartime::MultiScalarMul(scalars_, points_).IsIdentity(); }

 private:
  std::vector<PublicScalar> scalars_;
  std::vector<Point> points_;
};

}  // namespace

const DecodedRingBases& TheDecodedRingBases() {
  static const DecodedRingBases bases = DecodeBases();
  return bases;
}

DecodedRing::DecodedRing(Ring ring) : ring_(std::move(ring)), points_(DecodeAll(ring_)) {}

std::vector<PublicScalar> DigitFactors(std::span<const PublicScalar> f, const PublicScalar& xi) {
  std::vector<PublicScalar> out;
  for (size_t at = 0; at < f.size(); at += kRingRadix - 1) {
    const size_t zero = out.size();
    out.push_back(xi);
    for (size_t i = 1; i < kRingRadix; ++i) {
      out.push_back(f[at + i - 1]);
      out[zero] = out[zero] - out.back();
    }
  }
  return out;
}

absl::Status VerifyRingProofVarTime(const DecodedRing& ring, const RistrettoPoint& tag_base,
                                    const RistrettoPoint& tag, const RingProof& proof,
                                    const Scalar& challenge) {
  const size_t digits = ring.ring().digits();
  if (proof.digits() != digits || proof.f.size() != (kRingRadix - 1) * digits) {
    return absl::InvalidArgumentError(absl::StrCat("the ring proof is not of ", digits, " digits"));
  }
  if (tag.IsIdentity()) return absl::InvalidArgumentError("ring proof: the tag is the identity");
  const PublicScalar xi = ToPublicScalar(challenge);
  const PublicScalar u = ToPublicScalar(proof.u);
  const DecodedRingBases& bases = TheDecodedRingBases();

  Sum tagged;
  tagged.Add(u, tag_base);
  tagged.Add(-PublicScalar::One(), proof.r2);
  tagged.Add(-xi, tag);
  if (!tagged.IsIdentity()) {
    return absl::InvalidArgumentError("ring proof: u·H_e is not R2 + ξ·T");
  }
  Sum opened;
  opened.Add(u, Point::Base());
  opened.Add(ToPublicScalar(proof.v), bases.k_r);
  opened.Add(-PublicScalar::One(), proof.r1);
  opened.Add(-xi, proof.c);
  if (!opened.IsIdentity()) {
    return absl::InvalidArgumentError("ring proof: u·G + v·K_R is not R1 + ξ·C");
  }

  std::vector<PublicScalar> sent;
  for (const Scalar& one : proof.f) sent.push_back(ToPublicScalar(one));
  const std::vector<PublicScalar> f = DigitFactors(sent, xi);
  Sum binary;
  for (size_t j = 0; j < digits; ++j) {
    for (size_t i = 0; i < kRingRadix; ++i) {
      const PublicScalar& f_ji = f[kRingRadix * j + i];
      binary.Add(f_ji, bases.u[j][i]);
      binary.Add(f_ji * (xi - f_ji), bases.v[j][i]);
    }
  }
  binary.Add(ToPublicScalar(proof.z_a), bases.w);
  binary.Add(-PublicScalar::One(), proof.a);
  binary.Add(-xi, proof.b);
  if (!binary.IsIdentity()) {
    return absl::InvalidArgumentError(
        "ring proof: the digits do not open A + ξ·B to zeros and one one each");
  }

  Sum member;
  const std::vector<PublicScalar> coefficients = vartime::DigitProducts(f, kRingRadix);
  for (size_t k = 0; k < ring.points().size(); ++k) member.Add(coefficients[k], ring.points()[k]);
  PublicScalar power = PublicScalar::One();
  for (const RistrettoPoint& x : proof.x) {
    member.Add(-power, x);
    power = power * xi;
  }
  member.Add(-power, proof.c);
  member.Add(-ToPublicScalar(proof.z), bases.k_r);
  if (!member.IsIdentity()) {
    return absl::InvalidArgumentError(
        "ring proof: the point that the digits choose does not fit C, X and z");
  }
  return absl::OkStatus();
}

}  // namespace urna::crypto
