// What one ballot costs, from the voter's device to the total, and what an appended entry costs.
// Arguments: options, and the most that may be chosen (1 of 3: {3, 1}).
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/crypto/discrete_log.h"
#include "core/crypto/sodium_init.h"
#include "core/election/ballot.h"
#include "core/election/ballot_batch.h"
#include "core/election/tally.h"
#include "core/record/entry.h"
#include "server/ledger.h"

namespace urna {
namespace {

// An election of one contest, with a key that nobody needs to know.
struct Scene {
  explicit Scene(const benchmark::State& state)
      : credential((URNA_CHECK(crypto::InitializeCrypto().ok(), "libsodium starts"),
                    crypto::Credential::Generate(rng))) {
    const auto options = static_cast<size_t>(state.range(0));
    election::Contest contest;
    contest.number = 1;
    contest.title = {{"en", "Contest"}};
    contest.rule = state.range(1) == 1 ? election::Rule::kOneOfN : election::Rule::kKOfN;
    contest.sum_min = 1;
    contest.sum_max = static_cast<uint32_t>(state.range(1));
    for (size_t i = 0; i < options; ++i) {
      contest.options.push_back({absl::StrCat(i), {{"en", absl::StrCat("Option ", i)}}});
    }
    manifest.contests = {contest};
    manifest.styles = {{1, {1}}};
    manifest.districts = {{1, {{"en", "City"}}, 1}};
    context.election_key = crypto::MulBase(crypto::SecretScalar::Random(rng));
    selections = {std::vector<uint32_t>(options, 0)};
    selections[0][0] = 1;
  }

  election::Ballot Make(uint64_t sequence) {
    absl::StatusOr<election::Ballot> ballot =
        election::MakeBallot(manifest, context, 1, selections, sequence, credential, rng);
    URNA_CHECK(ballot.ok(), "a ballot that keeps the rule can be made");
    return *std::move(ballot);
  }

  crypto::SystemRng rng;
  crypto::Credential credential;
  election::Manifest manifest;
  election::VotingContext context;
  election::Selections selections;
};

void Encrypt(benchmark::State& state) {
  Scene scene(state);
  uint64_t sequence = 0;
  for (auto _ : state) benchmark::DoNotOptimize(scene.Make(++sequence));
  state.counters["bytes"] = static_cast<double>(record::EncodeEntry(scene.Make(1)).value().size());
}

// One by one through libsodium: the yardstick.
void VerifyOneByOne(benchmark::State& state) {
  Scene scene(state);
  const election::Ballot ballot = scene.Make(1);
  for (auto _ : state) {
    const auto violations = election::VerifyBallotVarTime(scene.manifest, scene.context, ballot);
    URNA_CHECK(violations.empty(), "the ballot is good");
  }
}

void VerifyBatch(benchmark::State& state) {
  Scene scene(state);
  const auto size = static_cast<size_t>(state.range(2));
  std::vector<election::Ballot> ballots;
  std::vector<const election::Ballot*> pointers;
  for (size_t i = 0; i < size; ++i) ballots.push_back(scene.Make(i + 1));
  for (const election::Ballot& ballot : ballots) pointers.push_back(&ballot);
  for (auto _ : state) {
    for (const auto& violations :
         election::VerifyBallotsVarTime(scene.manifest, scene.context, pointers, scene.rng)) {
      URNA_CHECK(violations.empty(), "the ballots are good");
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(size));
}

void Tally(benchmark::State& state) {
  Scene scene(state);
  const election::Ballot ballot = scene.Make(1);
  election::Sums sums(scene.manifest, {{scene.manifest.contests[0].number, {1}, 1, 1}});
  const std::vector<election::Sums::Counted> ballots(
      256, {&ballot, {1, static_cast<uint32_t>(state.range(2))}});
  for (auto _ : state) URNA_CHECK(sums.Add(ballots).ok(), "good ballots can be added");
  state.SetItemsProcessed(state.iterations() * 256 * state.range(0));  // selections
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

BENCHMARK(Encrypt)->Args({3, 1})->Args({5, 1})->Args({13, 3})->Args({100, 1})->Unit(
    benchmark::kMicrosecond);
BENCHMARK(VerifyOneByOne)->Args({3, 1})->Args({5, 1})->Args({13, 3})->Unit(benchmark::kMicrosecond);
BENCHMARK(VerifyBatch)
    ->Args({3, 1, 1})
    ->Args({3, 1, 128})
    ->Args({5, 1, 1})
    ->Args({5, 1, 128})
    ->Args({13, 3, 128})
    ->Args({100, 1, 16})
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(Tally)
    ->ArgNames({"options", "most", "weight"})
    ->Args({5, 1, 1})
    ->Args({13, 3, 1})
    ->Args({13, 3, 1000})
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(DiscreteLog)->Arg(30'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(Append)->Arg(1)->Arg(100)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace urna
