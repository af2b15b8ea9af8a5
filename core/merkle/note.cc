#include "core/merkle/note.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/codec.h"
#include "core/base/status.h"
#include "core/base/utf8.h"
#include "core/merkle/text.h"

namespace urna::merkle {
namespace {

constexpr absl::string_view kSignaturePrefix = "\u2014 ";

// UTF-8 without control characters below U+0020 other than newline.
bool IsNoteText(absl::string_view text) {
  return IsUtf8Text(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 && c != '\n';
         });
}

}  // namespace

std::string NoteSignature::Line() const {
  Writer writer;
  writer.U32(key_id);
  writer.Raw(signature);
  return absl::StrCat(kSignaturePrefix, name, " ", ToBase64(writer.bytes()), "\n");
}

absl::StatusOr<NoteSignature> NoteSignature::ParseLine(absl::string_view line) {
  if (!absl::ConsumePrefix(&line, kSignaturePrefix)) {
    return absl::InvalidArgumentError("a signature line must begin with a dash and a space");
  }
  const size_t space = line.find(' ');
  if (space == absl::string_view::npos) {
    return absl::InvalidArgumentError("a signature line must have a name and a signature");
  }
  NoteSignature out;
  out.name = std::string(line.substr(0, space));
  URNA_ASSIGN_OR_RETURN(const Bytes bytes, FromBase64(line.substr(space + 1)));
  Reader reader(bytes);
  URNA_ASSIGN_OR_RETURN(out.key_id, reader.U32("key ID"));
  URNA_ASSIGN_OR_RETURN(const ByteSpan signature, reader.Raw(reader.remaining(), "signature"));
  out.signature = ToBytes(signature);
  return out;
}

Note::Note(std::string text, std::vector<NoteSignature> signatures)
    : text_(std::move(text)), signatures_(std::move(signatures)) {}

absl::StatusOr<Note> Note::Create(absl::string_view text, std::vector<NoteSignature> signatures) {
  if (text.empty() || text.back() != '\n') {
    return absl::InvalidArgumentError("the text of a note must end in a newline");
  }
  if (!IsNoteText(text)) {
    return absl::InvalidArgumentError(
        "the text of a note must be UTF-8 without control characters");
  }
  if (signatures.empty() || signatures.size() > kMaxNoteSignatures) {
    return absl::InvalidArgumentError(absl::StrCat("a note must have 1 to ", kMaxNoteSignatures,
                                                   " signatures, not ", signatures.size()));
  }
  for (const NoteSignature& signature : signatures) {
    if (!IsKeyName(signature.name)) {
      return absl::InvalidArgumentError("a note has a signature under a name that is no key name");
    }
    if (signature.signature.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the signature of '", signature.name, "' is empty"));
    }
  }
  Note note(std::string(text), std::move(signatures));
  if (note.Serialize().size() > kMaxNoteSize) {
    return absl::InvalidArgumentError(absl::StrCat("a note of more than ", kMaxNoteSize, " bytes"));
  }
  return note;
}

absl::StatusOr<Note> Note::Parse(ByteSpan bytes) {
  if (bytes.size() > kMaxNoteSize) {
    return absl::InvalidArgumentError(absl::StrCat("a note of more than ", kMaxNoteSize, " bytes"));
  }
  const absl::string_view whole = AsText(bytes);
  const size_t split = whole.rfind("\n\n");
  if (split == absl::string_view::npos) {
    return absl::InvalidArgumentError("a note must have an empty line before its signatures");
  }
  absl::string_view lines = whole.substr(split + 2);
  std::vector<NoteSignature> signatures;
  while (!lines.empty()) {
    if (signatures.size() == kMaxNoteSignatures) {
      return absl::InvalidArgumentError(
          absl::StrCat("a note must have at most ", kMaxNoteSignatures, " signatures"));
    }
    URNA_ASSIGN_OR_RETURN(const absl::string_view line, TakeLine(lines, "a whole signature"));
    absl::StatusOr<NoteSignature> signature = NoteSignature::ParseLine(line);
    if (!signature.ok()) {
      return Annotate(signature.status(),
                      absl::StrCat("signature line ", signatures.size() + 1, " of a note"));
    }
    signatures.push_back(*std::move(signature));
  }
  return Create(whole.substr(0, split + 1), std::move(signatures));
}

