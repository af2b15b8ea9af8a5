// What a ballot costs, from the voter's device to the total, by every engine that this processor
// has, and what an appended entry costs. Times are of one core, but for AllCores. scripts/bench
// makes a table of it (bench/summary.py).
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/ballot_shapes.h"
#include "core/base/check.h"
#include "core/base/memory.h"
#include "core/crypto/discrete_log.h"
#include "core/crypto/sodium_init.h"
#include "core/crypto/vartime/engine.h"
#include "core/election/ballot.h"
#include "core/election/ballot_batch.h"
#include "core/election/decoded_ballots.h"
#include "core/election/sums.h"
#include "core/record/entry.h"
#include "server/ledger.h"

namespace urna {
namespace {

constexpr int64_t kBatch = 1024;  // ballots

// As the programs do whose work is measured.
const bool kMemoryIsKept = (KeepFreedMemory(), true);

using bench::kShapes;
using bench::Shape;

// An election with a key that nobody needs to know.
struct Scene {
  explicit Scene(const Shape& of)
      : shape(of),
        credential((URNA_CHECK(crypto::InitializeCrypto().ok(), "libsodium starts"),
                    crypto::Credential::Generate(rng))) {
    bench::AddContests(shape, manifest);
    selections.resize(shape.contests, std::vector<uint32_t>(shape.options, 0));
    for (std::vector<uint32_t>& contest : selections) contest[0] = 1;
    context.election_key = crypto::MulBase(crypto::SecretScalar::Random(rng));
  }

  election::Ballot Make(uint64_t sequence) {
    absl::StatusOr<election::Ballot> ballot =
        election::MakeBallot(manifest, context, 1, selections, sequence, credential, rng);
    URNA_CHECK(ballot.ok(), "a ballot that keeps the rule can be made");
    return *std::move(ballot);
  }
  // A batch; so as not to take all day some ballots stand in it several times.
  std::vector<election::Ballot> MakeSome() {
    std::vector<election::Ballot> ballots;
    for (size_t i = 0; i < std::max<size_t>(3, 100 / shape.options / shape.contests); ++i) {
      ballots.push_back(Make(i + 1));
    }
    return ballots;
  }

