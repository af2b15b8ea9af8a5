// The time of day, passed in so that tests can set it. The rules of core/election and
// core/petition never look at it: only orders carry times.
#pragma once

#include <atomic>
#include <cstdint>

namespace urna {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  // Seconds since 1970-01-01 00:00:00 UTC, without leap seconds.
  virtual int64_t NowSeconds() const = 0;
};

// The machine's clock.
class SystemClock final : public Clock {
 public:
  int64_t NowSeconds() const override;
};

// Stands still at the time it was given.
class FixedClock final : public Clock {
 public:
  explicit FixedClock(int64_t seconds) : seconds_(seconds) {}

  int64_t NowSeconds() const override { return seconds_; }
  void Set(int64_t seconds) { seconds_ = seconds; }
  void Advance(int64_t seconds) { seconds_ += seconds; }

 private:
  std::atomic<int64_t> seconds_;
};

}  // namespace urna
