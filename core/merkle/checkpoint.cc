#include "core/merkle/checkpoint.h"

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/merkle/text.h"

namespace urna::merkle {

Checkpoint::Checkpoint(absl::string_view origin, uint64_t size, const Hash& root)
    : origin_(origin), size_(size), root_(root) {}

absl::StatusOr<Checkpoint> Checkpoint::Create(absl::string_view origin, uint64_t size,
                                              const Hash& root) {
  if (!IsKeyName(origin)) {
    return absl::InvalidArgumentError(
        "checkpoint: the origin must be UTF-8 without spaces and '+'");
  }
  if (size > kMaxTreeSize) {
    return absl::InvalidArgumentError(
        absl::StrCat("checkpoint: no tree can have ", size, " leaves"));
  }
  if (size == 0 && root != EmptyRoot()) {
    return absl::InvalidArgumentError("checkpoint: a tree without leaves has another root");
  }
  return Checkpoint(origin, size, root);
}

absl::StatusOr<Checkpoint> Checkpoint::Parse(absl::string_view body) {
  absl::string_view rest = body;
  URNA_ASSIGN_OR_RETURN(const absl::string_view origin, TakeLine(rest, "the checkpoint's origin"));
  URNA_ASSIGN_OR_RETURN(const absl::string_view size_line, TakeLine(rest, "the checkpoint's size"));
  URNA_ASSIGN_OR_RETURN(const absl::string_view root_line, TakeLine(rest, "the checkpoint's root"));
  if (!rest.empty()) {
    return absl::InvalidArgumentError("checkpoint: there is something after the root");
  }
  const absl::StatusOr<uint64_t> size = ParseDecimal(size_line, kMaxTreeSize);
  if (!size.ok()) return Annotate(size.status(), "checkpoint: size");
  const absl::StatusOr<Hash> root = ParseBase64Hash(root_line);
  if (!root.ok()) return Annotate(root.status(), "checkpoint: root");
  return Create(origin, *size, *root);
}

std::string Checkpoint::Body() const {
  return absl::StrCat(origin_, "\n", size_, "\n", ToBase64(root_), "\n");
}

absl::StatusOr<std::string> SignCheckpoint(const Checkpoint& checkpoint, const NoteSigner& signer) {
  if (signer.verifier().name() != checkpoint.origin()) {
    return absl::InvalidArgumentError(absl::StrCat("checkpoint of '", checkpoint.origin(),
                                                   "' cannot be signed as '",
                                                   signer.verifier().name(), "'"));
  }
  return SignNote(checkpoint.Body(), signer);
}

absl::StatusOr<Checkpoint> OpenCheckpoint(ByteSpan note, const NoteVerifier& log,
                                          OtherSignatures others) {
  URNA_ASSIGN_OR_RETURN(const OpenedNote opened, OpenNote(note, {&log, 1}));
  if (others == OtherSignatures::kRefused && !opened.unknown.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("checkpoint: has a signature line of '",
                                                   opened.unknown.front().name,
                                                   "' beside the log's"));
  }
  URNA_ASSIGN_OR_RETURN(Checkpoint checkpoint, Checkpoint::Parse(opened.note.text()));
  if (checkpoint.origin() != log.name()) {
    return absl::InvalidArgumentError(
        absl::StrCat("checkpoint: is of '", checkpoint.origin(), "', not of '", log.name(), "'"));
  }
  return checkpoint;
}

}  // namespace urna::merkle
