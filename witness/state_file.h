// What a witness has cosigned last of one log, durably: the checkpoint with the log's signature
// lines and the witness's own, as a note of its own in a file named after the origin's hash. So it
// proves itself, and a torn or swapped one is noticed.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/merkle/cosignature.h"
#include "core/merkle/note.h"
#include "core/merkle/tree_head.h"

namespace urna::witness {

struct State {
  merkle::Note note;           // the cosigned checkpoint
  merkle::TreeHead head;       // what it states
  merkle::NoteSignature line;  // the witness's
  uint64_t time = 0;           // of the line, seconds since 1970
};

// The file of the log with this origin: <hex of SHA-256(origin)> in the directory.
std::string StateFile(const std::string& directory, absl::string_view origin);

// The state that a note holds. DataLoss unless it is a checkpoint of the origin with the witness's
// cosignature.
absl::StatusOr<State> ParseState(ByteSpan bytes, absl::string_view origin,
                                 const merkle::CosignatureVerifier& witness);

// None if the witness has never cosigned a checkpoint of the log; ParseState's errors, and the
// system's.
absl::StatusOr<std::optional<State>> ReadState(const std::string& directory,
                                               absl::string_view origin,
                                               const merkle::CosignatureVerifier& witness);

}  // namespace urna::witness
