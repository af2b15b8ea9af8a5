#include "core/record/log_scan.h"

#include <algorithm>
#include <utility>

#include "core/base/parallel.h"
#include "core/merkle/tile.h"
#include "core/record/log_check.h"
#include "core/record/log_files.h"

namespace urna::record {
namespace {

constexpr uint64_t kMostBundles = 16;                // read side by side
constexpr uint64_t kMostBytes = uint64_t{16} << 20;  // of them, as long as the last ones

struct Read {
  absl::StatusOr<std::vector<merkle::Hash>> leaf_hashes;
  std::vector<uint32_t> sizes;
  std::vector<absl::StatusOr<Entry>> entries;
  size_t bytes = 0;
};

Read ReadAndDecode(const LogReader& log, uint64_t n) {
  Read out;
  const absl::StatusOr<EntryBundle> bundle = log.ReadBundle(n);
  if (!bundle.ok()) {
    out.leaf_hashes = bundle.status();
    return out;
  }
  out.bytes = bundle->contents().size();
  out.leaf_hashes.emplace();
  for (ByteSpan entry : bundle->entries()) {
    out.leaf_hashes->push_back(merkle::LeafHash(entry));
    out.sizes.push_back(static_cast<uint32_t>(entry.size()));
    out.entries.push_back(DecodeEntry(entry));
  }
  return out;
}

class Scanner {
 public:
  Scanner(const LogReader& log, unsigned threads)
      : log_(log),
        threads_(threads),
        check_(log.directory(), log.checkpoint()),
        bundles_(TilesAtLevel(merkle::TileId::kEntries, log.size())) {}

  LogScan Run(const std::function<void(ScannedBundle bundle)>& visit) {
    LogScan scan;
    std::vector<Read> group = ReadGroup();
    uint64_t n = 0;
    while (!group.empty()) {
      std::future<std::vector<Read>> next = StartAsync([this] { return ReadGroup(); });
      for (Read& read : group) {
        if (scan.read.ok()) scan.read = read.leaf_hashes.status();
        if (scan.read.ok()) {
          visit({n * merkle::kTileWidth, *std::move(read.leaf_hashes), std::move(read.sizes),
                 std::move(read.entries)});
        }
        ++n;
      }
      group = next.get();
    }
    scan.problems = check_.Finish();
    return scan;
  }

 private:
  // The next bundles; none at the end.
  std::vector<Read> ReadGroup() {
    const uint64_t count = can_go_on_ ? std::min(group_, bundles_ - next_) : 0;
    std::vector<Read> group(count);
    ParallelFor(count, threads_, [&](size_t i) { group[i] = ReadAndDecode(log_, next_ + i); });
    next_ += count;
    size_t largest = 1;
    for (const Read& read : group) {
      can_go_on_ = can_go_on_ && check_.Take(read.leaf_hashes);
      largest = std::max(largest, read.bytes);
    }
    group_ = std::clamp<uint64_t>(kMostBytes / largest, 1, kMostBundles);
    return group;
  }

  const LogReader& log_;
  const unsigned threads_;
  // By one thread at a time: the one that reads a group.
  LogCheck check_;
  const uint64_t bundles_;
  uint64_t next_ = 0;
  uint64_t group_ = 1;
  bool can_go_on_ = true;
};

}  // namespace

LogScan ScanLog(const LogReader& log, unsigned threads,
                const std::function<void(ScannedBundle bundle)>& visit) {
  return Scanner(log, threads).Run(visit);
}

}  // namespace urna::record
