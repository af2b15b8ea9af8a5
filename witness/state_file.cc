#include "witness/state_file.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/crypto/hash.h"
#include "core/merkle/checkpoint.h"

namespace urna::witness {

std::string StateFile(const std::string& directory, absl::string_view origin) {
  return absl::StrCat(directory, "/", ToHex(crypto::Sha256(AsBytes(origin))));
}

absl::StatusOr<State> ParseState(ByteSpan bytes, absl::string_view origin,
                                 const merkle::CosignatureVerifier& witness) {
  const auto damaged = [&origin](absl::string_view why) {
    return absl::DataLossError(absl::StrCat("the state of log '", origin, "' is damaged: ", why));
  };
  absl::StatusOr<merkle::Note> note = merkle::Note::Parse(bytes);
  if (!note.ok()) return damaged(note.status().message());
  const auto checkpoint = merkle::Checkpoint::Parse(note->text());
  if (!checkpoint.ok()) return damaged(checkpoint.status().message());
  if (checkpoint->origin() != origin) {
    return damaged(absl::StrCat("it is of '", checkpoint->origin(), "'"));
  }
  for (const merkle::NoteSignature& line : note->signatures()) {
    if (!witness.Matches(line)) continue;
    const absl::StatusOr<uint64_t> time = witness.Verify(note->text(), line);
    if (!time.ok()) return damaged(time.status().message());
    State state{*note, {checkpoint->size(), checkpoint->root()}, line, *time};
    return state;
  }
  return damaged(absl::StrCat("'", witness.name(), "' has not cosigned it"));
}

absl::StatusOr<std::optional<State>> ReadState(const std::string& directory,
                                               absl::string_view origin,
                                               const merkle::CosignatureVerifier& witness) {
  const absl::StatusOr<Bytes> bytes = ReadFile(StateFile(directory, origin), merkle::kMaxNoteSize);
  if (absl::IsNotFound(bytes.status())) return std::optional<State>();
  if (!bytes.ok()) return bytes.status();
  URNA_ASSIGN_OR_RETURN(State state, ParseState(*bytes, origin, witness));
  return std::optional<State>(std::move(state));
}

}  // namespace urna::witness
