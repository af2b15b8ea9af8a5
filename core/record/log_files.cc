#include "core/record/log_files.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/merkle/note.h"

namespace urna::record {
namespace {

constexpr int kLevelsPerTile = 8;
constexpr int kMaxDepth = 12;  // tile/<L>/x…/x…/NNN.p/<W> of the largest tree has 10 parts

// Returns whether anything in the directory belongs there.
absl::StatusOr<bool> Walk(const std::string& directory, const std::string& prefix, int depth,
                          const FileVisitor& file, const DirectoryVisitor& leave) {
  URNA_ASSIGN_OR_RETURN(const std::vector<DirectoryItem> items,
                        ListDirectory(absl::StrCat(directory, "/", prefix)));
  bool used = false;
  for (const DirectoryItem& item : items) {
    const std::string path = absl::StrCat(prefix, item.name);
    if (item.kind != FileKind::kDirectory || depth == kMaxDepth) {
      used |= file(path, item.kind);
      continue;
    }
    URNA_ASSIGN_OR_RETURN(const bool below,
                          Walk(directory, absl::StrCat(path, "/"), depth + 1, file, leave));
    leave(path, below);
    used |= below;
  }
  return used;
}

}  // namespace

absl::StatusOr<LogCheckpoint> ParseCheckpoint(Bytes bytes) {
  URNA_ASSIGN_OR_RETURN(const merkle::Note note, merkle::Note::Parse(bytes));
  URNA_ASSIGN_OR_RETURN(merkle::Checkpoint checkpoint, merkle::Checkpoint::Parse(note.text()));
  return LogCheckpoint{std::move(bytes), std::move(checkpoint)};
}

absl::StatusOr<LogCheckpoint> ReadCheckpoint(const std::string& directory) {
  const std::string path = absl::StrCat(directory, "/", kCheckpointName);
  URNA_ASSIGN_OR_RETURN(Bytes note, ReadPlainFile(path, merkle::kMaxNoteSize));
  absl::StatusOr<LogCheckpoint> checkpoint = ParseCheckpoint(std::move(note));
  if (!checkpoint.ok()) return Annotate(checkpoint.status(), path);
  return checkpoint;
}

uint64_t TilesAtLevel(int level, uint64_t size) {
  const int shift = kLevelsPerTile * std::max(level, 0);
  const uint64_t nodes = shift >= 64 ? 0 : size >> shift;
  return nodes / merkle::kTileWidth + (nodes % merkle::kTileWidth != 0 ? 1 : 0);
}

merkle::TileId TileIn(int level, uint64_t index, uint64_t size) {
  if (index >= TilesAtLevel(level, size)) return {level, index, 0};
  const uint64_t nodes = size >> (kLevelsPerTile * std::max(level, 0));
  return {level, index,
          static_cast<uint32_t>(
              std::min<uint64_t>(merkle::kTileWidth, nodes - index * merkle::kTileWidth))};
}

absl::Status WalkLog(const std::string& directory, const FileVisitor& file,
                     const DirectoryVisitor& leave) {
  return Walk(directory, "", 0, file, leave).status();
}

}  // namespace urna::record
