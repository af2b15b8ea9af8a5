// The text formats of logs and witnesses: the first byte says which; whatever is read is written as
// the same bytes again.
#include <algorithm>
#include <string>
#include <variant>

#include "core/crypto/sodium_init.h"
#include "core/merkle/add_checkpoint.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/cosignature.h"
#include "core/merkle/fork_evidence.h"
#include "core/merkle/note.h"
#include "core/merkle/tile.h"
#include "core/merkle/tlog_proof.h"
#include "core/merkle/witness_policy.h"
#include "tests/fuzz/require.h"

namespace {

using namespace urna;  // NOLINT: a program, not a header
using testing::Require;
using testing::Text;

void ReadNote(ByteSpan bytes) {
  const auto note = merkle::Note::Parse(bytes);
  if (!note.ok()) return;
  Require(note->Serialize() == Text(bytes), "a note has one form");
  for (const merkle::NoteSignature& signature : note->signatures()) {
    std::string line = signature.Line();
    line.pop_back();
    const auto again = merkle::NoteSignature::ParseLine(line);
    Require(again.ok() && *again == signature, "a signature's line reads as it");
  }
  if (const auto checkpoint = merkle::Checkpoint::Parse(note->text()); checkpoint.ok()) {
    Require(checkpoint->Body() == note->text(), "a checkpoint has one form");
  }
}

void ReadProof(ByteSpan bytes) {
  const auto proof = merkle::TlogProof::Parse(bytes);
  if (!proof.ok()) return;
  Require(proof->Serialize() == Text(bytes), "a proof has one form");
  Require(proof->index() < proof->unverified_checkpoint().size(), "its entry is in the tree");
}

void ReadRequest(ByteSpan bytes) {
  const auto request = merkle::AddCheckpointRequest::Parse(bytes);
  if (!request.ok()) return;
  Require(request->Serialize() == Text(bytes), "a request to a witness has one form");
  Require(request->old_size() <= request->unverified_checkpoint().size(), "the tree has grown");
}

// The first byte is the reply's code, near one that means something.
void ReadReply(ByteSpan bytes) {
  static const auto signer =
      merkle::CosignatureSigner::Create("w", crypto::SigningKey::FromSeed(Bytes(32, 1)).value());
  static const auto request = merkle::AddCheckpointRequest::Create(
      3, {}, "log\n3\n" + ToBase64(merkle::Hash{}) + "\n\n\u2014 log AAAAAAA=\n");
  if (bytes.empty()) return;
  constexpr int kCodes[] = {200, 400, 403, 404, 409, 422, 503};
  const int code = kCodes[bytes[0] % std::size(kCodes)];
  const std::string body(Text(bytes.subspan(1)));
  for (const absl::string_view type : {merkle::kTreeSizeType, absl::string_view("text/plain")}) {
    const auto answer = merkle::ReadAddCheckpointReply({code, std::string(type), body}, *request,
                                                       signer->verifier());
    if (!answer.ok()) continue;
    if (const auto* cosigned = std::get_if<merkle::Cosigned>(&*answer)) {
      const auto line = signer->Sign(request->unverified_checkpoint().Body(), cosigned->time);
      Require(code == 200 && *line == cosigned->line, "what is believed was cosigned");
    }
  }
}

void ReadEvidence(ByteSpan bytes) {
  const auto evidence = merkle::ForkEvidence::Parse(bytes);
  if (!evidence.ok()) return;
  Require(evidence->Serialize() == Text(bytes), "evidence has one form");
  Require(evidence->smaller().size() <= evidence->larger().size(), "the smaller tree comes first");
}

void ReadPolicy(ByteSpan bytes) {
  const auto policy = merkle::WitnessPolicy::Parse(Text(bytes));
  if (!policy.ok()) return;
  const std::string written = policy->ToText();
  const auto again = merkle::WitnessPolicy::Parse(written);
  Require(again.ok() && *again == *policy, "a witness policy that was written reads as it");
  const merkle::Witnessing none =
      policy->Weigh(std::vector<std::optional<uint64_t>>(policy->witnesses().size()));
  Require(none.quorum_met != policy->has_quorum(), "nobody's cosignatures meet no quorum");
}

void ReadKeys(ByteSpan bytes) {
  const absl::string_view text = Text(bytes);
  if (const auto key = merkle::NoteVerifier::Parse(text); key.ok()) {
    Require(key->vkey() == text, "a verifier key has one form");
  }
  if (const auto key = merkle::CosignatureVerifier::Parse(text); key.ok()) {
    Require(key->vkey() == text, "a witness's key has one form");
  }
}

void ReadTile(ByteSpan bytes) {
  if (const auto tile = merkle::TileId::ParsePath(Text(bytes)); tile.ok()) {
    Require(tile->Path() == Text(bytes), "a tile has one path");
  }
  if (bytes.empty()) return;
  const uint32_t width = 1 + bytes[0];
  const ByteSpan contents = bytes.subspan(1);
  if (const auto entries = merkle::ParseEntryBundle(contents, width); entries.ok()) {
    const auto again = merkle::EncodeEntryBundle(std::span<const ByteSpan>(*entries));
    Require(again.ok() && std::ranges::equal(*again, contents), "a bundle has one form");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bool started = crypto::InitializeCrypto().ok();
  Require(started, "libsodium starts");
  if (size == 0) return 0;
  const ByteSpan rest(data + 1, size - 1);
  constexpr void (*kReaders[])(ByteSpan) = {ReadNote, ReadProof, ReadRequest, ReadPolicy,
                                            ReadKeys, ReadTile,  ReadReply,   ReadEvidence};
  kReaders[data[0] % std::size(kReaders)](rest);
  return 0;
}
