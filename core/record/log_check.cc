#include "core/record/log_check.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/merkle/tile.h"
#include "core/record/directory.h"
#include "core/record/log_files.h"
#include "core/record/plain_files.h"
#include "core/record/tile_stream.h"

namespace urna::record {
namespace {

constexpr size_t kMaxProblems = 100;
constexpr uint64_t kMaxMissing = 20;  // missing files that are named one by one

class LogCheck {
 public:
  LogCheck(const std::string& directory, const merkle::Checkpoint& checkpoint)
      : directory_(directory), checkpoint_(checkpoint), size_(checkpoint.size()) {}

  std::vector<std::string> Run() {
    LookForStrayFiles();
    LookForMissingFiles();
    Rebuild();
    if (unnamed_ > 0) problems_.push_back(absl::StrCat("and ", unnamed_, " more problems"));
    return std::move(problems_);
  }

 private:
  void Problem(std::string sentence) {
    if (problems_.size() < kMaxProblems) {
      problems_.push_back(std::move(sentence));
    } else {
      ++unnamed_;
    }
  }

  void LookForStrayFiles() {
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

  bool Found(const merkle::TileId& tile) const {
    return std::binary_search(found_.begin(), found_.end(), tile);
  }

  // The size is somebody else's statement: the list of all files may be longer than any memory, but
  // it is walked no further than the files that are there and the missing ones that are named.
  void LookForMissingFiles() {
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
  absl::Status Compare(const merkle::TileId& tile, ByteSpan expected) {
    if (!Found(tile)) return absl::OkStatus();  // said before
    const absl::StatusOr<Bytes> got = ReadPlainFile(Path(tile), expected.size());
    if (!got.ok()) {
      Problem(std::string(got.status().message()));
    } else if (!BytesEqual(*got, expected)) {
      Problem(absl::StrCat("'", tile.Path(), "' is not what the entries give"));
    }
    return absl::OkStatus();
  }

  std::string Path(const merkle::TileId& tile) const {
    return absl::StrCat(directory_, "/", tile.Path());
  }

  // The leaf hashes of bundle n, from its entries.
  absl::StatusOr<std::vector<merkle::Hash>> HashEntries(const merkle::TileId& bundle) {
    URNA_ASSIGN_OR_RETURN(Bytes contents, ReadPlainFile(Path(bundle), merkle::kMaxBundleSize));
    absl::StatusOr<EntryBundle> parsed = EntryBundle::Parse(std::move(contents), bundle.width);
    if (!parsed.ok()) {
      return Annotate(parsed.status(), absl::StrCat("'", bundle.Path(), "'"));
    }
    std::vector<merkle::Hash> hashes;
    for (ByteSpan entry : parsed->entries()) hashes.push_back(merkle::LeafHash(entry));
    return hashes;
  }

  // For a bundle that cannot be read: what the tile over it says, so that the rest can be looked
  // at.
  absl::StatusOr<std::vector<merkle::Hash>> HashesOfTile(const merkle::TileId& tile) {
    URNA_ASSIGN_OR_RETURN(const Bytes contents,
                          ReadPlainFile(Path(tile), tile.width * sizeof(merkle::Hash)));
    return merkle::ParseTile(contents, tile.width);
  }

  void Rebuild() {
    TileStream tiles(
        [this](const merkle::TileId& tile, ByteSpan contents) { return Compare(tile, contents); });
    bool all_entries = true;
    for (uint64_t n = 0; n < TilesAtLevel(merkle::TileId::kEntries, size_); ++n) {
      const merkle::TileId bundle = TileIn(merkle::TileId::kEntries, n, size_);
      absl::StatusOr<std::vector<merkle::Hash>> hashes = HashEntries(bundle);
      if (!hashes.ok()) {
        all_entries = false;
        if (Found(bundle)) Problem(std::string(hashes.status().message()));
        hashes = HashesOfTile(TileIn(0, n, size_));
      }
      if (!hashes.ok()) {
        return Problem(absl::StrCat("tiles and root cannot be rebuilt from entry ",
                                    n * merkle::kTileWidth, " on"));
      }
      for (const merkle::Hash& hash : *hashes) (void)tiles.Append(hash);  // Compare returns OK
    }
    (void)tiles.Flush();
    if (!all_entries) Problem("the root cannot be rebuilt without all entries");
    if (tiles.tree().root() != checkpoint_.root()) {
      Problem(absl::StrCat("the entries give the root ", ToHex(tiles.tree().root()),
                           ", the checkpoint says ", ToHex(checkpoint_.root())));
    }
  }

  const std::string& directory_;
  const merkle::Checkpoint& checkpoint_;
  const uint64_t size_;
  std::vector<merkle::TileId> found_;  // files that belong here, ascending
  std::vector<std::string> problems_;
  uint64_t unnamed_ = 0;
};

}  // namespace

std::vector<std::string> CheckLogDirectory(const std::string& directory,
                                           const merkle::Checkpoint& checkpoint) {
  return LogCheck(directory, checkpoint).Run();
}

}  // namespace urna::record
