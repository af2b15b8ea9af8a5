#include "core/crypto/vartime/batch_equation.h"

#include "core/base/check.h"
#include "core/crypto/vartime/multi_scalar.h"

namespace urna::crypto::vartime {
namespace {

// Appends the bad ones of begin..end-1. `known_bad`: something among them is, by inference.
void Bisect(size_t begin, size_t end, bool known_bad,
            const std::function<bool(size_t, size_t)>& check, std::vector<size_t>* bad) {
  if (begin == end) return;
  if (end - begin == 1) {
    if (!check(begin, end)) bad->push_back(begin);
    return;
  }
  if (!known_bad && check(begin, end)) return;
  const size_t middle = begin + (end - begin) / 2;
  const size_t before = bad->size();
  Bisect(begin, middle, false, check, bad);
  Bisect(middle, end, bad->size() == before, check, bad);
}

// Appends the bad ones of the parts begin..end-1, whose sum is given.
void BisectParts(const EquationBatch& batch, size_t begin, size_t end, const Point& sum,
                 std::vector<size_t>* bad) {
  if (sum.IsIdentity()) return;
  if (end - begin == 1) {
    bad->push_back(begin);
    return;
  }
  const size_t middle = begin + (end - begin) / 2;
  const Point first = batch.SumOfParts(begin, middle);
  BisectParts(batch, begin, middle, first, bad);
  BisectParts(batch, middle, end, sum - first, bad);
}

}  // namespace

void EquationBatch::BeginPart() {
  URNA_CHECK(!parts_.empty() || equations_ == 0,
             "EquationBatch: an equation before the first part");
  const size_t shared = parts_.empty() ? points_.size() : parts_.front().first_point;
  parts_.push_back({points_.size(), std::vector<PublicScalar>(shared)});
}

EquationBatch::Base EquationBatch::AddBase(const Point& point) {
  points_.push_back(point);
  coefficients_.emplace_back();
  return Base{points_.size() - 1};
}

PublicScalar EquationBatch::NextWeight() {
  // Sixteen zero bytes in a row once are possible, four times only from a broken source.
  for (int attempt = 0; attempt < 4; ++attempt) {
    if (pool_used_ == pool_.size()) {
      random_(pool_);
      pool_used_ = 0;
    }
    const PublicScalar weight = PublicScalar::FromWeight(
        std::span<const uint8_t, kWeightBytes>(&pool_[pool_used_], kWeightBytes));
    pool_used_ += kWeightBytes;
    if (!weight.IsZero()) return weight;
  }
  URNA_CHECK(false, "EquationBatch: the random source gives zeros");
  return PublicScalar::One();
}

void EquationBatch::BeginEquation() {
  weight_ = NextWeight();
  ++equations_;
}

void EquationBatch::Add(const PublicScalar& scalar, const Point& point) {
  URNA_CHECK(equations_ > 0, "EquationBatch: a term before the first equation");
  coefficients_.push_back(weight_ * scalar);
  points_.push_back(point);
}

void EquationBatch::Add(const PublicScalar& scalar, Base base) {
  AddWeighted(weight_ * scalar, base);
}

void EquationBatch::AddWeighted(const PublicScalar& weighted, Base base) {
  URNA_CHECK(equations_ > 0, "EquationBatch: a term before the first equation");
  URNA_CHECK(base.index < points_.size(), "EquationBatch: a base of another batch");
  if (parts_.empty()) {
    coefficients_[base.index] += weighted;
    return;
  }
  Part& part = parts_.back();
  if (base.index < part.shared.size()) {
    part.shared[base.index] += weighted;
  } else {
    URNA_CHECK(base.index >= part.first_point, "EquationBatch: a base of another part");
    coefficients_[base.index] += weighted;
  }
}

bool EquationBatch::Check() const {
  if (!parts_.empty()) return SumOfParts(0, parts_.size()).IsIdentity();
  return MultiScalarMul(coefficients_, points_).IsIdentity();
}

Point EquationBatch::SumOfParts(size_t begin, size_t end) const {
  URNA_CHECK(begin <= end && end <= parts_.size(), "EquationBatch: parts that are not there");
  if (begin == end) return Point();
  const size_t shared = parts_.front().first_point;
  const size_t from = parts_[begin].first_point;
  const size_t to = end == parts_.size() ? points_.size() : parts_[end].first_point;
  std::vector<Point> points(points_.begin(), points_.begin() + static_cast<ptrdiff_t>(shared));
  points.insert(points.end(), points_.begin() + static_cast<ptrdiff_t>(from),
                points_.begin() + static_cast<ptrdiff_t>(to));
  std::vector<PublicScalar> scalars(shared);
  for (size_t part = begin; part < end; ++part) {
    for (size_t i = 0; i < shared; ++i) scalars[i] += parts_[part].shared[i];
  }
  scalars.insert(scalars.end(), coefficients_.begin() + static_cast<ptrdiff_t>(from),
                 coefficients_.begin() + static_cast<ptrdiff_t>(to));
  return MultiScalarMul(scalars, points);
}

std::vector<size_t> FindFailing(size_t count, const std::function<bool(size_t, size_t)>& check) {
  std::vector<size_t> bad;
  Bisect(0, count, false, check, &bad);
  return bad;
}

std::vector<size_t> FindFailing(const EquationBatch& batch) {
  std::vector<size_t> bad;
  const size_t count = batch.parts();
  if (count > 0) BisectParts(batch, 0, count, batch.SumOfParts(0, count), &bad);
  return bad;
}

}  // namespace urna::crypto::vartime
