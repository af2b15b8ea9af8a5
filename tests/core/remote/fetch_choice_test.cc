// Which checkpoint a copy is made under, where a board has witnesses.
#include "core/remote/fetch_choice.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace urna::remote {
namespace {

std::string NoteOf(uint64_t size) {
  return absl::StrCat("log.example/1\n", size,
                      "\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\u2014 log.example/1 "
                      "AAAAAAAA\n");
}

// What a board shows, one look after the other; the last one for ever.
class Shows {
 public:
  explicit Shows(std::vector<ShownCheckpoints> shown) : shown_(std::move(shown)) {}

  absl::StatusOr<std::string> Choose(FetchAt at) {
    return ChooseCheckpoint(at, [this]() -> absl::StatusOr<ShownCheckpoints> {
      return shown_[std::min<size_t>(looks_++, shown_.size() - 1)];
    });
  }
  size_t looks() const { return looks_; }

 private:
  std::vector<ShownCheckpoints> shown_;
  size_t looks_ = 0;
};

TEST(FetchChoiceTest, ABoardWithoutAQuorumGivesItsNewest) {
  Shows shows({{NoteOf(5), false, std::nullopt}});
  EXPECT_EQ(shows.Choose(FetchAt::kFinal).value(), NoteOf(5));
  EXPECT_EQ(shows.looks(), 1u);
}

TEST(FetchChoiceTest, TheNewestIsTakenIfItIsWanted) {
  Shows shows({{NoteOf(5), true, NoteOf(3)}});
  EXPECT_EQ(shows.Choose(FetchAt::kNewest).value(), NoteOf(5));
}

TEST(FetchChoiceTest, WaitsUntilWhatWasThereAtFirstIsFinal) {
  Shows shows({{NoteOf(5), true, std::nullopt},
               {NoteOf(6), true, NoteOf(4)},
               {NoteOf(9), true, NoteOf(6)}});
  EXPECT_EQ(shows.Choose(FetchAt::kFinal).value(), NoteOf(6));
  EXPECT_EQ(shows.looks(), 3u);
}

TEST(FetchChoiceTest, WhatIsNoCheckpointIsNotFinal) {
  // A web server that answers every path with its front page.
  Shows shows({{NoteOf(5), false, std::string("<html>")}});
  EXPECT_EQ(shows.Choose(FetchAt::kFinal).value(), NoteOf(5));
}

TEST(FetchChoiceTest, ErrorsArePassedOn) {
  const auto status = ChooseCheckpoint(FetchAt::kFinal, [] {
                        return absl::StatusOr<ShownCheckpoints>(absl::UnavailableError("gone"));
                      }).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace urna::remote
