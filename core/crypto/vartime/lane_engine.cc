#include "core/crypto/vartime/lane_engine.h"

#include <algorithm>
#include <vector>

#include "core/crypto/vartime/multi_scalar_internal.h"
#include "core/crypto/vartime/pippenger.h"

namespace urna::crypto::vartime::lanes {
namespace {

using internal::DigitPlan;
using internal::SortedTerms;
using internal::Window;

// How many points Pippenger takes at a time: more would only push them out of the cache.
constexpr size_t kChunk = size_t{1} << 16;

// In multiplications of a lane; with what placing a term and emptying a bucket cost beside.
constexpr internal::AdditionCosts kCosts = {8.5, 10};

// A packed limb may be as long as 2^51 + 2^41, which is more than a Field's.
Field FromPacked(const uint64_t* packed) {
  return Carry(Fe<2>{{packed[0], packed[1], packed[2], packed[3], packed[4]}});
}

Extended FromRow(const uint64_t* row) {
  return {FromPacked(row), FromPacked(row + 5), FromPacked(row + 10), FromPacked(row + 15)};
}

void ToRow(const Extended& p, uint64_t* row) {
  for (const Field* f : {&p.x, &p.y, &p.z, &p.t}) row = std::copy_n(f->v, 5, row);
}

bool IsAffine(const Extended& p) {
  return p.z.v[0] == 1 && (p.z.v[1] | p.z.v[2] | p.z.v[3] | p.z.v[4]) == 0;
}

// The rows of the points, none of them negated, and after them that of the identity.
std::vector<uint64_t> NielsRows(std::span<const Point> points, const LaneKernels& kernels) {
  const size_t n = points.size();
  std::vector<uint64_t> rows((n + kMaxLanes + 1) * kNielsWords);
  const bool affine = std::all_of(points.begin(), points.end(),
                                  [](const Point& p) { return IsAffine(p.coordinates()); });
  if (affine) {
    uint64_t xyt[15 * kMaxLanes] = {};
    for (size_t begin = 0; begin < n; begin += kernels.lanes) {
      const size_t size = std::min(kernels.lanes, n - begin);
      for (size_t lane = 0; lane < size; ++lane) {
        const Extended& p = points[begin + lane].coordinates();
        for (size_t i = 0; i < 5; ++i) {
          xyt[i * kernels.lanes + lane] = p.x.v[i];
          xyt[(5 + i) * kernels.lanes + lane] = p.y.v[i];
          xyt[(10 + i) * kernels.lanes + lane] = p.t.v[i];
        }
      }
      kernels.to_niels(xyt, &rows[begin * kNielsWords]);
    }
  } else {
    std::vector<Extended> extended;
    extended.reserve(n);
    for (const Point& point : points) extended.push_back(point.coordinates());
    const std::vector<AffineNiels> niels = internal::ToAffineNiels(extended);
    for (size_t i = 0; i < n; ++i) {
      uint64_t* row = &rows[i * kNielsWords];
      for (const Field* f : {&niels[i].y_plus_x, &niels[i].y_minus_x, &niels[i].t2d}) {
        row = std::copy_n(f->v, 5, row);
      }
    }
  }
  uint64_t* identity = &rows[n * kNielsWords];  // y+x = y-x = 1, x·y = 0
  std::fill_n(identity, kNielsWords, uint64_t{0});
  identity[0] = identity[5] = 1;
  return rows;
}

// LaneKernels::sum with every bucket's sum in its row, from whichever lanes.
void SumPlaced(const LaneKernels& kernels, std::span<const PlacedTerm> placed, const uint64_t* rows,
               size_t points, uint64_t* sums) {
  if (placed.empty()) return;
  uint64_t overflow[kMaxLanes * kSumRow];
  int64_t into_bucket[kMaxLanes];
  kernels.sum(placed.data(), placed.size(), rows, static_cast<uint32_t>(points), sums, overflow,
              into_bucket);
  for (size_t lane = 0; lane < kernels.lanes; ++lane) {
    if (into_bucket[lane] < 0) continue;
    uint64_t* row = sums + static_cast<size_t>(into_bucket[lane]) * kSumRow;
    ToRow(AddExtended(FromRow(row), FromRow(overflow + lane * kSumRow)), row);
  }
}

// Sums of digit · point, a window a lane.
class WindowSums {
 public:
  WindowSums(const DigitPlan& plan, const SortedTerms& sorted, std::span<const Point> points,
             const LaneKernels& kernels)
      : plan_(plan),
        sorted_(sorted),
        points_(points.size()),
        kernels_(kernels),
        rows_(NielsRows(points, kernels)),
        placed_(sorted.terms.size()),
        digits_(sorted.terms.size()) {
    for (const Window& window : plan.windows) buckets_ = std::max(buckets_, window.buckets());
    sums_.resize(kernels.lanes * buckets_ * kSumRow);
  }

