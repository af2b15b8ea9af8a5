#include "core/crypto/proof_batch.h"

#include <algorithm>
#include <map>
#include <optional>

#include "core/crypto/hash_to_group.h"

namespace urna::crypto {
namespace {

using vartime::Encoding;
using vartime::EquationBatch;
using vartime::Point;
using vartime::PublicScalar;

// Encodings of many claims, to be decoded together.
class Encodings {
 public:
  size_t size() const { return encodings_.size(); }

  void Add(std::span<const uint8_t, 32> bytes) {
    std::ranges::copy(bytes, encodings_.emplace_back().begin());
  }
  // The position of an equal one if there is one already.
  size_t AddOnce(const Encoding& bytes) {
    const auto [at, added] = positions_.emplace(bytes, size());
    if (added) encodings_.push_back(bytes);
    return at->second;
  }
  vartime::DecodedBatch Decode() const { return vartime::DecodeBatch(encodings_); }

 private:
  std::vector<Encoding> encodings_;
  std::map<Encoding, size_t> positions_;  // of those added once
};

bool IsIdentity(std::span<const uint8_t, 32> bytes) {
  return std::ranges::all_of(bytes, [](uint8_t byte) { return byte == 0; });
}

// The equations of one claim, with X and B as positions among the decoded points.
struct EqualityToCheck {
  size_t key = 0, base = 0;
  EqualityEquations equations;
};

// Groups of claims taken apart, and their points decoded together.
class EqualityGroups {
 public:
  explicit EqualityGroups(std::span<const std::vector<EqualityClaim>> groups) : groups_(groups) {
    for (const std::vector<EqualityClaim>& group : groups) {
      for (const EqualityClaim& claim : group) {
        places_.push_back({encodings_.AddOnce(claim.key.bytes()),
                           encodings_.AddOnce(claim.base.bytes()), encodings_.size()});
        encodings_.Add(claim.share);
        encodings_.Add(claim.proof.first<32>());
        encodings_.Add(claim.proof.subspan<32, 32>());
      }
    }
    vartime::DecodedBatch decoded = encodings_.Decode();
    points_ = std::move(decoded.points);
    failed_.resize(points_.size());
    for (size_t at : decoded.failed) failed_[at] = true;
    size_t first = 0;
    for (size_t i = 0; i < groups.size(); ++i) {
      TakeGroup(i, first);
      first += groups[i].size();
    }
  }

  std::vector<size_t> FindUnproved(Rng& rng) const {
    const auto check = [&](size_t begin, size_t end) { return Check(begin, end, rng); };
    std::vector<size_t> unproved = undecoded_;
    for (size_t bad : vartime::FindFailing(decoded_.size(), check)) {
      unproved.push_back(position_[bad]);
    }
    std::ranges::sort(unproved);
    return unproved;
  }

 private:
  struct Place {
    size_t key, base, first;  // positions of X, of B, and of D, before A1 and A2
  };

  // `first`: of the group's claims among all.
  void TakeGroup(size_t number, size_t first) {
    std::vector<EqualityToCheck> out;
    for (size_t i = 0; i < groups_[number].size(); ++i) {
      const EqualityClaim& claim = groups_[number][i];
      const Place& place = places_[first + i];
      const absl::StatusOr<PublicScalar> response =
          PublicScalar::Decode(claim.proof.subspan<64, 32>());
      if (!response.ok() || failed_[place.first] || failed_[place.first + 1] ||
          failed_[place.first + 2]) {
        undecoded_.push_back(number);
        return;
      }
      const Point* points = &points_[place.first];
      out.push_back(
          {place.key,
           place.base,
           {points[0], points[1], points[2], *response, ToPublicScalar(claim.challenge)}});
    }
    decoded_.push_back(std::move(out));
    position_.push_back(number);
  }

  bool Check(size_t begin, size_t end, Rng& rng) const {
    EquationBatch batch(WeightsFrom(rng));
    const EquationBatch::Base g = batch.AddBase(Point::Base());
    std::map<size_t, EquationBatch::Base> bases;  // by position among the points
    const auto base_of = [&](size_t point) {
      const auto found = bases.find(point);
      if (found != bases.end()) return found->second;
      return bases.emplace(point, batch.AddBase(points_[point])).first->second;
    };
    for (size_t i = begin; i < end; ++i) {
      for (const EqualityToCheck& one : decoded_[i]) {
        AddEquations(one.equations, g, base_of(one.key), base_of(one.base), batch);
      }
    }
    return batch.Check();
  }

