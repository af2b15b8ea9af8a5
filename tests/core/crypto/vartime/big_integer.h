// A slow and obvious non-negative integer of up to 1,088 bits: the reference for field and scalar
// arithmetic.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>

namespace urna::crypto::vartime {

class BigInteger {
 public:
  BigInteger(uint64_t value = 0) : words_{} {  // NOLINT: numbers are numbers
    words_[0] = static_cast<uint32_t>(value);
    words_[1] = static_cast<uint32_t>(value >> 32);
  }
  static BigInteger PowerOfTwo(int exponent) {
    BigInteger r;
    r.words_[exponent / 32] = uint32_t{1} << (exponent % 32);
    return r;
  }
  static BigInteger FromLittleEndian(std::span<const uint8_t> bytes) {
    BigInteger r;
    for (size_t i = 0; i < bytes.size(); ++i) {
      r.words_[i / 4] |= static_cast<uint32_t>(bytes[i]) << (8 * (i % 4));
    }
    return r;
  }
  // 2^255 - 19
  static BigInteger P() { return PowerOfTwo(255) - 19; }
  // 2^252 + 27742317777372353535851937790883648493
  static BigInteger Order() {
    return PowerOfTwo(252) + BigInteger(0x14def9dea2f79cd6) * PowerOfTwo(64) +
           BigInteger(0x5812631a5cf5d3ed);
  }

  std::array<uint8_t, 32> Bytes() const {
    std::array<uint8_t, 32> bytes;
    for (int i = 0; i < 32; ++i) bytes[i] = static_cast<uint8_t>(words_[i / 4] >> (8 * (i % 4)));
    return bytes;
  }
  bool Bit(int i) const { return (words_[i / 32] >> (i % 32) & 1) != 0; }

  friend BigInteger operator+(const BigInteger& a, const BigInteger& b) {
    BigInteger r;
    uint64_t carry = 0;
    for (size_t i = 0; i < kWords; ++i) {
      carry += uint64_t{a.words_[i]} + b.words_[i];
      r.words_[i] = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
    return r;
  }
  // a >= b
  friend BigInteger operator-(const BigInteger& a, const BigInteger& b) {
    BigInteger r;
    int64_t carry = 0;
    for (size_t i = 0; i < kWords; ++i) {
      carry += int64_t{a.words_[i]} - int64_t{b.words_[i]};
      r.words_[i] = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
    return r;
  }
  friend BigInteger operator*(const BigInteger& a, const BigInteger& b) {
    BigInteger r;
    for (size_t i = 0; i < kWords; ++i) {
      uint64_t carry = 0;
      for (size_t j = 0; i + j < kWords; ++j) {
        carry += uint64_t{a.words_[i]} * b.words_[j] + r.words_[i + j];
        r.words_[i + j] = static_cast<uint32_t>(carry);
        carry >>= 32;
      }
    }
    return r;
  }
  // Bit by bit.
  friend BigInteger operator%(const BigInteger& a, const BigInteger& m) {
    BigInteger r;
    int i = 32 * static_cast<int>(kWords) - 1;
    while (i >= 0 && !a.Bit(i)) --i;
    for (; i >= 0; --i) {
      r = r + r + BigInteger(a.Bit(i) ? 1 : 0);
      if (r >= m) r = r - m;
    }
    return r;
  }
  friend std::strong_ordering operator<=>(const BigInteger& a, const BigInteger& b) {
    for (size_t i = kWords; i-- > 0;) {
      if (a.words_[i] != b.words_[i]) return a.words_[i] <=> b.words_[i];
    }
    return std::strong_ordering::equal;
  }
  friend bool operator==(const BigInteger& a, const BigInteger& b) = default;

  // base^exponent modulo m
  static BigInteger Power(const BigInteger& base, const BigInteger& exponent, const BigInteger& m) {
    BigInteger r(1);
    for (int i = 255; i >= 0; --i) {
      r = r * r % m;
      if (exponent.Bit(i)) r = r * base % m;
    }
    return r;
  }

 private:
  static constexpr size_t kWords = 34;
  std::array<uint32_t, kWords> words_;
};

}  // namespace urna::crypto::vartime
