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
  parts_.push_back({points_.size(), bases_.size()});
  shared_sums_.resize(shared_sums_.size() + shared());
}

EquationBatch::Base EquationBatch::AddBase(const Point& point) {
  bases_.push_back({point, {}});
  return Base{bases_.size() - 1};
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

void EquationBatch::AddTerm(const PublicScalar& weighted, const Point& point) {
  URNA_CHECK(equations_ > 0, "EquationBatch: a term before the first equation");
  coefficients_.push_back(weighted);
  points_.push_back(point);
}

ScalarSum& EquationBatch::SumOf(Base base) {
  URNA_CHECK(equations_ > 0, "EquationBatch: a term before the first equation");
  URNA_CHECK(base.index < bases_.size(), "EquationBatch: a base of another batch");
  if (parts_.empty()) return bases_[base.index].sum;
  if (base.index < shared()) {
    return shared_sums_[(parts_.size() - 1) * shared() + base.index];
  }
  URNA_CHECK(base.index >= parts_.back().first_base, "EquationBatch: a base of another part");
  return bases_[base.index].sum;
}

bool EquationBatch::Check() const { return SumOfParts(0, parts_.size()).IsIdentity(); }

Point EquationBatch::SumOfParts(size_t begin, size_t end) const {
  URNA_CHECK(begin <= end && end <= parts_.size(), "EquationBatch: parts that are not there");
  if (begin == end && !parts_.empty()) return Point();
  const bool all = begin == 0 && end == parts_.size();
  const Part from = all ? Part{0, shared()} : parts_[begin];
  const Part to = end == parts_.size() ? Part{points_.size(), bases_.size()} : parts_[end];
  std::vector<Point> points;
  std::vector<PublicScalar> scalars;
  const size_t terms = to.first_point - from.first_point + to.first_base - from.first_base;
  points.reserve(terms + shared());
  scalars.reserve(terms + shared());
  for (size_t i = 0; i < shared(); ++i) {
    ScalarSum sum = bases_[i].sum;
    for (size_t part = begin; part < end; ++part) sum.Add(shared_sums_[part * shared() + i]);
    points.push_back(bases_[i].point);
    scalars.push_back(sum.Reduced());
  }
  for (size_t i = from.first_base; i < to.first_base; ++i) {
    points.push_back(bases_[i].point);
    scalars.push_back(bases_[i].sum.Reduced());
  }
  const auto terms_of = [&](const auto& all_terms) {
    return std::span(all_terms).subspan(from.first_point, to.first_point - from.first_point);
  };
  points.insert(points.end(), terms_of(points_).begin(), terms_of(points_).end());
  scalars.insert(scalars.end(), terms_of(coefficients_).begin(), terms_of(coefficients_).end());
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
