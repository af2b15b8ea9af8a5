// Watching a log from its static files: every checkpoint must continue the one seen before, and
// what contradicts that is proved. docs/protocol.md §10.3. No I/O here.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/fork_evidence.h"
#include "core/merkle/note.h"

namespace urna::verifier {

// Gives a file of the log by its path there. NotFound if there is none.
using LogFiles = std::function<absl::StatusOr<Bytes>(const std::string& path, size_t max_bytes)>;

enum class FollowOutcome {
  kFirst,      // nothing was known before
  kUnchanged,  // as it was
  kGrown,      // and the tree begins with the one that was known
  kSmaller,    // fewer entries than it had before, and as far as its files show no other ones
  kForked,     // proved: two histories
};

struct FollowStep {
  FollowOutcome outcome = FollowOutcome::kFirst;
  uint64_t known_size = 0;
  uint64_t size = 0;  // now
  std::optional<merkle::ForkEvidence> evidence;
};

// Not for several threads at once.
class LogFollower {
 public:
  // `known_note`: what state() gave before; none in the beginning. InvalidArgument or
  // PermissionDenied if it is not a checkpoint of the log.
  static absl::StatusOr<LogFollower> Create(const merkle::NoteVerifier& log,
                                            const std::optional<std::string>& known_note);

  // Looks once. After kFirst and kGrown the new checkpoint is the known one. Errors that `files`
  // gives are passed on, so NotFound is a file that is missing; DataLoss if the checkpoint is none
  // of the log, or the tiles are not those of the checkpoint.
  absl::StatusOr<FollowStep> Look(const LogFiles& files);

  // The known checkpoint, as a note with the log's signature alone.
  const std::optional<std::string>& state() const { return note_; }

 private:
  explicit LogFollower(const merkle::NoteVerifier& log) : log_(log) {}

  absl::StatusOr<FollowStep> LookAtOneSize(ByteSpan note, const merkle::Checkpoint& now) const;
  absl::StatusOr<FollowStep> LookAtGrowth(ByteSpan note, const merkle::Checkpoint& now,
                                          const LogFiles& files) const;
  absl::StatusOr<FollowStep> LookAtSmaller(ByteSpan note, const merkle::Checkpoint& now,
                                           const LogFiles& files) const;

  merkle::NoteVerifier log_;
  std::optional<merkle::Checkpoint> known_;
  std::optional<std::string> note_;
};

}  // namespace urna::verifier
