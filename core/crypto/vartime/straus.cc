#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/crypto/vartime/multi_scalar_internal.h"

namespace urna::crypto::vartime::internal {
namespace {

constexpr int kWidth = 5;
constexpr int kOddMultiples = 1 << (kWidth - 2);  // 1, 3, …, 15
// A magnitude has at most 252 bits, its non-adjacent form one digit more.
constexpr int kMaxDigits = 253;

// The width-5 non-adjacent form: digits 0 or odd in -15..15, at least four zeros between two
// others. digits[bit·stride] is written for the digits that are not 0. Returns the number of
// digits.
int WriteNonAdjacentForm(const SignedMagnitude& s, int8_t* digits, size_t stride) {
  std::array<uint64_t, 5> limbs{s.magnitude[0], s.magnitude[1], s.magnitude[2], s.magnitude[3], 0};
  constexpr uint64_t kWindow = uint64_t{1} << kWidth;
  const int bits = s.BitLength();
  int count = 0;
  uint64_t carry = 0;
  for (int bit = 0; bit < bits + 1;) {
    const int limb = bit / 64;
    const int shift = bit % 64;
    uint64_t window = limbs[limb] >> shift;
    if (shift > 64 - kWidth) window |= limbs[limb + 1] << (64 - shift);
    window = (window & (kWindow - 1)) + carry;
    if (window % 2 == 0) {
      ++bit;
      continue;
    }
    carry = window > kWindow / 2 ? 1 : 0;
    const int digit = static_cast<int>(window) - (carry != 0 ? static_cast<int>(kWindow) : 0);
    digits[static_cast<size_t>(bit) * stride] = static_cast<int8_t>(s.negative ? -digit : digit);
    count = bit + 1;
    bit += kWidth;
  }
  return count;
}

}  // namespace

Point Straus(std::span<const PublicScalar> scalars, std::span<const Point> points) {
  const size_t n = points.size();
  std::vector<int8_t> digits(kMaxDigits * n, 0);  // [bit][point]
  std::vector<ProjectiveNiels> tables(kOddMultiples * n);
  int top = 0;
  for (size_t i = 0; i < n; ++i) {
    top = std::max(top, WriteNonAdjacentForm(SignedMagnitude(scalars[i]), &digits[i], n));
    ProjectiveNiels* table = &tables[kOddMultiples * i];
    const Extended& p = points[i].coordinates();
    const Extended twice = ToExtended(DoublePoint(ToProjective(p)));
    table[0] = ToNiels(p);
    for (int m = 1; m < kOddMultiples; ++m) {
      table[m] = ToNiels(ToExtended(AddNiels(twice, table[m - 1])));
    }
  }

  Extended sum = kIdentity;
  for (int bit = top - 1; bit >= 0; --bit) {
    const Completed doubled = DoublePoint(ToProjective(sum));
    const int8_t* row = &digits[static_cast<size_t>(bit) * n];
    const bool has_digit = std::any_of(row, row + n, [](int8_t digit) { return digit != 0; });
    if (!has_digit && bit != 0) {
      // The next step is a doubling, which does without T.
      const Projective p = ToProjective(doubled);
      sum = {p.x, p.y, p.z, kFieldZero};
      continue;
    }
    sum = ToExtended(doubled);
    for (size_t i = 0; i < n; ++i) {
      if (row[i] > 0) {
        sum = ToExtended(AddNiels(sum, tables[kOddMultiples * i + row[i] / 2]));
      } else if (row[i] < 0) {
        sum = ToExtended(AddNiels<true>(sum, tables[kOddMultiples * i + -row[i] / 2]));
      }
    }
  }
  return Point(sum);
}

}  // namespace urna::crypto::vartime::internal
