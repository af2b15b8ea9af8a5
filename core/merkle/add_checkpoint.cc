#include "core/merkle/add_checkpoint.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/status.h"
#include "core/merkle/proof.h"
#include "core/merkle/text.h"

namespace urna::merkle {
namespace {

constexpr size_t kSaidAtMost = 200;  // characters of what a witness says that are repeated

absl::Status TooLong() {
  return absl::InvalidArgumentError(
      absl::StrCat("add-checkpoint: a request of more than ", kMaxAddCheckpointSize, " bytes"));
}

absl::Status TooManyHashes() {
  return absl::InvalidArgumentError(
      absl::StrCat("add-checkpoint: more than ", kMaxAddCheckpointHashes, " hashes"));
}

// A checkpoint but for its root: a tree without leaves has only one.
bool HasLeaflessTreeWithRoot(absl::string_view text) {
  const absl::StatusOr<absl::string_view> origin = TakeLine(text, "the origin");
  const absl::StatusOr<absl::string_view> size = TakeLine(text, "the size");
  const absl::StatusOr<absl::string_view> root = TakeLine(text, "the root");
  if (!origin.ok() || !size.ok() || !root.ok() || !text.empty() || *size != "0") return false;
  const absl::StatusOr<Hash> hash = ParseBase64Hash(*root);
  return hash.ok() && *hash != EmptyRoot() && IsKeyName(*origin);
}

// The media type without parameters, which are of no matter here.
bool IsTreeSizeType(absl::string_view content_type) {
  return absl::EqualsIgnoreCase(
      absl::StripAsciiWhitespace(content_type.substr(0, content_type.find(';'))), kTreeSizeType);
}

// A witness's words, fit for a sentence of ours.
std::string Said(const AddCheckpointReply& reply) {
  std::string said = absl::StrCat("it answered ", reply.code);
  const absl::string_view first =
      absl::string_view(reply.body).substr(0, reply.body.find('\n')).substr(0, kSaidAtMost);
  if (first.empty()) return said;
  absl::StrAppend(&said, ": '");
  for (const char c : first) said.push_back(absl::ascii_isprint(c) ? c : '?');
  said.push_back('\'');
  return said;
}

absl::StatusOr<WitnessAnswer> ReadCosigned(absl::string_view body,
                                           const AddCheckpointRequest& request,
                                           const CosignatureVerifier& witness) {
  std::optional<Cosigned> cosigned;
  const std::string text = request.unverified_checkpoint().Body();
  for (size_t lines = 1; !body.empty(); ++lines) {
    if (lines > kMaxNoteSignatures) {
      return absl::InvalidArgumentError(
          absl::StrCat("it sent more than ", kMaxNoteSignatures, " signatures"));
    }
    URNA_ASSIGN_OR_RETURN(const absl::string_view line, TakeLine(body, "a whole signature"));
    URNA_ASSIGN_OR_RETURN(NoteSignature signature, NoteSignature::ParseLine(line));
    if (!witness.Matches(signature)) continue;
    if (cosigned) return absl::InvalidArgumentError("it sent two cosignatures by its key");
    URNA_ASSIGN_OR_RETURN(const uint64_t time, witness.Verify(text, signature));
    cosigned = Cosigned{std::move(signature), time};
  }
  if (!cosigned) return absl::InvalidArgumentError("it sent no cosignature by its key");
  return WitnessAnswer(*std::move(cosigned));
}

absl::StatusOr<WitnessAnswer> ReadOtherSize(absl::string_view body,
                                            const AddCheckpointRequest& request) {
  URNA_ASSIGN_OR_RETURN(const absl::string_view line, TakeLine(body, "the size it knows"));
  const absl::StatusOr<uint64_t> size = ParseDecimal(line, kMaxTreeSize);
  if (!size.ok()) return Annotate(size.status(), "the size it knows");
  if (!body.empty()) return absl::InvalidArgumentError("it sent something after the size it knows");
  if (*size == request.old_size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("it refused size ", *size, " and says that it knows this size"));
  }
  return WitnessAnswer(KnowsOtherSize{*size});
}

absl::StatusOr<WitnessAnswer> ReadFork(const AddCheckpointReply& reply,
                                       const AddCheckpointRequest& request) {
  if (request.old_size() > 0) return WitnessAnswer(ForkAlarm{});
  return absl::InvalidArgumentError(
      absl::StrCat("every tree continues the one without leaves, but ", Said(reply)));
}

absl::StatusOr<WitnessAnswer> ReadReply(const AddCheckpointReply& reply,
                                        const AddCheckpointRequest& request,
                                        const CosignatureVerifier& witness) {
  if (reply.body.size() > kMaxAddCheckpointReplySize) {
    return absl::InvalidArgumentError(
        absl::StrCat("it sent more than ", kMaxAddCheckpointReplySize, " bytes"));
  }
  switch (reply.code) {
    case 200:
      return ReadCosigned(reply.body, request, witness);
    case 400:
      return absl::InvalidArgumentError(Said(reply));
    case 403:
      return absl::PermissionDeniedError(
          absl::StrCat("it knows another key of the log: ", Said(reply)));
    case 404:
      return absl::NotFoundError(absl::StrCat("it does not watch the log: ", Said(reply)));
    case 409:
      if (IsTreeSizeType(reply.content_type)) return ReadOtherSize(reply.body, request);
      return ReadFork(reply, request);
    case 422:
      return ReadFork(reply, request);
    default:
      return absl::UnavailableError(Said(reply));
  }
}

}  // namespace

