// Every form that docs/protocol.md §13.2 says a decoder refuses, one by one. Values are written by
// the encoders, which give their bytes to the decoder; what a value cannot say is patched in bytes.
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/match.h"
#include "tests/core/record/samples.h"

namespace urna::record {
namespace {

template <typename T>
using Change = std::function<void(T&)>;

// Refused with a sentence that contains `words`.
void ExpectRefused(const absl::Status& status, absl::string_view words) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << words;
  EXPECT_TRUE(absl::StrContains(status.message(), words)) << status << " without '" << words << "'";
}

void ExpectElection(absl::string_view words, const Change<election::Manifest>& change) {
  election::Manifest manifest = SampleElectionManifest();
  change(manifest);
  ExpectRefused(EncodeBody(manifest).status(), words);
}

void ExpectPetition(absl::string_view words, const Change<petition::Manifest>& change) {
  petition::Manifest manifest = SamplePetitionManifest();
  change(manifest);
  ExpectRefused(EncodeBody(manifest).status(), words);
}

void ExpectRoll(absl::string_view words, const Change<roll::RollHeader>& change) {
  roll::RollHeader header = SampleRollHeader();
  change(header);
  ExpectRefused(EncodeBody(header).status(), words);
}

template <typename Act>
void ExpectOrder(absl::string_view words, poll::OrderKind kind, const Change<Act>& change) {
  poll::Order order = SampleOrder(kind);
  change(std::get<Act>(order.act));
  ExpectRefused(EncodeBody(order).status(), words);
}

void ExpectBallot(absl::string_view words, const Change<election::Ballot>& change) {
  election::Ballot ballot = SampleBallot();
  change(ballot);
  ExpectRefused(EncodeEntry(ballot).status(), words);
}

TEST(CanonicalTest, TextsHaveValidLanguagesOnceAndAscending) {
  for (const char* language : {"e", "EN", "en_us", "", "en-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
    ExpectElection("language", [&](auto& m) { m.title[0].language = language; });
  }
  ExpectElection("field 'title' has 0 elements", [](auto& m) { m.title.clear(); });
  ExpectElection("ascending", [](auto& m) { m.title = {{"fr", "Maire"}, {"en", "Mayor"}}; });
  ExpectElection("ascending", [](auto& m) { m.title = {{"en", "Mayor"}, {"en", "Mayor"}}; });
  ExpectPetition("ascending", [](auto& m) { std::swap(m.text[0], m.text[1]); });
  ExpectPetition("field 'text' has 0 elements", [](auto& m) { m.text.clear(); });
  ExpectRoll("field 'name' has 0 elements", [](auto& h) { h.districts[0].name.clear(); });
  ExpectElection("field 'name' has 0 elements",
                 [](auto& m) { m.contests[0].options[0].name.clear(); });
}

TEST(CanonicalTest, TextIsUtf8InShortestForm) {
  for (const std::string& text :
       {std::string("\xff"), std::string("\xc0\xaf"), std::string("\xed\xa0\x80"),
        std::string("\xf4\x90\x80\x80"), std::string("\xe2\x82"), std::string("a\0b", 3)}) {
    ExpectElection("field 'title'", [&](auto& m) { m.title[0].text = text; });
    ExpectElection("field 'origin'", [&](auto& m) { m.origin = text; });
    ExpectElection("officers name", [&](auto& m) { m.officers[0].name = text; });
    ExpectElection("field 'id'", [&](auto& m) { m.contests[0].options[0].id = text; });
    ExpectPetition("field 'text'", [&](auto& m) { m.text[0].text = text; });
    ExpectRoll("registrar name", [&](auto& h) { h.registrar.name = text; });
    poll::Order order = SampleOrder(poll::OrderKind::kClose);
    order.reason = text;
    ExpectRefused(EncodeBody(order).status(), "field 'reason'");
  }
}

TEST(CanonicalTest, TextsHaveTheLengthsStated) {
  ExpectElection("origin", [](auto& m) { m.origin = ""; });
  ExpectElection("origin", [](auto& m) { m.origin = std::string(256, 'a'); });
  ExpectElection("registrar name", [](auto& m) { m.registrar.name = ""; });
  ExpectElection("id", [](auto& m) { m.contests[0].options[0].id = ""; });
  ExpectElection("id", [](auto& m) { m.contests[0].options[0].id = std::string(64, 'a'); });
  ExpectElection("text", [](auto& m) { m.title[0].text = std::string(65536, 'a'); });
  ExpectElection("title", [](auto& m) { m.title[0].text = std::string(65535, 'a'); });
  poll::Order order = SampleOrder(poll::OrderKind::kClose);
  order.reason = std::string(1000, 'a');
  EXPECT_TRUE(EncodeBody(order).ok());
  order.reason += 'a';
  ExpectRefused(EncodeBody(order).status(), "field 'reason' has 1001 bytes");
}

TEST(CanonicalTest, ListsOfAManifestAreNotEmpty) {
  ExpectElection("'officers' has 0", [](auto& m) { m.officers.clear(); });
  ExpectElection("'trustees' has 0", [](auto& m) { m.trustees.clear(); });
  ExpectElection("'districts' has 0", [](auto& m) { m.districts.clear(); });
  ExpectElection("'styles' has 0", [](auto& m) { m.styles.clear(); });
  ExpectElection("'contests' has 0", [](auto& m) { m.styles[0].contests.clear(); });
  ExpectElection("'contests' has 0", [](auto& m) { m.contests.clear(); });
  ExpectElection("'options' has 0", [](auto& m) { m.contests[0].options.clear(); });
  ExpectPetition("'officers' has 0", [](auto& m) { m.officers.clear(); });
  ExpectPetition("'districts' has 0", [](auto& m) { m.districts.clear(); });
  ExpectRoll("'districts' has 0", [](auto& h) { h.districts.clear(); });
  ExpectRoll("'categories' has 0", [](auto& h) { h.categories.clear(); });
  petition::Manifest manifest = SamplePetitionManifest();
  manifest.thresholds.clear();
  EXPECT_TRUE(EncodeBody(manifest).ok());
}

TEST(CanonicalTest, NumberedListsAscendStrictly) {
  for (uint16_t second : {0, 1}) {  // after 1
    const auto repeat = [second](auto& list) {
      list.push_back(list[0]);
      list.back().number = second;
    };
    ExpectElection("'districts' is not strictly", [&](auto& m) { repeat(m.districts); });
    ExpectElection("'styles' is not strictly", [&](auto& m) { repeat(m.styles); });
    ExpectElection("'contests' is not strictly", [&](auto& m) { repeat(m.contests); });
    ExpectElection("'contests' is not strictly", [&](auto& m) {
      m.styles[0].contests = {1, second};
    });
    ExpectPetition("'districts' is not strictly", [&](auto& m) { repeat(m.districts); });
    ExpectPetition("'thresholds' is not strictly", [&](auto& m) { m.thresholds = {1, second}; });
    ExpectRoll("'districts' is not strictly", [&](auto& h) { repeat(h.districts); });
    ExpectRoll("'categories' is not strictly", [&](auto& h) { repeat(h.categories); });
  }
}

TEST(CanonicalTest, SignaturesAscendByOfficer) {
  for (uint16_t second : {2, 3, 4}) {
    auto order = std::get<poll::SignedOrder>(SignedSample(SampleOrder(poll::OrderKind::kClose)));
    order.signed_body.signatures = {{3, {}}, {second, {}}};
    if (second > 3) {
      EXPECT_TRUE(EncodeEntry(order).ok());
    } else {
      ExpectRefused(EncodeEntry(order).status(), "'signatures' is not strictly");
    }
  }
}

TEST(CanonicalTest, EnumerationsHaveTheirValues) {
  for (int rule : {0, 5, 255}) {
    ExpectElection("field 'rule'",
                   [&](auto& m) { m.contests[0].rule = static_cast<election::Rule>(rule); });
  }
  for (int measure : {0, 3, 255}) {
    ExpectElection("field 'measure'", [&](auto& m) {
      m.contests[0].limits = {
          {m.title, static_cast<election::Limit::Measure>(measure), 0, 1, {0, 1}}};
    });
  }
  for (int act : {0, 3, 255}) {
    petition::PetitionAct entry;
    entry.act = static_cast<petition::Act>(act);
    ExpectRefused(EncodeEntry(entry).status(), "field 'act'");
  }
  Bytes close = *EncodeBody(SampleOrder(poll::OrderKind::kClose));
  for (int act : {0, 3, 255}) {
    petition::TagAct entry;
    entry.act = static_cast<petition::Act>(act);
    ExpectRefused(EncodeEntry(entry).status(), "field 'act'");
  }
  for (uint8_t kind : {0, 19, 255}) {
    close[0] = kind;
    ExpectRefused(DecodeOrder(close).status(), "field 'kind'");
  }
  // The last 9 bytes are `reached` and `index` of the last threshold.
  Bytes result = *EncodeBody(SampleOrder(poll::OrderKind::kPetitionResult));
  for (int reached = 0; reached < 256; ++reached) {
    result[result.size() - 9] = static_cast<uint8_t>(reached);
    EXPECT_EQ(DecodeOrder(result).ok(), reached <= 1) << reached;
  }
}

TEST(CanonicalTest, AnAnonymousManifestSaysSoAndNamesItsBeacon) {
  const petition::Manifest manifest = SampleAnonymousManifest();
  const Bytes body = *EncodeBody(manifest);
  ASSERT_TRUE(DecodePetitionManifest(body, 2).ok());
  EXPECT_EQ(DecodePetitionManifest(body, 2)->anonymous, manifest.anonymous);
  // Neither version takes the other's body.
  ExpectRefused(DecodePetitionManifest(body, 1).status(), "left over");
  ExpectRefused(DecodePetitionManifest(*EncodeBody(SamplePetitionManifest()), 2).status(),
                "missing");
  // What stands behind the fields of a pseudonymous one.
  petition::Manifest plain = manifest;
  plain.anonymous.reset();
  const size_t eligibility = EncodeBody(plain)->size();
  for (int value = 0; value < 256; ++value) {
    Bytes changed = body;
    changed[eligibility] = static_cast<uint8_t>(value);
    EXPECT_EQ(DecodePetitionManifest(changed, 2).ok(), value == 2) << value;
  }
  for (const std::string& source : {std::string(), std::string(1001, 'a'), std::string("\xff")}) {
    ExpectPetition("field 'beacon_source'", [&](auto& m) {
      m.anonymous = SampleAnonymousManifest().anonymous;
      m.anonymous->beacon_source = source;
    });
  }
}

TEST(CanonicalTest, AnAnonymousElectionSaysSoAndNamesItsBeacon) {
  const election::Manifest manifest = SampleAnonymousElection();
  const Bytes body = *EncodeBody(manifest);
  ASSERT_TRUE(DecodeElectionManifest(body, 2).ok());
  EXPECT_EQ(DecodeElectionManifest(body, 2)->anonymous, manifest.anonymous);
  // Neither version takes the other's body.
  ExpectRefused(DecodeElectionManifest(body, 1).status(), "left over");
  ExpectRefused(DecodeElectionManifest(*EncodeBody(SampleElectionManifest()), 2).status(),
                "missing");
  const size_t eligibility = EncodeBody(SampleElectionManifest())->size();
  for (int value = 0; value < 256; ++value) {
    Bytes changed = body;
    changed[eligibility] = static_cast<uint8_t>(value);
    EXPECT_EQ(DecodeElectionManifest(changed, 2).ok(), value == 2) << value;
  }
  const auto refused = [](const std::string& words,
                          const std::function<void(election::AnonymousRules&)>& spoil) {
    ExpectElection(words, [&](auto& m) {
      m.anonymous = SampleAnonymousElection().anonymous;
      spoil(*m.anonymous);
    });
  };
  for (const std::string& source : {std::string(), std::string(1001, 'a'), std::string("\xff")}) {
    refused("field 'beacon_source'", [&](auto& rules) { rules.beacon_source = source; });
  }
  refused("field 'categories'", [](auto& rules) { rules.categories = {}; });
  refused("field 'categories'", [](auto& rules) { rules.categories = {2, 1}; });
}

TEST(CanonicalTest, RingBallotsHaveTheSizesOfSomeRing) {
  const auto refused = [](const std::string& words, size_t commitments, size_t responses) {
    election::Ballot ballot = SampleRingBallot();
    auto& answer = std::get<election::RingAnswer>(ballot.anonymous);
    answer.commitments.resize(commitments);
    answer.responses.resize(responses);
    ExpectRefused(EncodeEntry(ballot).status(), words);
  };
  refused("field 'ring_commitments'", 255, 416);
  refused("field 'ring_commitments'", 353, 416);
  refused("field 'ring_responses'", 256, 415);
  refused("field 'ring_responses'", 256, 705);
}

TEST(CanonicalTest, AnAnonymousManifestHasItsListsInOrder) {
  using Rules = petition::AnonymousRules;
  const auto refused = [](const std::string& words, const std::function<void(Rules&)>& spoil) {
    ExpectPetition(words, [&](auto& m) {
      m.anonymous = SampleAnonymousManifest().anonymous;
      spoil(*m.anonymous);
    });
  };
  refused("field 'categories'", [](Rules& rules) { rules.categories = {}; });
  refused("field 'categories'", [](Rules& rules) { rules.categories = {2, 1}; });
  refused("field 'paper_categories'", [](Rules& rules) { rules.paper_categories = {3, 3}; });
  refused("field 'minimums'", [](Rules& rules) { rules.minimums = {{5, 1}, {5, 2}}; });
  refused("field 'profile'", [](Rules& rules) { rules.profile = std::string(64, 'a'); });
  refused("field 'profile'", [](Rules& rules) { rules.profile = "\xff"; });
}

TEST(CanonicalTest, OrdersOfALifeSayNothingElse) {
  Bytes step = *EncodeBody(SampleOrder(poll::OrderKind::kStep));
  for (int value = 0; value < 256; ++value) {
    step[step.size() - 35] = static_cast<uint8_t>(value);
    EXPECT_EQ(DecodeOrder(step).ok(), value >= 1 && value <= poll::kMaxStep) << value;
  }
  Bytes result = *EncodeBody(SampleOrder(poll::OrderKind::kAnonymousResult));
  result.back() = 2;
  ExpectRefused(DecodeOrder(result).status(), "field 'passed'");
  result.back() = 1;
  ASSERT_TRUE(DecodeOrder(result).ok());
  result[result.size() - 4] = 2;  // `met` of the one minimum
  ExpectRefused(DecodeOrder(result).status(), "field 'met'");
  poll::Order order = SampleOrder(poll::OrderKind::kPaperBatch);
  auto& batch = std::get<poll::PaperBatch>(order.act);
  const auto refused = [&](const std::string& words) {
    ExpectRefused(EncodeBody(order).status(), words);
  };
  batch.districts = {{2, 1, 0}, {1, 1, 0}};
  refused("field 'districts'");
  batch.districts.clear();
  refused("field 'districts'");
  batch.districts = {{1, 1, 0}};
  batch.batch.clear();
  refused("field 'batch'");
  batch.batch = std::string(64, 'a');
  refused("field 'batch'");
}

TEST(CanonicalTest, OnlyAPetitionsManifestHasVersionTwo) {
  for (const Sample& sample : Samples()) {
    Bytes bytes = MustEncode(sample.entry);
    const bool anonymous = bytes[1] == 2;
    EXPECT_LE(bytes[1], 2);
    bytes[1] = anonymous ? 1 : 2;
    EXPECT_FALSE(DecodeEntry(bytes).ok()) << sample.says;
    bytes[1] = 3;
    ExpectRefused(DecodeEntry(bytes).status(), "unknown version 3");
  }
}

TEST(CanonicalTest, VectorsOfARingActHaveTheLengthsStated) {
  const auto with = [](size_t commitments, size_t responses) {
    petition::RingAct act;
    act.commitments.resize(commitments);
    act.responses.resize(responses);
    return EncodeEntry(act).status();
  };
  EXPECT_TRUE(with(256, 416).ok());
  EXPECT_TRUE(with(352, 704).ok());
  EXPECT_TRUE(with(300, 500).ok());  // what fits a ring is another check's business
  ExpectRefused(with(255, 416), "field 'ring_commitments' has 255 bytes");
  ExpectRefused(with(353, 416), "field 'ring_commitments' has 353 bytes");
  ExpectRefused(with(256, 415), "field 'ring_responses' has 415 bytes");
  ExpectRefused(with(256, 705), "field 'ring_responses' has 705 bytes");
}

TEST(CanonicalTest, AWitnessedCheckpointHasANoteThatFits) {
  ExpectRefused(EncodeEntry(poll::WitnessedCheckpoint{}).status(), "'note'");
  EXPECT_TRUE(EncodeEntry(poll::WitnessedCheckpoint{Bytes(kMaxEntrySize - 4)}).ok());
  ExpectRefused(EncodeEntry(poll::WitnessedCheckpoint{Bytes(kMaxEntrySize - 3)}).status(),
                "an entry may have");
}

TEST(CanonicalTest, FlagsAndKindsOfAContestHaveTheirValues) {
  // A contest without options' lists, limits and rule ends in: blank, by_district, options, two
  // empty lists of two bytes, and the kind of its result rule.
  const Bytes body = *EncodeBody(SampleElectionManifest());
  Bytes changed = body;
  changed.back() = 5;
  ExpectRefused(DecodeElectionManifest(changed, 1).status(), "kind of result rule");
  election::Manifest manifest = SampleElectionManifest();
  manifest.contests[0].blank = true;
  const Bytes with_blank = *EncodeBody(manifest);
  const auto flag = std::mismatch(body.begin(), body.end(), with_blank.begin()).first;
  for (ptrdiff_t at : {flag - body.begin(), flag - body.begin() + 1}) {
    changed = body;
    changed[static_cast<size_t>(at)] = 2;
    ExpectRefused(DecodeElectionManifest(changed, 1).status(), ", not 0 or 1");
  }
}

TEST(CanonicalTest, ListsOfOrdersHaveTheLengthsStated) {
  using Kind = poll::OrderKind;
  ExpectOrder<poll::Revoke>("'credentials' has 0", Kind::kRevoke,
                            [](auto& act) { act.credentials.clear(); });
  ExpectOrder<poll::Restore>("not strictly ascending", Kind::kRestore,
                             [](auto& act) { act.credentials.push_back(act.credentials[0]); });
  ExpectOrder<poll::OpenElection>("'verification_keys' has 0", Kind::kOpenElection,
                                  [](auto& act) { act.verification_keys.clear(); });
  ExpectOrder<poll::Sum>("'districts' has 0", Kind::kSum,
                         [](auto& act) { act.parts[0].districts.clear(); });
  ExpectOrder<poll::ElectionResult>("'totals' has 0", Kind::kElectionResult,
                                    [](auto& act) { act.results[0].totals.clear(); });
  ExpectOrder<poll::ElectionResult>("'totals' has 65536 bytes", Kind::kElectionResult,
                                    [](auto& act) { act.results[0].totals.resize(8192); });
}

TEST(CanonicalTest, ListsOfMessagesHaveTheLengthsStated) {
  using Message = election::KeyCoefficients;
  Message message = std::get<Message>(SampleMessage(EntryType::kKeyCoefficients));
  message.coefficients.resize(31);
  ExpectRefused(EncodeFields(message).status(), "field 'coefficients' has 31 bytes");
  message = std::get<Message>(SampleMessage(EntryType::kKeyCoefficients));
  message.proofs.resize(63);
  ExpectRefused(EncodeFields(message).status(), "field 'proofs' has 63 bytes");
  auto share = std::get<election::DecryptionShare>(SampleMessage(EntryType::kDecryptionShare));
  share.shares.resize(31);
  ExpectRefused(EncodeFields(share).status(), "field 'shares' has 31 bytes");
  share = std::get<election::DecryptionShare>(SampleMessage(EntryType::kDecryptionShare));
  share.proofs.resize(95);
  ExpectRefused(EncodeFields(share).status(), "field 'proofs' has 95 bytes");
}

TEST(CanonicalTest, ContestsOfABallotAscendAndHaveTheLengthsStated) {
  for (uint16_t second : {0, 1}) {
    ExpectBallot("'contests' is not strictly", [&](auto& b) {
      b.contests.push_back(b.contests[0]);
      b.contests[1].contest = second;
    });
  }
  ExpectBallot("field 'ciphertexts' has 63 bytes",
               [](auto& b) { b.contests[0].ciphertexts.resize(63); });
  ExpectBallot("field 'commitments' has 63 bytes",
               [](auto& b) { b.contests[0].commitments.resize(63); });
  ExpectBallot("field 'responses' has 31 bytes",
               [](auto& b) { b.contests[0].responses.resize(31); });
  election::Ballot ballot = SampleBallot();
  ballot.contests[0].challenges.clear();
  EXPECT_TRUE(EncodeEntry(ballot).ok());
  ballot.contests.clear();
  EXPECT_TRUE(EncodeEntry(ballot).ok());
}

// A byte more inside a body, with every length around it right: nothing may be left over there.
TEST(CanonicalTest, BodiesHaveNoTrailingBytes) {
  for (const Sample& sample : Samples()) {
    Bytes bytes = MustEncode(sample.entry);
    const EntryType type = TypeOf(sample.entry);
    const bool has_body = type == EntryType::kElectionManifest || type == EntryType::kOrder ||
                          type == EntryType::kPetitionManifest || type == EntryType::kRollHeader ||
                          type == EntryType::kRollSeal;
    if (has_body) {
      const size_t length = size_t{bytes[2]} << 8 | bytes[3];
      bytes[2] = static_cast<uint8_t>((length + 1) >> 8);
      bytes[3] = static_cast<uint8_t>(length + 1);
      bytes.insert(bytes.begin() + 4 + static_cast<ptrdiff_t>(length), 0);
      ExpectRefused(DecodeEntry(bytes).status(), "body: 1 byte left over");
    } else if (IsTrusteeMessage(type)) {
      bytes.insert(bytes.end() - 64, 0);
      ExpectRefused(DecodeEntry(bytes).status(), "message: 1 byte left over");
    }
  }
}

TEST(CanonicalTest, ListsHaveNoPieceOfAnElementAtTheirEnd) {
  // verification_keys of an opening order: 33 bytes instead of 32.
  Bytes open = *EncodeBody(SampleOrder(poll::OrderKind::kOpenElection));
  const size_t at = 1 + 4 + 32 + 8 + 2 + 2 + 32;  // the length of verification_keys
  ASSERT_EQ(open[at + 1], 32);
  open[at + 1] = 33;
  open.insert(open.begin() + at + 2, 0);
  ExpectRefused(DecodeOrder(open).status(), "verification_keys, element 1: 31 bytes missing");
  // results of a result order: totals of 17 bytes.
  Bytes result = *EncodeBody(SampleOrder(poll::OrderKind::kElectionResult));
  const size_t list = 1 + 4 + 32 + 8 + 2;
  ASSERT_EQ(result[list + 1], 20);  // part, length, two totals
  result[list + 1] = 21;
  result[list + 5] = 17;
  result.push_back(0);
  ExpectRefused(DecodeOrder(result).status(), "totals, element 2: 7 bytes missing");
}

TEST(CanonicalTest, DecodersOfBodiesRefuseWhatIsNoBody) {
  EXPECT_FALSE(DecodeElectionManifest({}, 1).ok());
  EXPECT_FALSE(DecodePetitionManifest({}, 1).ok());
  EXPECT_FALSE(DecodePetitionManifest({}, 2).ok());
  EXPECT_FALSE(DecodeRollHeader({}).ok());
  EXPECT_FALSE(DecodeRollSeal({}).ok());
  EXPECT_FALSE(DecodeOrder({}).ok());
  for (int type = 0; type < 256; ++type) {
    EXPECT_FALSE(DecodeTrusteeMessage(static_cast<uint8_t>(type), {}).ok());
  }
  const Bytes fields = *EncodeFields(SampleMessage(EntryType::kKeyCommitment));
  EXPECT_TRUE(DecodeTrusteeMessage(0x20, fields).ok());
  ExpectRefused(DecodeTrusteeMessage(0x30, fields).status(), "no type of trustee message");
}

}  // namespace
}  // namespace urna::record
