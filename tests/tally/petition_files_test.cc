// Profiles and specifications of anonymous petitions, counts of paper, and confirmations.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "core/base/file.h"
#include "core/merkle/note.h"
#include "tally/confirmation_file.h"
#include "tally/paper_file.h"
#include "tally/petition_spec.h"
#include "tally/petition_status.h"
#include "tally/specs.h"
#include "tests/core/petition/petition_kit.h"
#include "tests/support/record_files.h"

namespace urna::tally {
namespace {

using petition::PetitionKit;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Json ReadJson(const std::string& path) {
  return ParseJson(AsText(ReadFile(path, 1 << 20).value()), path).value();
}

Json OneDistrict() {
  Json district;
  district["number"] = 1;
  district["name"]["en"] = "All";
  return Json::array({district});
}

// A petition without what profiles say.
Json Spec() {
  crypto::SeededRng rng(3);
  const auto vkey = [&](const char* name) {
    const testing::Signer signer = testing::MakeSigner(name, rng);
    return merkle::NoteVerifier::Create(name, signer.key.public_key())->vkey();
  };
  return {{"kind", "petition"},
          {"origin", "board.example/petition"},
          {"nonce", std::string(64, '1')},
          {"title", {{"en", "More trees"}}},
          {"text", {{"en", "Plant them."}}},
          {"schedule", {{"opens", "2027-01-31T00:00:00Z"}, {"tolerance", 60}}},
          {"registrar", vkey("registrar")},
          {"officers", Json::array({vkey("officer")})},
          {"officer_quorum", 1},
          {"anonymous", {{"fewest", 32}, {"beacon", "a beacon"}, {"categories", {1, 2}}}}};
}

SpecDefaults Defaults() {
  SpecDefaults out;
  crypto::SeededRng rng(4);
  out.log_key = testing::MakeSigner("log", rng).named.key;
  out.nonce = {1};
  return out;
}

absl::StatusOr<petition::Manifest> Make(Json spec, const Json& profile,
                                        const std::optional<RollCount>& roll = std::nullopt) {
  absl::StatusOr<Json> applied = ApplyProfile(spec, profile);
  if (!applied.ok()) return applied.status();
  SpecDefaults defaults = Defaults();
  defaults.roll = roll;
  absl::StatusOr<PollSpec> made = ReadPollSpec(*applied, defaults);
  if (!made.ok()) return made.status();
  return std::get<petition::Manifest>(*made);
}

std::string Profile(const std::string& name) { return "examples/profiles/" + name + ".json"; }

TEST(ProfilesTest, EveryOneMakesAManifest) {
  const RollCount roll = {{{1, 1}, 12'345}, {{1, 3}, 55}, {{2, 1}, 1}};
  size_t profiles = 0;
  for (const auto& file : std::filesystem::directory_iterator("examples/profiles")) {
    ++profiles;
    const Json profile = ReadJson(file.path());
    Json spec = Spec();
    if (!profile.contains("collects")) spec["schedule"]["closes"] = "2027-03-01T00:00:00Z";
    if (!profile.contains("districts")) {
      spec["districts"] = OneDistrict();
    }
    const auto manifest = Make(spec, profile, roll);
    ASSERT_TRUE(manifest.ok()) << file.path() << ": " << manifest.status();
    EXPECT_EQ(manifest->anonymous->profile, profile["name"].get<std::string>());
    EXPECT_FALSE(manifest->thresholds.empty());
    // It says everything itself then.
    const auto again = ReadPollSpec(SpecOf(*manifest), SpecDefaults());
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(std::get<petition::Manifest>(*again).anonymous, manifest->anonymous);
  }
  EXPECT_EQ(profiles, 8u);
}

TEST(ProfilesTest, SayWhatTheLawsAskFor) {
  const RollCount roll = {{{1, 1}, 10'000}, {{1, 2}, 41}, {{1, 3}, 7'000}, {{2, 1}, 9}};
  Json spec = Spec();
  spec["districts"] = OneDistrict();
  const auto of = [&](const std::string& name) {
    Json with = spec;
    const Json profile = ReadJson(Profile(name));
    if (!profile.contains("collects")) with["schedule"]["closes"] = "2027-03-01T00:00:00Z";
    if (profile.contains("districts")) with.erase("districts");
    const auto manifest = Make(with, profile, roll);
    EXPECT_TRUE(manifest.ok()) << name << ": " << manifest.status();
    return *manifest;
  };
  const petition::Manifest finland = of("fi-national");
  EXPECT_THAT(finland.thresholds, ElementsAre(50'000));
  EXPECT_EQ(finland.anonymous->initiators, 5);
  EXPECT_EQ(finland.anonymous->invitation, 14u * 86'400);
  EXPECT_THAT(finland.anonymous->minimums, ElementsAre(petition::Minimum{30 * 86'400, 50}));
  // Six months after 31 January: there is no 31 July missing.
  EXPECT_EQ(finland.schedule.closes, *ParseTimeText("2027-07-31T00:00:00Z"));
  // 2 and 4 percent of 10,041, rounded up; others are of another category or district.
  EXPECT_THAT(of("fi-municipal").thresholds, ElementsAre(201, 402));
  EXPECT_THAT(of("ee-national").thresholds, ElementsAre(1'000));
  EXPECT_THAT(of("ee-local").thresholds, ElementsAre(101));
  EXPECT_THAT(of("uk-parliament").thresholds, ElementsAre(10'000, 100'000));
  EXPECT_THAT(of("ch-initiative").thresholds, ElementsAre(100'000));
  EXPECT_EQ(of("ch-initiative").schedule.closes, *ParseTimeText("2028-07-31T00:00:00Z"));
  const petition::Manifest referendum = of("ch-referendum");
  EXPECT_EQ(referendum.schedule.closes - referendum.schedule.opens, 100u * 86'400);
  const petition::Manifest union_wide = of("eu-citizens");
  EXPECT_EQ(union_wide.districts.size(), 27u);
  EXPECT_EQ(union_wide.anonymous->districts_needed, 7);
  EXPECT_EQ(union_wide.anonymous->district_minimums[10], 96u * 720);  // Germany
}

TEST(ProfilesTest, PercentagesAreOfARollAndAtLeastWhatIsSaid) {
  Json spec = Spec();
  spec["districts"] = OneDistrict();
  spec["schedule"]["closes"] = "2027-03-01T00:00:00Z";
  const Json local = ReadJson(Profile("ee-local"));
  EXPECT_THAT(std::string(Make(spec, local).status().message()), HasSubstr("of a sealed roll"));
  EXPECT_THAT(Make(spec, local, RollCount{{{1, 1}, 400}})->thresholds, ElementsAre(5));
  EXPECT_THAT(Make(spec, local, RollCount{{{1, 1}, 501}})->thresholds, ElementsAre(6));
  EXPECT_THAT(std::string(Make(spec, local, RollCount{{{9, 1}, 400}}).status().message()),
              HasSubstr("nobody on the roll may sign"));
  // What the specification says itself holds.
  spec["thresholds"] = Json::array({7});
  spec["anonymous"]["review"] = true;
  const auto own = Make(spec, local);
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_THAT(own->thresholds, ElementsAre(7));
  EXPECT_TRUE(own->anonymous->review);
}

TEST(ProfilesTest, NameWhatIsWrong) {
  const Json good = ReadJson(Profile("fi-national"));
  const auto refused = [&](const std::string& words, const std::function<void(Json&)>& spoil) {
    Json profile = good;
    spoil(profile);
    EXPECT_THAT(std::string(Make(Spec(), profile).status().message()), HasSubstr(words));
  };
  refused("kind", [](Json& p) { p["kind"] = "roll"; });
  refused("treshold", [](Json& p) { p["treshold"] = 3; });
  refused("profile.collects", [](Json& p) { p["collects"] = "half a year"; });
  refused("who", [](Json& p) { p.erase("who"); });
  Json pseudonymous = Spec();
  pseudonymous.erase("anonymous");
  EXPECT_THAT(std::string(Make(pseudonymous, good).status().message()), HasSubstr("anonymous"));
  Json months = Spec();
  months["anonymous"]["invitation"] = "2 months";
  months["districts"] = OneDistrict();
  EXPECT_THAT(std::string(Make(months, good).status().message()),
              HasSubstr("$.anonymous.invitation"));
}

// Districts 1 and 2 of the petition; of each two members sign on paper.
class PaperFileTest : public ::testing::Test {
 protected:
  static petition::AnonymousRules Rules() {
    petition::AnonymousRules out = PetitionKit::SmallRings();
    out.paper_categories = {2};
    return out;
  }
  PaperReport Report(const std::string& text) {
    const auto listed = ParsePaper(text, "sheets.csv");
    EXPECT_TRUE(listed.ok()) << listed.status();
    return ReportPaper(kit_.state, *listed);
  }
  PetitionKit kit_{5, Rules(), {.members = 12, .districts = {1, 2, 3}, .categories = {1, 2}}};
};

TEST_F(PaperFileTest, ReadsBothForms) {
  kit_.Open();
  const PaperReport csv = Report("# town hall\n\ndistrict,accepted,rejected\n2,1,3\n1,2,0\n");
  EXPECT_THAT(csv.districts, ElementsAre(poll::PaperCount{1, 2, 0}, poll::PaperCount{2, 1, 3}));
  EXPECT_TRUE(csv.refused.empty());
  EXPECT_THAT(csv.lines[0].what, HasSubstr("1 in all of at most 2"));
  const PaperReport json = Report(R"([{"district": 2, "accepted": 1, "rejected": 3}])");
  EXPECT_THAT(json.districts, ElementsAre(poll::PaperCount{2, 1, 3}));
}

TEST_F(PaperFileTest, SaysOfEveryLineWhatIsWrong) {
  kit_.Open();
  const PaperReport report = Report("district,accepted,rejected\n1,3,0\n3,1,0\n2,1,0\n2,1,0\n");
  EXPECT_THAT(report.refused, ElementsAre(2, 3, 5));
  EXPECT_THAT(report.lines[0].what, HasSubstr("the roll has 2"));
  EXPECT_THAT(report.lines[1].what, HasSubstr("not one of the petition's"));
  EXPECT_TRUE(report.lines[2].good);
  EXPECT_THAT(report.lines[3].what, HasSubstr("stands twice"));
}

TEST_F(PaperFileTest, NamesTheLineThatIsNoCount) {
  const auto error = [](const std::string& text) {
    return std::string(ParsePaper(text, "sheets.csv").status().message());
  };
  EXPECT_THAT(error("1,2,3\n"), HasSubstr("sheets.csv line 1: 'district,accepted,rejected'"));
  EXPECT_THAT(error("district,accepted,rejected\n1,2\n"), HasSubstr("line 2: three numbers"));
  EXPECT_THAT(error("district,accepted,rejected\n70000,2,3\n"), HasSubstr("line 2"));
  EXPECT_THAT(error("district,accepted,rejected\n1,-2,3\n"), HasSubstr("line 2"));
  EXPECT_THAT(error("district,accepted,rejected\n"), HasSubstr("counts no district"));
  EXPECT_THAT(error(R"([{"district": 1, "accepted": 2}])"), HasSubstr("rejected"));
}

TEST(ConfirmationFileTest, IsMadeForTheInvitationOfItsKeyAndReadBack) {
  petition::AnonymousRules rules = PetitionKit::SmallRings();
  rules.initiators = 1;
  rules.invitation = 100;
  PetitionKit kit(5, rules, PetitionKit::SmallRoll(), PetitionKit::From::kManifest);
  const testing::Signer anna = testing::MakeSigner("anna", kit.rng);
  EXPECT_TRUE(absl::IsNotFound(MakeConfirmation(kit.state, anna.key, 1000).status()));
  kit.Apply(kit.Next(poll::Invite{anna.named}, 1000));
  EXPECT_THAT(std::string(MakeConfirmation(kit.state, anna.key, 1100).status().message()),
              HasSubstr("expired"));
  const auto made = MakeConfirmation(kit.state, anna.key, 1050);
  ASSERT_TRUE(made.ok()) << made.status();
  const testing::TemporaryDirectory directory;
  const std::string path = directory.path() + "/confirmation";
  ASSERT_TRUE(WriteConfirmationFile(path, *made).ok());
  const auto read = ReadConfirmationFile(path);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->name, "anna");
  EXPECT_EQ(read->confirm.signature, made->confirm.signature);
  EXPECT_THAT(kit.Check(kit.Next(read->confirm, 1060)), ::testing::IsEmpty());
  EXPECT_THAT(ReportPetition(kit.state, false, 1060, "en").text, HasSubstr("anna"));
  EXPECT_THAT(ReportPetition(kit.state, false, 1060, "en").next, HasSubstr("petition confirm"));
  kit.Apply(kit.Next(read->confirm, 1060));
  EXPECT_TRUE(absl::IsAlreadyExists(MakeConfirmation(kit.state, anna.key, 1061).status()));
  EXPECT_THAT(ReportPetition(kit.state, false, 1060, "en").next, HasSubstr("step submit"));
  kit.Publish();
  EXPECT_THAT(std::string(MakeConfirmation(kit.state, anna.key, 1061).status().message()),
              HasSubstr("confirm a draft"));
}

}  // namespace
}  // namespace urna::tally
