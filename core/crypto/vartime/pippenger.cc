#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/crypto/vartime/multi_scalar_internal.h"

namespace urna::crypto::vartime::internal {
namespace {

// Digits. With windows of c_0, c_1, … bits from bit b_0 = 0, b_1 = c_0, … on, and the constant
// K = Σ 2^(c_w - 1)·2^(b_w), the digits of a magnitude s are the fields of s + K, each less
// 2^(c_w - 1): in -2^(c_w-1)..2^(c_w-1) - 1, without carries from one to the next. The top field is
// not masked and its digit may be 2^(c-1) too: for Σ c_w = B and s < 2^(B-1), s + K is below
// 2^B + 2^(b_top). At B = 252, s may be as much as 2^251 + 2^124 (SignedMagnitude) and the slack
// 2^(b_top - 2) covers that. So s + K < 2^253 always.
using Limbs = std::array<uint64_t, 4>;

constexpr int kMaxBits = 252;
// 2^11 buckets of 160 bytes stay in the second-level cache; more were slower.
constexpr int kMaxWindow = 12;

struct Window {
  int bit;
  int width;
  bool top;
  size_t buckets() const { return size_t{1} << (width - 1); }
  // The digit that s + K has here.
  int Digit(const Limbs& shifted) const {
    const int limb = bit / 64;
    const int shift = bit % 64;
    uint64_t field = shifted[limb] >> shift;
    if (shift != 0 && limb < 3) field |= shifted[limb + 1] << (64 - shift);
    if (!top) field &= (uint64_t{1} << width) - 1;
    return static_cast<int>(field) - (1 << (width - 1));
  }
};

// A point waiting to be added and its magnitude plus K.
struct Term {
  AffineNiels niels;
  Limbs shifted;
};

struct Plan {
  std::vector<Window> windows;
  Limbs k{};
  std::vector<int> window_of_bit;  // for bits 0..255
};

Plan MakePlan(const std::vector<int>& widths) {
  Plan plan;
  int bit = 0;
  for (size_t w = 0; w < widths.size(); ++w) {
    plan.windows.push_back({bit, widths[w], w + 1 == widths.size()});
    const int half = bit + widths[w] - 1;
    plan.k[half / 64] |= uint64_t{1} << (half % 64);
    plan.window_of_bit.insert(plan.window_of_bit.end(), widths[w], static_cast<int>(w));
    bit += widths[w];
  }
  plan.window_of_bit.resize(256, static_cast<int>(widths.size()) - 1);
  return plan;
}

// s + K, and how many windows from the lowest on have all the digits that are not 0.
int ShiftMagnitude(const Plan& plan, const Limbs& magnitude, Limbs* shifted) {
  uint64_t carry = 0;
  for (int i = 0; i < 4; ++i) {
    const uint64_t sum = magnitude[i] + carry;
    carry = sum < carry ? 1 : 0;
    (*shifted)[i] = sum + plan.k[i];
    carry += (*shifted)[i] < sum ? 1 : 0;
  }
  for (int i = 3; i >= 0; --i) {
    const uint64_t changed = (*shifted)[i] ^ plan.k[i];
    if (changed != 0) {
      return plan.window_of_bit[64 * i + std::bit_width(changed) - 1] + 1;
    }
  }
  return 0;
}

// The non-zero terms, those that reach the highest windows first: reach[w] of them have a digit
// in window w or above.
struct Terms {
  std::vector<Term> list;
  std::vector<size_t> reach;
};

Terms MakeTerms(const Plan& plan, std::span<const SignedMagnitude> scalars,
                std::span<const Point> points) {
  const size_t n = points.size();
  std::vector<Limbs> shifted(n);
  std::vector<int> lengths(n);
  Terms terms;
  terms.reach.assign(plan.windows.size() + 1, 0);
  for (size_t i = 0; i < n; ++i) {
    lengths[i] = ShiftMagnitude(plan, scalars[i].magnitude, &shifted[i]);
    if (lengths[i] > 0) ++terms.reach[lengths[i] - 1];
  }
  for (size_t w = plan.windows.size(); w-- > 0;) terms.reach[w] += terms.reach[w + 1];

  // A counting sort; place[w] is where the next term of length w + 1 goes.
  std::vector<size_t> place(terms.reach.begin() + 1, terms.reach.end());
  std::vector<Extended> sorted(terms.reach[0]);
  terms.list.resize(terms.reach[0]);
  for (size_t i = 0; i < n; ++i) {
    if (lengths[i] == 0) continue;
    const size_t at = place[lengths[i] - 1]++;
    terms.list[at].shifted = shifted[i];
    sorted[at] = scalars[i].negative ? Negate(points[i].coordinates()) : points[i].coordinates();
  }
  const std::vector<AffineNiels> niels = ToAffineNiels(sorted);
  for (size_t i = 0; i < niels.size(); ++i) terms.list[i].niels = niels[i];
  return terms;
}

// Σ over the first `count` terms of digit · point.
class BucketSum {
 public:
  explicit BucketSum(size_t most_buckets) : buckets_(most_buckets), filled_(most_buckets) {}

