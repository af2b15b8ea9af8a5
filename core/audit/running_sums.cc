#include "core/audit/running_sums.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/parallel.h"
#include "core/base/status.h"
#include "core/merkle/tile.h"
#include "core/record/entry.h"

namespace urna::audit {
namespace {

constexpr size_t kAtOnce = 512;  // ballots read and added together

// Reads entries at ascending indices, a bundle once.
class BallotsOfLog {
 public:
  explicit BallotsOfLog(const record::LogReader& log) : log_(log) {}

  absl::StatusOr<election::Ballot> Read(uint64_t index) {
    const uint64_t n = index / merkle::kTileWidth;
    if (bundle_ == nullptr || number_ != n) {
      URNA_ASSIGN_OR_RETURN(record::EntryBundle bundle, log_.ReadBundle(n));
      bundle_ = std::make_unique<record::EntryBundle>(std::move(bundle));
      number_ = n;
    }
    URNA_ASSIGN_OR_RETURN(record::Entry entry,
                          record::DecodeEntry(bundle_->entries()[index % merkle::kTileWidth]));
    auto* ballot = std::get_if<election::Ballot>(&entry);
    if (ballot != nullptr) return std::move(*ballot);
    return absl::InvalidArgumentError(
        absl::StrCat("entry ", index, ", which is to be counted, is no ballot"));
  }

 private:
  const record::LogReader& log_;
  uint64_t number_ = 0;
  std::unique_ptr<record::EntryBundle> bundle_;
};

}  // namespace

election::Sums RunningSums::Take() {
  const std::lock_guard lock(mutex_);
  if (free_.empty()) return election::Sums(manifest_);
  election::Sums sums = std::move(free_.back());
  free_.pop_back();
  return sums;
}

void RunningSums::Return(election::Sums sums) {
  const std::lock_guard lock(mutex_);
  free_.push_back(std::move(sums));
}

void RunningSums::Add(std::span<const Verified> ballots) {
  if (ballots.empty()) return;
  std::vector<election::Sums::Verified> verified;
  for (const Verified& one : ballots) verified.push_back({one.ballot, one.member});
  election::Sums sums = Take();
  sums.Add(verified);
  Return(std::move(sums));

  const std::lock_guard lock(mutex_);
  for (const Verified& one : ballots) {
    if (one.index >= added_.size()) added_.resize(one.index + 1);
    added_[one.index] = true;
  }
}

std::vector<RunningSums::Correction> RunningSums::Corrections(
    const std::vector<uint64_t>& counted) const {
  std::vector<Correction> out;
  size_t next = 0;  // of `counted`
  const uint64_t end = std::max<uint64_t>(added_.size(), counted.empty() ? 0 : counted.back() + 1);
  for (uint64_t index = 0; index < end; ++index) {
    const bool counts = next < counted.size() && counted[next] == index;
    if (counts) ++next;
    const bool added = index < added_.size() && added_[index];
    if (counts != added) out.push_back({index, added});
  }
  return out;
}

absl::Status RunningSums::Correct(std::span<const Correction> corrections,
                                  const record::LogReader& log,
                                  const election::ElectionState& election) {
  BallotsOfLog reader(log);
  std::vector<election::Ballot> ballots;
  ballots.reserve(corrections.size());
  std::vector<election::Sums::Counted> add, subtract;
  for (const auto& [index, is_subtracted] : corrections) {
    URNA_ASSIGN_OR_RETURN(election::Ballot ballot, reader.Read(index));
    const roll::DistrictWeight member = election.MemberOf(ballot);
    ballots.push_back(std::move(ballot));
    (is_subtracted ? subtract : add).push_back({&ballots.back(), member});
  }
  election::Sums sums = Take();
  absl::Status status = sums.Add(add);
  if (status.ok()) status = sums.Subtract(subtract);
  Return(std::move(sums));
  return status;
}

absl::StatusOr<election::PartSums> RunningSums::Total(const record::LogReader& log,
                                                      const election::ElectionState& election,
                                                      unsigned threads) {
  const std::vector<uint64_t> counted = election.Counted();
  const std::vector<Correction> corrections = Corrections(counted);
  absl::Status status;
  ParallelForRuns(corrections.size(), kAtOnce, threads, [&](size_t begin, size_t end) {
    const absl::Status corrected =
        Correct(std::span(corrections).subspan(begin, end - begin), log, election);
    const std::lock_guard lock(mutex_);
    status.Update(corrected);
  });
  URNA_RETURN_IF_ERROR(status);
  for (const Correction& correction : corrections) {
    if (correction.index >= added_.size()) added_.resize(correction.index + 1);
    added_[correction.index] = !correction.subtract;
  }
  election::Sums total = Take();
  for (const election::Sums& sums : free_) total.Merge(sums);
  free_.clear();
  election::PartSums out = total.Total(election.Parts());
  Return(std::move(total));
  return out;
}

}  // namespace urna::audit
