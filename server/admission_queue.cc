#include "server/admission_queue.h"

#include <algorithm>
#include <utility>

#include "core/record/entry.h"
#include "server/refusals.h"

namespace urna::server {
namespace {

using Steady = std::chrono::steady_clock;

// Entries verified together: more would gain a little and answer later.
constexpr size_t kMostTogether = 128;
// So many may wait however slow the machine is.
constexpr size_t kAlwaysTaken = 256;
// When those that are refused are asked to come again: not all at once.
constexpr int64_t kRetryMs = 300;
constexpr int64_t kRetrySpreadMs = 400;
constexpr int64_t kRetryStep = 37;  // has no divisor in common with the spread

size_t SizeOf(const AdmissionRequest& request) {
  size_t size = 0;
  for (const Bytes& entry : request.entries) size += entry.size();
  return size;
}

}  // namespace

size_t ShareOf(size_t waiting, size_t idle_threads) {
  return std::clamp<size_t>((waiting + idle_threads - 1) / idle_threads, 1, kMostTogether);
}

bool GoesTogether(const AdmissionRequest& request) {
  if (request.entries.size() != 1 || request.entries[0].empty()) return false;
  const auto type = static_cast<record::EntryType>(request.entries[0][0]);
  if (request.door == Door::kAct) return record::IsPetitionAct(type);
  return request.door == Door::kCast && type != record::EntryType::kBallotOpening &&
         record::IsVotersEntry(type);
}

bool AdmissionQueue::IsFull(size_t more_bytes, Steady::time_point now) const {
  if (queue_.size() >= options_.queue_capacity) return true;
  if (bytes_ + more_bytes > options_.queue_bytes) return true;
  return queue_.size() >= kAlwaysTaken && now - queue_.front().since > options_.queue_wait;
}

absl::Status AdmissionQueue::Push(AdmissionRequest& request) {
  const size_t size = SizeOf(request);
  const Steady::time_point now = Steady::now();
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return absl::UnavailableError("the board is shutting down");
    if (IsFull(size, now)) {
      const auto refused = static_cast<int64_t>(refused_++ % kRetrySpreadMs);
      return Busy(kRetryMs + refused * kRetryStep % kRetrySpreadMs);
    }
    bytes_ += size;
    queue_.push_back({std::move(request), now});
  }
  not_empty_.notify_one();
  return absl::OkStatus();
}

std::vector<AdmissionRequest> AdmissionQueue::Take() {
  std::unique_lock lock(mutex_);
  ++idle_;
  not_empty_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  const size_t most = ShareOf(queue_.size(), idle_);
  --idle_;
  std::vector<AdmissionRequest> taken;
  while (!queue_.empty() && taken.size() < most) {
    AdmissionRequest& next = queue_.front().request;
    const bool alone = !GoesTogether(next);
    if (!taken.empty() && (alone || next.origin != taken.front().origin)) break;
    bytes_ -= SizeOf(next);
    taken.push_back(std::move(next));
    queue_.pop_front();
    if (alone) break;
  }
  return taken;
}

void AdmissionQueue::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  not_empty_.notify_all();
}

size_t AdmissionQueue::size() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

}  // namespace urna::server
