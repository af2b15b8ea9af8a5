#include "core/record/log_check.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/record/log_files.h"
#include "core/record/plain_files.h"

namespace urna::record {
namespace {

constexpr size_t kMaxProblems = 100;
constexpr uint64_t kMaxMissing = 20;  // missing files that are named one by one

}  // namespace

LogCheck::LogCheck(const std::string& directory, const merkle::Checkpoint& checkpoint)
    : directory_(directory),
      checkpoint_(checkpoint),
      size_(checkpoint.size()),
      tiles_([this](const merkle::TileId& tile, ByteSpan contents) {
        Compare(tile, contents);
        return absl::OkStatus();
      }) {
  LookForStrayFiles();
  LookForMissingFiles();
}

void LogCheck::Problem(std::string sentence) {
  if (problems_.size() < kMaxProblems) {
    problems_.push_back(std::move(sentence));
  } else {
    ++unnamed_;
  }
}

void LogCheck::LookForStrayFiles() {
  const absl::Status walked = WalkLog(
      directory_,
      [this](const std::string& path, FileKind kind) {
        if (path == kCheckpointName && kind == FileKind::kPlain) return true;
        const absl::StatusOr<merkle::TileId> tile = merkle::TileId::ParsePath(path);
        const bool wanted = tile.ok() && merkle::IsTileOf(*tile, size_);
        if (wanted && kind == FileKind::kPlain) {
          found_.push_back(*tile);
          return true;
        }
        if (kind != FileKind::kPlain) {
          Problem(NotPlain(path, kind));
        } else if (tile.ok()) {
          Problem(absl::StrCat("'", path, "' is no file of a log of ", size_, " entries"));
        } else {
          Problem(absl::StrCat("'", path, "' has no place in a log"));
        }
        return false;
      },
      [this](const std::string& path, bool used) {
        if (!used) Problem(absl::StrCat("directory '", path, "' holds no file of the log"));
      });
  if (!walked.ok()) Problem(std::string(walked.message()));
  std::sort(found_.begin(), found_.end());
}

bool LogCheck::Found(const merkle::TileId& tile) const {
  return std::binary_search(found_.begin(), found_.end(), tile);
}

// The size is somebody else's statement: the list of all files may be longer than any memory, but
// it is walked no further than the files that are there and the missing ones that are named.
void LogCheck::LookForMissingFiles() {
  const uint64_t missing = merkle::TileCount(size_) - found_.size();
  uint64_t named = 0;
  for (int level = merkle::TileId::kEntries; named < std::min(missing, kMaxMissing); ++level) {
    const uint64_t count = TilesAtLevel(level, size_);
    for (uint64_t i = 0; i < count && named < std::min(missing, kMaxMissing); ++i) {
      const merkle::TileId tile = TileIn(level, i, size_);
      if (Found(tile)) continue;
      Problem(absl::StrCat("'", tile.Path(), "' is missing"));
      ++named;
    }
  }
  if (missing > named) Problem(absl::StrCat(missing - named, " more files are missing"));
}

// The tile as the entries give it, against the file.
void LogCheck::Compare(const merkle::TileId& tile, ByteSpan expected) {
  if (!Found(tile)) return;  // said before
  const absl::StatusOr<Bytes> got = ReadPlainFile(Path(tile), expected.size());
  if (!got.ok()) {
    Problem(std::string(got.status().message()));
  } else if (!BytesEqual(*got, expected)) {
    Problem(absl::StrCat("'", tile.Path(), "' is not what the entries give"));
  }
}

std::string LogCheck::Path(const merkle::TileId& tile) const {
  return absl::StrCat(directory_, "/", tile.Path());
}

// For a bundle that cannot be read: what the tile over it says, so that the rest can be looked at.
absl::StatusOr<std::vector<merkle::Hash>> LogCheck::HashesOfTile(const merkle::TileId& tile) const {
  URNA_ASSIGN_OR_RETURN(const Bytes contents,
                        ReadPlainFile(Path(tile), tile.width * sizeof(merkle::Hash)));
  return merkle::ParseTile(contents, tile.width);
}

bool LogCheck::Take(const absl::StatusOr<std::vector<merkle::Hash>>& leaf_hashes) {
  const merkle::TileId bundle = TileIn(merkle::TileId::kEntries, next_, size_);
  absl::StatusOr<std::vector<merkle::Hash>> from_tile;
  const absl::StatusOr<std::vector<merkle::Hash>>* hashes = &leaf_hashes;
  if (!leaf_hashes.ok()) {
    all_entries_ = false;
    if (Found(bundle)) Problem(std::string(leaf_hashes.status().message()));
    from_tile = HashesOfTile(TileIn(0, next_, size_));
    hashes = &from_tile;
  }
  if (!hashes->ok()) {
    Problem(absl::StrCat("tiles and root cannot be rebuilt from entry ", next_ * merkle::kTileWidth,
                         " on"));
    lost_ = true;
    return false;
  }
  for (const merkle::Hash& hash : **hashes) (void)tiles_.Append(hash);  // Compare has no errors
  ++next_;
  return true;
}

std::vector<std::string> LogCheck::Finish() {
  if (!lost_) {
    (void)tiles_.Flush();
    if (!all_entries_) Problem("the root cannot be rebuilt without all entries");
    if (tiles_.tree().root() != checkpoint_.root()) {
      Problem(absl::StrCat("the entries give the root ", ToHex(tiles_.tree().root()),
                           ", the checkpoint says ", ToHex(checkpoint_.root())));
    }
  }
  if (unnamed_ > 0) problems_.push_back(absl::StrCat("and ", unnamed_, " more problems"));
  return std::move(problems_);
}

}  // namespace urna::record