std::string Note::Serialize() const {
  std::string out = absl::StrCat(text_, "\n");
  for (const NoteSignature& signature : signatures_) out += signature.Line();
  return out;
}

NoteVerifier::NoteVerifier(VerifierKey key) : key_(std::move(key)) {}

absl::StatusOr<NoteVerifier> NoteVerifier::Create(absl::string_view name,
                                                  const crypto::VerifyKey& key) {
  URNA_ASSIGN_OR_RETURN(VerifierKey verifier_key, VerifierKey::Create(name, kEd25519KeyType, key));
  return NoteVerifier(std::move(verifier_key));
}

absl::StatusOr<NoteVerifier> NoteVerifier::Parse(absl::string_view vkey) {
  URNA_ASSIGN_OR_RETURN(VerifierKey key, VerifierKey::Parse(vkey, kEd25519KeyType));
  return NoteVerifier(std::move(key));
}

bool NoteVerifier::Matches(const NoteSignature& signature) const {
  return signature.key_id == key_id() && signature.name == name();
}

bool NoteVerifier::Verify(absl::string_view text, const NoteSignature& signature) const {
  if (!Matches(signature)) return false;
  const absl::StatusOr<crypto::Signature> bytes = ToArray<64>(signature.signature);
  return bytes.ok() && key().Verify(AsBytes(text), *bytes).ok();
}

NoteSigner::NoteSigner(NoteVerifier verifier, crypto::SigningKey key)
    : verifier_(std::move(verifier)), key_(std::move(key)) {}

absl::StatusOr<NoteSigner> NoteSigner::Create(absl::string_view name, crypto::SigningKey key) {
  URNA_ASSIGN_OR_RETURN(NoteVerifier verifier, NoteVerifier::Create(name, key.public_key()));
  return NoteSigner(std::move(verifier), std::move(key));
}

NoteSignature NoteSigner::Sign(absl::string_view text) const {
  return {verifier_.name(), verifier_.key_id(), ToBytes(key_.Sign(AsBytes(text)))};
}

absl::StatusOr<std::string> SignNote(absl::string_view text, const NoteSigner& signer) {
  URNA_ASSIGN_OR_RETURN(const Note note, Note::Create(text, {signer.Sign(text)}));
  return note.Serialize();
}

absl::StatusOr<OpenedNote> OpenNote(ByteSpan bytes, std::span<const NoteVerifier> verifiers) {
  std::set<std::pair<std::string, uint32_t>> known;
  for (const NoteVerifier& verifier : verifiers) {
    if (!known.emplace(verifier.name(), verifier.key_id()).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("two verifier keys '", verifier.name(), "' with the same key ID"));
    }
  }
  URNA_ASSIGN_OR_RETURN(Note note, Note::Parse(bytes));
  OpenedNote out{std::move(note), {}, {}};
  for (const NoteSignature& signature : out.note.signatures()) {
    const auto verifier =
        std::find_if(verifiers.begin(), verifiers.end(),
                     [&signature](const NoteVerifier& v) { return v.Matches(signature); });
    if (verifier == verifiers.end()) {
      out.unknown.push_back(signature);
      continue;
    }
    if (known.erase({signature.name, signature.key_id}) == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("a note has two signatures by '", signature.name, "'"));
    }
    if (!verifier->Verify(out.note.text(), signature)) {
      return absl::PermissionDeniedError(
          absl::StrCat("the signature by '", signature.name, "' does not verify"));
    }
    out.verified.push_back(signature);
  }
  if (out.verified.empty()) {
    return absl::PermissionDeniedError("a note is not signed by any known key");
  }
  return out;
}

}  // namespace urna::merkle
