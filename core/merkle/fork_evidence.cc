#include "core/merkle/fork_evidence.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/status.h"
#include "core/merkle/proof.h"
#include "core/merkle/text.h"

namespace urna::merkle {
namespace {

constexpr absl::string_view kFirstLine = "urna/1/fork-evidence";

absl::Status Malformed(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("fork evidence: ", why));
}

// Takes a note off the front: its text, an empty line and signature lines up to the next empty one.
absl::StatusOr<absl::string_view> TakeNote(absl::string_view& rest) {
  const size_t text = rest.find("\n\n");
  const size_t end = text == absl::string_view::npos ? text : rest.find("\n\n", text + 2);
  if (end == absl::string_view::npos) return Malformed("no two checkpoints");
  const absl::string_view note = rest.substr(0, end + 1);
  rest.remove_prefix(end + 2);
  return note;
}

// The checkpoint that a note with one signature line states.
absl::StatusOr<Checkpoint> ReadNote(absl::string_view bytes) {
  const absl::StatusOr<Note> note = Note::Parse(AsBytes(bytes));
  if (!note.ok()) return Annotate(note.status(), "fork evidence");
  if (note->signatures().size() != 1) return Malformed("a checkpoint with more than one signature");
  absl::StatusOr<Checkpoint> checkpoint = Checkpoint::Parse(note->text());
  if (!checkpoint.ok()) return Annotate(checkpoint.status(), "fork evidence");
  return checkpoint;
}

// The note with the log's line alone.
absl::StatusOr<std::string> OnlyTheLogs(ByteSpan bytes, const NoteVerifier& log) {
  URNA_ASSIGN_OR_RETURN(const OpenedNote opened, OpenNote(bytes, {&log, 1}));
  URNA_ASSIGN_OR_RETURN(const Note note, Note::Create(opened.note.text(), opened.verified));
  return note.Serialize();
}

}  // namespace

ForkEvidence::ForkEvidence(std::string smaller_note, Checkpoint smaller, std::string larger_note,
                           Checkpoint larger, const Hash& prefix, std::vector<Hash> proof)
    : smaller_note_(std::move(smaller_note)),
      smaller_(std::move(smaller)),
      larger_note_(std::move(larger_note)),
      larger_(std::move(larger)),
      prefix_(prefix),
      proof_(std::move(proof)) {}

absl::StatusOr<ForkEvidence> ForkEvidence::FromNotes(absl::string_view smaller_note,
                                                     absl::string_view larger_note,
                                                     const Hash& prefix, std::vector<Hash> proof) {
  if (proof.size() > kMaxProofHashes) {
    return Malformed(absl::StrCat("more than ", kMaxProofHashes, " hashes"));
  }
  URNA_ASSIGN_OR_RETURN(Checkpoint smaller, ReadNote(smaller_note));
  URNA_ASSIGN_OR_RETURN(Checkpoint larger, ReadNote(larger_note));
  const bool ordered = smaller.size() < larger.size() ||
                       (smaller.size() == larger.size() && smaller.root() < larger.root());
  if (!ordered) return Malformed("its checkpoints are not in order");
  ForkEvidence evidence(std::string(smaller_note), std::move(smaller), std::string(larger_note),
                        std::move(larger), prefix, std::move(proof));
  if (evidence.Serialize().size() > kMaxForkEvidenceSize) {
    return Malformed(absl::StrCat("more than ", kMaxForkEvidenceSize, " bytes"));
  }
  return evidence;
}

absl::StatusOr<ForkEvidence> ForkEvidence::Create(ByteSpan smaller_note, ByteSpan larger_note,
                                                  const Hash& prefix, std::vector<Hash> proof,
                                                  const NoteVerifier& log) {
  URNA_ASSIGN_OR_RETURN(const std::string smaller, OnlyTheLogs(smaller_note, log));
  URNA_ASSIGN_OR_RETURN(const std::string larger, OnlyTheLogs(larger_note, log));
  URNA_ASSIGN_OR_RETURN(ForkEvidence evidence,
                        FromNotes(smaller, larger, prefix, std::move(proof)));
  URNA_RETURN_IF_ERROR(evidence.Verify(log));
  return evidence;
}

absl::StatusOr<ForkEvidence> ForkEvidence::OfOneSize(ByteSpan one_note, ByteSpan other_note,
                                                     const NoteVerifier& log) {
  URNA_ASSIGN_OR_RETURN(const Checkpoint one,
                        OpenCheckpoint(one_note, log, OtherSignatures::kIgnored));
  URNA_ASSIGN_OR_RETURN(const Checkpoint other,
                        OpenCheckpoint(other_note, log, OtherSignatures::kIgnored));
  if (one.root() < other.root()) return Create(one_note, other_note, other.root(), {}, log);
  return Create(other_note, one_note, one.root(), {}, log);
}

absl::StatusOr<ForkEvidence> ForkEvidence::Parse(ByteSpan bytes) {
  if (bytes.size() > kMaxForkEvidenceSize) {
    return Malformed(absl::StrCat("more than ", kMaxForkEvidenceSize, " bytes"));
  }
  absl::string_view rest = AsText(bytes);
  const absl::StatusOr<absl::string_view> first = TakeLine(rest, "the format");
  if (!first.ok() || *first != kFirstLine) {
    return Malformed(absl::StrCat("does not begin with ", kFirstLine));
  }
  absl::StatusOr<absl::string_view> line = TakeLine(rest, "the prefix");
  if (!line.ok() || !absl::ConsumePrefix(&*line, "prefix ")) {
    return Malformed("no prefix where it belongs");
  }
  const absl::StatusOr<Hash> prefix = ParseBase64Hash(*line);
  if (!prefix.ok()) return Annotate(prefix.status(), "fork evidence: prefix");
  std::vector<Hash> proof;
  while (true) {
    line = TakeLine(rest, "the end of the hashes");
    if (!line.ok()) return Annotate(line.status(), "fork evidence");
    if (line->empty()) break;
    if (proof.size() == kMaxProofHashes) {
      return Malformed(absl::StrCat("more than ", kMaxProofHashes, " hashes"));
    }
    const absl::StatusOr<Hash> hash = ParseBase64Hash(*line);
    if (!hash.ok()) {
      return Annotate(hash.status(), absl::StrCat("fork evidence: hash ", proof.size() + 1));
    }
    proof.push_back(*hash);
  }
  URNA_ASSIGN_OR_RETURN(const absl::string_view smaller_note, TakeNote(rest));
  return FromNotes(smaller_note, rest, *prefix, std::move(proof));
}

absl::Status ForkEvidence::Verify(const NoteVerifier& log) const {
  for (const std::string* note : {&smaller_note_, &larger_note_}) {
    URNA_RETURN_IF_ERROR(Annotate(
        OpenCheckpoint(AsBytes(*note), log, OtherSignatures::kRefused).status(), "fork evidence"));
  }
  URNA_RETURN_IF_ERROR(
      Annotate(VerifyConsistency(smaller_.size(), prefix_, larger_.size(), larger_.root(), proof_),
               "fork evidence"));
  if (prefix_ == smaller_.root()) {
    return Malformed("the larger tree begins with the smaller one: no contradiction");
  }
  return absl::OkStatus();
}

std::string ForkEvidence::Serialize() const {
  std::string out = absl::StrCat(kFirstLine, "\nprefix ", ToBase64(prefix_), "\n");
  for (const Hash& hash : proof_) absl::StrAppend(&out, ToBase64(hash), "\n");
  absl::StrAppend(&out, "\n", smaller_note_, "\n", larger_note_);
  return out;
}

}  // namespace urna::merkle
