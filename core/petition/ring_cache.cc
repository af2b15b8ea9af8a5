#include "core/petition/ring_cache.h"

#include <algorithm>

#include "core/crypto/ring.h"

namespace urna::petition {
namespace {

constexpr size_t kPointBytes = 192;  // encoded and decoded

size_t MostRings(const roll::Rings* rings, size_t most_bytes) {
  if (rings == nullptr) return 1;
  return std::max<size_t>(1, most_bytes / RingBytes(rings->ring_size()));
}

}  // namespace

size_t RingBytes(size_t ring_size) { return kPointBytes * ring_size; }

RingCache::RingCache(std::shared_ptr<const roll::Rings> rings, size_t most_bytes)
    : rings_(std::move(rings)), most_(MostRings(rings_.get(), most_bytes)) {}

std::shared_ptr<const crypto::DecodedRing> RingCache::Find(uint32_t number) {
  const std::lock_guard lock(mutex_);
  const auto place = places_.find(number);
  if (place == places_.end()) return nullptr;
  kept_.splice(kept_.begin(), kept_, place->second);
  return place->second->second;
}

std::shared_ptr<const crypto::DecodedRing> RingCache::Get(uint32_t epoch, uint32_t number) {
  if (rings_ == nullptr || epoch != rings_->epoch() || number >= rings_->size()) return nullptr;
  if (auto kept = Find(number)) return kept;
  absl::StatusOr<crypto::Ring> ring = crypto::Ring::Decode(rings_->PointsOf(number));
  if (!ring.ok()) return nullptr;
  auto decoded = std::make_shared<const crypto::DecodedRing>(*std::move(ring));
  const std::lock_guard lock(mutex_);
  // Another thread may have been faster.
  if (const auto place = places_.find(number); place != places_.end()) {
    return place->second->second;
  }
  kept_.emplace_front(number, decoded);
  places_[number] = kept_.begin();
  if (kept_.size() > most_) {
    places_.erase(kept_.back().first);
    kept_.pop_back();
  }
  return decoded;
}

}  // namespace urna::petition
