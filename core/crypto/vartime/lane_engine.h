// Engines whose decoding and additions run in the lanes of a vector: the part that is the same for
// all, compiled for any processor. What a back end gives are its kernels. Public data only.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/crypto/vartime/engine.h"

namespace urna::crypto::vartime::lanes {

inline constexpr size_t kMaxLanes = 8;
// How many vectors of points are decoded side by side: a squaring waits for the one before it, and
// most of decoding is squarings.
inline constexpr size_t kDecodeSide = 2;

// One point ready for addition: five packed limbs of 51 bits each of y+x, y-x and 2d·x·y, and one
// word that is not used: two cache lines.
inline constexpr size_t kNielsWords = 16;
// A sum of points: five packed limbs each of X, Y, Z and T. Rows are read eight words at a time.
inline constexpr size_t kSumWords = 20;
inline constexpr size_t kSumRow = 24;

// A term in its place: whose point, and which bucket of the window it goes to.
struct PlacedTerm {
  uint32_t term;  // 2·index, and 1 more if it is to be subtracted
  uint32_t bucket;
};

struct LaneKernels {
  size_t lanes;

  // Decodes one s a lane of kDecodeSide vectors, canonical and not negative: limb i of lane l of
  // vector v at s[(5·v + i)·lanes + l]. Returns the lanes that encode a point, lane l of vector v
  // as bit v·lanes + l; x, y and x·y, reduced, go to xyt in the same order, 15 words a lane.
  unsigned (*decode)(const uint64_t* s, uint64_t* xyt);

  // From xyt as decode writes it to kNielsWords for each lane, one lane after the other.
  void (*to_niels)(const uint64_t* xyt, uint64_t* rows);

  // Sums up the points of every bucket. `placed`: `count` terms, ascending by bucket. `rows`:
  // kNielsWords for each point, those of the identity at index `identity`. A bucket with terms gets
  // its sum at buckets[kSumRow·bucket…]; others stay as they are. A bucket may begin in one lane's
  // stretch and go on in the next: what a lane finds of a bucket that began before it goes to
  // overflow[kSumRow·lane…], and into_bucket[lane] says which bucket that belongs to, or is -1.
  void (*sum)(const PlacedTerm* placed, size_t count, const uint64_t* rows, uint32_t identity,
              uint64_t* buckets, uint64_t* overflow, int64_t* into_bucket);

  // Σ (b+1)·bucket[b] of one window a lane: windows[l] points to its `count` rows of kSumRow words.
  // sums: kSumRow for each lane, one after the other.
  void (*collapse)(const uint64_t* const* windows, size_t count, uint64_t* sums);

  // Engine::SumOuterProducts where `lows` is a multiple of `lanes`; or null: not in lanes.
  void (*outer)(const OuterFactors& factors, uint64_t* sums);
};

class LaneEngine final : public Engine {
 public:
  // `many`: from how many points on sums of multiples are made in lanes; with fewer the portable
  // engine makes them.
  LaneEngine(const char* name, const LaneKernels& kernels, const Sha512Kernel& sha512, size_t many)
      : name_(name), kernels_(kernels), sha512_(sha512), many_(many) {}

  const char* name() const override { return name_; }
  void Decode(std::span<const Encoding> encodings, std::span<Point> points,
              std::vector<size_t>* failed) const override;
  Point MultiScalarMul(std::span<const PublicScalar> scalars,
                       std::span<const Point> points) const override;
  void AddToSums(std::span<const Point> points, std::span<const uint32_t> places,
                 std::span<Point> sums) const override;
  void SumOuterProducts(const OuterFactors& factors, std::span<uint64_t> sums) const override;
  const Sha512Kernel& sha512() const override { return sha512_; }

 private:
  const char* name_;
  LaneKernels kernels_;
  Sha512Kernel sha512_;
  size_t many_;
};

}  // namespace urna::crypto::vartime::lanes
