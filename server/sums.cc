#include "server/sums.h"

#include <algorithm>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "core/base/parallel.h"
#include "core/base/status.h"
#include "core/election/sums.h"
#include "core/record/entry.h"

namespace urna::server {
namespace {

using CountedBallots = std::vector<election::ElectionState::CountedBallot>;

constexpr size_t kChunk = 512;  // ballots

absl::Status AddChunk(const Ledger& ledger, LogNumber log,
                      std::span<const CountedBallots::value_type> counted, election::Sums& sums) {
  std::vector<record::Entry> entries;
  entries.reserve(counted.size());
  std::vector<election::Sums::Counted> ballots;
  for (const auto& [index, member] : counted) {
    URNA_ASSIGN_OR_RETURN(const Bytes bytes, ledger.ReadEntry(log, index));
    URNA_ASSIGN_OR_RETURN(record::Entry entry, record::DecodeEntry(bytes));
    entries.push_back(std::move(entry));
    const auto* ballot = std::get_if<election::Ballot>(&entries.back());
    if (ballot == nullptr) {
      return absl::DataLossError(absl::StrCat("entry ", index, " is counted but is no ballot"));
    }
    ballots.push_back({ballot, member});
  }
  return sums.Add(ballots);
}

}  // namespace

absl::StatusOr<election::PartSums> ComputeSums(const Ledger& ledger, LogNumber log,
                                               const election::Manifest& manifest,
                                               const CountedBallots& counted,
                                               const std::vector<poll::Part>& parts) {
  election::Sums total(manifest);
  absl::Status status;
  std::mutex mutex;  // over both
  const size_t chunks = (counted.size() + kChunk - 1) / kChunk;
  ParallelFor(chunks, 0, [&](size_t chunk) {
    const size_t from = chunk * kChunk;
    const size_t size = std::min(kChunk, counted.size() - from);
    election::Sums sums(manifest);
    const absl::Status added = AddChunk(ledger, log, std::span(counted).subspan(from, size), sums);
    std::lock_guard lock(mutex);
    status.Update(added);
    if (status.ok()) total.Merge(sums);
  });
  URNA_RETURN_IF_ERROR(status);
  return total.Total(parts);
}

}  // namespace urna::server
