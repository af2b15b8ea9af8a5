// How often somebody may act, without knowing who it is: names are kept as keyed hashes only, with
// a secret that exists in this process's memory and nowhere else, and for two minutes at most.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "core/base/bytes.h"
#include "core/crypto/rng.h"

namespace urna::server {

// Everybody has a bucket of so many acts, which fills up again within a minute. Thread-safe.
class RateLimits {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `per_minute` 0: no limit.
  RateLimits(uint32_t per_minute, crypto::Rng& rng);

  // Takes one act from this one's bucket: 0. If it is empty, after how many milliseconds there will
  // be one again. `now` must not go back.
  int64_t Take(ByteSpan name, Time now);
  // Takes so many, whether or not they are there: a bucket can owe those of one minute.
  void Charge(ByteSpan name, uint32_t acts, Time now);

  // How many names are remembered.
  size_t size() const;

 private:
  struct Bucket {
    double acts = 0;
    Time at;
  };
  using Buckets = std::unordered_map<uint64_t, Bucket>;

  // This one's bucket as it is now; null if too many are remembered. `mutex_` must be held.
  Bucket* Find(ByteSpan name, Time now);

  const double per_minute_;
  const double a_millisecond_;  // acts
  const std::array<uint8_t, 32> secret_;
  mutable std::mutex mutex_;  // over the rest
  // Who acted within the minute that runs now, and within the one before; whoever was there earlier
  // has a full bucket again, as one who never was.
  Buckets now_;
  Buckets before_;
  Time turn_{};  // when a new minute begins
};

}  // namespace urna::server
