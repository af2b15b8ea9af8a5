#include "core/merkle/witness_policy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/core/merkle/public_checkpoint.h"

namespace urna::merkle {
namespace {

constexpr char kOrigin[] = "example.com/log";

NoteSigner LogSigner(uint8_t seed = 100) {
  return NoteSigner::Create(kOrigin, crypto::SigningKey::FromSeed(Bytes(32, seed)).value()).value();
}

CosignatureSigner WitnessSigner(int number) {
  return CosignatureSigner::Create(
             absl::StrCat("witness.example/", number),
             crypto::SigningKey::FromSeed(Bytes(32, static_cast<uint8_t>(number))).value())
      .value();
}

std::string Vkey(int number) { return WitnessSigner(number).verifier().vkey(); }

// Lines of witnesses w1 … wN.
std::string Witnesses(int count) {
  std::string text;
  for (int i = 1; i <= count; ++i) absl::StrAppend(&text, "witness w", i, " ", Vkey(i), "\n");
  return text;
}

WitnessPolicy Policy(absl::string_view text) { return WitnessPolicy::Parse(text).value(); }

std::string Refusal(absl::string_view text) {
  const absl::StatusOr<WitnessPolicy> policy = WitnessPolicy::Parse(text);
  if (policy.ok()) return "accepted";
  EXPECT_EQ(policy.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(policy.status().message());
}

using Times = std::vector<std::optional<uint64_t>>;
constexpr std::nullopt_t kNone = std::nullopt;

TEST(WitnessPolicyTest, ReadsTheExampleOfTheSpecification) {
  const std::string text = absl::StrCat(
      "# an example\n\n  \t\nlog ", LogSigner().verifier().vkey(), "\n\nwitness X1 ", Vkey(1),
      "\nwitness X2\t", Vkey(2), "  https://x2.example/\nwitness X3 ", Vkey(3),
      "\n \tgroup X-witnesses 2 X1 X2 X3\t\n\nwitness Y1 ", Vkey(4), "\nwitness Y2 ", Vkey(5),
      "\nwitness Y3 ", Vkey(6), "\n  # the other side\ngroup Y-witnesses any Y1 Y2 Y3\n\n",
      "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n");
  const WitnessPolicy policy = Policy(text);
  ASSERT_EQ(policy.logs().size(), 1u);
  EXPECT_EQ(policy.logs()[0].key, LogSigner().verifier());
  ASSERT_EQ(policy.witnesses().size(), 6u);
  EXPECT_EQ(policy.witnesses()[1].name, "X2");
  EXPECT_EQ(policy.witnesses()[1].key, WitnessSigner(2).verifier());
  EXPECT_EQ(policy.witnesses()[1].url, "https://x2.example/");
  EXPECT_EQ(policy.witnesses()[0].url, kNone);
  EXPECT_TRUE(policy.has_quorum());
  EXPECT_EQ(policy.ToText(),
            absl::StrCat("log ", LogSigner().verifier().vkey(), "\nwitness X1 ", Vkey(1),
                         "\nwitness X2 ", Vkey(2), " https://x2.example/\nwitness X3 ", Vkey(3),
                         "\ngroup X-witnesses 2 X1 X2 X3\nwitness Y1 ", Vkey(4), "\nwitness Y2 ",
                         Vkey(5), "\nwitness Y3 ", Vkey(6),
                         "\ngroup Y-witnesses 1 Y1 Y2 Y3\ngroup X-and-Y 2 X-witnesses "
                         "Y-witnesses\nquorum X-and-Y\n"));
  EXPECT_EQ(Policy(policy.ToText()), policy);

  // Two of the X and one of the Y; times are 10·number unless set.
  const auto met = [&policy](const Times& times) { return policy.Weigh(times).quorum_met; };
  EXPECT_TRUE(met({10, 20, kNone, kNone, kNone, 60}));
  EXPECT_FALSE(met({10, kNone, kNone, 40, 50, 60}));
  EXPECT_FALSE(met({10, 20, 30, kNone, kNone, kNone}));
  EXPECT_FALSE(met(Times(6)));
}

TEST(WitnessPolicyTest, WithoutWitnessesNothingIsNeededAndNothingVouchedFor) {
  for (const WitnessPolicy& policy : {Policy("quorum none\n"), WitnessPolicy::WithoutWitnesses()}) {
    EXPECT_FALSE(policy.has_quorum());
    EXPECT_EQ(policy.ToText(), "quorum none\n");
    const Witnessing witnessing = policy.Weigh({});
    EXPECT_TRUE(witnessing.quorum_met);
    EXPECT_EQ(witnessing.existed_by, kNone);
    EXPECT_EQ(witnessing.newest_at, kNone);
  }
  const Witnessing idle = Policy(absl::StrCat(Witnesses(1), "quorum none\n")).Weigh({7});
  EXPECT_TRUE(idle.quorum_met);
  EXPECT_EQ(idle.existed_by, kNone);
}

TEST(WitnessPolicyTest, AWrongLineIsNamed) {
  const std::string log = LogSigner().verifier().vkey();
  EXPECT_EQ(Refusal(""), "witness policy: no line 'quorum'");
  EXPECT_EQ(Refusal("quorum none"), "witness policy, line 1: no line with a newline at its end");
  EXPECT_EQ(Refusal("quorum none\nquorum none\n"),
            "witness policy, line 2: a second line 'quorum'");
  EXPECT_EQ(Refusal("# x\nquorum w\n"),
            "witness policy, line 2: no line above it defines 'w' as a witness or a group");
  EXPECT_EQ(Refusal("quorums none\n"),
            "witness policy, line 1: 'quorums' is not log, witness, group or quorum");
  EXPECT_EQ(Refusal("quorum none\r\n"), "witness policy, line 1: a control character");
  EXPECT_EQ(Refusal("quorum\n"), "witness policy, line 1: a quorum line is: quorum NAME|none");
  EXPECT_EQ(Refusal("log\nquorum none\n"), "witness policy, line 1: a log line is: log VKEY [URL]");
  EXPECT_EQ(Refusal("log a+b\n"), "witness policy, line 1: a verifier key must be name+key ID+key");
  EXPECT_EQ(Refusal(absl::StrCat("log ", log, " u v\n")),
            "witness policy, line 1: a log line is: log VKEY [URL]");
  EXPECT_EQ(Refusal(absl::StrCat("log ", log, "\nlog ", log, "\n")),
            "witness policy, line 2: the key of an earlier log line");
  EXPECT_EQ(Refusal(absl::StrCat("log ", Vkey(1), "\n")),
            "witness policy, line 1: verifier key 'witness.example/1': not an Ed25519 key (type "
            "0x01)");
  EXPECT_EQ(Refusal(absl::StrCat("witness w ", log, "\n")),
            "witness policy, line 1: verifier key 'example.com/log': not an Ed25519 key for "
            "cosignatures (type 0x04)");
  EXPECT_EQ(Refusal("witness w\n"),
            "witness policy, line 1: a witness line is: witness NAME VKEY [URL]");
  EXPECT_EQ(Refusal(absl::StrCat("witness none ", Vkey(1), "\n")),
            "witness policy, line 1: nothing can be named 'none'");
}

TEST(WitnessPolicyTest, NamesAndKeysStandOnce) {
  const auto with = [](absl::string_view line) {
    return Refusal(absl::StrCat(Witnesses(3), line, "\n"));
  };
  EXPECT_EQ(with(absl::StrCat("witness w4 ", Vkey(2))),
            "witness policy, line 4: the key of the witness 'w2'");
  const std::string renamed =
      CosignatureVerifier::Create("another", WitnessSigner(2).verifier().key()).value().vkey();
  EXPECT_EQ(with(absl::StrCat("witness w4 ", renamed)),
            "witness policy, line 4: the key of the witness 'w2'");
  EXPECT_EQ(with(absl::StrCat("witness w2 ", Vkey(9))),
            "witness policy, line 4: the name 'w2' is defined already");
  EXPECT_EQ(with("group w3 any w1"), "witness policy, line 4: the name 'w3' is defined already");
  EXPECT_EQ(with("group none any w1"), "witness policy, line 4: nothing can be named 'none'");
  EXPECT_EQ(with("group g any w1 w1"),
            "witness policy, line 4: 'w1' is a member of a group already");
  EXPECT_EQ(with("group g any w1\ngroup h any w2 w1"),
            "witness policy, line 5: 'w1' is a member of a group already");
  EXPECT_EQ(with("group g any g"),
            "witness policy, line 4: no line above it defines 'g' as a witness or a group");
  EXPECT_EQ(with("group g any none"),
            "witness policy, line 4: no line above it defines 'none' as a witness or a group");
  EXPECT_EQ(with("group g any"),
            "witness policy, line 4: a group line is: group NAME all|any|K MEMBER…");
  for (const char* needed :
       {"0", "4", "02", "-1", "+1", "1.5", "some", "ALL", "99999999999999999999"}) {
    EXPECT_EQ(with(absl::StrCat("group g ", needed, " w1 w2 w3")),
              absl::StrCat("witness policy, line 4: the group needs 'all', 'any' or 1 to 3 of its "
                           "3 members, not '",
                           needed, "'"));
  }
  // A member of a group may be the quorum all the same, and names are told apart byte by byte.
  EXPECT_EQ(
      Policy(absl::StrCat(Witnesses(2), "witness W1 ", Vkey(3), "\ngroup g all w1 w2\nquorum w1\n"))
          .Weigh({5, kNone, kNone})
          .existed_by,
      5u);
}

TEST(WitnessPolicyTest, IsBounded) {
  std::string text;
  for (size_t i = 0; i < kMaxPolicyNames; ++i) {
    Bytes seed(32, 7);
    seed[0] = static_cast<uint8_t>(i);
    const auto key = crypto::SigningKey::FromSeed(seed).value();
    absl::StrAppend(&text, "witness w", i, " ",
                    CosignatureVerifier::Create("w", key.public_key()).value().vkey(), "\n");
  }
  EXPECT_EQ(Policy(absl::StrCat(text, "quorum w255\n")).witnesses().size(), kMaxPolicyNames);
  EXPECT_EQ(Refusal(absl::StrCat(text, "witness more ", Vkey(1), "\nquorum none\n")),
            "witness policy, line 257: more than 256 witnesses");
  EXPECT_EQ(Refusal(std::string(kMaxPolicySize + 1, '\n')),
            "witness policy: more than 1048576 bytes");
}

TEST(QuorumTimesTest, OneWitness) {
  const WitnessPolicy policy = Policy(absl::StrCat(Witnesses(2), "quorum w2\n"));
  const Witnessing witnessing = policy.Weigh({5, 9});
  EXPECT_EQ(witnessing.existed_by, 9u);
  EXPECT_EQ(witnessing.newest_at, 9u);
  EXPECT_FALSE(policy.Weigh({5, kNone}).quorum_met);
}

TEST(QuorumTimesTest, KOfN) {
  const auto weigh = [](absl::string_view k, const Times& times) {
    return Policy(absl::StrCat(Witnesses(4), "group g ", k, " w1 w2 w3 w4\nquorum g\n"))
        .Weigh(times);
  };
  const Times times = {40, 10, 30, 20};
  EXPECT_EQ(weigh("any", times).existed_by, 10u);
  EXPECT_EQ(weigh("any", times).newest_at, 40u);
  EXPECT_EQ(weigh("2", times).existed_by, 20u);
  EXPECT_EQ(weigh("2", times).newest_at, 30u);
  EXPECT_EQ(weigh("3", times).existed_by, 30u);
  EXPECT_EQ(weigh("3", times).newest_at, 20u);
  EXPECT_EQ(weigh("all", times).existed_by, 40u);
  EXPECT_EQ(weigh("all", times).newest_at, 10u);
  EXPECT_EQ(weigh("2", {40, kNone, 30, kNone}).existed_by, 40u);
  EXPECT_EQ(weigh("2", {40, kNone, 30, kNone}).newest_at, 30u);
  EXPECT_EQ(weigh("3", {40, kNone, 30, kNone}).existed_by, kNone);
  EXPECT_EQ(weigh("3", {40, kNone, 30, kNone}).newest_at, kNone);
  EXPECT_FALSE(weigh("3", {40, kNone, 30, kNone}).quorum_met);
}

// What the comment in the header says, word for word: over every t that stands in a signature, and
// with nothing but quorum_met.
TEST(QuorumTimesTest, AreWhatTheySayForRandomPolicies) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937 random(seed);
  const auto below = [&random](size_t n) { return random() % n; };
  int met = 0;
  for (int round = 0; round < 300; ++round) {
    const int count = 1 + static_cast<int>(below(7));
    std::string text = Witnesses(count);
    std::vector<std::string> free;
    for (int i = 1; i <= count; ++i) free.push_back(absl::StrCat("w", i));
    std::string top = free.front();
    for (int group = 0; !free.empty() && group < 4; ++group) {
      std::shuffle(free.begin(), free.end(), random);
      const size_t members = 1 + below(free.size());
      top = absl::StrCat("g", group);
      absl::StrAppend(&text, "group ", top, " ", 1 + below(members));
      for (size_t i = 0; i < members; ++i) {
        absl::StrAppend(&text, " ", free.back());
        free.pop_back();
      }
      text += "\n";
      free.push_back(top);
    }
    const WitnessPolicy policy = Policy(absl::StrCat(text, "quorum ", top, "\n"));
    Times times(static_cast<size_t>(count));
    for (auto& time : times) {
      if (below(4) != 0) time = 1 + below(6);
    }
    const Witnessing witnessing = policy.Weigh(times);
    std::optional<uint64_t> existed_by;
    std::optional<uint64_t> newest_at;
    for (uint64_t t = 1; t <= 6; ++t) {
      Times until(times.size());
      Times from(times.size());
      for (size_t i = 0; i < times.size(); ++i) {
        if (times[i] && *times[i] <= t) until[i] = times[i];
        if (times[i] && *times[i] >= t) from[i] = times[i];
      }
      if (!existed_by && policy.Weigh(until).quorum_met) existed_by = t;
      if (policy.Weigh(from).quorum_met) newest_at = t;
    }
    ASSERT_EQ(witnessing.existed_by, existed_by) << text;
    ASSERT_EQ(witnessing.newest_at, newest_at) << text;
    met += witnessing.quorum_met ? 1 : 0;
  }
  EXPECT_GT(met, 10);
  EXPECT_LT(met, 290);
}

class EvaluateTest : public ::testing::Test {
 protected:
  const Checkpoint checkpoint_ = Checkpoint::Create(kOrigin, 3, Hash{9}).value();
  const WitnessPolicy policy_ = Policy(absl::StrCat(
      "log ", LogSigner().verifier().vkey(), "\n", Witnesses(3), "group g 2 w1 w2 w3\nquorum g\n"));

