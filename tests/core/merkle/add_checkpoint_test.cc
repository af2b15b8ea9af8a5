#include "core/merkle/add_checkpoint.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/merkle/proof.h"
#include "core/merkle/tree_head.h"
#include "tests/core/merkle/naive_tree.h"

namespace urna::merkle {
namespace {

constexpr char kOrigin[] = "urna.example/poll";

// The example of the specification; its checkpoint has two lines of the log.
constexpr char kPublicRequest[] =
    "old 20852014\n"
    "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
    "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
    "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n"
    "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n"
    "\n"
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "\u2014 example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "\u2014 example.com/behind-the-sofa "
    "opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q="
    "\n";

class AddCheckpointTest : public testing::Test {
 protected:
  static constexpr uint64_t kOldSize = 11;
  static constexpr uint64_t kSize = 21;

  AddCheckpointTest() {
    for (const Hash& leaf : naive::SomeLeaves(kSize)) {
      tree_.Append(leaf);
      if (tree_.size() == kOldSize) old_root_ = tree_.root();
    }
    note_ = NoteOf(kSize, tree_.root());
    proof_ = ConsistencyProof(kOldSize, kSize, tree_.reader()).value();
  }

  std::string NoteOf(uint64_t size, const Hash& root) const {
    return SignCheckpoint(Checkpoint::Create(kOrigin, size, root).value(), log_).value();
  }
  AddCheckpointRequest Request() const {
    return AddCheckpointRequest::Create(kOldSize, proof_, note_).value();
  }
  std::string Text() const { return Request().Serialize(); }

