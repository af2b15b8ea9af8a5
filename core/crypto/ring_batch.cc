#include "core/crypto/ring_batch.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "core/crypto/hash_to_group.h"
#include "core/crypto/proof_batch.h"
#include "core/crypto/vartime/batch_equation.h"
#include "core/crypto/vartime/outer_products.h"

namespace urna::crypto {
namespace {

using vartime::Encoding;
using vartime::EquationBatch;
using vartime::OuterProducts;
using vartime::Point;
using vartime::PublicScalar;

// The responses of a claim.
struct Responses {
  std::vector<PublicScalar> f;  // all n of every digit
  PublicScalar z_a, z, u, v;
};

// None if something does not decode.
std::optional<Responses> DecodeResponses(const RingClaim& claim) {
  std::vector<PublicScalar> all;
  for (size_t at = 0; at < claim.responses.size(); at += 32) {
    const auto one = PublicScalar::Decode(claim.responses.subspan(at).first<32>());
    if (!one.ok()) return std::nullopt;
    all.push_back(*one);
  }
  const size_t ends = all.size() - 4;
  return Responses{DigitFactors(std::span(all).first(ends), ToPublicScalar(claim.challenge)),
                   all[ends], all[ends + 1], all[ends + 2], all[ends + 3]};
}

// A claim whose points are decoded: T, A, B, X_0 …, C, R1, R2 from `first` on.
struct ClaimToCheck {
  size_t position;
  const RingClaim* claim;
  Responses responses;
  size_t first;
};

// The sums that the claims of a range come to.
class RangeOfClaims {
 public:
  explicit RangeOfClaims(Rng& rng)
      : batch_(WeightsFrom(rng)),
        g_(batch_.AddBase(Point::Base())),
        k_r_(batch_.AddBase(TheDecodedRingBases().k_r)),
        w_(batch_.AddBase(TheDecodedRingBases().w)) {}

  // Equations 4 and 3. `points`, here and below: T, A, B, X_0 …, C, R1, R2.
  void AddTag(const ClaimToCheck& one, const Point* points) {
    const Responses& sent = one.responses;
    const PublicScalar xi = ToPublicScalar(one.claim->challenge);
    const Point *tag = points, *c = points + 3 + one.claim->ring->ring().digits();
    const Point *r1 = c + 1, *r2 = c + 2;

    batch_.BeginEquation();  // u·H_e = R2 + ξ·T
    batch_.Add(sent.u, TagBase(one.claim->tag_base));
    batch_.Subtract(*r2);
    batch_.Subtract(xi, *tag);
    batch_.BeginEquation();  // u·G + v·K_R = R1 + ξ·C
    batch_.Add(sent.u, g_);
    batch_.Add(sent.v, k_r_);
    batch_.Subtract(*r1);
    batch_.Subtract(xi, *c);
  }

  // Equations 1 and 2.
  void AddMember(const ClaimToCheck& one, const Point* points) {
    const Responses& sent = one.responses;
    const size_t digits = one.claim->ring->ring().digits();
    const PublicScalar xi = ToPublicScalar(one.claim->challenge);
    const Point *a = points + 1, *b = points + 2, *x = points + 3, *c = x + digits;

    batch_.BeginEquation();  // Σ f·U + Σ f(ξ−f)·V + z_A·W = A + ξ·B
    NeedDigits(digits);
    for (size_t at = 0; at < sent.f.size(); ++at) {
      batch_.Add(sent.f[at], u_[at]);
      batch_.Add(sent.f[at] * (xi - sent.f[at]), v_[at]);
    }
    batch_.Add(sent.z_a, w_);
    batch_.Subtract(*a);
    batch_.Subtract(xi, *b);
    batch_.BeginEquation();  // Σ_k (Π f)·P_k = ξ^m·C + Σ ξ^d·X_d + z·K_R
    AddMembers(*one.claim->ring, sent.f);
    PublicScalar power = PublicScalar::One();
    for (size_t d = 0; d < digits; ++d) {
      batch_.Subtract(power, x[d]);
      power = power * xi;
    }
    batch_.Subtract(power, *c);
    batch_.Subtract(sent.z, k_r_);
  }

  void AddAll(const ClaimToCheck& one, const Point* points) {
    AddTag(one, points);
    AddMember(one, points);
  }

  bool Check() {
    for (const auto& [ring, products] : members_) {
      const std::vector<PublicScalar> coefficients = products.Take();
      for (size_t k = 0; k < coefficients.size(); ++k) {
        batch_.AddWeighted(coefficients[k], ring->points()[k]);
      }
    }
    return batch_.Check();
  }

 private:
  // The weighted products of all claims over a ring, the lower half of the digits by the upper.
  void AddMembers(const DecodedRing& ring, std::span<const PublicScalar> f) {
    const size_t low_factors = kRingRadix * ((ring.ring().digits() + 1) / 2);
    const auto low = vartime::DigitProducts(f.first(low_factors), kRingRadix);
    auto high = vartime::DigitProducts(f.subspan(low_factors), kRingRadix);
    for (PublicScalar& product : high) product = product * batch_.weight();
    members_.try_emplace(&ring, low.size(), high.size()).first->second.Add(low, high);
  }

  EquationBatch::Base TagBase(const RistrettoPoint& base) {
    const auto found = tag_bases_.find(base);
    if (found != tag_bases_.end()) return found->second;
    return tag_bases_.emplace(base, batch_.AddBase(ToVarTimePoint(base))).first->second;
  }

