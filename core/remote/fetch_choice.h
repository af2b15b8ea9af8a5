// Under which checkpoint a log is copied, where a board has witnesses. docs/protocol.md §10.4.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/progress.h"

namespace urna::remote {

enum class FetchAt {
  kNewest,  // the newest that the log has signed, cosigned or not
  kFinal,   // the largest that has met the board's witness quorum, if it has one; else the newest
};

// What a board shows of a log at one moment.
struct ShownCheckpoints {
  std::string newest;                // a signed note
  bool has_quorum = false;           // whether the board is known to have a quorum
  std::optional<std::string> final;  // a signed note
};

// The note to copy the log under, where `show` asks the board. With kFinal it asks again for some
// seconds until all that was there at first is final: witnesses answer within a moment, if they are
// there at all. A final one that is no checkpoint at all, as of a web
// server that answers everything, is none. Errors are those of `show`.
absl::StatusOr<std::string> ChooseCheckpoint(
    FetchAt at, const std::function<absl::StatusOr<ShownCheckpoints>()>& show);

// What is counted while a log is brought to disk.
std::string FetchedOf(absl::string_view origin);

}  // namespace urna::remote