  std::string Refusal(absl::string_view body) const {
    const auto request = AddCheckpointRequest::Parse(AsBytes(body));
    if (request.ok()) return "accepted";
    EXPECT_EQ(request.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(request.status().message());
  }

  const NoteSigner log_ =
      NoteSigner::Create(kOrigin, crypto::SigningKey::FromSeed(Bytes(32, 9)).value()).value();
  MemoryTree tree_;
  Hash old_root_{};
  std::string note_;
  std::vector<Hash> proof_;
};

TEST_F(AddCheckpointTest, ReadsTheExampleOfTheSpecification) {
  const auto request = AddCheckpointRequest::Parse(AsBytes(kPublicRequest)).value();
  EXPECT_EQ(request.old_size(), 20852014u);
  EXPECT_EQ(request.proof().size(), 4u);
  EXPECT_EQ(request.unverified_checkpoint().origin(), "example.com/behind-the-sofa");
  EXPECT_EQ(request.unverified_checkpoint().size(), 20852163u);
  EXPECT_EQ(request.Serialize(), kPublicRequest);
}

TEST_F(AddCheckpointTest, HasTheFormOfTheSpecification) {
  std::string expected = "old 11\n";
  for (const Hash& hash : proof_) absl::StrAppend(&expected, ToBase64(hash), "\n");
  absl::StrAppend(&expected, "\n", note_);
  EXPECT_EQ(Text(), expected);
  EXPECT_EQ(AddCheckpointRequest::Parse(AsBytes(Text())).value(), Request());
  EXPECT_EQ(Request().checkpoint_note(), note_);
}

TEST_F(AddCheckpointTest, TheFirstCheckpointNeedsNoProof) {
  const auto request = AddCheckpointRequest::Parse(AsBytes("old 0\n\n" + note_)).value();
  EXPECT_TRUE(request.proof().empty());
  EXPECT_TRUE(request.VerifyProof(EmptyRoot()).ok());
  const auto empty = AddCheckpointRequest::Create(0, {}, NoteOf(0, EmptyRoot())).value();
  EXPECT_TRUE(empty.VerifyProof(EmptyRoot()).ok());
}

TEST_F(AddCheckpointTest, TheProofMustLeadFromTheOldRoot) {
  EXPECT_TRUE(Request().VerifyProof(old_root_).ok());
  EXPECT_FALSE(Request().VerifyProof(tree_.root()).ok());
  for (size_t i = 0; i < proof_.size(); ++i) {
    std::vector<Hash> wrong = proof_;
    wrong[i][0] ^= 1;
    EXPECT_FALSE(AddCheckpointRequest::Create(kOldSize, wrong, note_)->VerifyProof(old_root_).ok());
  }
  EXPECT_FALSE(AddCheckpointRequest::Create(0, proof_, note_)->VerifyProof(EmptyRoot()).ok());
  EXPECT_TRUE(AddCheckpointRequest::Create(kSize, {}, note_)->VerifyProof(tree_.root()).ok());
  EXPECT_FALSE(AddCheckpointRequest::Create(kSize, {}, note_)->VerifyProof(old_root_).ok());
}

TEST_F(AddCheckpointTest, EveryTruncationIsRefused) {
  const std::string text = Text();
  for (size_t i = 0; i < text.size(); ++i) {
    EXPECT_FALSE(AddCheckpointRequest::Parse(AsBytes(text.substr(0, i))).ok()) << i;
  }
}

TEST_F(AddCheckpointTest, SaysWhatIsWrong) {
  const auto with_old = [&](absl::string_view old) {
    return Refusal(absl::StrReplaceAll(Text(), {{"old 11", old}}));
  };
  const std::string number = "add-checkpoint: old size: not a decimal number without leading zeros";
  EXPECT_EQ(Refusal(""), "add-checkpoint: no line with the old size");
  EXPECT_EQ(with_old("new 11"), "add-checkpoint: does not begin with 'old '");
  EXPECT_EQ(with_old("Old 11"), "add-checkpoint: does not begin with 'old '");
  EXPECT_EQ(with_old("old"), "add-checkpoint: does not begin with 'old '");
  for (const char* wrong : {"old ", "old 011", "old +11", "old -1", "old 11 ", "old  11",
                            "old 11\r", "old 1e1", "old 0x1", "old 11 12"}) {
    EXPECT_EQ(with_old(wrong), number) << wrong;
  }
  EXPECT_EQ(with_old("old 9223372036854775808"),
            "add-checkpoint: old size: a number above 9223372036854775807");
  EXPECT_EQ(with_old("old 22"), "add-checkpoint: from 22 leaves to fewer, 21");

  const std::string hash = ToBase64(proof_[1]);
  for (const std::string& wrong :
       {hash.substr(0, 43), hash + "=", hash.substr(1) + " ", hash + " ", " " + hash, hash + "\r",
        std::string("AAAA"), std::string("# a comment")}) {
    EXPECT_EQ(
        Refusal(absl::StrReplaceAll(Text(), {{hash, wrong}})).rfind("add-checkpoint: hash 2: ", 0),
        0u)
        << wrong;
  }
  EXPECT_EQ(Refusal("old 11\n"), "add-checkpoint: no line with the end of the hashes");
  EXPECT_EQ(Refusal("old 11\n\n"),
            "add-checkpoint: a note must have an empty line before its signatures");
  // Without the empty line before the checkpoint its origin would be a hash.
  EXPECT_EQ(Refusal("old 0\n" + note_).rfind("add-checkpoint: hash 1: ", 0), 0u);
  EXPECT_EQ(Refusal("old 0\n\n\n" + note_),
            "add-checkpoint: checkpoint: there is something after the root");
  EXPECT_NE(Refusal("old 0\n\n" + note_ + "\n"), "accepted");
  EXPECT_NE(Refusal("old 0\n\n" + note_ + "x"), "accepted");
  EXPECT_EQ(Refusal("old 0\n\n" + SignNote("urna.example/poll\n5\n", log_).value()),
            "add-checkpoint: no line with the checkpoint's root");
  EXPECT_EQ(
      Refusal(absl::StrCat(
          "old 0\n\n",
          SignNote(absl::StrCat(NoteOf(1, old_root_).substr(0, 65), "more\n"), log_).value())),
      "add-checkpoint: checkpoint: there is something after the root");
}

TEST_F(AddCheckpointTest, ATreeWithoutLeavesHasOneRoot) {
  const std::string text = absl::StrCat(kOrigin, "\n0\n", ToBase64(old_root_), "\n");
  const auto code = [](absl::string_view body) {
    return AddCheckpointRequest::Parse(AsBytes(body)).status().code();
  };
  EXPECT_EQ(code("old 0\n\n" + SignNote(text, log_).value()),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(code("old 0\n\n" + SignNote(text + "x\n", log_).value()),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("old 0\n\n" + SignNote("a b\n" + text.substr(18), log_).value()),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(AddCheckpointTest, IsBounded) {
  const std::vector<Hash> most(kMaxAddCheckpointHashes, old_root_);
  const std::string text = AddCheckpointRequest::Create(1, most, note_)->Serialize();
  EXPECT_TRUE(AddCheckpointRequest::Parse(AsBytes(text)).ok());
  EXPECT_EQ(Refusal(absl::StrReplaceAll(
                text, {{"old 1\n", absl::StrCat("old 1\n", ToBase64(old_root_), "\n")}})),
            "add-checkpoint: more than 63 hashes");
  std::vector<Hash> more = most;
  more.push_back(old_root_);
  EXPECT_FALSE(AddCheckpointRequest::Create(1, more, note_).ok());

  Note note = Note::Parse(AsBytes(note_)).value();
  std::vector<NoteSignature> lines = note.signatures();
  lines.push_back({"other.example", 7, Bytes(48000, 1)});
  const std::string fits = Note::Create(note.text(), lines)->Serialize();
  EXPECT_TRUE(AddCheckpointRequest::Create(0, {}, fits).ok());
  lines.push_back({"third.example", 7, Bytes(1500, 1)});
  const std::string large = Note::Create(note.text(), lines)->Serialize();
  EXPECT_EQ(AddCheckpointRequest::Create(0, {}, large).status().message(),
            "add-checkpoint: a request of more than 65536 bytes");
  EXPECT_EQ(Refusal("old 0\n\n" + large), "add-checkpoint: a request of more than 65536 bytes");
}

TEST(AddCheckpointUrlTest, StandsBelowTheWitnesses) {
  EXPECT_EQ(AddCheckpointUrl("https://w.example"), "https://w.example/add-checkpoint");
  EXPECT_EQ(AddCheckpointUrl("https://w.example/a/"), "https://w.example/a/add-checkpoint");
}

class ReplyTest : public AddCheckpointTest {
 protected:
  static CosignatureSigner Witness(absl::string_view name, uint8_t seed) {
    return CosignatureSigner::Create(name, crypto::SigningKey::FromSeed(Bytes(32, seed)).value())
        .value();
  }
  NoteSignature Line(const CosignatureSigner& signer, uint64_t time = 1700000000) const {
    return signer.Sign(Request().unverified_checkpoint().Body(), time).value();
  }
  absl::StatusOr<WitnessAnswer> Read(int code, absl::string_view body,
                                     absl::string_view type = "text/plain") const {
    return ReadFor(Request(), code, body, type);
  }
  absl::StatusOr<WitnessAnswer> ReadFor(const AddCheckpointRequest& request, int code,
                                        absl::string_view body,
                                        absl::string_view type = "text/plain") const {
    return ReadAddCheckpointReply({code, std::string(type), std::string(body)}, request,
                                  witness_.verifier());
  }
  static std::string Message(const absl::StatusOr<WitnessAnswer>& answer) {
    return answer.ok() ? "accepted" : std::string(answer.status().message());
  }

  const CosignatureSigner witness_ = Witness("w.example/1", 1);
  const CosignatureSigner other_ = Witness("w.example/2", 2);
};

TEST_F(ReplyTest, ACosignatureIsVerified) {
  const NoteSignature line = Line(witness_);
  const auto answer = Read(200, line.Line()).value();
  EXPECT_EQ(std::get<Cosigned>(answer).line, line);
  EXPECT_EQ(std::get<Cosigned>(answer).time, 1700000000u);

  NoteSignature wrong = line;
  wrong.signature.back() ^= 1;
  EXPECT_EQ(Read(200, wrong.Line()).status().code(), absl::StatusCode::kPermissionDenied);
  const NoteSignature elsewhere = witness_.Sign("urna.example/poll\n22\nx\n", 5).value();
  EXPECT_EQ(Message(Read(200, elsewhere.Line())),
            "witness 'w.example/1': the cosignature by 'w.example/1' does not verify");
}

TEST_F(ReplyTest, LinesOfOtherKeysArePassedOver) {
  NoteSignature same_name = Line(other_);
  same_name.name = "w.example/1";
  const std::string lines =
      absl::StrCat(same_name.Line(), Line(other_).Line(), Line(witness_, 7).Line());
  EXPECT_EQ(std::get<Cosigned>(Read(200, lines).value()).time, 7u);
  EXPECT_EQ(Message(Read(200, Line(other_).Line())),
            "witness 'w.example/1': it sent no cosignature by its key");
  EXPECT_EQ(Message(Read(200, absl::StrCat(lines, Line(witness_, 8).Line()))),
            "witness 'w.example/1': it sent two cosignatures by its key");
}

TEST_F(ReplyTest, AMalformedCosignatureIsRefused) {
  const std::string line = Line(witness_).Line();
  const std::string missing = "witness 'w.example/1': it sent no cosignature by its key";
  EXPECT_EQ(Message(Read(200, "")), missing);
  EXPECT_EQ(Message(Read(200, line.substr(0, line.size() - 1))),
            "witness 'w.example/1': no line with a whole signature");
  for (const std::string& body :
       {"\n" + line, line + "\n", "x" + line, line + "x", std::string("<html>\n"),
        absl::StrReplaceAll(line, {{"\n", "\r\n"}}), note_,
        absl::StrReplaceAll(line, {{"\u2014", "-"}})}) {
    EXPECT_EQ(Read(200, body).status().code(), absl::StatusCode::kInvalidArgument) << body;
  }
  std::string many;
  for (size_t i = 0; i < kMaxNoteSignatures; ++i) absl::StrAppend(&many, Line(other_).Line());
  EXPECT_EQ(Message(Read(200, many)), missing);
  EXPECT_EQ(Message(Read(200, many + line)),
            "witness 'w.example/1': it sent more than 200 signatures");
  EXPECT_EQ(Message(Read(200, std::string(kMaxAddCheckpointReplySize + 1, '\n'))),
            "witness 'w.example/1': it sent more than 65536 bytes");
}

TEST_F(ReplyTest, AWitnessSaysWhatSizeItKnows) {
  for (const char* type : {"text/x.tlog.size", "Text/X.tlog.size", "text/x.tlog.size; a=b"}) {
    EXPECT_EQ(std::get<KnowsOtherSize>(Read(409, "15\n", type).value()).size, 15u) << type;
  }
  // Above the log's own, and after the witness began anew: the caller's business.
  EXPECT_EQ(std::get<KnowsOtherSize>(Read(409, "99\n", kTreeSizeType).value()).size, 99u);
  EXPECT_EQ(std::get<KnowsOtherSize>(Read(409, "0\n", kTreeSizeType).value()).size, 0u);
  for (const char* body :
       {"", "15", "015\n", "15\n\n", "15 \n", "-1\n", "15\n16\n", "x\n", "9223372036854775808\n"}) {
    EXPECT_EQ(Read(409, body, kTreeSizeType).status().code(), absl::StatusCode::kInvalidArgument)
        << body;
  }
  EXPECT_EQ(Message(Read(409, "11\n", kTreeSizeType)),
            "witness 'w.example/1': it refused size 11 and says that it knows this size");
}

TEST_F(ReplyTest, AForkIsTold) {
  EXPECT_TRUE(std::holds_alternative<ForkAlarm>(Read(422, "").value()));
  EXPECT_TRUE(std::holds_alternative<ForkAlarm>(Read(422, "5\n", kTreeSizeType).value()));
  for (const char* type : {"", "text/plain", "text/x.tlog.size2", "text/x.tlog", "; a"}) {
    EXPECT_TRUE(std::holds_alternative<ForkAlarm>(Read(409, "15\n", type).value())) << type;
  }
  const auto same_size = AddCheckpointRequest::Create(kSize, {}, note_).value();
  EXPECT_TRUE(std::holds_alternative<ForkAlarm>(ReadFor(same_size, 422, "").value()));
  EXPECT_TRUE(std::holds_alternative<ForkAlarm>(ReadFor(same_size, 409, "").value()));
  // From a tree without leaves nothing can fork.
  const auto first = AddCheckpointRequest::Create(0, {}, note_).value();
  for (const int code : {409, 422}) {
    EXPECT_EQ(Message(ReadFor(first, code, "no\nway")),
              absl::StrCat("witness 'w.example/1': every tree continues the one without leaves, "
                           "but it answered ",
                           code, ": 'no'"));
  }
}

TEST_F(ReplyTest, OtherCodesAreErrors) {
  EXPECT_EQ(Read(400, "").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Read(403, "").status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Read(404, "").status().code(), absl::StatusCode::kNotFound);
  for (const int code : {0, 100, 201, 204, 301, 401, 413, 429, 500, 503, 999}) {
    EXPECT_EQ(Read(code, Line(witness_).Line()).status().code(), absl::StatusCode::kUnavailable)
        << code;
  }
  EXPECT_EQ(Message(Read(503, "soon\x07\xff again\nmore")),
            "witness 'w.example/1': it answered 503: 'soon?? again'");
  EXPECT_EQ(Message(Read(404, "")),
            "witness 'w.example/1': it does not watch the log: it answered 404");
  EXPECT_EQ(Message(Read(500, std::string(1000, 'a'))),
            absl::StrCat("witness 'w.example/1': it answered 500: '", std::string(200, 'a'), "'"));
}

TEST(TreeHeadTest, IsTheEmptyTreeUnlessItIsSet) {
  EXPECT_EQ(TreeHead{}.size, 0u);
  EXPECT_EQ(TreeHead{}.root, EmptyRoot());
  EXPECT_NE(TreeHead{}, (TreeHead{1, EmptyRoot()}));
}

}  // namespace
}  // namespace urna::merkle