  // U and V of so many digits are bases.
  void NeedDigits(size_t digits) {
    for (size_t j = u_.size() / kRingRadix; j < digits; ++j) {
      for (const Point& u : TheDecodedRingBases().u[j]) u_.push_back(batch_.AddBase(u));
      for (const Point& v : TheDecodedRingBases().v[j]) v_.push_back(batch_.AddBase(v));
    }
  }

  EquationBatch batch_;
  EquationBatch::Base g_, k_r_, w_;
  std::vector<EquationBatch::Base> u_, v_;
  std::map<RistrettoPoint, EquationBatch::Base> tag_bases_;
  std::map<const DecodedRing*, OuterProducts> members_;
};

bool IsIdentity(std::span<const uint8_t, 32> bytes) {
  return std::ranges::all_of(bytes, [](uint8_t byte) { return byte == 0; });
}

// The claims of the right sizes, by ring, their points decoded together.
class ClaimsByRing {
 public:
  explicit ClaimsByRing(std::span<const RingClaim> claims) {
    std::vector<Encoding> encodings;
    std::vector<ClaimToCheck> checks;
    for (size_t i = 0; i < claims.size(); ++i) {
      const RingClaim& claim = claims[i];
      const size_t digits = claim.ring->ring().digits();
      std::optional<Responses> responses;
      if (claim.commitments.size() == RingCommitmentsSize(digits) &&
          claim.responses.size() == RingResponsesSize(digits) && !IsIdentity(claim.tag)) {
        responses = DecodeResponses(claim);
      }
      if (!responses.has_value()) {
        unproved_.push_back(i);
        continue;
      }
      checks.push_back({i, &claim, *std::move(responses), encodings.size()});
      std::ranges::copy(claim.tag, encodings.emplace_back().begin());
      for (size_t at = 0; at < claim.commitments.size(); at += 32) {
        std::ranges::copy(claim.commitments.subspan(at, 32), encodings.emplace_back().begin());
      }
    }
    vartime::DecodedBatch decoded = vartime::DecodeBatch(encodings);
    points_ = std::move(decoded.points);
    std::vector<bool> failed(points_.size());
    for (size_t at : decoded.failed) failed[at] = true;
    for (ClaimToCheck& one : checks) {
      const auto begin = failed.begin() + static_cast<ptrdiff_t>(one.first);
      const auto end = begin + 1 + static_cast<ptrdiff_t>(one.claim->commitments.size() / 32);
      if (std::find(begin, end, true) == end) {
        checks_.push_back(std::move(one));
      } else {
        unproved_.push_back(one.position);
      }
    }
    // Halves of a batch should not have all rings each.
    std::ranges::stable_sort(checks_, {}, [](const ClaimToCheck& one) { return one.claim->ring; });
  }

  std::vector<size_t> FindUnproved(Rng& rng) const {
    std::vector<size_t> unproved = unproved_;
    for (size_t bad : Failing(All(), &RangeOfClaims::AddAll, rng)) {
      unproved.push_back(checks_[bad].position);
    }
    std::ranges::sort(unproved);
    return unproved;
  }

  std::vector<UnprovedRing> FindByStage(Rng& rng) const {
    std::vector<UnprovedRing> unproved;
    for (size_t position : unproved_) unproved.push_back({position, RingStage::kForm});
    std::vector<size_t> left = All();
    for (const auto& [stage, add] : {std::pair{RingStage::kTag, &RangeOfClaims::AddTag},
                                     std::pair{RingStage::kMember, &RangeOfClaims::AddMember}}) {
      const std::vector<size_t> failing = Failing(left, add, rng);
      for (size_t bad : failing) unproved.push_back({checks_[bad].position, stage});
      std::erase_if(left, [&](size_t i) { return std::ranges::binary_search(failing, i); });
    }
    std::ranges::sort(unproved, {}, &UnprovedRing::position);
    return unproved;
  }

 private:
  using AddEquations = void (RangeOfClaims::*)(const ClaimToCheck&, const Point*);

  std::vector<size_t> All() const {
    std::vector<size_t> all(checks_.size());
    std::iota(all.begin(), all.end(), size_t{0});
    return all;
  }
  // Those of `which`, places in `checks_`, ascending, of which an equation does not hold.
  std::vector<size_t> Failing(const std::vector<size_t>& which, AddEquations add, Rng& rng) const {
    std::vector<size_t> out;
    const auto check = [&](size_t begin, size_t end) {
      RangeOfClaims range(rng);
      for (size_t i = begin; i < end; ++i) {
        const ClaimToCheck& one = checks_[which[i]];
        (range.*add)(one, &points_[one.first]);
      }
      return range.Check();
    };
    for (size_t bad : vartime::FindFailing(which.size(), check)) out.push_back(which[bad]);
    std::ranges::sort(out);
    return out;
  }

  std::vector<Point> points_;
  std::vector<ClaimToCheck> checks_;
  std::vector<size_t> unproved_;  // by size, identity or decoding
};

}  // namespace

std::vector<size_t> FindUnprovedRings(std::span<const RingClaim> claims, Rng& rng) {
  return ClaimsByRing(claims).FindUnproved(rng);
}

std::vector<UnprovedRing> FindUnprovedRingsByStage(std::span<const RingClaim> claims, Rng& rng) {
  return ClaimsByRing(claims).FindByStage(rng);
}

}  // namespace urna::crypto
