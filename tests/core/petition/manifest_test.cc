// The rules of a petition's manifest by itself, its hashes and its signatures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/codec.h"
#include "core/crypto/transcript.h"
#include "core/petition/state.h"
#include "tests/support/poll_fixture.h"

namespace urna::petition {
namespace {

using ::testing::ElementsAre;
using testing::English;
using ::testing::IsEmpty;

class PetitionManifestTest : public ::testing::Test {
 protected:
  void ExpectRefused(absl::string_view words, const std::function<void(Manifest&)>& change) {
    Manifest changed = manifest_;
    change(changed);
    const absl::Status status = CheckManifest(changed);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << words;
    EXPECT_TRUE(absl::StrContains(status.message(), words)) << status;
  }

  crypto::SeededRng rng_{5};
  testing::TestPeople people_ = testing::MakePeople(3, 0, rng_);
  Manifest manifest_ = testing::MakePetitionManifest(people_, rng_);
};

TEST_F(PetitionManifestTest, AcceptsAWellFormedOne) {
  EXPECT_TRUE(CheckManifest(manifest_).ok()) << CheckManifest(manifest_);
  manifest_.thresholds.clear();
  EXPECT_TRUE(CheckManifest(manifest_).ok()) << CheckManifest(manifest_);
}

TEST_F(PetitionManifestTest, NamesTheElementThatIsWrong) {
  ExpectRefused("origin 'poll'", [](Manifest& m) { m.origin = "poll"; });
  ExpectRefused("log key", [](Manifest& m) { m.log_key = {}; });
  ExpectRefused("the title: no text", [](Manifest& m) { m.title.clear(); });
  ExpectRefused("the text: no text", [](Manifest& m) { m.text.clear(); });
  ExpectRefused("the text: text in 'en'", [](Manifest& m) { m.text = English("\xff"); });
  ExpectRefused("the text is in the languages de", [](Manifest& m) { m.text[0].language = "de"; });
  ExpectRefused("schedule", [](Manifest& m) { m.schedule.closes = m.schedule.opens; });
  ExpectRefused("registrar", [](Manifest& m) { m.registrar.name = ""; });
  ExpectRefused("officer 2", [](Manifest& m) { m.officers[2] = m.officers[0]; });
  ExpectRefused("a quorum of 4 of 3 officers", [](Manifest& m) { m.officer_quorum = 4; });
}

TEST_F(PetitionManifestTest, RingsHaveTheirSizesAndFewestAtMostHalfOfThem) {
  const auto with = [](uint16_t ring_size, uint16_t fewest,
                       const std::string& source = "a beacon") {
    return
        [=](Manifest& m) { m.anonymous = testing::MakeAnonymousRules(ring_size, fewest, source); };
  };
  for (uint16_t size : {64, 256, 1024, 4096}) {
    for (int fewest : {2, 3, size / 2}) {
      Manifest manifest = manifest_;
      with(size, static_cast<uint16_t>(fewest))(manifest);
      EXPECT_TRUE(CheckManifest(manifest).ok()) << CheckManifest(manifest);
    }
    ExpectRefused("fewest is 1,", with(size, 1));
    ExpectRefused("fewest is 0,", with(size, 0));
    ExpectRefused("fewest is", with(size, static_cast<uint16_t>(size / 2 + 1)));
  }
  for (uint16_t size : {0, 1, 16, 63, 65, 128, 512, 2048, 16384, 65535}) {
    ExpectRefused("ring_size is", with(size, 2));
  }
  ExpectRefused("beacon_source has 0 bytes", with(64, 2, ""));
  ExpectRefused("beacon_source has 1001 bytes", with(64, 2, std::string(1001, 'a')));
}

TEST_F(PetitionManifestTest, WhoSignsAndWhatIsNeededIsWholeAndPossible) {
  manifest_.anonymous = testing::MakeAnonymousRules();
  const auto refused = [&](const std::string& words,
                           const std::function<void(AnonymousRules&)>& spoil) {
    ExpectRefused(words, [&](Manifest& m) { spoil(*m.anonymous); });
  };
  ASSERT_TRUE(CheckManifest(manifest_).ok()) << CheckManifest(manifest_);
  refused("no category", [](auto& r) { r.categories = {}; });
  refused("ascending", [](auto& r) { r.categories = {2, 1}; });
  refused("ascending", [](auto& r) { r.paper_categories = {3, 2}; });
  refused("category 1 signs both", [](auto& r) { r.paper_categories = {1}; });
  refused("the profile's name", [](auto& r) { r.profile = std::string(64, 'a'); });
  refused("invitations", [](auto& r) { r.initiators = 1; });
  refused("invitations", [](auto& r) { r.invitation = 1; });
  refused("a minimum asks", [](auto& r) { r.minimums = {{0, 1}}; });
  refused("a minimum asks", [](auto& r) { r.minimums = {{1, 0}}; });
  refused("ascending by time", [](auto& r) { r.minimums = {{5, 1}, {5, 2}}; });
  refused("signatures are collected", [](auto& r) { r.minimums = {{1'000'001, 1}}; });
  refused("101 minimums", [](auto& r) {
    for (uint32_t i = 1; i <= 101; ++i) r.minimums.push_back({i, 1});
  });
  refused("minimums of districts", [](auto& r) { r.district_minimums = {1, 1}; });
  refused("minimums of districts", [](auto& r) { r.districts_needed = 1; });
  refused("3 districts needed", [](auto& r) {
    r.district_minimums = {1, 1};
    r.districts_needed = 3;
  });
  refused("the minimum of a district is 0", [](auto& r) {
    r.district_minimums = {1, 0};
    r.districts_needed = 1;
  });
  AnonymousRules& rules = *manifest_.anonymous;
  rules.paper_categories = {2, 5};
  rules.initiators = 255;
  rules.invitation = 1;
  rules.minimums = {{1, 1}, {1'000'000, 7}};
  rules.district_minimums = {3, 4};
  rules.districts_needed = 2;
  EXPECT_TRUE(CheckManifest(manifest_).ok()) << CheckManifest(manifest_);
  ExpectRefused("2001 districts, at most 2000", [](Manifest& m) {
    m.districts.clear();
    for (uint16_t i = 0; i <= kMaxAnonymousDistricts; ++i) m.districts.push_back({i, English("x")});
  });
}

TEST_F(PetitionManifestTest, TheLargestAnonymousResultFitsIntoAnEntry) {
  poll::Order order;
  order.reason = std::string(1000, 'x');
  poll::AnonymousResult result;
  for (size_t i = 0; i < kMaxAnonymousDistricts; ++i) {
    result.districts.push_back({static_cast<uint16_t>(i), 1, 1});
  }
  for (uint64_t i = 1; i <= kMaxThresholds; ++i) result.thresholds.push_back({i, false, 0});
  for (uint32_t i = 1; i <= kMaxMinimums; ++i) result.minimums.push_back({i, 1, 1, true});
  order.act = result;
  poll::SignedOrder entry{{record::EncodeBody(order).value(), {}}, order};
  for (uint16_t officer = 0; officer < 64; ++officer) {
    entry.signed_body.signatures.push_back({officer, {}});
  }
  EXPECT_TRUE(record::EncodeEntry(entry).ok()) << record::EncodeEntry(entry).status();
}

TEST_F(PetitionManifestTest, DistrictsAreAscendingNamedAndNotTooMany) {
  ExpectRefused("no district", [](Manifest& m) { m.districts.clear(); });
  ExpectRefused("district 1 stands after 2",
                [](Manifest& m) { std::swap(m.districts[0], m.districts[1]); });
  ExpectRefused("district 2 stands after 2", [](Manifest& m) { m.districts[0].number = 2; });
  ExpectRefused("the name of district 2 is in the languages de",
                [](Manifest& m) { m.districts[1].name[0].language = "de"; });
  const auto with = [](Manifest& m, size_t districts) {
    m.districts.clear();
    for (size_t i = 0; i < districts; ++i) {
      m.districts.push_back({static_cast<uint16_t>(i), English("x")});
    }
  };
  with(manifest_, kMaxDistricts);
  EXPECT_TRUE(CheckManifest(manifest_).ok());
  ExpectRefused("4001 districts", [&](Manifest& m) { with(m, kMaxDistricts + 1); });
}

TEST_F(PetitionManifestTest, ThresholdsAreAscendingPositiveAndNotTooMany) {
  ExpectRefused("a threshold is 0", [](Manifest& m) { m.thresholds = {0, 1}; });
  ExpectRefused("threshold 2 stands after 2", [](Manifest& m) { m.thresholds = {2, 2}; });
  ExpectRefused("threshold 1 stands after 2", [](Manifest& m) { m.thresholds = {2, 1}; });
  manifest_.thresholds.clear();
  for (uint64_t i = 1; i <= kMaxThresholds; ++i) manifest_.thresholds.push_back(i);
  EXPECT_TRUE(CheckManifest(manifest_).ok());
  ExpectRefused("1001 thresholds", [](Manifest& m) { m.thresholds.push_back(1001); });
}

TEST_F(PetitionManifestTest, TextsThatNoEntryCouldHoldAreRefused) {
  ExpectRefused("the text takes 65536 bytes",
                [](Manifest& m) { m.text = English(std::string(65531, 'x')); });
  manifest_.text = English(std::string(65530, 'x'));
  EXPECT_TRUE(CheckManifest(manifest_).ok());
  EXPECT_EQ(TextHash(manifest_).size(), 32u);
}

// The largest manifest that the rules allow can be answered by a result that fits into an entry.
TEST_F(PetitionManifestTest, TheLargestResultFitsIntoAnEntry) {
  poll::Order order;
  order.reason = std::string(1000, 'x');
  poll::PetitionResult result;
  for (size_t i = 0; i < kMaxDistricts; ++i) {
    result.districts.push_back({static_cast<uint16_t>(i), 1});
  }
  for (size_t i = 0; i < kMaxThresholds; ++i) result.thresholds.push_back({i + 1, false, 0});
  order.act = result;
  order.number = 3;
  poll::SignedOrder entry;
  entry.order = order;
  entry.signed_body.body = record::EncodeBody(order).value();
  for (uint16_t i = 0; i < 64; ++i) entry.signed_body.signatures.push_back({i, {}});
  EXPECT_TRUE(record::EncodeEntry(entry).ok()) << record::EncodeEntry(entry).status();
}

TEST_F(PetitionManifestTest, FindsDistrictsByNumber) {
  ASSERT_NE(manifest_.FindDistrict(2), nullptr);
  EXPECT_EQ(manifest_.FindDistrict(2)->number, 2);
  EXPECT_EQ(manifest_.FindDistrict(0), nullptr);
  EXPECT_EQ(manifest_.FindDistrict(3), nullptr);
}

TEST_F(PetitionManifestTest, TextHashCoversTitleAndTextInEveryLanguage) {
  manifest_.title = {{"de", "Titel"}, {"en", "Title"}};
  manifest_.text = {{"de", "Wir"}, {"en", "We"}};
  Writer title, text;
  title.Vector16(
      AsBytes(absl::string_view("\x02"
                                "de\x00\x05"
                                "Titel\x02"
                                "en\x00\x05"
                                "Title",
                                20)));
  text.Vector16(
      AsBytes(absl::string_view("\x02"
                                "de\x00\x03"
                                "Wir\x02"
                                "en\x00\x02"
                                "We",
                                15)));
  const crypto::Hash32 hash = crypto::Transcript("petition text")
                                  .Field("title", title.bytes())
                                  .Field("text", text.bytes())
                                  .Hash32();
  EXPECT_EQ(TextHash(manifest_), hash);
  manifest_.text[0].text = "Wie";
  EXPECT_NE(TextHash(manifest_), hash);
}

TEST_F(PetitionManifestTest, EntryIsCheckedForRulesAndSignatures) {
  EXPECT_THAT(testing::Numbers(PetitionState::CheckManifestEntry(
                  testing::SignManifest(people_.officers, manifest_))),
              IsEmpty());
  EXPECT_THAT(testing::Numbers(PetitionState::CheckManifestEntry(
                  testing::SignManifest(people_.officers, manifest_, {{0}}))),
              ElementsAre("S2"));

  Manifest wrong = manifest_;
  wrong.schedule.closes = 0;
  const auto violations =
      PetitionState::CheckManifestEntry(testing::SignManifest(people_.officers, wrong));
  ASSERT_THAT(testing::Numbers(violations), ElementsAre("S1"));
  EXPECT_TRUE(absl::StrContains(violations[0].status.message(), "petition manifest: schedule"));

  const testing::TestPeople others = testing::MakePeople(3, 0, rng_);
  EXPECT_THAT(testing::Numbers(
                  PetitionState::CheckManifestEntry(testing::SignManifest(others.officers, wrong))),
              ElementsAre("S1", "S2"));
}

}  // namespace
}  // namespace urna::petition
