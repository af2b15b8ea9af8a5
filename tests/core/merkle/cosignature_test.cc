#include "core/merkle/cosignature.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/merkle/checkpoint.h"
#include "tests/core/merkle/public_checkpoint.h"

namespace urna::merkle {
namespace {

constexpr char kText[] = "example.com/log\n3\nqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=\n";

CosignatureSigner Signer(absl::string_view name, uint8_t seed = 1) {
  return CosignatureSigner::Create(name, crypto::SigningKey::FromSeed(Bytes(32, seed)).value())
      .value();
}

absl::StatusCode CodeOf(const CosignatureVerifier& verifier, absl::string_view text,
                        const NoteSignature& line) {
  return verifier.Verify(text, line).status().code();
}

TEST(CosignatureTest, VerifiesThoseOfPublicWitnesses) {
  const Note note = Note::Parse(AsBytes(kPublicCheckpoint)).value();
  const NoteVerifier log = NoteVerifier::Parse(kPublicLog).value();
  EXPECT_TRUE(OpenCheckpoint(AsBytes(kPublicCheckpoint), log, OtherSignatures::kIgnored).ok());
  size_t verified = 0;
  for (const char* vkey : kPublicWitnesses) {
    const CosignatureVerifier witness = CosignatureVerifier::Parse(vkey).value();
    EXPECT_EQ(witness.vkey(), vkey);
    for (const NoteSignature& line : note.signatures()) {
      if (!witness.Matches(line)) continue;
      EXPECT_EQ(witness.Verify(note.text(), line).value(), kPublicTime) << vkey;
      EXPECT_EQ(
          CodeOf(witness, absl::StrReplaceAll(note.text(), {{"1432088532", "1432088533"}}), line),
          absl::StatusCode::kPermissionDenied);
      ++verified;
    }
  }
  EXPECT_EQ(verified, 4u);
}

TEST(CosignatureTest, SignsTheMessageOfTheSpecification) {
  EXPECT_EQ(CosignedMessage("example.com/behind-the-sofa\n20852163\n"
                            "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
                            1679315147),
            "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
            "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n");
  const CosignatureSigner signer = Signer("witness.example/w");
  const NoteSignature line = signer.Sign(kText, 1700000000).value();
  EXPECT_EQ(line.name, "witness.example/w");
  EXPECT_EQ(line.key_id, KeyId("witness.example/w", 0x04, signer.verifier().key().bytes()));
  ASSERT_EQ(line.signature.size(), kCosignatureSize);
  EXPECT_EQ(ToHex(ByteSpan(line.signature).first(8)), "000000006553f100");
  const crypto::Signature bytes = ToArray<64>(ByteSpan(line.signature).subspan(8)).value();
  EXPECT_TRUE(signer.verifier()
                  .key()
                  .Verify(AsBytes(absl::StrCat("cosignature/v1\ntime 1700000000\n", kText)), bytes)
                  .ok());
  EXPECT_EQ(signer.verifier().Verify(kText, line).value(), 1700000000u);
}

TEST(CosignatureTest, RefusesEveryChangedByte) {
  const CosignatureSigner signer = Signer("w");
  const NoteSignature line = signer.Sign(kText, 1700000000).value();
  for (size_t i = 0; i < line.signature.size(); ++i) {
    NoteSignature changed = line;
    changed.signature[i] ^= 1;
    EXPECT_EQ(CodeOf(signer.verifier(), kText, changed), absl::StatusCode::kPermissionDenied) << i;
  }
  for (const size_t size : {0u, 8u, 64u, 71u, 73u}) {
    NoteSignature changed = line;
    changed.signature.resize(size);
    EXPECT_EQ(CodeOf(signer.verifier(), kText, changed), absl::StatusCode::kPermissionDenied)
        << size;
  }
}

TEST(CosignatureTest, RefusesOtherKeysNamesAndTypes) {
  const CosignatureSigner signer = Signer("w");
  const NoteSignature line = signer.Sign(kText, 5).value();
  EXPECT_FALSE(Signer("w", 2).verifier().Verify(kText, line).ok());
  EXPECT_FALSE(Signer("v").verifier().Verify(kText, line).ok());
  // The same key as a note's signer has another key ID, and signs something else.
  const NoteSigner plain =
      NoteSigner::Create("w", crypto::SigningKey::FromSeed(Bytes(32, 1)).value()).value();
  EXPECT_NE(plain.verifier().key_id(), signer.verifier().key_id());
  NoteSignature note_line = plain.Sign(kText);
  EXPECT_FALSE(signer.verifier().Verify(kText, note_line).ok());
  note_line.key_id = signer.verifier().key_id();
  EXPECT_FALSE(signer.verifier().Verify(kText, note_line).ok());
  EXPECT_FALSE(plain.verifier().Verify(kText, line));
}

TEST(CosignatureTest, HasATimeThatIsOne) {
  const CosignatureSigner signer = Signer("w");
  for (const uint64_t time : {uint64_t{1}, kMaxCosignatureTime}) {
    EXPECT_EQ(signer.verifier().Verify(kText, signer.Sign(kText, time).value()).value(), time);
  }
  const crypto::SigningKey key = crypto::SigningKey::FromSeed(Bytes(32, 1)).value();
  for (const uint64_t time : {uint64_t{0}, kMaxCosignatureTime + 1, ~uint64_t{0}}) {
    EXPECT_EQ(signer.Sign(kText, time).status().code(), absl::StatusCode::kInvalidArgument);
    // A line that somebody else signed over such a time.
    NoteSignature line{"w", signer.verifier().key_id(), {}};
    for (int shift = 56; shift >= 0; shift -= 8) {
      line.signature.push_back(static_cast<uint8_t>(time >> shift));
    }
    const crypto::Signature bytes = key.Sign(AsBytes(CosignedMessage(kText, time)));
    line.signature.insert(line.signature.end(), bytes.begin(), bytes.end());
    EXPECT_EQ(CodeOf(signer.verifier(), kText, line), absl::StatusCode::kPermissionDenied) << time;
  }
}

TEST(CosignatureVerifierTest, HasOneSpelling) {
  const std::string vkey = Signer("witness.example/w").verifier().vkey();
  EXPECT_EQ(CosignatureVerifier::Parse(vkey).value(), Signer("witness.example/w").verifier());
  EXPECT_FALSE(NoteVerifier::Parse(vkey).ok());
  for (size_t i = 0; i < vkey.size(); ++i) {
    EXPECT_FALSE(CosignatureVerifier::Parse(vkey.substr(0, i)).ok()) << i;
    std::string changed = vkey;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(CosignatureVerifier::Parse(changed).ok()) << changed;
  }
  const NoteVerifier plain = NoteVerifier::Create("w", Signer("w").verifier().key()).value();
  EXPECT_EQ(CosignatureVerifier::Parse(plain.vkey()).status().message(),
            "verifier key 'w': not an Ed25519 key for cosignatures (type 0x04)");
}

}  // namespace
}  // namespace urna::merkle
