// The back ends of the bulk operations. Callers never name one: DecodeBatch (point.h) and
// MultiScalarMul (multi_scalar.h) take the fastest that this processor has. A new back end is one
// more class here and one more line in FastestEngine().
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/crypto/vartime/point.h"
#include "core/crypto/vartime/scalar_vartime.h"

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
};

// 64-bit C++ for any processor with a 64 × 64 → 128 bit multiplication.
class PortableEngine final : public Engine {
 public:
  const char* name() const override { return "portable 5x51"; }
  void Decode(std::span<const Encoding> encodings, std::span<Point> points,
              std::vector<size_t>* failed) const override;
  Point MultiScalarMul(std::span<const PublicScalar> scalars,
                       std::span<const Point> points) const override;
};

// The same one for the whole run of the program.
const Engine& FastestEngine();

}  // namespace urna::crypto::vartime
