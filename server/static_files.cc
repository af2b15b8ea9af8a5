#include "server/static_files.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/merkle/tile.h"
#include "core/record/directory.h"
#include "core/record/log_files.h"
#include "server/static_path.h"

namespace urna::server {
namespace {

using ViewPointer = std::shared_ptr<const LogView>;

// What is before the last slash.
absl::string_view DirectoryOf(absl::string_view origin) {
  return origin.substr(0, origin.rfind('/'));
}

// The roll that `name`, which is no origin, gives by its id, if a poll beside it pins that roll.
ViewPointer FindPinnedRoll(const LogViews& views, absl::string_view name) {
  const std::string directory(DirectoryOf(name));
  if (!absl::StartsWith(name.substr(directory.size()), "/roll-")) return nullptr;
  const std::vector<ViewPointer> all = views.All();
  for (const ViewPointer& roll : all) {
    const crypto::Hash32& id = roll->facts->id;
    if (roll->facts->kind != LogKind::kRoll || record::RollDirectory(directory, id) != name) {
      continue;
    }
    for (const ViewPointer& poll : all) {
      if (poll->pin.has_value() && poll->pin->roll_id == id &&
          DirectoryOf(poll->facts->origin) == directory) {
        return roll;
      }
    }
  }
  return nullptr;
}

// `log` is the log's part of the path.
absl::StatusOr<ViewPointer> FindLog(const Board& board, absl::string_view log) {
  const std::string name = absl::StrCat(board.identity().name, "/", log);
  if (ViewPointer view = board.views().Find(name)) return view;
  if (ViewPointer roll = FindPinnedRoll(board.views(), name)) return roll;
  return absl::NotFoundError(absl::StrCat("there is no log '", name, "' on this board"));
}

absl::StatusOr<Bytes> ReadTile(const Board& board, const LogView& view,
                               const merkle::TileId& tile) {
  if (tile.level != merkle::TileId::kEntries) {
    return merkle::EncodeTile(tile, board.ledger().Nodes(view.number));
  }
  const uint64_t first = tile.index * merkle::kTileWidth;
  std::vector<Bytes> entries;
  URNA_RETURN_IF_ERROR(board.ledger().ReadEntries(view.number, first, first + tile.width,
                                                  [&entries](uint64_t, ByteSpan entry) {
                                                    entries.push_back(ToBytes(entry));
                                                    return absl::OkStatus();
                                                  }));
  return merkle::EncodeEntryBundle(entries);
}

}  // namespace

absl::StatusOr<StaticFile> ReadStaticFile(const Board& board, absl::string_view path) {
  URNA_ASSIGN_OR_RETURN(const StaticPath file, StaticPath::Parse(path));
  URNA_ASSIGN_OR_RETURN(const ViewPointer view, FindLog(board, file.log));
  if (!file.tile) {
    std::optional<std::string> note =
        file.final ? board.FinalCheckpointOf(*view) : board.CheckpointOf(*view);
    if (!note.has_value()) {
      return absl::NotFoundError(absl::StrCat("no checkpoint of '", view->facts->origin,
                                              "' has met a witness quorum of this board"));
    }
    return StaticFile{StaticKind::kCheckpoint, ToBytes(AsBytes(*note))};
  }
  const merkle::TileId& tile = *file.tile;
  // Of what is published alone: entries beyond may be written already, but nobody has signed them.
  if (record::TileIn(tile.level, tile.index, view->size).width < tile.width) {
    return absl::NotFoundError(
        absl::StrCat("'", view->facts->origin, "' has no ", tile.Path(), " at size ", view->size));
  }
  URNA_ASSIGN_OR_RETURN(Bytes contents, ReadTile(board, *view, tile));
  const bool full = tile.width == merkle::kTileWidth;
  return StaticFile{full ? StaticKind::kFullTile : StaticKind::kPartialTile, std::move(contents)};
}

}  // namespace urna::server
