// The vectors of lanes_words.h as an array: the lane arithmetic for a processor that this machine
// is not is tested by it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace urna::crypto::vartime::lanes {

template <int kCount>
struct EmulatedWords {
  static constexpr int kLanes = kCount;
  std::array<uint64_t, kCount> v;

  template <typename Function>
  static EmulatedWords Map(const Function& function) {
    EmulatedWords r;
    for (size_t i = 0; i < kCount; ++i) r.v[i] = function(i);
    return r;
  }
  static EmulatedWords Broadcast(uint64_t x) {
    return Map([x](size_t) { return x; });
  }
  static EmulatedWords Load(const uint64_t* from) {
    return Map([from](size_t i) { return from[i]; });
  }
  void Store(uint64_t* to) const { std::copy(v.begin(), v.end(), to); }

  friend EmulatedWords operator+(const EmulatedWords& a, const EmulatedWords& b) {
    return Map([&](size_t i) { return a.v[i] + b.v[i]; });
  }
  friend EmulatedWords operator-(const EmulatedWords& a, const EmulatedWords& b) {
    return Map([&](size_t i) { return a.v[i] - b.v[i]; });
  }
  friend EmulatedWords operator&(const EmulatedWords& a, const EmulatedWords& b) {
    return Map([&](size_t i) { return a.v[i] & b.v[i]; });
  }
  friend EmulatedWords operator|(const EmulatedWords& a, const EmulatedWords& b) {
    return Map([&](size_t i) { return a.v[i] | b.v[i]; });
  }
  template <int kBits>
  EmulatedWords Shl() const {
    return Map([&](size_t i) { return v[i] << kBits; });
  }
  template <int kBits>
  EmulatedWords Shr() const {
    return Map([&](size_t i) { return v[i] >> kBits; });
  }
  static EmulatedWords Mul32(const EmulatedWords& a, const EmulatedWords& b) {
    return Map([&](size_t i) { return (a.v[i] & 0xffffffff) * (b.v[i] & 0xffffffff); });
  }
  static EmulatedWords MaddLow52(const EmulatedWords& sum, const EmulatedWords& a,
                                 const EmulatedWords& b) {
    return Map([&](size_t i) {
      return sum.v[i] + (static_cast<uint64_t>(Product52(a.v[i], b.v[i])) & kLow52);
    });
  }
  static EmulatedWords MaddHigh52(const EmulatedWords& sum, const EmulatedWords& a,
                                  const EmulatedWords& b) {
    return Map([&](size_t i) {
      return sum.v[i] + static_cast<uint64_t>(Product52(a.v[i], b.v[i]) >> 52);
    });
  }
  static unsigned EqualLanes(const EmulatedWords& a, const EmulatedWords& b) {
    unsigned lanes = 0;
    for (size_t i = 0; i < kCount; ++i) lanes |= (a.v[i] == b.v[i] ? 1u : 0u) << i;
    return lanes;
  }
  static EmulatedWords Select(unsigned lanes, const EmulatedWords& a, const EmulatedWords& b) {
    return Map([&](size_t i) { return (lanes >> i & 1) != 0 ? a.v[i] : b.v[i]; });
  }
  static void LoadRows(const uint64_t* const* rows, EmulatedWords* out) {
    for (size_t j = 0; j < 8; ++j) {
      out[j] = Map([rows, j](size_t lane) { return rows[lane][j]; });
    }
  }

 private:
  __extension__ typedef unsigned __int128 uint128;
  static constexpr uint64_t kLow52 = (uint64_t{1} << 52) - 1;
  static uint128 Product52(uint64_t a, uint64_t b) {
    return static_cast<uint128>(a & kLow52) * (b & kLow52);
  }
};

}  // namespace urna::crypto::vartime::lanes
