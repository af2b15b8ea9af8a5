#include "core/audit/verified_state.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/status.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/note.h"

namespace urna::audit {
namespace {

constexpr absl::string_view kHeader = "urna-verifier/1 has verified the record up to here:\n\n";

}  // namespace

absl::StatusOr<VerifiedState> VerifiedState::Of(ByteSpan checkpoint_note) {
  URNA_ASSIGN_OR_RETURN(const merkle::Note note, merkle::Note::Parse(checkpoint_note));
  URNA_ASSIGN_OR_RETURN(const merkle::Checkpoint checkpoint,
                        merkle::Checkpoint::Parse(note.text()));
  return VerifiedState{ToBytes(checkpoint_note), {checkpoint.size(), checkpoint.root()}};
}

absl::StatusOr<VerifiedState> VerifiedState::Parse(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, kHeader)) {
    return absl::InvalidArgumentError(
        absl::StrCat("it is no state of a verifier: it does not begin with '",
                     absl::StripSuffix(kHeader, "\n\n"), "'"));
  }
  return Of(AsBytes(text));
}

std::string VerifiedState::ToText() const { return absl::StrCat(kHeader, AsText(checkpoint_note)); }

}  // namespace urna::audit
