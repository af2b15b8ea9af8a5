// Many equations between public points checked in one multi-scalar multiplication: all the
// verifier equations of docs/protocol.md §3 have the form Σ s_i·P_i = 0 for this purpose.
//
// Each equation is multiplied by its own random weight of 128 bits, never 0. If any equation is
// wrong, the weighted sum is the identity with probability at most 1/(2^128 - 1), as long as the
// weights were drawn after everything in the equations was fixed. (Bellare, Garay, Rabin, 'Fast
// batch verification for modular exponentiation and digital signatures', 1998, small exponents.)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "core/crypto/vartime/point.h"
#include "core/crypto/vartime/scalar_vartime.h"

namespace urna::crypto::vartime {

// Fills the span with independent uniform bytes: the operating system's, or the output of a hash of
// *all complete entry bytes* of the batch, responses included.
using RandomSource = std::function<void(std::span<uint8_t>)>;

// Usage, for z·G = A + c·P and z·Y = B + c·Q:
//
//   EquationBatch batch(random);
//   const auto g = batch.AddBase(Point::Base());
//   const auto y = batch.AddBase(election_key);
//   batch.BeginEquation();  batch.Add(z, g);  batch.Subtract(a);  batch.Subtract(c, p);
//   batch.BeginEquation();  batch.Add(z, y);  batch.Subtract(b);  batch.Subtract(c, q);
//   if (!batch.Check()) …   // some equation is wrong: see FindFailing
//
// A batch of n equations with one commitment each costs about n half multiplications for the
// commitments and one full one for every other term; terms of bases cost no point at all. Memory is
// about 200 bytes a term, 550 more while checking. Some ten thousand terms a batch are enough. One
// thread at a time; different batches are independent.
class EquationBatch {
 public:
  // A point whose terms are merged into one, valid for its batch only: one that many equations
  // share (G, Y, K_R), or a ciphertext that occurs in several equations of its ballot.
  struct Base {
    size_t index;  // in bases_
  };

  explicit EquationBatch(RandomSource random) : random_(std::move(random)) {}

  Base AddBase(const Point& point);

  // What follows belongs to the next part, whose sum can be had by itself: see FindFailing. Bases
  // that were added before the first part are those of all parts, others of their own part alone.
  // All equations are in parts or none is (checked, aborts).
  void BeginPart();
  size_t parts() const { return parts_.size(); }

  // Starts the next equation, with a new weight. The terms that follow belong to it.
  void BeginEquation();

  // ± scalar·point. There must be an equation (checked, aborts).
  void Add(const PublicScalar& scalar, const Point& point) { AddTerm(weight_ * scalar, point); }
  void Add(const PublicScalar& scalar, Base base) { SumOf(base).AddProduct(weight_, scalar); }
  void Add(const Point& point) { AddTerm(weight_, point); }
  void Subtract(const PublicScalar& scalar, const Point& point) { Add(-scalar, point); }
  void Subtract(const PublicScalar& scalar, Base base) { Add(-scalar, base); }
  void Subtract(const Point& point) { AddTerm(-weight_, point); }

  // For terms of many equations whose sum is made elsewhere (outer_products.h): the weight of the
  // current equation, and a term that is weighted already.
  const PublicScalar& weight() const { return weight_; }
  void AddWeighted(const PublicScalar& weighted, const Point& point) { AddTerm(weighted, point); }

  size_t equations() const { return equations_; }
  size_t points() const { return points_.size() + bases_.size(); }

  // Whether all equations hold, but for the probability above. True for no equation at all: whoever
  // reports must count equations().
  bool Check() const;
  // The weighted sum of the equations of parts begin..end-1, the identity if they hold. The weights
  // are always the same, so that the sums of two ranges that meet add up to that of both.
  Point SumOfParts(size_t begin, size_t end) const;

 private:
  static constexpr size_t kWeightBytes = 16;

  // A base that belongs to all parts, or to one.
  struct BaseTerm {
    Point point;
    ScalarSum sum;  // of all equations; of those of all parts in no part
  };
  struct Part {
    size_t first_point = 0;
    size_t first_base = 0;
  };

  PublicScalar NextWeight();
  void AddTerm(const PublicScalar& weighted, const Point& point);
  ScalarSum& SumOf(Base base);
  size_t shared() const { return parts_.empty() ? bases_.size() : parts_.front().first_base; }

  RandomSource random_;
  std::array<uint8_t, 64 * kWeightBytes> pool_;  // random bytes in advance
  size_t pool_used_ = sizeof(pool_);
  size_t equations_ = 0;
  PublicScalar weight_;
  std::vector<PublicScalar> coefficients_;
  std::vector<Point> points_;
  std::vector<BaseTerm> bases_;
  std::vector<Part> parts_;
  std::vector<ScalarSum> shared_sums_;  // of the bases of all parts, for each part
};

// Names the bad ones among the things 0..count-1, ascending, by checking ever smaller ranges.
// check(begin, end) must say whether all of begin..end-1 are good, building a new batch with new
// weights each time. A thing is named only if its check alone has failed. About
// 2·bad·log2(count/bad) + 1 checks, of half the size at each step.
std::vector<size_t> FindFailing(size_t count,
                                const std::function<bool(size_t begin, size_t end)>& check);

// The same for the parts of a batch, with sums in place of checks: of every range that is bad only
// the first half is summed, for the other one's sum is what is left. So a single bad part costs as
// much again as the whole batch, and each is named by its own sum. All sums have the same weights;
// a bad part escapes only if the sum of a range that it is in is the identity, for each of which
// the probability above is the bound.
std::vector<size_t> FindFailing(const EquationBatch& batch);

}  // namespace urna::crypto::vartime