std::string AddCheckpointUrl(absl::string_view witness_url) {
  absl::ConsumeSuffix(&witness_url, "/");
  return absl::StrCat(witness_url, "/add-checkpoint");
}

AddCheckpointRequest::AddCheckpointRequest(uint64_t old_size, std::vector<Hash> proof,
                                           absl::string_view checkpoint_note, Checkpoint checkpoint)
    : old_size_(old_size),
      proof_(std::move(proof)),
      checkpoint_note_(checkpoint_note),
      checkpoint_(std::move(checkpoint)) {}

absl::StatusOr<AddCheckpointRequest> AddCheckpointRequest::Create(
    uint64_t old_size, std::vector<Hash> proof, absl::string_view checkpoint_note) {
  if (proof.size() > kMaxAddCheckpointHashes) return TooManyHashes();
  const absl::StatusOr<Note> note = Note::Parse(AsBytes(checkpoint_note));
  if (!note.ok()) return Annotate(note.status(), "add-checkpoint");
  absl::StatusOr<Checkpoint> checkpoint = Checkpoint::Parse(note->text());
  if (!checkpoint.ok()) {
    if (HasLeaflessTreeWithRoot(note->text())) {
      return absl::FailedPreconditionError(
          absl::StrCat("add-checkpoint: ", checkpoint.status().message()));
    }
    return Annotate(checkpoint.status(), "add-checkpoint");
  }
  if (old_size > checkpoint->size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("add-checkpoint: from ", old_size, " leaves to fewer, ", checkpoint->size()));
  }
  AddCheckpointRequest request(old_size, std::move(proof), checkpoint_note, *std::move(checkpoint));
  if (request.Serialize().size() > kMaxAddCheckpointSize) return TooLong();
  return request;
}

absl::StatusOr<AddCheckpointRequest> AddCheckpointRequest::Parse(ByteSpan body) {
  if (body.size() > kMaxAddCheckpointSize) return TooLong();
  absl::string_view rest = AsText(body);
  absl::StatusOr<absl::string_view> line = TakeLine(rest, "the old size");
  if (!line.ok()) return Annotate(line.status(), "add-checkpoint");
  if (!absl::ConsumePrefix(&*line, "old ")) {
    return absl::InvalidArgumentError("add-checkpoint: does not begin with 'old '");
  }
  const absl::StatusOr<uint64_t> old_size = ParseDecimal(*line, kMaxTreeSize);
  if (!old_size.ok()) return Annotate(old_size.status(), "add-checkpoint: old size");
  std::vector<Hash> proof;
  while (true) {
    line = TakeLine(rest, "the end of the hashes");
    if (!line.ok()) return Annotate(line.status(), "add-checkpoint");
    if (line->empty()) break;
    if (proof.size() == kMaxAddCheckpointHashes) return TooManyHashes();
    const absl::StatusOr<Hash> hash = ParseBase64Hash(*line);
    if (!hash.ok()) {
      return Annotate(hash.status(), absl::StrCat("add-checkpoint: hash ", proof.size() + 1));
    }
    proof.push_back(*hash);
  }
  return Create(*old_size, std::move(proof), rest);
}

absl::Status AddCheckpointRequest::VerifyProof(const Hash& old_root) const {
  return VerifyConsistency(old_size_, old_root, checkpoint_.size(), checkpoint_.root(), proof_);
}

std::string AddCheckpointRequest::Serialize() const {
  std::string out = absl::StrCat("old ", old_size_, "\n");
  for (const Hash& hash : proof_) absl::StrAppend(&out, ToBase64(hash), "\n");
  absl::StrAppend(&out, "\n", checkpoint_note_);
  return out;
}

absl::StatusOr<WitnessAnswer> ReadAddCheckpointReply(const AddCheckpointReply& reply,
                                                     const AddCheckpointRequest& request,
                                                     const CosignatureVerifier& witness) {
  absl::StatusOr<WitnessAnswer> answer = ReadReply(reply, request, witness);
  if (!answer.ok()) {
    return Annotate(answer.status(), absl::StrCat("witness '", witness.name(), "'"));
  }
  return answer;
}

}  // namespace urna::merkle
