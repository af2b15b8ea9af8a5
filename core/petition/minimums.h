// How many signatures were there when there had to be some. docs/protocol.md §6.1; check P11 of
// §12.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/petition/petition.h"
#include "core/poll/orders.h"

namespace urna::petition {

// Copyable; const methods may run on several threads. Times in seconds since 1970.
class Minimums {
 public:
  explicit Minimums(const std::vector<Minimum>& minimums);

  void Open(uint64_t time) { opened_ = time; }
  // At a mark or closing of this time that has its place: `total` is what is there.
  void Look(uint64_t time, uint64_t total);

  // Every minimum as it was seen, and with `total` where none was late enough yet.
  std::vector<poll::MinimumSeen> Seen(uint64_t total) const;
  // Whether one was seen and missed.
  bool Missed() const;
  // Whether it was seen.
  bool WasSeen(size_t minimum) const { return all_[minimum].seen.has_value(); }
  // The time from which a mark or the closing fixes it; nothing before the opening.
  std::optional<uint64_t> MarkOf(size_t minimum) const;

 private:
  struct Waiting {
    Minimum minimum;
    std::optional<uint64_t> seen;
  };
  bool Come(const Waiting& waiting, uint64_t time) const {
    return opened_.has_value() && time >= *opened_ && time - *opened_ >= waiting.minimum.after;
  }

  std::vector<Waiting> all_;
  std::optional<uint64_t> opened_;
};

}  // namespace urna::petition
