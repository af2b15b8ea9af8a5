// What an auditor's verifier remembers of a record that it has verified, so that the next time only
// the proofs of what is new are verified: the checkpoint, in a file of its own form, which nobody
// mistakes for one that a board has published.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/audit/audit.h"
#include "core/base/bytes.h"

namespace urna::audit {

struct VerifiedState {
  Bytes checkpoint_note;  // signed
  VerifiedPrefix prefix;  // what it says

  // InvalidArgument unless the text is one that ToText has made.
  static absl::StatusOr<VerifiedState> Parse(absl::string_view text);
  // InvalidArgument if the note is none.
  static absl::StatusOr<VerifiedState> Of(ByteSpan checkpoint_note);
  std::string ToText() const;
};

}  // namespace urna::audit
