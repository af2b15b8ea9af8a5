// The static files of a log (c2sp.org/tlog-tiles): hash tiles, entry bundles, and their paths.
// Implements docs/protocol.md §10. No I/O here: paths and contents only.
//
// A hash tile of level L holds up to 256 consecutive nodes of tree level 8·L; an entry bundle holds
// the entries under one tile of level 0. The last tile of a level may be partial.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/merkle/hash.h"
#include "core/merkle/tree.h"

namespace urna::merkle {

inline constexpr uint32_t kTileWidth = 256;
inline constexpr size_t kMaxEntrySize = 65535;  // bytes; an entry has at least one

// The longest entry bundle there can be, in bytes.
inline constexpr size_t kMaxBundleSize = kTileWidth * (2 + kMaxEntrySize);

// One file. An aggregate: ParsePath and TilesOf make only valid ones.
struct TileId {
  static constexpr int kEntries = -1;

  int level = 0;                // 0..63, or kEntries for an entry bundle
  uint64_t index = 0;           // within the level
  uint32_t width = kTileWidth;  // 1..256 hashes or entries; 256 is a full tile

  // `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`, relative to the log's directory.
  std::string Path() const;

  // The inverse; InvalidArgument for everything that Path() doesn't write.
  static absl::StatusOr<TileId> ParsePath(absl::string_view path);

  auto operator<=>(const TileId&) const = default;
};

// How many files a log of this size has beside its checkpoint.
uint64_t TileCount(uint64_t size);

// Whether the file belongs to a log of exactly this size: partial only where the size makes it so.
bool IsTileOf(const TileId& tile, uint64_t size);

// All TileCount(size) files of a log of this size, in the order of TileId. The list has one element
// per 128 entries: a size that somebody else states must be bounded before.
std::vector<TileId> TilesOf(uint64_t size);

// The contents of a hash tile: its nodes one after the other, 32 bytes each. Errors are the
// reader's. The tile must not be an entry bundle.
absl::StatusOr<Bytes> EncodeTile(const TileId& tile, const NodeReader& reader);

// InvalidArgument unless the file has exactly `width` hashes.
absl::StatusOr<std::vector<Hash>> ParseTile(ByteSpan contents, uint32_t width);

// The contents of an entry bundle: for each entry its length in two bytes and its bytes.
// InvalidArgument for more than 256 entries, for none, and for an entry that is empty or longer
// than kMaxEntrySize.
absl::StatusOr<Bytes> EncodeEntryBundle(std::span<const ByteSpan> entries);
absl::StatusOr<Bytes> EncodeEntryBundle(std::span<const Bytes> entries);

// The entries of a bundle, as parts of `contents`, which must outlive them. InvalidArgument unless
// there are exactly `width` and nothing after them.
absl::StatusOr<std::vector<ByteSpan>> ParseEntryBundle(ByteSpan contents, uint32_t width);

// Gives the contents of a tile of the tree.
using TileReader = std::function<absl::StatusOr<Bytes>(const TileId& tile)>;

// Reads nodes of the tree of `size` leaves out of its tiles: proofs from static files. Asks only
// for tiles of exactly this size, once more for every node.
NodeReader NodesFromTiles(uint64_t size, TileReader tiles);

}  // namespace urna::merkle
