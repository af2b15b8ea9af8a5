#include "tally/roll_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/poll_fixture.h"

namespace urna::tally {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Five members, by turns of the districts 1 and 2: three and two.
class RollReportTest : public ::testing::Test {
 protected:
  RollReportTest()
      : rng_(12),
        people_(testing::MakePeople(1, 1, rng_)),
        roll_(testing::MakeRoll({"board.example/roll", 5, {1, 2}}, people_.registrar,
                                people_.roll_log, rng_)) {}

  const roll::RollHeader& header() const { return roll_.state->header(); }
  RollReport Report(const std::string& census, uint16_t tolerance = 0) const {
    const auto figures = ParseCensus(census, "census.json", header());
    EXPECT_TRUE(figures.ok()) << figures.status();
    return MakeRollReport(*roll_.state, {}, *figures, tolerance, "en");
  }
  std::string ErrorOf(const std::string& census) const {
    const auto figures = ParseCensus(census, "census.json", header());
    EXPECT_TRUE(absl::IsInvalidArgument(figures.status())) << census;
    return std::string(figures.status().message());
  }

  crypto::SeededRng rng_;
  testing::TestPeople people_;
  testing::TestRoll roll_;
};

TEST_F(RollReportTest, SetsMembersBesideTheCensus) {
  const RollReport report = Report(R"({"source": "Register", "districts": [
      {"number": 2, "entitled": 8}, {"number": 1, "entitled": 3}]})");
  ASSERT_EQ(report.rows.size(), 2u);
  EXPECT_EQ(report.rows[0].members, 3u);
  EXPECT_EQ(report.rows[0].entitled, 3u);
  EXPECT_EQ(report.rows[1].members, 2u);
  EXPECT_EQ(report.rows[1].entitled, 8u);
  EXPECT_EQ(report.members, 5u);
  EXPECT_EQ(report.entitled, 11u);
  EXPECT_TRUE(report.Above().empty());
  const std::string text = report.ToText();
  EXPECT_THAT(text, HasSubstr("100.00 %"));
  EXPECT_THAT(text, HasSubstr("25.00 %"));
  EXPECT_THAT(text, HasSubstr("45.45 %"));
  EXPECT_THAT(text, HasSubstr("Register"));
  EXPECT_THAT(text, Not(HasSubstr("MORE THAN PEOPLE")));
  const Json json = report.ToJson();
  EXPECT_EQ(json["members"], 5);
  EXPECT_EQ(json["districts"][1]["share_percent"], 25.0);
  EXPECT_EQ(json["districts"][1]["above"], false);
}

TEST_F(RollReportTest, SaysWhereThereAreMoreMembersThanPeople) {
  const RollReport report = Report(R"({"source": "Register", "districts": [
      {"number": 1, "entitled": 1000}, {"number": 2, "entitled": 1}]})");
  ASSERT_EQ(report.Above().size(), 1u);
  EXPECT_EQ(report.Above()[0].number, 2);
  EXPECT_THAT(report.ToText(), HasSubstr("MORE THAN PEOPLE"));
  EXPECT_THAT(report.ToText(), HasSubstr("200.00 %"));
  EXPECT_EQ(report.ToJson()["districts"][1]["above"], true);
}

TEST_F(RollReportTest, SomeMoreThanPeopleCanBeTolerated) {
  const std::string census = R"({"source": "Register", "districts": [
      {"number": 1, "entitled": 1000}, {"number": 2, "entitled": 1}]})";
  EXPECT_EQ(Report(census, 9'999).Above().size(), 1u);
  EXPECT_TRUE(Report(census, 10'000).Above().empty());
}

TEST_F(RollReportTest, SetsCategoriesBesideTheCensusToo) {
  const RollReport report = Report(R"({"source": "Register", "districts": [
      {"number": 1, "entitled": 3, "categories": [{"number": 1, "entitled": 2}]},
      {"number": 2, "entitled": 2}]})");
  ASSERT_EQ(report.rows[0].categories.size(), 1u);
  EXPECT_EQ(report.rows[0].categories[0].members, 3u);
  EXPECT_TRUE(report.rows[1].categories.empty());
  ASSERT_EQ(report.Above().size(), 1u);
  EXPECT_THAT(report.Above()[0].name, HasSubstr("of district 1"));
  EXPECT_THAT(report.ToText(), HasSubstr("category 1 Category 1  MORE THAN PEOPLE"));
}

TEST_F(RollReportTest, MembersWhereNobodyIsEntitledAreAboveEveryShare) {
  const RollReport report = Report(R"({"source": "Register", "districts": [
      {"number": 1, "entitled": 3}, {"number": 2, "entitled": 0}]})");
  ASSERT_EQ(report.Above().size(), 1u);
  EXPECT_TRUE(report.ToJson()["districts"][1]["share_percent"].is_null());
  EXPECT_EQ(ShareOf(0, 0), 0u);
  EXPECT_EQ(ShareOf(2, 3), 6666u);
}

TEST_F(RollReportTest, NamesWhatIsWrongWithTheCensus) {
  EXPECT_THAT(ErrorOf("{"), HasSubstr("census.json"));
  EXPECT_THAT(ErrorOf("[]"), HasSubstr("census.json"));
  EXPECT_THAT(ErrorOf(R"({"districts": []})"), HasSubstr("source"));
  EXPECT_THAT(ErrorOf(R"({"source": "", "districts": []})"), HasSubstr("$.source"));
  EXPECT_THAT(ErrorOf(R"({"source": "R", "districts": [{"number": 1, "entitled": 3}]})"),
              HasSubstr("district 2 of the roll is missing"));
  EXPECT_THAT(ErrorOf(R"({"source": "R", "districts": [{"number": 7, "entitled": 3}]})"),
              HasSubstr("$.districts[0].number: the roll has no district 7"));
  EXPECT_THAT(ErrorOf(R"({"source": "R", "districts": [{"number": 1, "entitled": 3},
                          {"number": 1, "entitled": 3}]})"),
              HasSubstr("district 1 stands twice"));
  EXPECT_THAT(ErrorOf(R"({"source": "R", "districts": [{"number": 1, "entitled": -3}]})"),
              HasSubstr("$.districts[0].entitled"));
  EXPECT_THAT(ErrorOf(R"({"source": "R", "districts": [{"number": 1, "people": 3}]})"),
              HasSubstr("entitled"));
  EXPECT_THAT(ErrorOf(R"({"source": "R", "districts": [
                          {"number": 1, "entitled": 3, "people": 3}]})"),
              HasSubstr("people"));
  EXPECT_THAT(ErrorOf(R"({"source": "R", "districts": [{"number": 1, "entitled": 3,
                          "categories": [{"number": 9, "entitled": 3}]}]})"),
              HasSubstr("$.districts[0].categories[0].number: the roll has no category 9"));
}

}  // namespace
}  // namespace urna::tally
