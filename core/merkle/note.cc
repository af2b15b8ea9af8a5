#include "core/merkle/note.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/codec.h"
#include "core/base/status.h"
#include "core/base/utf8.h"
#include "core/crypto/hash.h"
#include "core/merkle/text.h"

namespace urna::merkle {
namespace {

constexpr absl::string_view kSignaturePrefix = "\u2014 ";
constexpr size_t kKeyIdSize = 4;

// UTF-8 without control characters below U+0020 other than newline.
bool IsNoteText(absl::string_view text) {
  return IsUtf8Text(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 && c != '\n';
         });
}

Bytes KeyIdBytes(uint32_t key_id) {
  Writer writer;
  writer.U32(key_id);
  return writer.Take();
}

std::string SignatureLine(const NoteSignature& signature) {
  Writer writer;
  writer.U32(signature.key_id);
  writer.Raw(signature.signature);
  return absl::StrCat(kSignaturePrefix, signature.name, " ", ToBase64(writer.bytes()), "\n");
}

absl::StatusOr<NoteSignature> ParseSignatureLine(absl::string_view line) {
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

}  // namespace

bool IsKeyName(absl::string_view name) {
  if (name.empty()) return false;
  while (!name.empty()) {
    const std::optional<char32_t> character = TakeUtf8Character(name);
    if (!character || *character < 0x20 || *character == U'+' || IsUnicodeSpace(*character)) {
      return false;
    }
  }
  return true;
}

uint32_t KeyId(absl::string_view name, uint8_t type, ByteSpan public_key) {
  Writer input;
  input.Raw(AsBytes(name));
  input.U8('\n');
  input.U8(type);
  input.Raw(public_key);
  const std::array<uint8_t, 32> hash = crypto::Sha256(input.bytes());
  return static_cast<uint32_t>(hash[0]) << 24 | static_cast<uint32_t>(hash[1]) << 16 |
         static_cast<uint32_t>(hash[2]) << 8 | hash[3];
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
    absl::StatusOr<NoteSignature> signature = ParseSignatureLine(line);
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
  for (const NoteSignature& signature : signatures_) out += SignatureLine(signature);
  return out;
}

NoteVerifier::NoteVerifier(std::string name, const crypto::VerifyKey& key)
    : name_(std::move(name)), key_(key), key_id_(KeyId(name_, kEd25519KeyType, key_.bytes())) {}

absl::StatusOr<NoteVerifier> NoteVerifier::Create(absl::string_view name,
                                                  const crypto::VerifyKey& key) {
  if (!IsKeyName(name)) {
    return absl::InvalidArgumentError("a key name must be UTF-8 without spaces and '+'");
  }
  return NoteVerifier(std::string(name), key);
}

absl::StatusOr<NoteVerifier> NoteVerifier::Parse(absl::string_view vkey) {
  const size_t first = vkey.find('+');
  const size_t second = first == absl::string_view::npos ? first : vkey.find('+', first + 1);
  if (second == absl::string_view::npos) {
    return absl::InvalidArgumentError("a verifier key must be name+key ID+key");
  }
  const absl::string_view name = vkey.substr(0, first);
  const auto annotated = [&name](const absl::Status& status) {
    return Annotate(status, absl::StrCat("verifier key '", name, "'"));
  };
  const absl::StatusOr<Bytes> key_id = FromHex(vkey.substr(first + 1, second - first - 1));
  if (!key_id.ok()) return annotated(key_id.status());
  const absl::StatusOr<Bytes> typed_key = FromBase64(vkey.substr(second + 1));
  if (!typed_key.ok()) return annotated(typed_key.status());
  if (typed_key->empty() || typed_key->front() != kEd25519KeyType) {
    return annotated(absl::InvalidArgumentError("not an Ed25519 key (type 0x01)"));
  }
  const absl::StatusOr<crypto::VerifyKey> key =
      crypto::VerifyKey::Decode(ByteSpan(*typed_key).subspan(1));
  if (!key.ok()) return annotated(key.status());
  absl::StatusOr<NoteVerifier> verifier = Create(name, *key);
  if (!verifier.ok()) return annotated(verifier.status());
  if (*key_id != KeyIdBytes(verifier->key_id())) {
    return annotated(absl::InvalidArgumentError("the key ID is not that of the key"));
  }
  return verifier;
}

std::string NoteVerifier::vkey() const {
  Writer typed_key;
  typed_key.U8(kEd25519KeyType);
  typed_key.Raw(key_.bytes());
  return absl::StrCat(name_, "+", ToHex(KeyIdBytes(key_id_)), "+", ToBase64(typed_key.bytes()));
}

bool NoteVerifier::Matches(const NoteSignature& signature) const {
  return signature.key_id == key_id_ && signature.name == name_;
}

bool NoteVerifier::Verify(absl::string_view text, const NoteSignature& signature) const {
  if (!Matches(signature)) return false;
  const absl::StatusOr<crypto::Signature> bytes = ToArray<64>(signature.signature);
  return bytes.ok() && key_.Verify(AsBytes(text), *bytes).ok();
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
