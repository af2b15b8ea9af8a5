// The back ends of the bulk operations. Callers need not name one: DecodeBatch (point.h) and
// MultiScalarMul (multi_scalar.h) take the current one, that is the fastest that this processor has
// unless another was selected. A new back end is one more line in engine.cc.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/crypto/vartime/outer_factors.h"
#include "core/crypto/vartime/point.h"
#include "core/crypto/vartime/scalar_vartime.h"
#include "core/crypto/vartime/sha512_kernels.h"

namespace urna::crypto::vartime {

// Stateless, so that one object serves all threads. Points travel between engines and callers in
// the form of point.h, whatever an engine computes with inside.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual const char* name() const = 0;

  // points[i] = the decoded encodings[i]; or points[i] stays and i is appended to `failed`,
  // ascending. Both spans have the same length.
  virtual void Decode(std::span<const Encoding> encodings, std::span<Point> points,
                      std::vector<size_t>* failed) const = 0;
  // Σ scalars[i]·points[i]; both spans have the same length, which may be 0.
  virtual Point MultiScalarMul(std::span<const PublicScalar> scalars,
                               std::span<const Point> points) const = 0;
  // sums[places[i]] += points[i] for every i; as many places as points, each below sums.size().
  virtual void AddToSums(std::span<const Point> points, std::span<const uint32_t> places,
                         std::span<Point> sums) const = 0;
  // The limbs of Σ low[l]·high[h] over the terms at sums[kSumLimbs·(lows·h + l)…], not reduced.
  virtual void SumOuterProducts(const OuterFactors& factors, std::span<uint64_t> sums) const = 0;
  // How Sha512Batch hashes.
  virtual const Sha512Kernel& sha512() const = 0;
};

// 64-bit C++ for any processor with a 64 × 64 → 128 bit multiplication.
class PortableEngine final : public Engine {
 public:
  const char* name() const override { return "portable"; }
  void Decode(std::span<const Encoding> encodings, std::span<Point> points,
              std::vector<size_t>* failed) const override;
  Point MultiScalarMul(std::span<const PublicScalar> scalars,
                       std::span<const Point> points) const override;
  void AddToSums(std::span<const Point> points, std::span<const uint32_t> places,
                 std::span<Point> sums) const override;
  void SumOuterProducts(const OuterFactors& factors, std::span<uint64_t> sums) const override;
  const Sha512Kernel& sha512() const override { return kSha512Libcrypto; }
};

// All that this program has and this processor can run, the fastest first, the portable one last.
std::span<const Engine* const> AvailableEngines();

// The fastest one, or the one that was selected.
const Engine& CurrentEngine();
// By name, for the rest of the program's run: to compare them, and to do without one that is
// suspected. The empty name means the fastest. InvalidArgument, with the names there are, for any
// other.
absl::Status SelectEngine(absl::string_view name);
// What programs say of their option --engine.
std::string EngineOptionHelp();

}  // namespace urna::crypto::vartime
