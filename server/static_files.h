// The public files of the board's logs by the paths of their URLs: what a mirror copies.
// docs/protocol.md §10. No network here.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "server/board.h"

namespace urna::server {

enum class StaticKind {
  kCheckpoint,   // is replaced when the log grows
  kFullTile,     // never changes, as the next; tiles and entry bundles
  kPartialTile,  // is there as long as the log, but nobody needs it once the full one is there
  kFleeting,     // text that is another the next moment and nobody's to keep: metrics
};

struct StaticFile {
  StaticKind kind = StaticKind::kCheckpoint;
  Bytes contents;
};

// The longest path that can name a file, in bytes: an origin with every byte escaped, and a tile.
inline constexpr size_t kMaxStaticPath = 1024;

// The file at the path of a URL, escaped as it came: `/<origin without board>/checkpoint`,
// `/…/checkpoint.final` (on a board with a witness quorum), `/…/tile/<L>/<N>[.p/<W>]` or
// `/…/tile/entries/<N>[.p/<W>]`, or the same of the roll that a poll pins, under `roll-<roll id in
// hex>` beside the poll. Only what is under the published checkpoint, and every partial tile that
// ever was; the log is read each time.
//
// InvalidArgument if the path can be no file's; NotFound if there is no such log or the log has not
// grown that far; other errors are the ledger's. Any thread.
absl::StatusOr<StaticFile> ReadStaticFile(const Board& board, absl::string_view path);

}  // namespace urna::server
