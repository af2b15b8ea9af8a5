// Verdicts in words, to compare those of a batch with those of one after the other.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/bytes.h"
#include "core/base/numbered_checks.h"
#include "core/crypto/scalar.h"

namespace urna::testing {

// "P4: PERMISSION_DENIED: sign of …: the credential's proof does not verify", of each violation.
inline std::vector<std::string> Words(const std::vector<Violation>& violations) {
  std::vector<std::string> out;
  for (const Violation& v : violations) {
    out.push_back(absl::StrCat(InfoOf(v.check).number, ": ", v.status.ToString()));
  }
  return out;
}

// What is sent has a scalar in bytes at `at`: adds to it modulo ℓ.
template <size_t N>
void AddToScalar(std::array<uint8_t, N>& bytes, size_t at, const crypto::Scalar& summand) {
  const auto sum = crypto::Scalar::Decode(ByteSpan(bytes).subspan(at, 32)).value() + summand;
  std::copy(sum.bytes().begin(), sum.bytes().end(), bytes.begin() + static_cast<ptrdiff_t>(at));
}

}  // namespace urna::testing
