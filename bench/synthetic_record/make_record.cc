#include "bench/synthetic_record/make_record.h"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/synthetic_record/ballots.h"
#include "bench/synthetic_record/casting_order.h"
#include "bench/synthetic_record/election_log.h"
#include "bench/synthetic_record/growing_log.h"
#include "bench/synthetic_record/people.h"
#include "bench/synthetic_record/voters.h"
#include "core/base/file.h"
#include "core/base/parallel.h"
#include "core/base/status.h"
#include "core/record/directory.h"

namespace urna::bench {
namespace {

constexpr size_t kPointsInRun = 2048;  // about so many are encoded together

absl::Status CheckOptions(const RecordOptions& options) {
  if (options.ballots < 1 || options.ballots > kMostBallots) {
    return absl::InvalidArgumentError(
        absl::StrCat(options.ballots, " ballots: 1 to ", kMostBallots, " can be made"));
  }
  if (options.revote_percent > kMostRevotes) {
    return absl::InvalidArgumentError(absl::StrCat("revotes of ", options.revote_percent,
                                                   " percent: at most ", kMostRevotes, " do"));
  }
  for (const std::string& path : {options.record, PolicyFile(options.record)}) {
    std::error_code error;
    if (std::filesystem::exists(path, error)) {
      return absl::AlreadyExistsError(absl::StrCat(path, " is there already"));
    }
  }
  return absl::OkStatus();
}

// What CastBallots leaves for the count.
struct CastBallots {
  std::vector<uint64_t> counted;  // indices
  KnownSums sums;
};

absl::StatusOr<CastBallots> Cast(const Shape& shape, const ElectionLog& election,
                                 const Voters& voters, const CastingOrder& order,
                                 const tally::Context& context, GrowingLog& log) {
  const BallotMaker maker(election.manifest(), election.voting(), voters);
  const tally::Progress progress = context.ShowProgress("ballots");
  const size_t run = std::max<size_t>(1, kPointsInRun / (8 * shape.contests * shape.options));
  const size_t round = 64 * run;  // ballots between two writings
  CastBallots out{{}, ZeroSums(election.manifest())};
  out.counted.reserve(voters.size());
  for (uint64_t first = 0; first < order.ballots(); first += round) {
    std::vector<Bytes> entries(std::min<uint64_t>(round, order.ballots() - first));
    std::mutex mutex;  // of out.sums
    ParallelForRuns(entries.size(), run, context.threads, [&](size_t from, size_t to) {
      KnownSums sums = ZeroSums(election.manifest());
      std::vector<Bytes> made = maker.Make(order, first + from, to - from, sums);
      std::move(made.begin(), made.end(), entries.begin() + static_cast<ptrdiff_t>(from));
      const std::lock_guard lock(mutex);
      AddTo(out.sums, sums);
    });
    for (size_t i = 0; i < entries.size(); ++i) {
      if (order.At(first + i).counts) out.counted.push_back(log.size());
      URNA_RETURN_IF_ERROR(log.Append(std::move(entries[i])));
    }
    if (progress) progress(first + entries.size(), order.ballots());
  }
  return out;
}

}  // namespace

std::string PolicyFile(const std::string& record) { return absl::StrCat(record, ".policy"); }

absl::StatusOr<RecordSummary> MakeRecord(const RecordOptions& options,
                                         const tally::Context& context) {
  URNA_RETURN_IF_ERROR(CheckOptions(options));
  Throwaway draws(options.seed, Draw::kPeople, 0);
  const People people = People::Make(draws.rng());
  const CastingOrder order(options.ballots, options.revote_percent);
  const Voters voters(options.seed, order.voters(), context);
  URNA_ASSIGN_OR_RETURN(const roll::RollPin roll,
                        WriteRoll(options.record, voters, people, context));

  GrowingLog log(record::PollDirectory(options.record), people.poll_log);
  ElectionLog election(options.shape, people, log, draws.rng());
  URNA_RETURN_IF_ERROR(election.SetUp(roll));
  URNA_ASSIGN_OR_RETURN(const CastBallots cast,
                        Cast(options.shape, election, voters, order, context, log));
  URNA_RETURN_IF_ERROR(election.Count(cast.counted, cast.sums, voters.size()));
  URNA_RETURN_IF_ERROR(log.Write());
  const std::string policy = people.Policy().ToText();
  URNA_RETURN_IF_ERROR(WriteFileDurably(PolicyFile(options.record), AsBytes(policy)));
  return RecordSummary{order.ballots(), voters.size(), log.size()};
}

}  // namespace urna::bench
