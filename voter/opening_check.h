// The second device's part of 'challenge or cast': what a challenged ballot held, from nothing but
// its opening, the h that was written down before the challenge, and the poll. docs/protocol.md
// §7.4; checks B6, B10 and B11 of §12.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/election/messages.h"
#include "voter/board.h"
#include "voter/poll_view.h"

namespace urna::voter {

// An opening outside the log: the entry, hex or raw. InvalidArgument if it is neither.
absl::StatusOr<election::BallotOpening> ParseOpening(ByteSpan file);
// The hex form, with a newline.
std::string OpeningText(ByteSpan entry);

// h as people copy it: hex in groups of eight digits, four groups a line.
std::vector<std::string> HashLines(const crypto::Hash64& hash);
// Takes what HashLines gives, with any white space, '-' and ':' between, in either case.
absl::StatusOr<crypto::Hash64> ParseHash(absl::string_view text);

struct OpeningReport {
  // OK, or why the opening opens no ballot of this poll; then nothing else is known.
  absl::Status opens;
  crypto::Hash64 hash{};           // h of what it opens, computed anew
  std::vector<std::string> votes;  // in words, a line for each contest
  std::vector<std::string>
      broken;  // rules that the ballot does not keep: the device sealed nonsense
  // Whether h is the one that was written down; nothing if none was given.
  std::optional<bool> expected;
  // OK if the log has the challenge of this h by this credential, proved; else why not.
  absl::Status logged;
  uint64_t challenge = 0;  // its index

  bool Good() const {
    return opens.ok() && expected.value_or(true) && logged.ok() && broken.empty();
  }
};

// `poll`: as ReadPoll gives it from this board, with the opening's credential in its options; of a
// log that was not read whole the challenge is found only by the index in the opening.
// FailedPrecondition if it is no election that was opened; the call's error if the board cannot be
// asked.
absl::StatusOr<OpeningReport> CheckOpening(Board& board, const PollView& poll,
                                           const election::BallotOpening& opening,
                                           const std::optional<crypto::Hash64>& written_down,
                                           absl::string_view language);

}  // namespace urna::voter