  std::vector<Extended> Run() {
    std::vector<Extended> out;
    for (size_t begin = 0; begin < plan_.windows.size(); begin += kernels_.lanes) {
      const size_t size = std::min(kernels_.lanes, plan_.windows.size() - begin);
      ClearSums();
      const uint64_t* windows[kMaxLanes];
      for (size_t lane = 0; lane < kernels_.lanes; ++lane) {
        windows[lane] = SumsOf(lane);
        if (lane < size) SumWindow(begin + lane, SumsOf(lane));
      }
      uint64_t collapsed[kMaxLanes * kSumRow];
      kernels_.collapse(windows, buckets_, collapsed);
      for (size_t lane = 0; lane < size; ++lane) out.push_back(FromRow(&collapsed[lane * kSumRow]));
    }
    return out;
  }

 private:
  uint64_t* SumsOf(size_t lane) { return &sums_[lane * buckets_ * kSumRow]; }

  void ClearSums() {
    std::fill(sums_.begin(), sums_.end(), uint64_t{0});
    for (size_t row = 0; row < sums_.size(); row += kSumRow) sums_[row + 5] = sums_[row + 10] = 1;
  }

  // Sorts the terms that have a digit in this window by bucket. Returns how many there are.
  size_t Place(size_t w) {
    const Window& window = plan_.windows[w];
    const size_t count = sorted_.reach[w];
    std::fill(std::begin(next_), std::end(next_), 0u);
    for (size_t i = 0; i < count; ++i) {
      const int digit = window.Digit(sorted_.shifted[i]);
      digits_[i] = static_cast<int16_t>(digit);
      ++next_[static_cast<size_t>(digit < 0 ? -digit : digit)];
    }
    const size_t zeros = next_[0];
    uint32_t at = 0;
    next_[0] = 0;
    for (size_t magnitude = 1; magnitude <= window.buckets(); ++magnitude) {
      const uint32_t size = next_[magnitude];
      next_[magnitude] = at;
      at += size;
    }
    for (size_t i = 0; i < count; ++i) {
      const int digit = digits_[i];
      if (digit == 0) continue;
      const auto magnitude = static_cast<uint32_t>(digit < 0 ? -digit : digit);
      placed_[next_[magnitude]++] = {sorted_.terms[i] ^ (digit < 0 ? 1u : 0u), magnitude - 1};
    }
    return count - zeros;
  }

  void SumWindow(size_t w, uint64_t* sums) {
    const size_t count = Place(w);
    SumPlaced(kernels_, std::span(placed_).first(count), rows_.data(), points_, sums);
  }

