#include "server/sums.h"

#include <algorithm>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "core/base/parallel.h"
#include "core/base/status.h"
#include "core/record/entry.h"

namespace urna::server {
namespace {

constexpr size_t kChunk = 512;  // ballots

absl::StatusOr<election::Sums> SumChunk(const Ledger& ledger, LogNumber log,
                                        std::span<const uint64_t> indices) {
  election::Sums sums;
  for (const uint64_t index : indices) {
    URNA_ASSIGN_OR_RETURN(const Bytes bytes, ledger.ReadEntry(log, index));
    URNA_ASSIGN_OR_RETURN(const record::Entry entry, record::DecodeEntry(bytes));
    const auto* ballot = std::get_if<election::Ballot>(&entry);
    if (ballot == nullptr) {
      return absl::DataLossError(absl::StrCat("entry ", index, " is counted but is no ballot"));
    }
    URNA_RETURN_IF_ERROR(sums.Add(*ballot));
  }
  return sums;
}

}  // namespace

absl::StatusOr<election::PartSums> ComputeSums(const Ledger& ledger, LogNumber log,
                                               const std::vector<uint64_t>& counted,
                                               const std::vector<poll::Part>& parts) {
  election::Sums total;
  absl::Status status;
  std::mutex mutex;  // over both
  const size_t chunks = (counted.size() + kChunk - 1) / kChunk;
  ParallelFor(chunks, 0, [&](size_t chunk) {
    const size_t from = chunk * kChunk;
    const size_t size = std::min(kChunk, counted.size() - from);
    absl::StatusOr<election::Sums> sums =
        SumChunk(ledger, log, std::span(counted).subspan(from, size));
    std::lock_guard lock(mutex);
    if (!sums.ok()) {
      status.Update(sums.status());
    } else if (status.ok()) {
      status.Update(total.Merge(*sums));
    }
  });
  URNA_RETURN_IF_ERROR(status);
  return election::SumsOfParts(total, parts);
}

}  // namespace urna::server
