// The table of checks by itself, and against docs/protocol.md §12.
#include "core/base/numbered_checks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "core/base/bytes.h"
#include "core/base/file.h"

namespace urna {
namespace {

// One line of the table as both sides have it.
struct Row {
  std::string number, title, applies, stage;
  std::vector<std::string> depends_on;
  bool operator==(const Row&) const = default;
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << row.number << " | " << row.title << " | " << row.applies << " | " << row.stage << " |";
  for (const std::string& number : row.depends_on) *out << " " << number;
}

std::string AppliesName(PollKind kind) {
  switch (kind) {
    case PollKind::kElection:
      return "election";
    case PollKind::kPetition:
      return "petition";
    case PollKind::kBoth:
      return "both";
  }
  return "unknown";
}

// "L3, B1–B8" is L3 and B1 to B8; the dash is U+2013.
std::vector<std::string> Expand(const std::string& list) {
  std::vector<std::string> out;
  for (absl::string_view item : absl::StrSplit(list, ',', absl::SkipWhitespace())) {
    const std::vector<std::string> ends =
        absl::StrSplit(absl::StripAsciiWhitespace(item), "\xe2\x80\x93");
    if (ends.size() == 1) {
      out.push_back(ends[0]);
      continue;
    }
    int first = 0, last = -1;
    EXPECT_TRUE(absl::SimpleAtoi(ends[0].substr(1), &first)) << item;
    EXPECT_TRUE(absl::SimpleAtoi(ends.back().substr(1), &last)) << item;
    EXPECT_LT(first, last) << item;
    for (int i = first; i <= last; ++i) out.push_back(absl::StrCat(ends[0].substr(0, 1), i));
  }
  return out;
}

// The rows of the table in §12 of the document.
std::vector<Row> TableOfTheDocument() {
  const auto bytes = ReadFile("docs/protocol.md", 10'000'000);
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  std::vector<Row> out;
  bool in_section = false;
  for (absl::string_view line : absl::StrSplit(AsText(bytes.value()), '\n')) {
    // The table of §12 itself; that of §12.1 says what the checks count.
    if (absl::StartsWith(line, "##")) in_section = absl::StartsWith(line, "## 12.");
    if (!in_section || !absl::ConsumePrefix(&line, "|") || !absl::ConsumeSuffix(&line, "|")) {
      continue;
    }
    std::vector<std::string> cells = absl::StrSplit(line, '|');
    for (std::string& cell : cells) absl::StripAsciiWhitespace(&cell);
    if (cells.size() != 5) {
      ADD_FAILURE() << "a row of " << cells.size() << " cells: " << line;
      continue;
    }
    if (cells[0] == "number" || absl::StartsWith(cells[0], "-")) continue;
    // Emphasis is for the page only.
    const std::string title = absl::StrReplaceAll(cells[1], {{"*", ""}});
    out.push_back({cells[0], title, cells[2], cells[3], Expand(cells[4])});
  }
  return out;
}

std::vector<std::string> NumbersOf(const std::vector<Check>& checks) {
  std::vector<std::string> out;
  for (Check check : checks) out.emplace_back(InfoOf(check).number);
  return out;
}

TEST(NumberedChecksTest, TableIsThatOfTheProtocol) {
  const std::vector<Row> document = TableOfTheDocument();
  ASSERT_EQ(document.size(), AllChecks().size());
  for (size_t i = 0; i < document.size(); ++i) {
    const CheckInfo& info = AllChecks()[i];
    EXPECT_EQ((Row{std::string(info.number), std::string(info.title), AppliesName(info.applies),
                   std::string(StageName(info.stage)), NumbersOf(info.depends_on)}),
              document[i]);
  }
}

TEST(NumberedChecksTest, TableIsInTheOrderOfTheEnumeration) {
  ASSERT_EQ(AllChecks().size(), static_cast<size_t>(Check::kP12) + 1);
  for (size_t i = 0; i < AllChecks().size(); ++i) {
    EXPECT_EQ(static_cast<size_t>(AllChecks()[i].check), i) << AllChecks()[i].number;
    EXPECT_EQ(&InfoOf(static_cast<Check>(i)), &AllChecks()[i]);
  }
}

TEST(NumberedChecksTest, NumbersAndTitlesAreUnique) {
  std::set<std::string> numbers, titles;
  for (const CheckInfo& info : AllChecks()) {
    EXPECT_TRUE(numbers.insert(std::string(info.number)).second) << info.number;
    EXPECT_TRUE(titles.insert(std::string(info.title)).second) << info.title;
  }
}

TEST(NumberedChecksTest, NumbersCountUpWithinTheirGroup) {
  std::map<char, int> last;
  for (const CheckInfo& info : AllChecks()) {
    const int expected = ++last[info.number[0]];
    EXPECT_EQ(info.number.substr(1), absl::StrCat(expected));
  }
  EXPECT_EQ(last,
            (std::map<char, int>{{'L', 7}, {'I', 5}, {'S', 17}, {'B', 12}, {'C', 9}, {'P', 12}}));
}

// Whether `from` needs `to`, directly or not; `depth` bounds the walk if there is a cycle.
bool Needs(Check from, Check to, size_t depth) {
  if (depth == 0) return true;
  const std::vector<Check>& direct = InfoOf(from).depends_on;
  return std::any_of(direct.begin(), direct.end(),
                     [&](Check next) { return next == to || Needs(next, to, depth - 1); });
}

TEST(NumberedChecksTest, NothingDependsOnItself) {
  for (const CheckInfo& info : AllChecks()) {
    EXPECT_FALSE(Needs(info.check, info.check, AllChecks().size())) << info.number;
  }
}

TEST(NumberedChecksTest, DependenciesAreOnceAndMadeWhereverTheCheckIs) {
  for (const CheckInfo& info : AllChecks()) {
    std::set<Check> seen;
    for (Check needed : info.depends_on) {
      EXPECT_TRUE(seen.insert(needed).second) << info.number;
      const int kinds = static_cast<int>(info.applies);
      EXPECT_EQ(static_cast<int>(InfoOf(needed).applies) & kinds, kinds)
          << info.number << " needs " << InfoOf(needed).number << ", which is not made there";
      EXPECT_LE(InfoOf(needed).stage, info.stage)
          << info.number << " needs " << InfoOf(needed).number << ", which is due later";
    }
  }
}

TEST(NumberedChecksTest, StagesHaveNames) {
  for (Stage stage : {Stage::kSetup, Stage::kVoting, Stage::kClosed, Stage::kFinal}) {
    const auto parsed = ParseStage(StageName(stage));
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(*parsed, stage);
  }
  EXPECT_EQ(StageName(Stage::kVoting), "voting");
  for (const char* bad : {"", "Final", "finals", "collecting"}) {
    EXPECT_EQ(ParseStage(bad).status().code(), absl::StatusCode::kInvalidArgument) << bad;
  }
  EXPECT_LT(Stage::kSetup, Stage::kVoting);
  EXPECT_LT(Stage::kClosed, Stage::kFinal);
}

}  // namespace
}  // namespace urna
