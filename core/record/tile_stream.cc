#include "core/record/tile_stream.h"

#include "core/base/status.h"

namespace urna::record {
namespace {

constexpr int kLevelsPerTile = 8;
constexpr int kMaxLevel = 62;  // of a tree

}  // namespace

absl::Status TileStream::Resume(uint64_t size, const merkle::NodeReader& nodes) {
  URNA_ASSIGN_OR_RETURN(tree_, merkle::CompactTree::Resume(size, nodes));
  open_.clear();
  for (int level = 0; level <= kMaxLevel && size >> level != 0; level += kLevelsPerTile) {
    Bytes& open = open_.emplace_back();
    const uint64_t count = size >> level;
    for (uint64_t i = count - count % merkle::kTileWidth; i < count; ++i) {
      URNA_ASSIGN_OR_RETURN(const merkle::Hash node, nodes(level, i));
      open.insert(open.end(), node.begin(), node.end());
    }
  }
  return absl::OkStatus();
}

absl::Status TileStream::Take(int tile_level, uint64_t index, const merkle::Hash& hash) {
  if (open_.size() <= static_cast<size_t>(tile_level)) open_.emplace_back();
  Bytes& open = open_[static_cast<size_t>(tile_level)];
  open.insert(open.end(), hash.begin(), hash.end());
  if (index % merkle::kTileWidth != merkle::kTileWidth - 1) return absl::OkStatus();
  const absl::Status status = sink_({tile_level, index / merkle::kTileWidth}, open);
  open.clear();
  return status;
}

absl::Status TileStream::Append(const merkle::Hash& leaf_hash) {
  absl::Status status;
  tree_.Append(leaf_hash, [&](int level, uint64_t index, const merkle::Hash& hash) {
    if (level % kLevelsPerTile != 0 || !status.ok()) return;
    status = Take(level / kLevelsPerTile, index, hash);
  });
  return status;
}

absl::Status TileStream::Flush() {
  for (size_t level = 0; level < open_.size(); ++level) {
    const Bytes& open = open_[level];
    if (open.empty()) continue;
    const uint64_t nodes = tree_.size() >> (kLevelsPerTile * level);
    URNA_RETURN_IF_ERROR(sink_({static_cast<int>(level), nodes / merkle::kTileWidth,
                                static_cast<uint32_t>(open.size() / sizeof(merkle::Hash))},
                               open));
  }
  return absl::OkStatus();
}

}  // namespace urna::record
