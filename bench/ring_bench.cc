// Anonymous signatures: to make one, to verify one, to verify many over one ring. The argument is
// the size of the ring, and in batches the number of signatures. libsodium's multiplication, in the
// same run, is the yardstick.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "bench/synthetic_ring.h"
#include "core/base/check.h"
#include "core/base/memory.h"
#include "core/crypto/ring_batch.h"
#include "core/crypto/ring_prover.h"
#include "core/crypto/sodium_init.h"
#include "core/crypto/tag_proof.h"
#include "core/crypto/transcript.h"
#include "core/crypto/vartime/engine.h"

namespace urna::bench {
namespace {

// As the programs do whose work is measured.
const bool kMemoryIsKept = (KeepFreedMemory(), true);

struct Scene {
  explicit Scene(size_t size) {
    URNA_CHECK(crypto::InitializeCrypto().ok(), "libsodium starts");
    ring = std::make_unique<SyntheticRing>(size, *bases, rng);
  }

  SyntheticSignature Sign(size_t place) {
    return ring->Sign(
        place,
        [&](ByteSpan tag, ByteSpan commitments) {
          crypto::Transcript transcript("benchmark");
          crypto::AddRingFields(transcript, ring->ring().ring().hash(), tag_base, tag, commitments);
          return crypto::RingChallenge(transcript.Hash());
        },
        rng);
  }

  crypto::SystemRng rng;
  crypto::RistrettoPoint tag_base = crypto::TagBase({});
  std::unique_ptr<const ThrowawayBases> bases = std::make_unique<ThrowawayBases>(tag_base);
  std::unique_ptr<const SyntheticRing> ring;
};

void SodiumMultiplication(benchmark::State& state) {
  Scene scene(64);
  const crypto::SecretScalar scalar = crypto::SecretScalar::Random(scene.rng);
  for (auto _ : state) benchmark::DoNotOptimize(crypto::Mul(scalar, scene.tag_base));
}

void Prove(benchmark::State& state) {
  Scene scene(64);
  const auto size = static_cast<size_t>(state.range(0));
  const crypto::Credential credential = crypto::Credential::Generate(scene.rng);
  std::vector<crypto::RistrettoPoint> points = {credential.public_key()};
  while (points.size() < size) {
    points.push_back(crypto::RistrettoPoint::FromUniform(scene.rng.Array<64>()));
  }
  std::ranges::sort(points);
  const crypto::Ring ring = crypto::Ring::Create(points).value();
  const crypto::Scalar challenge = crypto::Scalar::FromUint64(4711);
  for (auto _ : state) {
    auto prover = crypto::RingProver::Commit(ring, credential, scene.tag_base, {}, scene.rng);
    benchmark::DoNotOptimize(std::move(*prover).Respond(challenge));
  }
}

// A ring from its points' bytes, as once before everything else.
void DecodeRing(benchmark::State& state) {
  const Scene scene(static_cast<size_t>(state.range(0)));
  const Bytes bytes = crypto::EncodePoints(scene.ring->ring().ring().points());
  for (auto _ : state) {
    const crypto::DecodedRing ring(crypto::Ring::Decode(bytes).value());
    benchmark::DoNotOptimize(ring.points().data());
  }
}

void VerifyOne(benchmark::State& state) {
  Scene scene(static_cast<size_t>(state.range(0)));
  const SyntheticSignature made = scene.Sign(1);
  const auto proof = crypto::RingProof::Decode(scene.ring->ring().ring().digits(), made.commitments,
                                               made.responses);
  const auto tag = crypto::RistrettoPoint::Decode(made.tag);
  for (auto _ : state) {
    URNA_CHECK(crypto::VerifyRingProofVarTime(scene.ring->ring(), scene.tag_base, *tag, *proof,
                                              made.challenge)
                   .ok(),
               "the proof verifies");
  }
}

// Equations 4 and 3 first, or all four together.
template <bool kByStage>
void VerifyMany(benchmark::State& state) {
  Scene scene(static_cast<size_t>(state.range(0)));
  const auto count = static_cast<size_t>(state.range(1));
  std::vector<SyntheticSignature> made;
  for (size_t i = 0; i < count; ++i)
    made.push_back(scene.Sign(i % static_cast<size_t>(state.range(0))));
  std::vector<crypto::RingClaim> claims;
  for (const SyntheticSignature& one : made) {
    claims.push_back({&scene.ring->ring(), scene.tag_base, one.tag, one.commitments, one.responses,
                      one.challenge});
  }
  for (auto _ : state) {
    if constexpr (kByStage) {
      URNA_CHECK(crypto::FindUnprovedRingsByStage(claims, scene.rng).empty(), "all are proved");
    } else {
      URNA_CHECK(crypto::FindUnprovedRings(claims, scene.rng).empty(), "all are proved");
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
  state.SetLabel(crypto::vartime::CurrentEngine().name());
}

void VerifyBatch(benchmark::State& state) { VerifyMany<false>(state); }
void VerifyBatchByStage(benchmark::State& state) { VerifyMany<true>(state); }

void MakeSynthetic(benchmark::State& state) {
  Scene scene(static_cast<size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(scene.Sign(5));
}

constexpr int64_t kSizes[] = {64, 256, 1024, 4096};

void EverySize(benchmark::internal::Benchmark* benchmark) {
  for (int64_t size : kSizes) benchmark->Arg(size);
}

void EverySizeAndBatch(benchmark::internal::Benchmark* benchmark) {
  for (int64_t size : kSizes) {
    for (int64_t count : {1, 16, 256}) benchmark->Args({size, count});
  }
}

BENCHMARK(SodiumMultiplication)->Unit(benchmark::kMicrosecond);
BENCHMARK(Prove)->Apply(EverySize)->Unit(benchmark::kMillisecond);
BENCHMARK(DecodeRing)->Apply(EverySize)->Unit(benchmark::kMillisecond);
BENCHMARK(VerifyOne)->Apply(EverySize)->Unit(benchmark::kMillisecond);
BENCHMARK(VerifyBatch)->Apply(EverySizeAndBatch)->Unit(benchmark::kMillisecond);
BENCHMARK(VerifyBatchByStage)->Args({1024, 16})->Args({1024, 256})->Unit(benchmark::kMillisecond);
BENCHMARK(MakeSynthetic)->Apply(EverySize)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace urna::bench