  std::span<const std::vector<EqualityClaim>> groups_;
  Encodings encodings_;
  std::vector<Place> places_;  // of all claims
  std::vector<Point> points_;
  std::vector<bool> failed_;       // of each point
  std::vector<size_t> undecoded_;  // groups
  std::vector<std::vector<EqualityToCheck>> decoded_;
  std::vector<size_t> position_;  // of each in `decoded_` among the groups
};

}  // namespace

Point ToVarTimePoint(const RistrettoPoint& point) {
  // Its encoding is canonical by construction.
  return Point::Decode(point.bytes()).value_or(Point());
}

PublicScalar ToPublicScalar(const Scalar& scalar) { return PublicScalar::Reduce(scalar.bytes()); }

vartime::RandomSource WeightsFrom(Rng& rng) {
  return [&rng](std::span<uint8_t> out) { rng.Fill(out); };
}

void AddEquation(const CredentialEquation& equation, EquationBatch::Base g, EquationBatch::Base k_r,
                 EquationBatch& batch) {
  batch.BeginEquation();
  batch.Add(equation.response_s, g);
  batch.Add(equation.response_t, k_r);
  batch.Subtract(equation.commitment);
  batch.Subtract(equation.challenge, equation.credential);
}

void AddEquations(const EqualityEquations& equations, EquationBatch::Base g,
                  EquationBatch::Base key, EquationBatch::Base base, EquationBatch& batch) {
  batch.BeginEquation();
  batch.Add(equations.response, g);
  batch.Subtract(equations.commitment_g);
  batch.Subtract(equations.challenge, key);
  batch.BeginEquation();
  batch.Add(equations.response, base);
  batch.Subtract(equations.commitment_b);
  batch.Subtract(equations.challenge, equations.share);
}

std::vector<size_t> FindUnprovedCredentials(std::span<const CredentialClaim> claims, Rng& rng) {
  Encodings encodings;
  for (const CredentialClaim& claim : claims) {
    encodings.Add(claim.credential);
    encodings.Add(claim.commitment);
  }
  const vartime::DecodedBatch decoded = encodings.Decode();
  std::vector<bool> undecoded(claims.size());
  for (size_t at : decoded.failed) undecoded[at / 2] = true;

  std::vector<size_t> unproved;
  std::vector<CredentialEquation> equations;
  std::vector<size_t> position;  // of each equation's claim
  for (size_t i = 0; i < claims.size(); ++i) {
    const CredentialClaim& claim = claims[i];
    const absl::StatusOr<PublicScalar> z_s = PublicScalar::Decode(claim.responses.first<32>());
    const absl::StatusOr<PublicScalar> z_t = PublicScalar::Decode(claim.responses.last<32>());
    if (undecoded[i] || !z_s.ok() || !z_t.ok() || IsIdentity(claim.credential)) {
      unproved.push_back(i);
      continue;
    }
    equations.push_back({decoded.points[2 * i], decoded.points[2 * i + 1], *z_s, *z_t,
                         ToPublicScalar(claim.challenge)});
    position.push_back(i);
  }
  EquationBatch batch(WeightsFrom(rng));
  const EquationBatch::Base g = batch.AddBase(Point::Base());
  const EquationBatch::Base k_r = batch.AddBase(ToVarTimePoint(CredentialBase()));
  for (const CredentialEquation& equation : equations) {
    batch.BeginPart();
    AddEquation(equation, g, k_r, batch);
  }
  for (size_t bad : vartime::FindFailing(batch)) unproved.push_back(position[bad]);
  std::ranges::sort(unproved);
  return unproved;
}

std::vector<size_t> FindUnprovedEqualities(std::span<const std::vector<EqualityClaim>> groups,
                                           Rng& rng) {
  return EqualityGroups(groups).FindUnproved(rng);
}

}  // namespace urna::crypto
