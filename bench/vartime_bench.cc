// What core/crypto/vartime costs. Times per point are in the counter `per_point`, those of hashing
// per 1,024 bytes in `per_kb`.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "core/crypto/vartime/batch_equation.h"
#include "core/crypto/vartime/engine.h"
#include "core/crypto/vartime/multi_scalar.h"
#include "core/crypto/vartime/multi_scalar_internal.h"
#include "core/crypto/vartime/point.h"
#include "core/crypto/vartime/scalar_vartime.h"
#include "core/crypto/vartime/sha512_kernels.h"

namespace urna::crypto::vartime {
namespace {

constexpr int kFullBits = 253;
constexpr int kWeightBits = 128;

// `count` scalars below ℓ, or below 2^128.
std::vector<PublicScalar> Scalars(size_t count, int bits) {
  std::mt19937_64 random(1);
  std::vector<PublicScalar> scalars;
  for (size_t i = 0; i < count; ++i) {
    std::array<uint8_t, 64> bytes;
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    scalars.push_back(
        bits == kWeightBits
            ? PublicScalar::FromWeight(std::span<const uint8_t, 64>(bytes).first<16>())
            : PublicScalar::Reduce(std::span<const uint8_t, 64>(bytes)));
  }
  return scalars;
}

// G, 3G, 9G, … as decoding leaves them.
std::vector<Encoding> Encodings(size_t count) {
  std::vector<Encoding> encodings;
  Point point = Point::Base();
  for (size_t i = 0; i < count; ++i) {
    encodings.push_back(point.Encode());
    point = point.Doubled() + point;
  }
  return encodings;
}

void SetPerPoint(benchmark::State& state, size_t points) {
  state.counters["per_point"] = benchmark::Counter(
      static_cast<double>(points),
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void BM_FieldMul(benchmark::State& state) {
  Field a = kBaseX;
  for (auto _ : state) benchmark::DoNotOptimize(a = Mul(a, kBaseY));
}
BENCHMARK(BM_FieldMul);

void BM_FieldSquare(benchmark::State& state) {
  Field a = kBaseX;
  for (auto _ : state) benchmark::DoNotOptimize(a = Square(a));
}
BENCHMARK(BM_FieldSquare);

void BM_ScalarMul(benchmark::State& state) {
  const std::vector<PublicScalar> scalars = Scalars(2, kFullBits);
  PublicScalar a = scalars[0];
  for (auto _ : state) benchmark::DoNotOptimize(a = a * scalars[1]);
}
BENCHMARK(BM_ScalarMul);

void BM_Decode(benchmark::State& state) {
  const std::vector<Encoding> encodings = Encodings(16);
  size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(Point::Decode(encodings[i++ % 16]));
}
BENCHMARK(BM_Decode);

void BM_Encode(benchmark::State& state) {
  const Point point = Point::Base().Doubled();
  for (auto _ : state) benchmark::DoNotOptimize(point.Encode());
}
BENCHMARK(BM_Encode);

void BM_Add(benchmark::State& state) {
  Point point = Point::Base();
  const Point other = point.Doubled();
  for (auto _ : state) benchmark::DoNotOptimize(point = point + other);
}
BENCHMARK(BM_Add);

void BM_Double(benchmark::State& state) {
  Point point = Point::Base();
  for (auto _ : state) benchmark::DoNotOptimize(point = point.Doubled());
}
BENCHMARK(BM_Double);

void BM_FixedBaseTable(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(FixedBaseTable(Point::Base()));
}
BENCHMARK(BM_FixedBaseTable);

void BM_FixedBaseMul(benchmark::State& state) {
  const FixedBaseTable table(Point::Base());
  const std::vector<PublicScalar> scalars = Scalars(16, kFullBits);
  size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(table.Mul(scalars[i++ % 16]));
}
BENCHMARK(BM_FixedBaseMul);

// Arguments: points, bits of the scalars.
template <typename Function>
void MultiScalar(benchmark::State& state, const Function& function) {
  const auto count = static_cast<size_t>(state.range(0));
  const std::vector<PublicScalar> scalars = Scalars(count, static_cast<int>(state.range(1)));
  const std::vector<Point> points = DecodeBatch(Encodings(count)).points;
  for (auto _ : state) benchmark::DoNotOptimize(function(scalars, points));
  SetPerPoint(state, count);
}

// Where one algorithm should take over from the other.
void BM_Straus(benchmark::State& state) { MultiScalar(state, internal::Straus); }
BENCHMARK(BM_Straus)->ArgsProduct({{64, 128, 256}, {kFullBits}})->Unit(benchmark::kMicrosecond);
void BM_Pippenger(benchmark::State& state) { MultiScalar(state, internal::Pippenger); }
BENCHMARK(BM_Pippenger)->ArgsProduct({{64, 128, 256}, {kFullBits}})->Unit(benchmark::kMicrosecond);

// 1,000 proofs z·G = A + c·P: per equation, from decoded points.
void BM_EquationBatch(benchmark::State& state) {
  constexpr size_t kEquations = 1000;
  const std::vector<PublicScalar> scalars = Scalars(kEquations, kFullBits);
  const std::vector<Point> points = DecodeBatch(Encodings(2 * kEquations)).points;
  std::mt19937_64 random(2);
  for (auto _ : state) {
    EquationBatch batch([&random](std::span<uint8_t> out) {
      for (uint8_t& byte : out) byte = static_cast<uint8_t>(random());
    });
    const EquationBatch::Base g = batch.AddBase(Point::Base());
    for (size_t i = 0; i < kEquations; ++i) {
      batch.BeginEquation();
      batch.Add(scalars[i], g);
      batch.Subtract(points[2 * i]);
      batch.Subtract(scalars[kEquations - 1 - i], points[2 * i + 1]);
    }
    benchmark::DoNotOptimize(batch.Check());
  }
  SetPerPoint(state, kEquations);
}
BENCHMARK(BM_EquationBatch)->Unit(benchmark::kMicrosecond);

// The same work by every engine that this processor has.

void DecodeWith(benchmark::State& state, const Engine* engine) {
  const std::vector<Encoding> encodings = Encodings(256);
  std::vector<Point> points(encodings.size());
  std::vector<size_t> failed;
  for (auto _ : state) {
    engine->Decode(encodings, points, &failed);
    benchmark::DoNotOptimize(points.data());
  }
  SetPerPoint(state, encodings.size());
}

// Arguments: points, bits of the scalars.
void SumWith(benchmark::State& state, const Engine* engine) {
  MultiScalar(state, [engine](const auto& scalars, const auto& points) {
    return engine->MultiScalarMul(scalars, points);
  });
}

// 1,000 ballots of three options, from decoded points; `per_point` is for half a selection.
void AddToSumsWith(benchmark::State& state, const Engine* engine) {
  constexpr size_t kCells = 6;
  const std::vector<Point> points = DecodeBatch(Encodings(1000 * kCells)).points;
  std::vector<uint32_t> places(points.size());
  for (size_t i = 0; i < places.size(); ++i) places[i] = static_cast<uint32_t>(i % kCells);
  std::vector<Point> sums(kCells);
  for (auto _ : state) engine->AddToSums(points, places, sums);
  SetPerPoint(state, points.size());
}

// Arguments: bytes a message (a challenge, a transcript of a ballot), messages.
void Sha512With(benchmark::State& state, const Sha512Kernel* kernel) {
  const auto size = static_cast<size_t>(state.range(0));
  const auto count = static_cast<size_t>(state.range(1));
  const Bytes bytes(size * count, 7);
  std::vector<ByteSpan> messages;
  for (size_t i = 0; i < count; ++i) messages.push_back(ByteSpan(bytes).subspan(i * size, size));
  std::vector<Sha512Digest> digests(count);
  for (auto _ : state) {
    Sha512BatchWith(*kernel, messages, digests);
    benchmark::DoNotOptimize(digests.data());
  }
  state.counters["per_kb"] = benchmark::Counter(
      static_cast<double>(bytes.size()) / 1024,
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

const bool kRegistered = [] {
  for (const Engine* engine : AvailableEngines()) {
    const std::string name = engine->name();
    benchmark::RegisterBenchmark(("Decode/" + name).c_str(), DecodeWith, engine);
    benchmark::RegisterBenchmark(("MultiScalarMul/" + name).c_str(), SumWith, engine)
        ->ArgsProduct({{16, 64, 256, 4096, 65536}, {kWeightBits, kFullBits}})
        ->Unit(benchmark::kMicrosecond);
    benchmark::RegisterBenchmark(("Sha512/" + name).c_str(), Sha512With, &engine->sha512())
        ->ArgsProduct({{85, 1000, 20'000}, {128}})
        ->Unit(benchmark::kMicrosecond);
    benchmark::RegisterBenchmark(("AddToSums/" + name).c_str(), AddToSumsWith, engine)
        ->Unit(benchmark::kMicrosecond);
  }
  return true;
}();

}  // namespace
}  // namespace urna::crypto::vartime
