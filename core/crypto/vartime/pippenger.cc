#include "core/crypto/vartime/pippenger.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace urna::crypto::vartime::internal {
namespace {

DigitPlan MakePlan(const std::vector<int>& widths) {
  DigitPlan plan;
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
int ShiftMagnitude(const DigitPlan& plan, const Limbs& magnitude, Limbs* shifted) {
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

}  // namespace

// The number of windows W with the least work: every point is added once in each window that it
// reaches, about total_bits/c in all; every bucket of every window is added twice. The bits are
// spread evenly over the windows, so that none at the top is nearly empty and costs its full
// additions for a bit or two. Narrower windows come on top, where fewer points reach.
std::vector<int> ChooseWindows(size_t total_bits, int longest, const AdditionCosts& costs) {
  const int bits = std::clamp(longest + 1, 2, kMaxBits);
  int best_count = 1;
  double best_cost = std::numeric_limits<double>::infinity();
  for (int count = 1; count <= bits; ++count) {
    if (bits > count * kMaxWindow) continue;
    const int narrow = bits / count;
    const int wide_windows = bits % count;
    const double buckets =
        wide_windows * std::exp2(narrow) + (count - wide_windows) * std::exp2(narrow - 1);
    const double cost =
        costs.point * static_cast<double>(total_bits) * count / bits + 2 * costs.bucket * buckets;
    if (cost < best_cost) {
      best_cost = cost;
      best_count = count;
    }
  }
  std::vector<int> widths(best_count, bits / best_count);
  std::fill_n(widths.begin(), bits % best_count, bits / best_count + 1);
  return widths;
}

DigitPlan PlanDigits(size_t total_bits, int longest, const AdditionCosts& costs) {
  return MakePlan(ChooseWindows(total_bits, longest, costs));
}

MeasuredScalars Measure(std::span<const PublicScalar> scalars) {
  MeasuredScalars out;
  out.magnitudes = std::vector<SignedMagnitude>(scalars.begin(), scalars.end());
  for (const SignedMagnitude& s : out.magnitudes) {
    const int bits = s.BitLength();
    out.total_bits += static_cast<size_t>(bits);
    out.longest = std::max(out.longest, bits);
  }
  return out;
}

SortedTerms SortTerms(const DigitPlan& plan, std::span<const SignedMagnitude> scalars) {
  const size_t n = scalars.size();
  std::vector<Limbs> shifted(n);
  std::vector<int> lengths(n);
  SortedTerms sorted;
  sorted.reach.assign(plan.windows.size() + 1, 0);
  for (size_t i = 0; i < n; ++i) {
    lengths[i] = ShiftMagnitude(plan, scalars[i].magnitude, &shifted[i]);
    if (lengths[i] > 0) ++sorted.reach[lengths[i] - 1];
  }
  for (size_t w = plan.windows.size(); w-- > 0;) sorted.reach[w] += sorted.reach[w + 1];

  // A counting sort; place[w] is where the next term of length w + 1 goes.
  std::vector<size_t> place(sorted.reach.begin() + 1, sorted.reach.end());
  sorted.terms.resize(sorted.reach[0]);
  sorted.shifted.resize(sorted.reach[0]);
  for (size_t i = 0; i < n; ++i) {
    if (lengths[i] == 0) continue;
    const size_t at = place[lengths[i] - 1]++;
    sorted.shifted[at] = shifted[i];
    sorted.terms[at] = static_cast<uint32_t>(2 * i) + (scalars[i].negative ? 1u : 0u);
  }
  return sorted;
}

std::vector<AffineNiels> ToAffineNiels(std::span<const uint32_t> terms,
                                       std::span<const Point> points) {
  std::vector<Extended> taken;
  taken.reserve(terms.size());
  for (uint32_t term : terms) {
    const Extended& point = points[term >> 1].coordinates();
    taken.push_back((term & 1) != 0 ? Negate(point) : point);
  }
  return ToAffineNiels(taken);
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

Point CombineWindows(std::span<const Window> windows, std::span<const Extended> sums) {
  Extended sum = kIdentity;
  for (size_t w = windows.size(); w-- > 0;) {
    Projective doubled = ToProjective(sum);
    for (int i = 1; i < windows[w].width; ++i) doubled = ToProjective(DoublePoint(doubled));
    sum = AddExtended(ToExtended(DoublePoint(doubled)), sums[w]);
  }
  return Point(sum);
}

}  // namespace urna::crypto::vartime::internal
