#include "core/merkle/tile.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/codec.h"
#include "core/base/status.h"
#include "core/merkle/text.h"

namespace urna::merkle {
namespace {

constexpr int kMaxTileLevel = 63;
constexpr int kLevelsPerTile = 8;

// Nodes at the tree level of this tile level, in a tree of `size` leaves.
uint64_t NodesAt(int tile_level, uint64_t size) {
  const int shift = kLevelsPerTile * tile_level;
  return shift >= 64 ? 0 : size >> shift;
}

// The width of the tile in a tree of `size` leaves; 0 if the tree has no such tile.
uint32_t WidthIn(int tile_level, uint64_t index, uint64_t size) {
  const uint64_t nodes = NodesAt(tile_level, size);
  if (index > nodes / kTileWidth) return 0;
  return static_cast<uint32_t>(std::min<uint64_t>(kTileWidth, nodes - index * kTileWidth));
}

uint64_t TilesAt(int tile_level, uint64_t size) {
  const uint64_t nodes = NodesAt(tile_level, size);
  return nodes / kTileWidth + (nodes % kTileWidth != 0 ? 1 : 0);
}

// 1234067 becomes x001/x234/067.
std::string IndexPath(uint64_t index) {
  std::string path = absl::StrCat(absl::Dec(index % 1000, absl::kZeroPad3));
  for (index /= 1000; index != 0; index /= 1000) {
    path = absl::StrCat("x", absl::Dec(index % 1000, absl::kZeroPad3), "/", path);
  }
  return path;
}

absl::Status NotAPath(absl::string_view path) {
  return absl::InvalidArgumentError(
      absl::StrCat("'", path.substr(0, 100), "' is not the path of a tile"));
}

}  // namespace

std::string TileId::Path() const {
  std::string path =
      level == kEntries ? std::string("tile/entries/") : absl::StrCat("tile/", level, "/");
  absl::StrAppend(&path, IndexPath(index));
  if (width != kTileWidth) absl::StrAppend(&path, ".p/", width);
  return path;
}

absl::StatusOr<TileId> TileId::ParsePath(absl::string_view path) {
  const absl::string_view whole = path;
  TileId tile;
  if (!absl::ConsumePrefix(&path, "tile/")) return NotAPath(whole);
  size_t slash = path.find('/');
  if (slash == absl::string_view::npos) return NotAPath(whole);
  const absl::string_view level = path.substr(0, slash);
  path.remove_prefix(slash + 1);
  if (level == "entries") {
    tile.level = kEntries;
  } else {
    const absl::StatusOr<uint64_t> number = ParseDecimal(level, kMaxTileLevel);
    if (!number.ok()) return NotAPath(whole);
    tile.level = static_cast<int>(*number);
  }
  if (const size_t dot = path.find(".p/"); dot != absl::string_view::npos) {
    const absl::StatusOr<uint64_t> width = ParseDecimal(path.substr(dot + 3), kTileWidth - 1);
    if (!width.ok() || *width == 0) return NotAPath(whole);
    tile.width = static_cast<uint32_t>(*width);
    path = path.substr(0, dot);
  }
  // The digits without their decoration; what they decorate is compared below.
  std::string digits;
  for (char c : path) {
    if (c >= '0' && c <= '9') digits.push_back(c);
  }
  const size_t first = std::min(digits.find_first_not_of('0'), digits.size());
  const absl::string_view number = digits;
  const absl::StatusOr<uint64_t> index = ParseDecimal(
      first == digits.size() ? absl::string_view("0") : number.substr(first), kMaxTreeSize);
  if (!index.ok()) return NotAPath(whole);
  tile.index = *index;
  if (tile.Path() != whole) return NotAPath(whole);
  return tile;
}

uint64_t TileCount(uint64_t size) {
  uint64_t count = TilesAt(0, size);  // entry bundles
  for (int level = 0; NodesAt(level, size) != 0; ++level) count += TilesAt(level, size);
  return count;
}

bool IsTileOf(const TileId& tile, uint64_t size) {
  if (tile.level < TileId::kEntries || tile.level > kMaxTileLevel) return false;
  const uint32_t width = WidthIn(std::max(tile.level, 0), tile.index, size);
  return width != 0 && tile.width == width;
}

std::vector<TileId> TilesOf(uint64_t size) {
  std::vector<TileId> tiles;
  tiles.reserve(TileCount(size));
  for (int level = TileId::kEntries; level < 0 || NodesAt(level, size) != 0; ++level) {
    const int width_level = std::max(level, 0);
    for (uint64_t index = 0; index < TilesAt(width_level, size); ++index) {
      tiles.push_back({level, index, WidthIn(width_level, index, size)});
    }
  }
  return tiles;
}

absl::StatusOr<Bytes> EncodeTile(const TileId& tile, const NodeReader& reader) {
  if (tile.level < 0 || tile.width == 0 || tile.width > kTileWidth ||
      tile.index > kMaxTreeSize / kTileWidth) {
    return absl::InvalidArgumentError(absl::StrCat(tile.Path(), " is not a hash tile"));
  }
  Bytes contents;
  contents.reserve(tile.width * sizeof(Hash));
  for (uint32_t i = 0; i < tile.width; ++i) {
    URNA_ASSIGN_OR_RETURN(const Hash node,
                          reader(kLevelsPerTile * tile.level, tile.index * kTileWidth + i));
    contents.insert(contents.end(), node.begin(), node.end());
  }
  return contents;
}

absl::StatusOr<std::vector<Hash>> ParseTile(ByteSpan contents, uint32_t width) {
  if (width == 0 || width > kTileWidth || contents.size() != width * sizeof(Hash)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a tile of ", width, " hashes cannot have ", contents.size(), " bytes"));
  }
  std::vector<Hash> hashes(width);
  for (uint32_t i = 0; i < width; ++i) {
    const ByteSpan hash = contents.subspan(i * sizeof(Hash), sizeof(Hash));
    std::copy(hash.begin(), hash.end(), hashes[i].begin());
  }
  return hashes;
}

absl::StatusOr<Bytes> EncodeEntryBundle(std::span<const ByteSpan> entries) {
  if (entries.empty() || entries.size() > kTileWidth) {
    return absl::InvalidArgumentError(
        absl::StrCat("an entry bundle cannot have ", entries.size(), " entries"));
  }
  Writer writer;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].empty() || entries[i].size() > kMaxEntrySize) {
      return absl::InvalidArgumentError(absl::StrCat("entry ", i, " of the bundle has ",
                                                     entries[i].size(), " bytes, not 1 to ",
                                                     kMaxEntrySize));
    }
    writer.Vector16(entries[i]);
  }
  return writer.Take();
}

