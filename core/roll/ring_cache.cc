#include "core/roll/ring_cache.h"

#include <utility>

#include "core/crypto/ring.h"

namespace urna::roll {
namespace {

constexpr size_t kPointBytes = 192;  // encoded and decoded

}  // namespace

size_t RingBytes(size_t ring_size) { return kPointBytes * ring_size; }

std::shared_ptr<const crypto::DecodedRing> RingCache::Find(const Key& key) {
  const std::lock_guard lock(mutex_);
  const auto place = places_.find(key);
  if (place == places_.end()) return nullptr;
  kept_.splice(kept_.begin(), kept_, place->second);
  return place->second->ring;
}

void RingCache::DropLast() {
  const Kept& last = kept_.back();
  bytes_ -= RingBytes(last.rings->ring_size());
  places_.erase({last.rings.get(), last.number});
  kept_.pop_back();
}

std::shared_ptr<const crypto::DecodedRing> RingCache::Get(const std::shared_ptr<const Rings>& rings,
                                                          uint32_t number) {
  if (rings == nullptr || number >= rings->size()) return nullptr;
  const Key key(rings.get(), number);
  if (auto kept = Find(key)) return kept;
  absl::StatusOr<crypto::Ring> ring = crypto::Ring::Decode(rings->PointsOf(number));
  if (!ring.ok()) return nullptr;
  auto decoded = std::make_shared<const crypto::DecodedRing>(*std::move(ring));
  const std::lock_guard lock(mutex_);
  // Another thread may have been faster.
  if (const auto place = places_.find(key); place != places_.end()) return place->second->ring;
  kept_.push_front({rings, number, decoded});
  places_[key] = kept_.begin();
  bytes_ += RingBytes(rings->ring_size());
  while (bytes_ > most_bytes_ && kept_.size() > 1) DropLast();
  return decoded;
}

}  // namespace urna::roll
