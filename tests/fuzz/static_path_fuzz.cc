// The paths of URLs that the board is asked for: whatever names a file names it in one way alone
// but for escapes, and the log's name cannot lead out of the board.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/static_path.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace urna;  // NOLINT: the entry's name is libFuzzer's
  using testing::Require;
  const auto path = server::StaticPath::Parse(testing::Text(ByteSpan(data, size)));
  if (!path.ok()) {
    Require(!path.status().message().empty(), "a refusal says why");
    return 0;
  }
  Require(!path->log.empty(), "a file is one of a log");
  const std::string checkpoint = path->final ? "checkpoint.final" : "checkpoint";
  const std::string plain =
      absl::StrCat("/", path->log, "/", path->tile ? path->tile->Path() : checkpoint);
  if (absl::StrContains(plain, '%')) return 0;  // what was escaped looks like an escape
  const auto again = server::StaticPath::Parse(plain);
  Require(again.ok() && again->log == path->log && again->tile == path->tile &&
              again->final == path->final,
          "the plain path names the same file");
  return 0;
}
