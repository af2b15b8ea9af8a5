#include "core/pabulib/pabulib.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace urna::pabulib {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kFile[] =
    "META\n"
    "key;value\n"
    "description;A budget; with a separator\n"
    "num_projects;3\n"
    "num_votes;4\n"
    "max_length;2\n"
    "comment;\"said \"\"yes\"\"\"\n"
    "PROJECTS\n"
    "project_id;cost;name;category;votes;selected\n"
    "12;1000;Trees;green;2;1\n"
    "7;250.50;\"Bench; red\";;2;0\n"
    "a;10;Lamp;light;0;0\n"
    "VOTES\n"
    "voter_id;age;vote;neighborhood\n"
    "1;30;12,7;North\n"
    "2;;7;\n"
    "3;41;;South\n"
    "9;41;12;South\n";

std::string ErrorOf(const std::string& text) {
  const absl::StatusOr<File> file = Parse(text, "x.pb");
  EXPECT_FALSE(file.ok());
  EXPECT_TRUE(absl::IsInvalidArgument(file.status()));
  return file.ok() ? "" : std::string(file.status().message());
}

std::string With(absl::string_view from, absl::string_view to) {
  return absl::StrReplaceAll(kFile, {{from, to}});
}

TEST(PabulibTest, ReadsAllThreeSections) {
  const absl::StatusOr<File> file = Parse(kFile, "x.pb");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->Meta("description"), "A budget; with a separator");
  EXPECT_EQ(file->Meta("comment"), "said \"yes\"");
  EXPECT_EQ(file->Meta("budget"), std::nullopt);
  EXPECT_EQ(*file->MetaNumber("max_length", 9), 2u);
  EXPECT_EQ(*file->MetaNumber("min_length", 9), 9u);
  ASSERT_EQ(file->projects.size(), 3u);
  EXPECT_EQ(file->projects[1].name, "Bench; red");
  EXPECT_EQ(file->projects[1].cost, "250.50");
  EXPECT_EQ(file->projects[0].category, "green");
  EXPECT_EQ(file->projects[0].votes, 2u);
  EXPECT_EQ(file->projects[0].selected, true);
  EXPECT_EQ(file->projects[2].line, 12u);
  ASSERT_EQ(file->votes.size(), 4u);
  EXPECT_THAT(file->votes[0].projects, ElementsAre(0u, 1u));
  EXPECT_THAT(file->votes[2].projects, IsEmpty());
  EXPECT_EQ(file->votes[0].neighbourhood, "North");
  EXPECT_EQ(file->votes[3].voter, "9");
  EXPECT_EQ(file->FindProject("a"), 2u);
  EXPECT_EQ(file->FindProject("b"), std::nullopt);
}

TEST(PabulibTest, TakesLineEndsOfWindowsAndAByteOrderMark) {
  const std::string text = absl::StrCat("\xEF\xBB\xBF", With("\n", "\r\n"), "\r\n");
  const absl::StatusOr<File> file = Parse(text, "x.pb");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->votes[0].neighbourhood, "North");
}

TEST(PabulibTest, CountsVotesAndFindsWrongPublishedNumbers) {
  const absl::StatusOr<File> file = Parse(kFile, "x.pb");
  ASSERT_TRUE(file.ok());
  EXPECT_THAT(CountVotes(*file), ElementsAre(2u, 2u, 0u));
  EXPECT_THAT(DifferencesOfPublished(*file), IsEmpty());
  const absl::StatusOr<File> wrong = Parse(With("green;2;1", "green;3;1"), "x.pb");
  ASSERT_TRUE(wrong.ok());
  EXPECT_THAT(DifferencesOfPublished(*wrong),
              ElementsAre("project '12': 3 published, the votes add up to 2"));
}

TEST(PabulibTest, CountsPoints) {
  const std::string text =
      "META\nkey;value\nPROJECTS\nproject_id;cost;score\n1;5;7\n2;5;1\nVOTES\n"
      "voter_id;vote;points\n1;1,2;4,1\n2;1;3\n";
  const absl::StatusOr<File> file = Parse(text, "x.pb");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(CountVotes(*file), ElementsAre(7u, 1u));
  EXPECT_THAT(DifferencesOfPublished(*file), IsEmpty());
  EXPECT_THAT(ErrorOf(absl::StrReplaceAll(text, {{"1;3\n", "1;3,3\n"}})),
              HasSubstr("x.pb line 10: 2 points for 1 projects"));
}

TEST(PabulibTest, NamesFileAndLineOfWhatIsWrong) {
  EXPECT_EQ(ErrorOf(With("2;;7;", "2;;8;")), "x.pb line 16: project '8' is not in PROJECTS");
  EXPECT_EQ(ErrorOf(With("12,7", "12,12")), "x.pb line 15: project '12' stands twice in the vote");
  EXPECT_EQ(ErrorOf(With("9;41;12", "1;41;12")), "x.pb line 18: voter '1' stands twice");
  EXPECT_EQ(ErrorOf(With("a;10", "7;10")), "x.pb line 12: project '7' stands twice");
  EXPECT_EQ(ErrorOf(With("a;10", "a;-10")), "x.pb line 12: cost '-10' is no number");
  EXPECT_EQ(ErrorOf(With("light;0;0", "light;0")), "x.pb line 12: 5 columns where 6 belong");
  EXPECT_EQ(ErrorOf(With("light;0;0", "light;x;0")), "x.pb line 12: votes 'x' is no whole number");
  EXPECT_EQ(ErrorOf(With("\"Bench; red\"", "\"Bench")), "x.pb line 11: a quoted field doesn't end");
  EXPECT_EQ(ErrorOf(With("max_length", "num_votes")), "x.pb line 6: key 'num_votes' stands twice");
  EXPECT_EQ(ErrorOf(With("voter_id;age", "voter;age")),
            "x.pb line 14: there is no column 'voter_id'");
  EXPECT_EQ(ErrorOf(With("age", "vote")), "x.pb line 14: column 'vote' stands twice");
}

TEST(PabulibTest, RefusesFilesThatAreNotWhole) {
  EXPECT_EQ(ErrorOf(""), "x.pb: section META is missing");
  EXPECT_THAT(ErrorOf("key;value\n"), HasSubstr("x.pb line 1: the file doesn't begin"));
  EXPECT_EQ(ErrorOf("META\nkey;value\nPROJECTS\nproject_id;cost\n1;2\n"),
            "x.pb: section VOTES is missing");
  EXPECT_THAT(ErrorOf("META\nkey;value\nVOTES\n"), HasSubstr("x.pb line 3: section VOTES is out"));
  EXPECT_EQ(ErrorOf(With("num_votes;4", "num_votes;5")),
            "x.pb: META says num_votes 5, the file has 4");
  EXPECT_EQ(ErrorOf(With("num_projects;3", "num_projects;2")),
            "x.pb: META says num_projects 2, the file has 3");
  EXPECT_EQ(ErrorOf(With("North", "\xff")), "x.pb: the file is not UTF-8");
}

}  // namespace
}  // namespace urna::pabulib
