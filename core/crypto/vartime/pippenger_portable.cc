#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/crypto/vartime/multi_scalar_internal.h"
#include "core/crypto/vartime/pippenger.h"

namespace urna::crypto::vartime::internal {
namespace {

// In multiplications.
constexpr AdditionCosts kCosts = {7, 9};

// A point waiting to be added and its magnitude plus K.
struct Term {
  AffineNiels niels;
  Limbs shifted;
};

// Σ over the first `count` terms of digit · point.
class BucketSum {
 public:
  explicit BucketSum(size_t most_buckets) : buckets_(most_buckets), filled_(most_buckets) {}

  // The identity if no term has a digit here.
  Extended Run(const Window& window, const Term* terms, size_t count) {
    std::fill_n(filled_.begin(), window.buckets(), uint8_t{0});
    int digits[kBlock];
    for (size_t begin = 0; begin < count; begin += kBlock) {
      const size_t size = std::min(kBlock, count - begin);
      for (size_t i = 0; i < size; ++i) digits[i] = window.Digit(terms[begin + i].shifted);
      for (size_t i = 0; i < size; ++i) {
        if (i + kAhead < size) Prefetch(digits[i + kAhead]);
        if (digits[i] != 0) AddTo(digits[i], terms[begin + i].niels);
      }
    }
    return Collapse(window.buckets());
  }

 private:
  static constexpr size_t kBlock = 64;  // terms whose digits are found before any is added
  static constexpr size_t kAhead = 2;   // additions in which a bucket comes from outer caches

  static size_t Bucket(int digit) { return static_cast<size_t>(digit < 0 ? -digit : digit) - 1; }

  void Prefetch(int digit) const {
    if (digit == 0) return;
    const char* bucket = reinterpret_cast<const char*>(&buckets_[Bucket(digit)]);
    for (size_t line = 0; line < sizeof(Extended); line += 64) __builtin_prefetch(bucket + line, 1);
  }

  void AddTo(int digit, const AffineNiels& niels) {
    const size_t at = Bucket(digit);
    Extended& bucket = buckets_[at];
    if (filled_[at] == 0) {
      filled_[at] = 1;
      bucket = FromNiels(niels, digit < 0);
    } else {
      bucket = ToExtended(digit < 0 ? AddNiels<true>(bucket, niels) : AddNiels(bucket, niels));
    }
  }

  // Σ (b+1)·bucket[b]: from the top, the running sum of buckets, summed up once more.
  Extended Collapse(size_t count) const {
    bool any = false;
    Extended running;
    Extended sum = kIdentity;
    for (size_t b = count; b-- > 0;) {
      if (any) {
        if (filled_[b] != 0) running = AddExtended(running, buckets_[b]);
        sum = AddExtended(sum, running);
      } else if (filled_[b] != 0) {
        any = true;
        running = sum = buckets_[b];
      }
    }
    return sum;
  }

  std::vector<Extended> buckets_;
  std::vector<uint8_t> filled_;
};

}  // namespace

Point Pippenger(std::span<const PublicScalar> scalars, std::span<const Point> points) {
  const MeasuredScalars measured = Measure(scalars);
  const DigitPlan plan = PlanDigits(measured.total_bits, measured.longest, kCosts);
  const SortedTerms sorted = SortTerms(plan, measured.magnitudes);
  const std::vector<AffineNiels> niels = ToAffineNiels(sorted.terms, points);
  std::vector<Term> terms(niels.size());
  for (size_t i = 0; i < niels.size(); ++i) terms[i] = {niels[i], sorted.shifted[i]};

  size_t most_buckets = 0;
  for (const Window& window : plan.windows) most_buckets = std::max(most_buckets, window.buckets());
  BucketSum bucket_sum(most_buckets);
  std::vector<Extended> sums;
  for (size_t w = 0; w < plan.windows.size(); ++w) {
    sums.push_back(bucket_sum.Run(plan.windows[w], terms.data(), sorted.reach[w]));
  }
  return CombineWindows(plan.windows, sums);
}

}  // namespace urna::crypto::vartime::internal