  std::string NoteWith(std::vector<NoteSignature> lines) const {
    lines.insert(lines.begin(), LogSigner().Sign(checkpoint_.Body()));
    return Note::Create(checkpoint_.Body(), std::move(lines)).value().Serialize();
  }
  NoteSignature Line(int witness, uint64_t time) const {
    return WitnessSigner(witness).Sign(checkpoint_.Body(), time).value();
  }
  absl::StatusOr<WitnessedCheckpoint> Open(absl::string_view note) const {
    return policy_.Open(AsBytes(note), LogSigner().verifier());
  }
};

TEST_F(EvaluateTest, SaysWhoSignedWhen) {
  const WitnessedCheckpoint opened =
      Open(NoteWith({Line(3, 30), Line(8, 80), Line(1, 10)})).value();
  EXPECT_EQ(opened.checkpoint, checkpoint_);
  EXPECT_EQ(opened.witnessing.times, (Times{10, kNone, 30}));
  EXPECT_EQ(opened.witnessing.unknown, std::vector<NoteSignature>{Line(8, 80)});
  EXPECT_TRUE(opened.witnessing.quorum_met);
  EXPECT_EQ(opened.witnessing.existed_by, 30u);
  EXPECT_EQ(opened.witnessing.newest_at, 10u);
}

TEST_F(EvaluateTest, UnknownKeysCountForNothing) {
  NoteSignature renamed = Line(2, 20);
  renamed.name = "witness.example/4";
  const WitnessedCheckpoint opened = Open(NoteWith({Line(1, 10), Line(8, 80), renamed})).value();
  EXPECT_FALSE(opened.witnessing.quorum_met);
  EXPECT_EQ(opened.witnessing.existed_by, kNone);
  EXPECT_EQ(opened.witnessing.unknown.size(), 2u);
}

TEST_F(EvaluateTest, AWrongLineOfAKnownWitnessIsRefused) {
  NoteSignature wrong = Line(2, 20);
  wrong.signature.back() ^= 1;
  const absl::Status refused = Open(NoteWith({Line(1, 10), Line(3, 30), wrong})).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(refused.message(), "the cosignature by 'witness.example/2' does not verify");
  EXPECT_EQ(Open(NoteWith({Line(1, 10), Line(1, 11)})).status().message(),
            "a note has two cosignatures by 'witness.example/1'");
}

TEST_F(EvaluateTest, CosignaturesDoNotStandForTheLogs) {
  const std::string unsigned_note =
      Note::Create(checkpoint_.Body(), {Line(1, 10), Line(2, 20)}).value().Serialize();
  EXPECT_EQ(Open(unsigned_note).status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_FALSE(policy_.Open(AsBytes(NoteWith({Line(1, 10)})), LogSigner(101).verifier()).ok());
}

TEST_F(EvaluateTest, APublicCheckpointMeetsAQuorumOfPublicWitnesses) {
  std::string text = absl::StrCat("log ", kPublicLog, "\n");
  std::string names;
  for (const char* vkey : kPublicWitnesses) {
    absl::StrAppend(&names, " n", names.size());
    absl::StrAppend(&text, "witness ", names.substr(names.rfind(' ') + 1), " ", vkey, "\n");
  }
  const auto open = [&](absl::string_view note) {
    const WitnessPolicy policy = Policy(absl::StrCat(text, "group g all", names, "\nquorum g\n"));
    return policy.Open(AsBytes(note), policy.logs()[0].key);
  };
  const WitnessedCheckpoint opened = open(kPublicCheckpoint).value();
  EXPECT_EQ(opened.checkpoint.size(), 1432088532u);
  EXPECT_EQ(opened.witnessing.existed_by, kPublicTime);
  EXPECT_EQ(opened.witnessing.newest_at, kPublicTime);
  EXPECT_EQ(opened.witnessing.unknown.size(), 1u);  // the log's own of type 0x05
  EXPECT_FALSE(open(absl::StrReplaceAll(kPublicCheckpoint, {{"AABqEiEgzgF", "AABqEiEhzgF"}})).ok());
}

}  // namespace
}  // namespace urna::merkle
