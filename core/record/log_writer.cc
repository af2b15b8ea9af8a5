#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/merkle/tile.h"
#include "core/record/directory.h"
#include "core/record/log_files.h"
#include "core/record/plain_files.h"
#include "core/record/tile_stream.h"

namespace urna::record {
namespace {

// Whether this is a temporary file that WriteFileDurably left behind when it was interrupted.
bool IsLeftOver(absl::string_view path) {
  const size_t at = path.rfind(".tmp-");
  if (at == absl::string_view::npos || path.size() - at != 13) return false;
  const absl::string_view whole = path.substr(0, at);
  return whole == kCheckpointName || merkle::TileId::ParsePath(whole).ok();
}

// Removes tiles of other sizes, left-over temporary files, and directories that are empty then.
// What is no file of any log stays.
absl::Status RemoveOtherTiles(const std::string& directory, uint64_t size) {
  absl::Status status;
  const absl::Status walked = WalkLog(
      directory,
      [&](const std::string& path, FileKind kind) {
        const absl::StatusOr<merkle::TileId> tile = merkle::TileId::ParsePath(path);
        const bool other = tile.ok() && !merkle::IsTileOf(*tile, size);
        if (kind != FileKind::kPlain || !(other || IsLeftOver(path))) return true;
        const std::string full = absl::StrCat(directory, "/", path);
        if (::unlink(full.c_str()) != 0 && status.ok()) {
          status = absl::ErrnoToStatus(errno, absl::StrCat("cannot remove ", full));
        }
        return false;
      },
      [&](const std::string& path, bool used) {
        // Not empty is no error: something else is in it.
        if (!used) ::rmdir(absl::StrCat(directory, "/", path).c_str());
      });
  if (!status.ok()) return status;
  return walked;
}

class LogWriter {
 public:
  LogWriter(const std::string& directory, const LogCheckpoint& wanted, const EntrySource& entries)
      : directory_(directory),
        wanted_(wanted),
        entries_(entries),
        tiles_([this](const merkle::TileId& tile, ByteSpan contents) {
          return WriteTile(tile, contents);
        }) {}

  absl::Status Run() {
    URNA_RETURN_IF_ERROR(MakeDirectories(directory_));
    URNA_RETURN_IF_ERROR(TakeUpOld());
    if (absl::Status status = WriteFullTiles(); !status.ok()) {
      // Nothing but full tiles beyond the old size was written.
      const absl::Status removed = RemoveOtherTiles(directory_, old_size_);
      return removed.ok() ? status : Annotate(status, removed.message());
    }
    for (const auto& [tile, contents] : partial_) {
      URNA_RETURN_IF_ERROR(WriteFile(tile, contents));
    }
    URNA_RETURN_IF_ERROR(SyncFiles(directory_));
    URNA_RETURN_IF_ERROR(
        WriteFileDurably(absl::StrCat(directory_, "/", kCheckpointName), wanted_.note));
    return RemoveOtherTiles(directory_, wanted_.checkpoint.size());
  }

 private:
  // Goes on where the log that is there has its last full bundle.
  absl::Status TakeUpOld() {
    absl::StatusOr<LogReader> old = LogReader::Open(directory_);
    if (absl::IsNotFound(old.status())) return absl::OkStatus();
    if (!old.ok()) return old.status();
    const merkle::Checkpoint& checkpoint = old->checkpoint();
    if (checkpoint.origin() != wanted_.checkpoint.origin()) {
      return absl::FailedPreconditionError(absl::StrCat(directory_, " holds the log ",
                                                        checkpoint.origin(), ", not ",
                                                        wanted_.checkpoint.origin()));
    }
    if (checkpoint.size() > wanted_.checkpoint.size()) {
      return absl::FailedPreconditionError(
          absl::StrCat(directory_, " holds ", checkpoint.size(), " entries of ",
                       checkpoint.origin(), " already, more than ", wanted_.checkpoint.size()));
    }
    old_size_ = checkpoint.size();
    first_bundle_ = old_size_ / merkle::kTileWidth;
    return Annotate(tiles_.Resume(first_bundle_ * merkle::kTileWidth, old->nodes()),
                    absl::StrCat("cannot go on with the log in ", directory_));
  }

  // Writes what will be a file of every larger size too, keeps the rest in partial_, and compares
  // the root.
  absl::Status WriteFullTiles() {
    const uint64_t size = wanted_.checkpoint.size();
    for (uint64_t n = first_bundle_; n < TilesAtLevel(merkle::TileId::kEntries, size); ++n) {
      URNA_RETURN_IF_ERROR(WriteBundle(TileIn(merkle::TileId::kEntries, n, size)));
    }
    URNA_RETURN_IF_ERROR(tiles_.Flush());
    if (tiles_.tree().root() == wanted_.checkpoint.root()) return absl::OkStatus();
    return absl::DataLossError(absl::StrCat(
        directory_, ": the entries give the root ", ToHex(tiles_.tree().root()),
        ", the checkpoint of size ", size, " says ", ToHex(wanted_.checkpoint.root())));
  }

  absl::Status WriteBundle(const merkle::TileId& bundle) {
    std::vector<Bytes> entries;
    for (uint32_t i = 0; i < bundle.width; ++i) {
      const uint64_t index = bundle.index * merkle::kTileWidth + i;
      absl::StatusOr<Bytes> entry = entries_(index);
      if (!entry.ok()) return Annotate(entry.status(), absl::StrCat("entry ", index));
      URNA_RETURN_IF_ERROR(tiles_.Append(merkle::LeafHash(*entry)));
      entries.push_back(*std::move(entry));
    }
    URNA_ASSIGN_OR_RETURN(const Bytes contents, merkle::EncodeEntryBundle(entries));
    return WriteTile(bundle, contents);
  }

  absl::Status WriteTile(const merkle::TileId& tile, ByteSpan contents) {
    if (tile.width == merkle::kTileWidth) return WriteFile(tile, contents);
    partial_.emplace_back(tile, ToBytes(contents));
    return absl::OkStatus();
  }

  absl::Status WriteFile(const merkle::TileId& tile, ByteSpan contents) {
    const std::string path = absl::StrCat(directory_, "/", tile.Path());
    std::string parent = path.substr(0, path.find_last_of('/'));
    if (parent != made_) {
      URNA_RETURN_IF_ERROR(MakeDirectories(parent));
      made_ = std::move(parent);
    }
    return WriteFileUnsynced(path, contents);
  }

  const std::string& directory_;
  const LogCheckpoint& wanted_;
  const EntrySource& entries_;
  TileStream tiles_;
  uint64_t old_size_ = 0;
  uint64_t first_bundle_ = 0;
  std::string made_;                                       // the directory that was made last
  std::vector<std::pair<merkle::TileId, Bytes>> partial_;  // one a level at most
};

}  // namespace

absl::Status WriteLog(const std::string& directory, ByteSpan checkpoint_note,
                      const EntrySource& entries) {
  URNA_ASSIGN_OR_RETURN(const LogCheckpoint wanted, ParseCheckpoint(ToBytes(checkpoint_note)));
  return LogWriter(directory, wanted, entries).Run();
}

}  // namespace urna::record
