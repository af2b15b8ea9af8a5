#include "core/merkle/note.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/merkle/checkpoint.h"

namespace urna::merkle {
namespace {

// The verifier key that c2sp.org/signed-note gives, and a signed note with its key from the
// documentation of Go's golang.org/x/mod/sumdb/note.
constexpr char kExampleKey[] =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr char kNeumannKey[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr char kNeumannText[] =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n";
constexpr char kNeumannLine[] =
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE"
    "6RyyBwJnAM=\n";

NoteSigner Signer(absl::string_view name, uint8_t seed = 1) {
  return NoteSigner::Create(name, crypto::SigningKey::FromSeed(Bytes(32, seed)).value()).value();
}

absl::StatusOr<OpenedNote> Open(absl::string_view note, const NoteVerifier& verifier) {
  return OpenNote(AsBytes(note), {&verifier, 1});
}

TEST(KeyNameTest, FollowsTheRules) {
  for (const char* name : {"a", "example.com/foo", "PeterNeumann", "Zürich", "選挙", "a—b", "-"}) {
    EXPECT_TRUE(IsKeyName(name)) << name;
  }
  for (const char* name : {"", " ", "a b", "a+b", "+", "a\n", "\ta", "a\x01", "a\u00a0b", "\u2003",
                           "a\u2028", "\xff", "a\xc3", "\u3000"}) {
    EXPECT_FALSE(IsKeyName(name)) << name;
  }
  EXPECT_FALSE(IsKeyName(absl::string_view("a\0b", 3)));
}

TEST(NoteVerifierTest, ComputesTheKnownKeyIds) {
  for (const char* vkey : {kExampleKey, kNeumannKey}) {
    const NoteVerifier verifier = NoteVerifier::Parse(vkey).value();
    EXPECT_EQ(verifier.vkey(), vkey);
    EXPECT_EQ(NoteVerifier::Create(verifier.name(), verifier.key()).value(), verifier);
  }
  const NoteVerifier verifier = NoteVerifier::Parse(kExampleKey).value();
  EXPECT_EQ(verifier.name(), "example.com/foo");
  EXPECT_EQ(verifier.key_id(), 0x530d903au);
  EXPECT_EQ(KeyId("example.com/foo", 0x01, verifier.key().bytes()), 0x530d903au);
}

TEST(NoteVerifierTest, RefusesEveryTruncationAndChange) {
  const std::string vkey = kExampleKey;
  for (size_t i = 0; i < vkey.size(); ++i) {
    EXPECT_FALSE(NoteVerifier::Parse(vkey.substr(0, i)).ok()) << i;
    for (const char c : {'A', 'b', '0', '+', ' ', '\n', '=', '\0', '\xff'}) {
      std::string changed = vkey;
      if (changed[i] == c) continue;
      changed[i] = c;
      EXPECT_FALSE(NoteVerifier::Parse(changed).ok()) << changed;
    }
  }
  for (const std::string& bad : {vkey + "=", vkey + "\n", vkey + "A", " " + vkey,
                                 absl::StrReplaceAll(vkey, {{"530d903a", "530D903A"}}),
                                 absl::StrReplaceAll(vkey, {{"+530d903a", "+"}}),
                                 absl::StrReplaceAll(vkey, {{"+530d903a", "+00530d903a"}})}) {
    EXPECT_FALSE(NoteVerifier::Parse(bad).ok()) << bad;
  }
}

TEST(OpenNoteTest, OpensANoteThatOthersSigned) {
  const NoteVerifier verifier = NoteVerifier::Parse(kNeumannKey).value();
  const std::string note = absl::StrCat(kNeumannText, "\n", kNeumannLine);
  const OpenedNote opened = Open(note, verifier).value();
  EXPECT_EQ(opened.note.text(), kNeumannText);
  EXPECT_EQ(opened.note.Serialize(), note);
  ASSERT_EQ(opened.verified.size(), 1u);
  EXPECT_EQ(opened.verified[0].name, "PeterNeumann");
  EXPECT_EQ(opened.verified[0].key_id, 0xc74f20a3u);
  EXPECT_EQ(opened.verified[0].signature.size(), 64u);
  EXPECT_TRUE(opened.unknown.empty());
}

TEST(OpenNoteTest, OpensWhatSignNoteWrote) {
  const NoteSigner signer = Signer("example.com/log");
  for (const char* text : {"a\n", "\n", "\n\n\n", "a\n\nb\n", "a\n\n— b c\n", "žluťoučký\n"}) {
    const std::string note = SignNote(text, signer).value();
    const absl::StatusOr<OpenedNote> opened = Open(note, signer.verifier());
    ASSERT_TRUE(opened.ok()) << text << opened.status();
    EXPECT_EQ(opened->note.text(), text);
  }
  for (const char* text : {"", "a", "a\nb", "a\r\n", "\x01\n", "\xff\n", "a\tb\n"}) {
    EXPECT_FALSE(SignNote(text, signer).ok()) << text;
  }
}

TEST(OpenNoteTest, KeepsUnknownLinesAndIgnoresThem) {
  const NoteSigner known = Signer("known", 1);
  const NoteSigner same_name = Signer("known", 2);
  const NoteSigner other = Signer("other", 3);
  NoteSignature same_id = known.Sign("wrong text\n");
  same_id.name = "known2";
  const std::string text = "text\n";
  const Note note =
      Note::Create(text, {same_name.Sign("x\n"), known.Sign(text), same_id, other.Sign(text)})
          .value();
  const OpenedNote opened = Open(note.Serialize(), known.verifier()).value();
  EXPECT_EQ(opened.note, note);
  EXPECT_EQ(opened.verified, (std::vector<NoteSignature>{known.Sign(text)}));
  EXPECT_EQ(opened.unknown,
            (std::vector<NoteSignature>{same_name.Sign("x\n"), same_id, other.Sign(text)}));
  const std::vector<NoteVerifier> both = {other.verifier(), known.verifier()};
  EXPECT_EQ(OpenNote(AsBytes(note.Serialize()), both)->verified.size(), 2u);
}

TEST(OpenNoteTest, RefusesWrongMissingAndRepeatedSignatures) {
  const NoteSigner known = Signer("known", 1);
  const NoteSigner other = Signer("other", 2);
  const std::string text = "text\n";
  const auto open = [&](std::vector<NoteSignature> signatures) {
    return Open(Note::Create(text, std::move(signatures))->Serialize(), known.verifier())
        .status()
        .code();
  };
  EXPECT_EQ(open({known.Sign(text)}), absl::StatusCode::kOk);
  EXPECT_EQ(open({other.Sign(text)}), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(open({known.Sign("text")}), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(open({known.Sign(text), known.Sign(text)}), absl::StatusCode::kInvalidArgument);
  NoteSignature short_one = known.Sign(text);
  short_one.signature.pop_back();
  EXPECT_EQ(open({short_one}), absl::StatusCode::kPermissionDenied);
  NoteSignature long_one = known.Sign(text);
  long_one.signature.push_back(0);
  EXPECT_EQ(open({long_one}), absl::StatusCode::kPermissionDenied);
  // A bad line of a known key spoils the note even if another known key's is good.
  const std::vector<NoteVerifier> both = {other.verifier(), known.verifier()};
  const Note note = Note::Create(text, {other.Sign(text), known.Sign("no\n")}).value();
  EXPECT_EQ(OpenNote(AsBytes(note.Serialize()), both).status().code(),
            absl::StatusCode::kPermissionDenied);
  const std::vector<NoteVerifier> twice = {known.verifier(), known.verifier()};
  EXPECT_EQ(OpenNote(AsBytes(SignNote(text, known).value()), twice).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(OpenNote(AsBytes(SignNote(text, known).value()), {}).ok());
}

TEST(NoteParseTest, RefusesEveryTruncationAndOneByteChange) {
  const NoteSigner signer = Signer("example.com/log");
  const std::string note = SignNote("first\n\nsecond\n", signer).value();
  ASSERT_TRUE(Open(note, signer.verifier()).ok());
  for (size_t i = 0; i < note.size(); ++i) {
    EXPECT_FALSE(Note::Parse(AsBytes(note.substr(0, i))).ok()) << i;
    for (int change = 1; change < 256; ++change) {
      std::string changed = note;
      changed[i] = static_cast<char>(changed[i] ^ change);
      const absl::StatusOr<Note> parsed = Note::Parse(AsBytes(changed));
      if (!parsed.ok()) continue;
      EXPECT_EQ(parsed->Serialize(), changed);
      if (change % 16 != 1) continue;  // checking signatures takes long
      EXPECT_FALSE(Open(changed, signer.verifier()).ok()) << changed;
    }
    std::string longer = note;
    longer.insert(i, "\n");
    EXPECT_FALSE(Open(longer, signer.verifier()).ok()) << longer;
  }
}

TEST(NoteParseTest, RefusesMalformedSignatureLines) {
  const std::string good = "t\n\n— name AAAAAAE=\n";
  ASSERT_TRUE(Note::Parse(AsBytes(good)).ok());
  for (const char* bad : {"t\n\n",
                          "t\n\n\n",
                          "t\n",
                          "\n— name AAAAAAE=\n",
                          "t\n— name AAAAAAE=\n",
                          "t\n\n- name AAAAAAE=\n",
                          "t\n\n—  name AAAAAAE=\n",
                          "t\n\n—name AAAAAAE=\n",
                          "t\n\n— AAAAAAE=\n",
                          "t\n\n—  AAAAAAE=\n",
                          "t\n\n— name  AAAAAAE=\n",
                          "t\n\n— name AAAAAAE= \n",
                          "t\n\n— name AAAAAAE=\r\n",
                          "t\n\n— name AAAAAAF=\n",
                          "t\n\n— name AAAAAAE\n",
                          "t\n\n— name AAAAAA==\n",
                          "t\n\n— name \n",
                          "t\n\n— name\n",
                          "t\n\n— na+me AAAAAAE=\n",
                          "t\n\n— na\u00a0me AAAAAAE=\n",
                          "t\n\n— name AAAAAAE=",
                          "t\n\n— name AAAAAAE=\n\n",
                          "t\n\n— name AAAAAAE=\nx",
                          "t\n\n— name AAAAAAE=\nx\n",
                          "t\r\n\n— name AAAAAAE=\n",
                          "\xff\n\n— name AAAAAAE=\n"}) {
    EXPECT_EQ(Note::Parse(AsBytes(bad)).status().code(), absl::StatusCode::kInvalidArgument) << bad;
  }
}

TEST(NoteParseTest, LimitsSizeAndSignatures) {
  const std::string line = "— name AAAAAAE=\n";
  std::string note = "t\n\n";
  for (size_t i = 0; i < kMaxNoteSignatures; ++i) note += line;
  EXPECT_TRUE(Note::Parse(AsBytes(note)).ok());
  EXPECT_FALSE(Note::Parse(AsBytes(note + line)).ok());
  const std::string tail = "\n\n" + line;
  const std::string largest = std::string(kMaxNoteSize - tail.size(), 'a') + tail;
  EXPECT_TRUE(Note::Parse(AsBytes(largest)).ok());
  EXPECT_FALSE(Note::Parse(AsBytes("a" + largest)).ok());
  EXPECT_FALSE(Note::Create(std::string(kMaxNoteSize, 'a') + "\n", {{"name", 0, Bytes{1}}}).ok());
}

class CheckpointTest : public testing::Test {
 protected:
  static Hash Root() { return LeafHash(AsBytes("x")); }

  const NoteSigner signer_ = Signer("example.com/log");
  const Checkpoint checkpoint_ = Checkpoint::Create("example.com/log", 1205, Root()).value();
};

TEST_F(CheckpointTest, ReadsTheExampleOfTheSpecification) {
  const char kBody[] =
      "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
  const Checkpoint checkpoint = Checkpoint::Parse(kBody).value();
  EXPECT_EQ(checkpoint.origin(), "example.com/behind-the-sofa");
  EXPECT_EQ(checkpoint.size(), 20852163u);
  EXPECT_EQ(ToHex(checkpoint.root()),
            "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62");
  EXPECT_EQ(checkpoint.Body(), kBody);
}

TEST_F(CheckpointTest, RefusesEverythingNotCanonical) {
  const std::string root = ToBase64(Root());
  EXPECT_TRUE(Checkpoint::Parse("o\n7\n" + root + "\n").ok());
  for (const std::string& bad : {std::string(),
                                 "o\n7\n" + root,
                                 "o\n07\n" + root + "\n",
                                 "o\n+7\n" + root + "\n",
                                 "o\n-7\n" + root + "\n",
                                 "o\n 7\n" + root + "\n",
                                 "o\n\n" + root + "\n",
                                 "o\n7 \n" + root + "\n",
                                 "o\n0x7\n" + root + "\n",
                                 "\n7\n" + root + "\n",
                                 "o o\n7\n" + root + "\n",
                                 "o+o\n7\n" + root + "\n",
                                 "o\r\n7\n" + root + "\n",
                                 "o\n7\n" + root + "\n\n",
                                 "o\n7\n" + root + "\nextension\n",
                                 "o\n7\n" + root + " \n",
                                 "o\n7\n" + root.substr(0, 40) + "\n",
                                 "o\n7\n" + root + root + "\n",
                                 std::string("o\n7\n\n"),
                                 "o\n0\n" + root + "\n",
                                 "o\n9223372036854775808\n" + root + "\n",
                                 "o\n18446744073709551616\n" + root + "\n",
                                 "o\n99999999999999999999\n" + root + "\n"}) {
    EXPECT_EQ(Checkpoint::Parse(bad).status().code(), absl::StatusCode::kInvalidArgument) << bad;
  }
  EXPECT_TRUE(Checkpoint::Parse("o\n9223372036854775807\n" + root + "\n").ok());
  EXPECT_TRUE(Checkpoint::Parse("o\n0\n" + ToBase64(EmptyRoot()) + "\n").ok());
}

TEST_F(CheckpointTest, RefusesEveryTruncationAndHasOneSpelling) {
  const std::string body = checkpoint_.Body();
  for (size_t i = 0; i < body.size(); ++i) {
    EXPECT_FALSE(Checkpoint::Parse(body.substr(0, i)).ok()) << i;
    for (int c = 0; c < 256; ++c) {
      std::string changed = body;
      changed[i] = static_cast<char>(c);
      const absl::StatusOr<Checkpoint> parsed = Checkpoint::Parse(changed);
      if (!parsed.ok()) continue;
      EXPECT_EQ(parsed->Body(), changed);
    }
  }
}

TEST_F(CheckpointTest, SignsAndOpens) {
  const std::string note = SignCheckpoint(checkpoint_, signer_).value();
  for (OtherSignatures others : {OtherSignatures::kIgnored, OtherSignatures::kRefused}) {
    EXPECT_EQ(OpenCheckpoint(AsBytes(note), signer_.verifier(), others).value(), checkpoint_);
  }
  EXPECT_FALSE(SignCheckpoint(checkpoint_, Signer("example.com/other")).ok());
}

TEST_F(CheckpointTest, OtherOriginKeyOrTextIsRefused) {
  const std::string note = SignCheckpoint(checkpoint_, signer_).value();
  const auto open = [](absl::string_view bytes, const NoteSigner& log) {
    return OpenCheckpoint(AsBytes(bytes), log.verifier(), OtherSignatures::kIgnored)
        .status()
        .code();
  };
  EXPECT_EQ(open(note, Signer("example.com/log", 2)), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(open(note, Signer("example.com/other")), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(open(absl::StrReplaceAll(note, {{"\n1205\n", "\n1206\n"}}), signer_),
            absl::StatusCode::kPermissionDenied);
  const Checkpoint foreign = Checkpoint::Create("example.com/other", 1, Root()).value();
  EXPECT_EQ(open(SignNote(foreign.Body(), signer_).value(), signer_),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(open(SignNote("hello\n", signer_).value(), signer_),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(CheckpointTest, ARecordHasNoOtherSignatures) {
  const Note cosigned =
      Note::Create(checkpoint_.Body(),
                   {signer_.Sign(checkpoint_.Body()), Signer("witness").Sign(checkpoint_.Body())})
          .value();
  const std::string note = cosigned.Serialize();
  EXPECT_TRUE(OpenCheckpoint(AsBytes(note), signer_.verifier(), OtherSignatures::kIgnored).ok());
  EXPECT_EQ(OpenCheckpoint(AsBytes(note), signer_.verifier(), OtherSignatures::kRefused)
                .status()
                .message(),
            "checkpoint: has a signature line of 'witness' beside the log's");
}

}  // namespace
}  // namespace urna::merkle