absl::StatusOr<Bytes> EncodeEntryBundle(std::span<const Bytes> entries) {
  return EncodeEntryBundle(std::vector<ByteSpan>(entries.begin(), entries.end()));
}

absl::StatusOr<std::vector<ByteSpan>> ParseEntryBundle(ByteSpan contents, uint32_t width) {
  if (width == 0 || width > kTileWidth) {
    return absl::InvalidArgumentError(
        absl::StrCat("an entry bundle cannot have ", width, " entries"));
  }
  std::vector<ByteSpan> entries;
  entries.reserve(width);
  Reader reader(contents);
  for (uint32_t i = 0; i < width; ++i) {
    absl::StatusOr<ByteSpan> entry = reader.Vector16("entry");
    if (!entry.ok()) {
      return Annotate(entry.status(), absl::StrCat("entry bundle, entry ", i, " of ", width));
    }
    if (entry->empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("entry bundle, entry ", i, " of ", width, ": empty"));
    }
    entries.push_back(*entry);
  }
  URNA_RETURN_IF_ERROR(reader.Finish("entry bundle"));
  return entries;
}

NodeReader NodesFromTiles(uint64_t size, TileReader tiles) {
  return [size, tiles = std::move(tiles)](int level, uint64_t index) -> absl::StatusOr<Hash> {
    if (level < 0 || level > 62 || index >= size >> level) {
      return absl::NotFoundError(
          absl::StrCat("a tree of ", size, " leaves has no node ", index, " at level ", level));
    }
    const int height = level % kLevelsPerTile;  // of the wanted node above the tile's hashes
    const uint64_t first = index << height;
    TileId tile{level / kLevelsPerTile, first / kTileWidth, 0};
    tile.width = WidthIn(tile.level, tile.index, size);
    URNA_ASSIGN_OR_RETURN(const Bytes contents, tiles(tile));
    absl::StatusOr<std::vector<Hash>> hashes = ParseTile(contents, tile.width);
    if (!hashes.ok()) return Annotate(hashes.status(), tile.Path());
    return RootFromLeaves(
        std::span<const Hash>(*hashes).subspan(first % kTileWidth, size_t{1} << height));
  };
}

}  // namespace urna::merkle