  const DigitPlan& plan_;
  const SortedTerms& sorted_;
  const size_t points_;
  const LaneKernels& kernels_;
  std::vector<uint64_t> rows_;
  std::vector<PlacedTerm> placed_;
  std::vector<int16_t> digits_;  // in -2^11..2^11
  size_t buckets_ = 0;           // of the widest window
  std::vector<uint64_t> sums_;
  uint32_t next_[(size_t{1} << (internal::kMaxWindow - 1)) + 1];  // where a bucket's next term goes
};

Point Pippenger(std::span<const PublicScalar> scalars, std::span<const Point> points,
                const LaneKernels& kernels) {
  const internal::MeasuredScalars measured = internal::Measure(scalars);
  const DigitPlan plan = internal::PlanDigits(measured.total_bits, measured.longest, kCosts);
  const SortedTerms sorted = internal::SortTerms(plan, measured.magnitudes);
  return internal::CombineWindows(plan.windows, WindowSums(plan, sorted, points, kernels).Run());
}

}  // namespace

void LaneEngine::Decode(std::span<const Encoding> encodings, std::span<Point> points,
                        std::vector<size_t>* failed) const {
  const size_t lanes = kernels_.lanes;
  const size_t at_once = kDecodeSide * lanes;
  for (size_t begin = 0; begin < encodings.size(); begin += at_once) {
    const size_t size = std::min(at_once, encodings.size() - begin);
    uint64_t s[5 * kDecodeSide * kMaxLanes] = {};
    uint64_t xyt[15 * kDecodeSide * kMaxLanes];
    // Where limb 0 of a point stands in s, limbs being `lanes` words apart; in xyt with 15 for 5.
    const auto place = [lanes](size_t point, size_t limbs) {
      return point / lanes * limbs * lanes + point % lanes;
    };
    unsigned canonical = 0;
    for (size_t point = 0; point < size; ++point) {
      const Encoding& encoding = encodings[begin + point];
      Field f;
      if ((encoding[0] & 1) != 0 || !FieldFromBytes(encoding, &f)) continue;
      canonical |= 1u << point;
      for (size_t i = 0; i < 5; ++i) s[place(point, 5) + i * lanes] = f.v[i];
    }
    const unsigned good = kernels_.decode(s, xyt) & canonical;
    for (size_t point = 0; point < size; ++point) {
      if ((good >> point & 1) == 0) {
        failed->push_back(begin + point);
        continue;
      }
      Extended p = kIdentity;
      const uint64_t* from = &xyt[place(point, 15)];
      for (size_t i = 0; i < 5; ++i) {
        p.x.v[i] = from[i * lanes];
        p.y.v[i] = from[(5 + i) * lanes];
        p.t.v[i] = from[(10 + i) * lanes];
      }
      points[begin + point] = Point(p);
    }
  }
}

Point LaneEngine::MultiScalarMul(std::span<const PublicScalar> scalars,
                                 std::span<const Point> points) const {
  if (points.size() < many_) return PortableEngine().MultiScalarMul(scalars, points);
  Point sum;
  for (size_t begin = 0; begin < points.size(); begin += kChunk) {
    const size_t size = std::min(kChunk, points.size() - begin);
    sum = sum + Pippenger(scalars.subspan(begin, size), points.subspan(begin, size), kernels_);
  }
  return sum;
}

void LaneEngine::AddToSums(std::span<const Point> points, std::span<const uint32_t> places,
                           std::span<Point> sums) const {
  std::vector<uint32_t> next(sums.size() + 1);  // where a sum's next point goes
  for (uint32_t place : places) ++next[place + 1];
  for (size_t i = 1; i < next.size(); ++i) next[i] += next[i - 1];
  std::vector<PlacedTerm> placed(points.size());
  for (size_t i = 0; i < points.size(); ++i) {
    placed[next[places[i]]++] = {static_cast<uint32_t>(2 * i), places[i]};
  }
  const std::vector<uint64_t> rows = NielsRows(points, kernels_);
  std::vector<uint64_t> found(sums.size() * kSumRow);
  SumPlaced(kernels_, placed, rows.data(), points.size(), found.data());
  for (size_t i = 0; i < sums.size(); ++i) {
    const size_t begin = i == 0 ? 0 : next[i - 1];
    if (next[i] == begin) continue;  // no point goes there
    sums[i] = sums[i] + Point(FromRow(&found[i * kSumRow]));
  }
}

void LaneEngine::SumOuterProducts(const OuterFactors& factors, std::span<uint64_t> sums) const {
  if (kernels_.outer == nullptr || factors.lows % kernels_.lanes != 0) {
    return PortableEngine().SumOuterProducts(factors, sums);
  }
  kernels_.outer(factors, sums.data());
}

}  // namespace urna::crypto::vartime::lanes