  // False if no term has a digit here.
  bool Run(const Window& window, const Term* terms, size_t count, Extended* sum) {
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
    return Collapse(window.buckets(), sum);
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
  bool Collapse(size_t count, Extended* sum) const {
    bool any = false;
    Extended running;
    for (size_t b = count; b-- > 0;) {
      if (any) {
        if (filled_[b] != 0) running = AddExtended(running, buckets_[b]);
        *sum = AddExtended(*sum, running);
      } else if (filled_[b] != 0) {
        any = true;
        running = *sum = buckets_[b];
      }
    }
    return any;
  }

  std::vector<Extended> buckets_;
  std::vector<uint8_t> filled_;
};

}  // namespace

// The number of windows W with the least work: every point costs 7 M in each window that it
// reaches, about total_bits/c in all; every bucket of every window 18 M. The bits are spread evenly
// over the windows, so that none at the top is nearly empty and costs its full additions for a bit
// or two. Narrower windows come on top, where fewer points reach.
std::vector<int> ChooseWindows(size_t total_bits, int longest) {
  const int bits = std::clamp(longest + 1, 2, kMaxBits);
  int best_count = 1;
  double best_cost = std::numeric_limits<double>::infinity();
  for (int count = 1; count <= bits; ++count) {
    if (bits > count * kMaxWindow) continue;
    const int narrow = bits / count;
    const int wide_windows = bits % count;
    const double buckets =
        wide_windows * std::exp2(narrow) + (count - wide_windows) * std::exp2(narrow - 1);
    const double cost = 7.0 * static_cast<double>(total_bits) * count / bits + 18.0 * buckets;
    if (cost < best_cost) {
      best_cost = cost;
      best_count = count;
    }
  }
  std::vector<int> widths(best_count, bits / best_count);
  std::fill_n(widths.begin(), bits % best_count, bits / best_count + 1);
  return widths;
}

// Montgomery's trick: 3 M for each point with Z != 1, one inversion in all.
std::vector<AffineNiels> ToAffineNiels(std::span<const Extended> points) {
  const auto is_affine = [](const Extended& p) {
    return p.z.v[0] == 1 && (p.z.v[1] | p.z.v[2] | p.z.v[3] | p.z.v[4]) == 0;
  };
  std::vector<AffineNiels> niels(points.size());
  std::vector<Field> before(points.size());  // the product of the Z that come earlier
  Field product = kFieldOne;
  bool all_affine = true;
  for (size_t i = 0; i < points.size(); ++i) {
    if (is_affine(points[i])) {
      niels[i] = ToAffineNiels(points[i].x, points[i].y, points[i].t);
    } else {
      all_affine = false;
      before[i] = product;
      product = Mul(product, points[i].z);
    }
  }
  if (all_affine) return niels;
  product = Invert(product);
  for (size_t i = points.size(); i-- > 0;) {
    const Extended& p = points[i];
    if (is_affine(p)) continue;
    const Field z_inv = Mul(product, before[i]);
    product = Mul(product, p.z);
    niels[i] = ToAffineNiels(Mul(p.x, z_inv), Mul(p.y, z_inv), Mul(p.t, z_inv));
  }
  return niels;
}

Point Pippenger(std::span<const PublicScalar> scalars, std::span<const Point> points) {
  std::vector<SignedMagnitude> magnitudes(scalars.begin(), scalars.end());
  size_t total_bits = 0;
  int longest = 0;
  for (const SignedMagnitude& s : magnitudes) {
    const int bits = s.BitLength();
    total_bits += static_cast<size_t>(bits);
    longest = std::max(longest, bits);
  }
  const Plan plan = MakePlan(ChooseWindows(total_bits, longest));
  const Terms terms = MakeTerms(plan, magnitudes, points);

  size_t most_buckets = 0;
  for (const Window& window : plan.windows) most_buckets = std::max(most_buckets, window.buckets());
  BucketSum bucket_sum(most_buckets);
  Extended sum = kIdentity;
  for (size_t w = plan.windows.size(); w-- > 0;) {
    Projective doubled = ToProjective(sum);
    for (int i = 1; i < plan.windows[w].width; ++i) doubled = ToProjective(DoublePoint(doubled));
    sum = ToExtended(DoublePoint(doubled));
    Extended window_sum;
    if (bucket_sum.Run(plan.windows[w], terms.list.data(), terms.reach[w], &window_sum)) {
      sum = AddExtended(sum, window_sum);
    }
  }
  return Point(sum);
}

}  // namespace urna::crypto::vartime::internal
