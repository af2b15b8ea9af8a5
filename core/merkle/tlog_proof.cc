#include "core/merkle/tlog_proof.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/status.h"
#include "core/merkle/proof.h"
#include "core/merkle/text.h"

namespace urna::merkle {
namespace {

constexpr absl::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr size_t kMaxExtraSize = 65535;

}  // namespace

TlogProof::TlogProof(uint64_t index, std::vector<Hash> hashes, absl::string_view checkpoint_note,
                     Checkpoint checkpoint, std::optional<Bytes> extra)
    : index_(index),
      hashes_(std::move(hashes)),
      checkpoint_note_(checkpoint_note),
      checkpoint_(std::move(checkpoint)),
      extra_(std::move(extra)) {}

absl::StatusOr<TlogProof> TlogProof::Create(uint64_t index, std::vector<Hash> hashes,
                                            absl::string_view checkpoint_note,
                                            std::optional<Bytes> extra) {
  if (extra && (extra->empty() || extra->size() > kMaxExtraSize)) {
    return absl::InvalidArgumentError(
        absl::StrCat("proof file: extra data of ", extra->size(), " bytes"));
  }
  if (hashes.size() > kMaxProofHashes) {
    return absl::InvalidArgumentError(
        absl::StrCat("proof file: more than ", kMaxProofHashes, " hashes"));
  }
  const absl::StatusOr<Note> note = Note::Parse(AsBytes(checkpoint_note));
  if (!note.ok()) return Annotate(note.status(), "proof file");
  absl::StatusOr<Checkpoint> checkpoint = Checkpoint::Parse(note->text());
  if (!checkpoint.ok()) return Annotate(checkpoint.status(), "proof file");
  if (index >= checkpoint->size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "proof file: entry ", index, " under a checkpoint of ", checkpoint->size(), " entries"));
  }
  return TlogProof(index, std::move(hashes), checkpoint_note, *std::move(checkpoint),
                   std::move(extra));
}

absl::StatusOr<TlogProof> TlogProof::Parse(ByteSpan bytes) {
  if (bytes.size() > kMaxTlogProofSize) {
    return absl::InvalidArgumentError("proof file: too long");
  }
  absl::string_view rest = AsText(bytes);
  URNA_ASSIGN_OR_RETURN(absl::string_view line, TakeLine(rest, "a proof file's format"));
  if (line != kFirstLine) {
    return absl::InvalidArgumentError(absl::StrCat("proof file: does not begin with ", kFirstLine));
  }
  std::optional<Bytes> extra;
  URNA_ASSIGN_OR_RETURN(line, TakeLine(rest, "a proof file's index"));
  if (absl::ConsumePrefix(&line, "extra ")) {
    absl::StatusOr<Bytes> data = FromBase64(line);
    if (!data.ok()) return Annotate(data.status(), "proof file: extra data");
    extra = *std::move(data);
    URNA_ASSIGN_OR_RETURN(line, TakeLine(rest, "a proof file's index"));
  }
  if (!absl::ConsumePrefix(&line, "index ")) {
    return absl::InvalidArgumentError("proof file: no index where it belongs");
  }
  const absl::StatusOr<uint64_t> index = ParseDecimal(line, kMaxTreeSize);
  if (!index.ok()) return Annotate(index.status(), "proof file: index");
  std::vector<Hash> hashes;
  while (true) {
    URNA_ASSIGN_OR_RETURN(line, TakeLine(rest, "the end of a proof file's hashes"));
    if (line.empty()) break;
    if (hashes.size() == kMaxProofHashes) {
      return absl::InvalidArgumentError(
          absl::StrCat("proof file: more than ", kMaxProofHashes, " hashes"));
    }
    const absl::StatusOr<Hash> hash = ParseBase64Hash(line);
    if (!hash.ok()) {
      return Annotate(hash.status(), absl::StrCat("proof file: hash ", hashes.size() + 1));
    }
    hashes.push_back(*hash);
  }
  return Create(*index, std::move(hashes), rest, std::move(extra));
}

std::string TlogProof::Serialize() const {
  std::string out = absl::StrCat(kFirstLine, "\n");
  if (extra_) absl::StrAppend(&out, "extra ", ToBase64(*extra_), "\n");
  absl::StrAppend(&out, "index ", index_, "\n");
  for (const Hash& hash : hashes_) absl::StrAppend(&out, ToBase64(hash), "\n");
  absl::StrAppend(&out, "\n", checkpoint_note_);
  return out;
}

absl::StatusOr<Checkpoint> VerifyReceipt(const Hash& leaf_hash, const TlogProof& receipt,
                                         const NoteVerifier& log, absl::string_view origin) {
  if (receipt.extra()) return absl::InvalidArgumentError("receipt: has extra data");
  absl::StatusOr<Checkpoint> checkpoint =
      OpenCheckpoint(AsBytes(receipt.checkpoint_note()), log, OtherSignatures::kIgnored);
  if (!checkpoint.ok()) return Annotate(checkpoint.status(), "receipt");
  if (checkpoint->origin() != origin) {
    return absl::InvalidArgumentError(
        absl::StrCat("receipt: is of '", checkpoint->origin(), "', not of '", origin, "'"));
  }
  absl::Status included = VerifyInclusion(leaf_hash, receipt.index(), checkpoint->size(),
                                          receipt.hashes(), checkpoint->root());
  if (!included.ok()) return Annotate(included, "receipt");
  return checkpoint;
}

}  // namespace urna::merkle
