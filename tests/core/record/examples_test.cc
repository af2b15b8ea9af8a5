// The examples in docs/protocol.md §13.3, read from the document.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/core/record/samples.h"

namespace urna::record {
namespace {

std::string ReadDocument() {
  std::ifstream file("docs/protocol.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// An example: the paragraph before it, and its bytes.
struct Example {
  std::string title;
  Bytes bytes;
};

std::vector<Example> ReadExamples() {
  std::vector<Example> examples;
  std::string title, hex;
  bool in_section = false, in_block = false;
  const std::string document = ReadDocument();
  for (absl::string_view line : absl::StrSplit(document, '\n')) {
    if (absl::StartsWith(line, "#")) in_section = absl::StartsWith(line, "### 13.3 ");
    if (!in_section) continue;
    if (line == "```hex") {
      in_block = true;
      hex.clear();
    } else if (line == "```") {
      in_block = false;
      const absl::StatusOr<Bytes> bytes = FromHex(hex);
      EXPECT_TRUE(bytes.ok()) << title << ": " << bytes.status();
      if (bytes.ok()) examples.push_back({title, *bytes});
    } else if (in_block) {
      absl::StrAppend(&hex, line);
    } else if (!line.empty()) {
      title = std::string(line);
    }
  }
  EXPECT_FALSE(in_block);
  return examples;
}

TEST(ExamplesTest, EveryExampleDecodesAndEncodesToItself) {
  const std::vector<Example> examples = ReadExamples();
  ASSERT_FALSE(examples.empty());
  for (const Example& example : examples) {
    const absl::StatusOr<Entry> entry = DecodeEntry(example.bytes);
    ASSERT_TRUE(entry.ok()) << example.title << ": " << entry.status();
    EXPECT_EQ(MustEncode(*entry), example.bytes) << example.title;
    const std::string begins =
        absl::StrCat("0x", ToHex(ByteSpan(example.bytes).first(1)), " ", EntryName(*entry), " (");
    EXPECT_TRUE(absl::StartsWith(example.title, begins)) << example.title;
    const std::string ends = absl::StrCat(", ", example.bytes.size(), " bytes:");
    EXPECT_TRUE(absl::EndsWith(example.title, ends)) << example.title;
  }
}

TEST(ExamplesTest, NoTypeAndNoKindOfOrderLacksAnExample) {
  std::set<EntryType> types;
  std::set<poll::OrderKind> kinds;
  for (const Example& example : ReadExamples()) {
    const absl::StatusOr<Entry> entry = DecodeEntry(example.bytes);
    ASSERT_TRUE(entry.ok()) << example.title;
    types.insert(TypeOf(*entry));
    if (const auto* order = std::get_if<poll::SignedOrder>(&*entry)) {
      kinds.insert(order->order.kind());
    }
  }
  for (EntryType type : kAllEntryTypes) EXPECT_TRUE(types.contains(type)) << TypeName(type);
  for (int kind = 1; kind <= 18; ++kind) {
    EXPECT_TRUE(kinds.contains(static_cast<poll::OrderKind>(kind))) << kind;
  }
}

TEST(ExamplesTest, TheDocumentHasTheSamplesOfMakeExamples) {
  const std::vector<Example> examples = ReadExamples();
  const std::vector<Sample> samples = Samples();
  ASSERT_EQ(examples.size(), samples.size());
  for (size_t i = 0; i < samples.size(); ++i) {
    EXPECT_EQ(ToHex(examples[i].bytes), ToHex(MustEncode(samples[i].entry))) << examples[i].title;
  }
}

TEST(ExamplesTest, TheTableOfTypesIsTheCodes) {
  std::set<std::string> rows;
  bool in_section = false;
  const std::string document = ReadDocument();
  for (absl::string_view line : absl::StrSplit(document, '\n')) {
    if (absl::StartsWith(line, "#")) in_section = absl::StartsWith(line, "### 13.1 ");
    if (!in_section || !absl::StartsWith(line, "| 0x")) continue;
    const std::vector<absl::string_view> cells = absl::StrSplit(line, '|');
    ASSERT_GE(cells.size(), 3u) << line;
    rows.insert(absl::StrCat(cells[1], cells[2]));
  }
  std::set<std::string> expected;
  for (EntryType type : kAllEntryTypes) {
    expected.insert(absl::StrCat(" 0x", absl::Hex(static_cast<uint8_t>(type), absl::kZeroPad2),
                                 "  ", TypeName(type), " "));
  }
  EXPECT_EQ(rows, expected);
}

}  // namespace
}  // namespace urna::record
