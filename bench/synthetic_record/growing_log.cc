#include "bench/synthetic_record/growing_log.h"

#include <utility>

#include "core/base/status.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/hash.h"
#include "core/merkle/tile.h"
#include "core/record/directory.h"

namespace urna::bench {
namespace {

constexpr size_t kMostWaiting = size_t{64} << 20;  // bytes

}  // namespace

absl::Status GrowingLog::Append(Bytes entry) {
  tree_.Append(merkle::LeafHash(entry));
  waiting_bytes_ += entry.size();
  waiting_.push_back(std::move(entry));
  return waiting_bytes_ < kMostWaiting ? absl::OkStatus() : Write();
}

absl::Status GrowingLog::Write() {
  URNA_ASSIGN_OR_RETURN(
      const merkle::Checkpoint checkpoint,
      merkle::Checkpoint::Create(signer_.verifier().name(), tree_.size(), tree_.root()));
  URNA_ASSIGN_OR_RETURN(const std::string note, merkle::SignCheckpoint(checkpoint, signer_));
  // The writer asks from the beginning of the bundle on that was not full the last time.
  URNA_RETURN_IF_ERROR(record::WriteLog(
      directory_, AsBytes(note),
      [&](uint64_t index) -> absl::StatusOr<Bytes> { return waiting_[index - first_]; }));
  const uint64_t full = tree_.size() / merkle::kTileWidth * merkle::kTileWidth;
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<ptrdiff_t>(full - first_));
  first_ = full;
  waiting_bytes_ = 0;
  for (const Bytes& entry : waiting_) waiting_bytes_ += entry.size();
  return absl::OkStatus();
}

}  // namespace urna::bench
