// The hash tiles of a log, made while its leaves pass by. Used by log_writer.cc and log_check.cc.
// docs/protocol.md §10.
#pragma once

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "core/base/bytes.h"
#include "core/merkle/tile.h"
#include "core/merkle/tree.h"

namespace urna::record {

// Keeps one open tile a level, at most 8 KiB each.
class TileStream {
 public:
  // Is told every tile once, when it is full or at the end.
  using Sink = std::function<absl::Status(const merkle::TileId& tile, ByteSpan contents)>;

  explicit TileStream(Sink sink) : sink_(std::move(sink)) {}

  // Takes up a tree of `size` leaves: tiles that are full by then are not told again. Only before
  // the first leaf.
  absl::Status Resume(uint64_t size, const merkle::NodeReader& nodes);

  // Errors are the sink's.
  absl::Status Append(const merkle::Hash& leaf_hash);

  // Tells the partial tiles. The last thing to be called.
  absl::Status Flush();

  const merkle::CompactTree& tree() const { return tree_; }

 private:
  absl::Status Take(int tile_level, uint64_t index, const merkle::Hash& hash);

  Sink sink_;
  merkle::CompactTree tree_;
  std::vector<Bytes> open_;  // by tile level
};

}  // namespace urna::record
