// The path of a URL under which the board has one of its public files. docs/protocol.md §10.1.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/merkle/tile.h"

namespace urna::server {

struct StaticPath {
  std::string log;                     // without slashes around it; whether there is one, nobody
                                       // has asked
  std::optional<merkle::TileId> tile;  // none: a checkpoint
  bool final = false;                  // the one that has met the witness quorum

  // Of `/<log>/checkpoint`, `/<log>/checkpoint.final`, `/<log>/tile/<L>/<N>[.p/<W>]` or
  // `/<log>/tile/entries/<N>[.p/<W>]`, escaped as it came. InvalidArgument if the path can be no
  // file's; NotFound if it is not one of these four.
  static absl::StatusOr<StaticPath> Parse(absl::string_view path);
};

}  // namespace urna::server
