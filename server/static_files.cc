#include "server/static_files.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/status.h"
#include "core/merkle/tile.h"
#include "core/record/directory.h"
#include "core/record/log_files.h"

namespace urna::server {
namespace {

using ViewPointer = std::shared_ptr<const LogView>;

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("the path ", what));
}

// %2F and its like as the bytes that they stand for.
absl::StatusOr<std::string> Unescape(absl::string_view path) {
  std::string text;
  for (size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '%') {
      text.push_back(path[i]);
      continue;
    }
    const absl::StatusOr<Bytes> byte = FromHex(absl::AsciiStrToLower(path.substr(i + 1, 2)));
    if (!byte.ok() || byte->size() != 1) {
      return Malformed("has a '%' without two hexadecimal digits");
    }
    text.push_back(static_cast<char>(byte->front()));
    i += 2;
  }
  for (const char c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      return Malformed("has a control character in it");
    }
  }
  return text;
}

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

// Where the log's part of the path ends and the file's begins; npos if it names no file.
size_t EndOfLog(absl::string_view path) {
  constexpr absl::string_view kCheckpoint = "/checkpoint";
  if (absl::EndsWith(path, kCheckpoint)) return path.size() - kCheckpoint.size();
  return path.rfind("/tile/");  // an origin may have such a part too, the rest of a tile's path not
}

}  // namespace

absl::StatusOr<StaticFile> ReadStaticFile(const Board& board, absl::string_view path) {
  const absl::StatusOr<std::string> text = Unescape(path);
  if (!text.ok()) return text.status();
  absl::string_view log = *text;
  if (!absl::ConsumePrefix(&log, "/")) return Malformed("does not begin with '/'");
  const size_t end = EndOfLog(log);
  if (end == absl::string_view::npos) {
    return absl::NotFoundError(
        "there are only files of logs: <log>/checkpoint, <log>/tile/<L>/<N>[.p/<W>] and "
        "<log>/tile/entries/<N>[.p/<W>]");
  }
  const absl::string_view name = log.substr(end + 1);
  log = log.substr(0, end);
  if (name == record::kCheckpointName) {
    URNA_ASSIGN_OR_RETURN(const ViewPointer view, FindLog(board, log));
    return StaticFile{StaticKind::kCheckpoint, ToBytes(AsBytes(view->checkpoint))};
  }
  URNA_ASSIGN_OR_RETURN(const merkle::TileId tile, merkle::TileId::ParsePath(name));
  URNA_ASSIGN_OR_RETURN(const ViewPointer view, FindLog(board, log));
  // Of what is published alone: entries beyond may be written already, but nobody has signed them.
  if (record::TileIn(tile.level, tile.index, view->size).width < tile.width) {
    return absl::NotFoundError(
        absl::StrCat("'", view->facts->origin, "' has no ", name, " at size ", view->size));
  }
  URNA_ASSIGN_OR_RETURN(Bytes contents, ReadTile(board, *view, tile));
  const bool full = tile.width == merkle::kTileWidth;
  return StaticFile{full ? StaticKind::kFullTile : StaticKind::kPartialTile, std::move(contents)};
}

}  // namespace urna::server
