// Small helpers of the tests of core/crypto.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "core/base/bytes.h"
#include "core/crypto/hash.h"
#include "core/crypto/point.h"
#include "core/crypto/scalar.h"

namespace urna::crypto {

inline Bytes Unhex(const std::string& text) { return FromHex(text).value(); }

template <size_t N>
std::array<uint8_t, N> UnhexArray(const std::string& text) {
  return ToArray<N>(Unhex(text)).value();
}

inline nlohmann::json LoadVectors(const std::string& name) {
  std::ifstream file("tests/vectors/" + name);
  nlohmann::json json = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  EXPECT_FALSE(json.is_discarded()) << name << " cannot be read; tests run in the repository root";
  return json;
}

inline Hash32 Filled32(uint8_t value) {
  Hash32 out;
  out.fill(value);
  return out;
}

// The point or scalar that is off by one, for mutations.
inline RistrettoPoint Other(const RistrettoPoint& point) { return point + RistrettoPoint::Base(); }
inline Scalar Other(const Scalar& scalar) { return scalar + Scalar::One(); }

}  // namespace urna::crypto
