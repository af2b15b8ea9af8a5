#include "server/static_path.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/bytes.h"
#include "core/base/status.h"

namespace urna::server {
namespace {

constexpr absl::string_view kCheckpoint = "/checkpoint";
constexpr absl::string_view kFinal = "/checkpoint.final";

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

// Where the log's part of the path ends and the file's begins; npos if it names no file.
size_t EndOfLog(absl::string_view path) {
  if (absl::EndsWith(path, kCheckpoint)) return path.size() - kCheckpoint.size();
  if (absl::EndsWith(path, kFinal)) return path.size() - kFinal.size();
  return path.rfind("/tile/");  // an origin may have such a part too, the rest of a tile's path not
}

}  // namespace

absl::StatusOr<StaticPath> StaticPath::Parse(absl::string_view path) {
  const absl::StatusOr<std::string> unescaped = Unescape(path);
  if (!unescaped.ok()) return unescaped.status();
  absl::string_view log = *unescaped;
  if (!absl::ConsumePrefix(&log, "/")) return Malformed("does not begin with '/'");
  const size_t end = EndOfLog(log);
  if (end == absl::string_view::npos || end == 0) {
    return absl::NotFoundError(
        "there are only files of logs: <log>/checkpoint[.final], <log>/tile/<L>/<N>[.p/<W>] and "
        "<log>/tile/entries/<N>[.p/<W>]");
  }
  StaticPath out{std::string(log.substr(0, end)), std::nullopt, log.substr(end) == kFinal};
  if (out.final || log.substr(end) == kCheckpoint) return out;
  URNA_ASSIGN_OR_RETURN(out.tile, merkle::TileId::ParsePath(log.substr(end + 1)));
  return out;
}

}  // namespace urna::server
