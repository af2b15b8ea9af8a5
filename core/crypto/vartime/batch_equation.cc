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

}  // namespace

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
  coefficients_[base.index] += weighted;
}

bool EquationBatch::Check() const { return MultiScalarMul(coefficients_, points_).IsIdentity(); }

std::vector<size_t> FindFailing(size_t count, const std::function<bool(size_t, size_t)>& check) {
  std::vector<size_t> bad;
  Bisect(0, count, false, check, &bad);
  return bad;
}

}  // namespace urna::crypto::vartime
