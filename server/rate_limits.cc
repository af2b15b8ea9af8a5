#include "server/rate_limits.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "core/crypto/hash.h"

namespace urna::server {
namespace {

constexpr std::chrono::minutes kMinute{1};
constexpr double kMillisecondsInMinute = 60'000;
// In one minute; who comes then is not remembered, and not limited: memory has a bound, and many
// names mean that it is not one who acts often.
constexpr size_t kMostNames = 1'000'000;

// Nobody sees the hash or learns which of two names have the same one.
uint64_t HashOf(const std::array<uint8_t, 32>& secret, ByteSpan name) {
  const crypto::Hash32 hash = crypto::Sha256Hasher().Update(secret).Update(name).Finish();
  uint64_t word = 0;
  std::memcpy(&word, hash.data(), sizeof(word));
  return word;
}

double MillisecondsBetween(RateLimits::Time from, RateLimits::Time to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

}  // namespace

RateLimits::RateLimits(uint32_t per_minute, crypto::Rng& rng)
    : per_minute_(per_minute),
      a_millisecond_(per_minute / kMillisecondsInMinute),
      secret_(rng.Array<32>()) {}

RateLimits::Bucket* RateLimits::Find(ByteSpan name, Time now) {
  if (now >= turn_) {
    before_ = now >= turn_ + kMinute ? Buckets() : std::move(now_);
    now_ = Buckets();
    turn_ = now + kMinute;
  }
  const uint64_t hash = HashOf(secret_, name);
  auto found = now_.find(hash);
  if (found == now_.end()) {
    if (now_.size() >= kMostNames) return nullptr;
    const auto earlier = before_.find(hash);
    const Bucket bucket = earlier == before_.end() ? Bucket{per_minute_, now} : earlier->second;
    found = now_.emplace(hash, bucket).first;
  }
  Bucket& bucket = found->second;
  bucket.acts =
      std::min(per_minute_, bucket.acts + MillisecondsBetween(bucket.at, now) * a_millisecond_);
  bucket.at = now;
  return &bucket;
}

int64_t RateLimits::Take(ByteSpan name, Time now) {
  if (per_minute_ == 0) return 0;
  const std::lock_guard lock(mutex_);
  Bucket* const bucket = Find(name, now);
  if (bucket == nullptr) return 0;
  if (bucket->acts >= 1) {
    bucket->acts -= 1;
    return 0;
  }
  return std::max<int64_t>(1, std::llround(std::ceil((1 - bucket->acts) / a_millisecond_)));
}

void RateLimits::Charge(ByteSpan name, uint32_t acts, Time now) {
  if (per_minute_ == 0) return;
  const std::lock_guard lock(mutex_);
  Bucket* const bucket = Find(name, now);
  if (bucket != nullptr) bucket->acts = std::max(-per_minute_, bucket->acts - acts);
}

size_t RateLimits::size() const {
  const std::lock_guard lock(mutex_);
  return now_.size() + before_.size();
}

}  // namespace urna::server
