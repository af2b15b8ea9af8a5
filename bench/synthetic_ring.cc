#include "bench/synthetic_ring.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/crypto/hash_to_group.h"
#include "core/crypto/proof_batch.h"
#include "core/crypto/ring.h"

namespace urna::bench {
namespace {

using crypto::kRingRadix;
using crypto::Rng;
using crypto::vartime::Encoding;
using crypto::vartime::Point;
using crypto::vartime::PublicScalar;

PublicScalar Random(Rng& rng) { return PublicScalar::Reduce(rng.Array<64>()); }

crypto::vartime::FixedBaseTable TableOf(const crypto::RistrettoPoint& point) {
  return crypto::vartime::FixedBaseTable(crypto::ToVarTimePoint(point));
}

void Append(const Point& point, Bytes& out) {
  const Encoding encoding = point.Encode();
  out.insert(out.end(), encoding.begin(), encoding.end());
}

void Append(const PublicScalar& scalar, Bytes& out) {
  const std::array<uint8_t, 32> bytes = scalar.bytes();
  out.insert(out.end(), bytes.begin(), bytes.end());
}

// Σ_k p_{k,d}·values[k] of every d, with Π_j (σ_{j,k_j}·x + a_{j,k_j}) = Σ_d p_{k,d}·x^d: digit by
// digit, as the prover does with points.
std::vector<PublicScalar> SumsOfPolynomials(const std::vector<PublicScalar>& values,
                                            const std::vector<PublicScalar>& a, size_t place) {
  std::vector<PublicScalar> now = values;  // coefficient d of number r at d·numbers + r
  size_t numbers = values.size(), coefficients = 1;
  for (size_t j = 0; numbers > 1; ++j, place /= kRingRadix) {
    const size_t fewer = numbers / kRingRadix;
    std::vector<PublicScalar> next((coefficients + 1) * fewer);
    for (size_t at = 0; at < coefficients * fewer; ++at) {
      next[fewer + at] += now[kRingRadix * at + place % kRingRadix];
      for (size_t i = 0; i < kRingRadix; ++i) {
        next[at] += a[kRingRadix * j + i] * now[kRingRadix * at + i];
      }
    }
    now = std::move(next);
    numbers = fewer;
    ++coefficients;
  }
  return now;
}

std::vector<SyntheticRing::Secret> DrawSecrets(size_t count, Rng& rng) {
  std::vector<SyntheticRing::Secret> out;
  for (size_t k = 0; k < count; ++k) {
    const PublicScalar s = Random(rng);
    out.push_back({s, Random(rng)});
  }
  return out;
}

}  // namespace

ThrowawayBases::ThrowawayBases(const crypto::RistrettoPoint& tag_base)
    : g_(Point::Base()),
      k_r_(TableOf(crypto::CredentialBase())),
      h_e_(TableOf(tag_base)),
      w_(TableOf(crypto::TheRingBases().w)) {
  for (size_t j = 0; j < crypto::kMaxRingDigits; ++j) {
    for (size_t i = 0; i < kRingRadix; ++i) {
      u_.push_back(TableOf(crypto::TheRingBases().u[j][i]));
      v_.push_back(TableOf(crypto::TheRingBases().v[j][i]));
    }
  }
}

SyntheticRing::SyntheticRing(size_t size, const ThrowawayBases& bases, Rng& rng)
    : SyntheticRing(DrawSecrets(size, rng), bases) {}

SyntheticRing::SyntheticRing(std::span<const Secret> of, const ThrowawayBases& bases)
    : bases_(bases) {
  std::vector<std::pair<Encoding, Secret>> members;
  for (const Secret& own : of) {
    members.emplace_back((bases.g_.Mul(own.s) + bases.k_r_.Mul(own.t)).Encode(), own);
  }
  std::ranges::sort(members, {}, [](const auto& member) { return member.first; });
  Bytes points;
  for (const auto& [encoding, own] : members) {
    points.insert(points.end(), encoding.begin(), encoding.end());
    secrets_.push_back(own);
  }
  absl::StatusOr<crypto::Ring> ring = crypto::Ring::Decode(points);
  URNA_CHECK(ring.ok(), "a synthetic ring has the size of a ring");
  ring_ = std::make_unique<crypto::DecodedRing>(*std::move(ring));
}

SyntheticSignature SyntheticRing::Sign(size_t place, const ChallengeOf& challenge, Rng& rng) const {
  const size_t digits = ring_->ring().digits();
  const Secret& own = secrets_[place];
  const Number r_a = Random(rng), r_b = Random(rng), r = Random(rng);
  const Number alpha = Random(rng), beta = Random(rng);
  std::vector<Number> a(kRingRadix * digits), rho, s_values, t_values;
  Point commit_a = bases_.w_.Mul(r_a), commit_b = bases_.w_.Mul(r_b);
  for (size_t j = 0, rest = place; j < digits; ++j, rest /= kRingRadix) {
    rho.push_back(Random(rng));
    Number* const row = &a[kRingRadix * j];
    for (size_t i = 1; i < kRingRadix; ++i) row[0] = row[0] - (row[i] = Random(rng));
    for (size_t i = 0; i < kRingRadix; ++i) {
      const auto &u = bases_.u_[kRingRadix * j + i], &v = bases_.v_[kRingRadix * j + i];
      const bool here = rest % kRingRadix == i;
      commit_a = commit_a + u.Mul(row[i]) - v.Mul(row[i] * row[i]);
      commit_b = commit_b + v.Mul(here ? -row[i] : row[i]);
      if (here) commit_b = commit_b + u.base();
    }
  }
  for (const Secret& one : secrets_) {
    s_values.push_back(one.s);
    t_values.push_back(one.t);
  }
  const std::vector<Number> s_sums = SumsOfPolynomials(s_values, a, place);
  const std::vector<Number> t_sums = SumsOfPolynomials(t_values, a, place);

  SyntheticSignature out;
  out.tag = bases_.h_e_.Mul(own.s).Encode();
  Append(commit_a, out.commitments);
  Append(commit_b, out.commitments);
  for (size_t d = 0; d < digits; ++d) {
    Append(bases_.g_.Mul(s_sums[d]) + bases_.k_r_.Mul(t_sums[d] + rho[d]), out.commitments);
  }
  Append(bases_.g_.Mul(own.s) + bases_.k_r_.Mul(r), out.commitments);
  Append(bases_.g_.Mul(alpha) + bases_.k_r_.Mul(beta), out.commitments);
  Append(bases_.h_e_.Mul(alpha), out.commitments);

  out.challenge = challenge(out.tag, out.commitments);
  const Number xi = crypto::ToPublicScalar(out.challenge);
  Number power = Number::One(), z;
  for (size_t j = 0, rest = place; j < digits; ++j, rest /= kRingRadix) {
    for (size_t i = 1; i < kRingRadix; ++i) {
      const Number& a_ji = a[kRingRadix * j + i];
      Append(rest % kRingRadix == i ? a_ji + xi : a_ji, out.responses);
    }
    z = z - rho[j] * power;
    power = power * xi;
  }
  Append(r_a + xi * r_b, out.responses);
  Append(z + (own.t - r) * power, out.responses);
  Append(alpha + xi * own.s, out.responses);
  Append(beta + xi * r, out.responses);
  return out;
}

}  // namespace urna::bench