  const Shape& shape;
  crypto::SystemRng rng;
  crypto::Credential credential;
  election::Manifest manifest;
  election::VotingContext context;
  election::Selections selections;
};

void SelectEngine(const std::string& name) {
  URNA_CHECK(crypto::vartime::SelectEngine(name).ok(), "the engine is there");
}

// libsodium's multiplication of a point, by which machines differ.
void SodiumMultiplication(benchmark::State& state) {
  Scene scene(kShapes[0]);
  const crypto::SecretScalar scalar = crypto::SecretScalar::Random(scene.rng);
  for (auto _ : state) {
    benchmark::DoNotOptimize(crypto::Mul(scalar, scene.context.election_key));
  }
}

void Encrypt(benchmark::State& state, const Shape& shape) {
  Scene scene(shape);
  uint64_t sequence = 0;
  for (auto _ : state) benchmark::DoNotOptimize(scene.Make(++sequence));
  state.counters["bytes"] = static_cast<double>(record::EncodeEntry(scene.Make(1)).value().size());
}

// One by one through libsodium: the yardstick.
void VerifyOneByOne(benchmark::State& state, const Shape& shape) {
  Scene scene(shape);
  const election::Ballot ballot = scene.Make(1);
  for (auto _ : state) {
    const auto violations = election::VerifyBallotVarTime(scene.manifest, scene.context, ballot);
    URNA_CHECK(violations.empty(), "the ballot is good");
  }
}

// Argument: ballots in a batch. Time is per batch; `ballots` per second.
void VerifyBatch(benchmark::State& state, const Shape& shape, const std::string& engine) {
  SelectEngine(engine);
  Scene scene(shape);
  const std::vector<election::Ballot> ballots = scene.MakeSome();
  std::vector<const election::Ballot*> pointers;
  for (int64_t i = 0; i < state.range(0); ++i) {
    pointers.push_back(&ballots[static_cast<size_t>(i) % ballots.size()]);
  }
  for (auto _ : state) {
    for (const auto& violations :
         election::VerifyBallotsVarTime(scene.manifest, scene.context, pointers, scene.rng)) {
      URNA_CHECK(violations.empty(), "the ballots are good");
    }
  }
  // Every thread says it, and iterations are those of all.
  state.counters["ballots"] = benchmark::Counter(
      static_cast<double>(state.range(0)),
      static_cast<benchmark::Counter::Flags>(benchmark::Counter::kIsIterationInvariantRate |
                                             benchmark::Counter::kAvgThreads));
}

// What a selection costs to add up, two points each.
void CountSelections(benchmark::State& state, const Shape& shape, size_t ballots) {
  state.counters["selections"] =
      benchmark::Counter(static_cast<double>(ballots * shape.contests * shape.options),
                         benchmark::Counter::kIsIterationInvariantRate);
}

constexpr size_t kBallotsAddedUp = 256;

// From points that were decoded to verify the ballots, as the verifier and the tally do it.
void Tally(benchmark::State& state, const Shape& shape, uint32_t weight,
           const std::string& engine) {
  SelectEngine(engine);
  Scene scene(shape);
  const std::vector<election::Ballot> some = scene.MakeSome();
  std::vector<const election::Ballot*> pointers;
  for (size_t i = 0; i < kBallotsAddedUp; ++i) pointers.push_back(&some[i % some.size()]);
  const election::DecodedBallots decoded(scene.manifest, scene.context, pointers);
  std::vector<election::DecodedBallot> ballots;
  for (size_t i = 0; i < decoded.size(); ++i) ballots.push_back(decoded.Get(i));
  std::vector<election::Sums::Verified> verified;
  for (const election::DecodedBallot& ballot : ballots) verified.push_back({&ballot, {1, weight}});
  election::Sums sums(scene.manifest);
  for (auto _ : state) sums.Add(verified);
  CountSelections(state, shape, kBallotsAddedUp);
}

// From ballots as they stand in the log.
void TallyFromLog(benchmark::State& state, const Shape& shape, const std::string& engine) {
  SelectEngine(engine);
  Scene scene(shape);
  const std::vector<election::Ballot> some = scene.MakeSome();
  election::Sums sums(scene.manifest);
  std::vector<election::Sums::Counted> ballots;
  for (size_t i = 0; i < kBallotsAddedUp; ++i) ballots.push_back({&some[i % some.size()], {1, 1}});
  for (auto _ : state) URNA_CHECK(sums.Add(ballots).ok(), "good ballots can be added");
  CountSelections(state, shape, kBallotsAddedUp);
}

void DiscreteLog(benchmark::State& state) {
  URNA_CHECK(crypto::InitializeCrypto().ok(), "libsodium starts");
  const auto bound = static_cast<uint64_t>(state.range(0));
  const auto table = crypto::DiscreteLog::Create(bound, 100).value();
  const auto point = crypto::MulBaseVarTime(crypto::Scalar::FromUint64(bound - 1));
  for (auto _ : state) URNA_CHECK(table.Find(point).value() == bound - 1, "it is found");
}

// Synced writes of so many entries of 1,700 bytes at a time.
void Append(benchmark::State& state) {
  const std::string directory =
      absl::StrCat(std::filesystem::temp_directory_path().string(), "/urna-bench-", getpid());
  std::filesystem::remove_all(directory);
  {
    auto ledger = server::Ledger::Open(directory, {server::LedgerMode::kCreate, nullptr, nullptr});
    URNA_CHECK(ledger.ok(), "a ledger can be made");
    crypto::SystemRng rng;
    for (auto _ : state) {
      state.PauseTiming();
      server::LogAppend append{"bench.example/log", {}};
      for (int64_t i = 0; i < state.range(0); ++i) {
        Bytes entry(1700);
        rng.Fill(entry);
        append.entries.push_back(std::move(entry));
      }
      state.ResumeTiming();
      URNA_CHECK((*ledger)->AppendBatch({append}).ok(), "the disk takes it");
    }
  }
  std::filesystem::remove_all(directory);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(SodiumMultiplication)->Unit(benchmark::kMicrosecond);
BENCHMARK(DiscreteLog)->Arg(30'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(Append)->Arg(1)->Arg(100)->UseRealTime()->Unit(benchmark::kMicrosecond);

void RegisterShape(const Shape& shape) {
  const auto add = [](const std::string& name, auto function) {
    return benchmark::RegisterBenchmark(name.c_str(), function)->Unit(benchmark::kMicrosecond);
  };
  const std::string name = shape.name;
  add("Encrypt/" + name, [&shape](benchmark::State& state) { Encrypt(state, shape); });
  add("VerifyOneByOne/" + name,
      [&shape](benchmark::State& state) { VerifyOneByOne(state, shape); });
  for (const auto* engine : crypto::vartime::AvailableEngines()) {
    const std::string by = engine->name();
    add(absl::StrCat("VerifyBatch/", name, "/", by),
        [&shape, by](benchmark::State& state) { VerifyBatch(state, shape, by); })
        ->Arg(1)
        ->Arg(kBatch);
    for (uint32_t weight : {1u, 1000u}) {
      add(absl::StrCat("Tally/", name, "/", by, "/weight:", weight),
          [&shape, by, weight](benchmark::State& state) { Tally(state, shape, weight, by); });
    }
    add(absl::StrCat("TallyFromLog/", name, "/", by),
        [&shape, by](benchmark::State& state) { TallyFromLog(state, shape, by); });
  }
  add("AllCores/" + name, [&shape](benchmark::State& state) { VerifyBatch(state, shape, ""); })
      ->Arg(kBatch)
      ->Threads(static_cast<int>(std::max(1u, std::thread::hardware_concurrency())))
      ->UseRealTime();
}

const bool kRegistered = [] {
  for (const Shape& shape : kShapes) RegisterShape(shape);
  return true;
}();

}  // namespace
}  // namespace urna
