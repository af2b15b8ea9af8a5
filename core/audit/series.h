// When there were how many signatures: what the record of an anonymous petition shows of it.
// docs/protocol.md §12.1.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace urna::audit {

// A checkpoint in the log that existed by a time, as witnesses show (§10.2).
struct WitnessedSize {
  uint64_t index = 0;  // where it is logged
  uint64_t size = 0;
  uint64_t existed_by = 0;
};

// Of the first `size` entries. `by_order`: an order says the time, else witnesses do.
struct SeriesPoint {
  uint64_t size = 0;
  uint64_t time = 0;  // seconds since 1970
  bool by_order = false;
  uint64_t online = 0;
  uint64_t paper = 0;
  bool operator==(const SeriesPoint&) const = default;
};

// Fed while the log is replayed, in its order. Takes 24 bytes for every change of a count.
class Series {
 public:
  void Open(uint64_t index) { opened_ = index; }
  // The result or the end, behind which nothing else is taken.
  void End(uint64_t index) { ended_ = index; }
  // Before an order behind the opening is applied: what was there before its index.
  void TakeOrder(uint64_t index, uint64_t time, uint64_t online, uint64_t paper);
  // The counts once entry `index` is applied.
  void TakeCounts(uint64_t index, uint64_t online, uint64_t paper);
  // With what witnesses show of checkpoints behind the opening that are logged before the end.
  std::vector<SeriesPoint> Points(const std::vector<WitnessedSize>& witnessed) const;

 private:
  struct Counts {
    uint64_t index = 0;
    uint64_t online = 0;
    uint64_t paper = 0;
  };
  std::optional<uint64_t> opened_;
  std::optional<uint64_t> ended_;
  std::vector<SeriesPoint> orders_;
  std::vector<Counts> counts_;
};

}  // namespace urna::audit
