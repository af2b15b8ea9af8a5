// What log_reader.cc, log_writer.cc and log_check.cc share: the checkpoint's file, which files a
// log of some size has, and the walk over what is there. docs/protocol.md §10.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/bytes.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/tile.h"
#include "core/record/plain_files.h"

namespace urna::record {

inline constexpr char kCheckpointName[] = "checkpoint";
// Beside it over HTTP alone: the largest that has met the board's witness quorum. No record has it.
inline constexpr char kFinalCheckpointName[] = "checkpoint.final";

struct LogCheckpoint {
  Bytes note;
  merkle::Checkpoint checkpoint;  // what the note says, not verified
};

absl::StatusOr<LogCheckpoint> ParseCheckpoint(Bytes note);
// NotFound if the directory has none.
absl::StatusOr<LogCheckpoint> ReadCheckpoint(const std::string& directory);

// How many tiles (or bundles: level kEntries) a log of this size has at this level.
uint64_t TilesAtLevel(int level, uint64_t size);

// The tile with its width in a log of this size; width 0 if there is none.
merkle::TileId TileIn(int level, uint64_t index, uint64_t size);

// Told of everything below a log's directory but of directories that were entered: its path from
// there, and what it is. Returns whether it belongs there.
using FileVisitor = std::function<bool(const std::string& path, FileKind kind)>;
// Told of every directory, after what is in it, and whether anything in it belongs there.
using DirectoryVisitor = std::function<void(const std::string& path, bool used)>;

// Walks over the whole directory. Errors are those of reading directories. A directory so deep that
// no tile can be in it is told as a file is, with its kind, and not entered.
absl::Status WalkLog(const std::string& directory, const FileVisitor& file,
                     const DirectoryVisitor& leave);

}  // namespace urna::record
