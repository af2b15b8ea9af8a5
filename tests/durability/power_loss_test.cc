// What is left when the power goes. Killing the process would not show it, for the system keeps
// what was written but not synced.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <iostream>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "tests/durability/commit_path.h"
#include "tests/durability/forgetful_disk.h"

namespace urna::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr size_t kActs = 20;
constexpr size_t kBeforeRestart = 16;
constexpr size_t kMoments = 50;  // after a sync that was left out
constexpr Remains kAllRemains[] = {Remains::kNothing, Remains::kNames, Remains::kTorn,
                                   Remains::kGarbage};

class PowerLossTest : public ::testing::Test {
 protected:
  static const Prepared& prepared() {
    static const Prepared* const made = new Prepared(kActs);
    return *made;
  }

  // A state that a loss of power left, with as many of `given_` as had been given by then.
  struct Moment {
    std::string directory;
    size_t given = 0;
  };

  std::string data() const { return directory_.File("data"); }

  // Starts a board, sends acts, starts it again in between. Stops at the first that is not
  // accepted.
  absl::Status RunAll() {
    RunningBoard board(data(), prepared());
    for (size_t i = 0; i < kActs; ++i) {
      if (i == 0 || i == kBeforeRestart) {
        const absl::Status opened = board.Open();
        if (!opened.ok()) return opened;
      }
      auto given = board.Send(i);
      if (!given.ok()) return given.status();
      Note(*std::move(given));
    }
    return absl::OkStatus();
  }
  // Sends what has no receipt yet to a board over another directory, and once more the last that
  // has one.
  absl::Status GoOn(const std::string& where) {
    RunningBoard board(where, prepared());
    const absl::Status opened = board.Open();
    if (!opened.ok()) return opened;
    for (size_t i = given_count_ == 0 ? 0 : given_count_ - 1; i < kActs; ++i) {
      auto given = board.Send(i);
      if (!given.ok()) return given.status();
      Note(*std::move(given));
    }
    return absl::OkStatus();
  }
  void Note(Given given) {
    given_.push_back(std::move(given));
    ++given_count_;
  }
  std::vector<Given> First(size_t count) const {
    return {given_.begin(), given_.begin() + static_cast<std::ptrdiff_t>(count)};
  }
  Moment LeaveNow(const ForgetfulDisk& disk, Remains remains) {
    Moment moment{directory_.File(absl::StrCat("left-", moments_++)), given_count_};
    disk.Leave(moment.directory, remains, random_);
    return moment;
  }
  // The syncs of a whole run.
  std::vector<std::string> AllSyncs() {
    prepared().CopyTo(data());
    const ForgetfulDisk disk(data());
    EXPECT_EQ(RunAll(), absl::OkStatus());
    given_.clear();
    given_count_ = 0;
    return disk.Syncs();
  }
  // Of each kind the first, one in the middle and the last; all if there is time.
  static std::vector<size_t> Sample(const std::vector<std::string>& syncs) {
    std::map<std::string, std::vector<size_t>> of_kind;
    for (size_t i = 0; i < syncs.size(); ++i) of_kind[syncs[i]].push_back(i);
    std::set<size_t> chosen;
    for (const auto& [kind, at] : of_kind) {
      chosen.insert({at.front(), at[at.size() / 2], at.back()});
      if (Long()) chosen.insert(at.begin(), at.end());
    }
    return {chosen.begin(), chosen.end()};
  }

  TempDirectory directory_;
  std::mt19937_64 random_{20270314};
  std::vector<Given> given_;
  std::atomic<size_t> given_count_{0};
  size_t moments_ = 0;
};

TEST_F(PowerLossTest, AtEveryMomentEveryReceiptIsKept) {
  prepared().CopyTo(data());
  std::vector<Moment> moments;
  {
    ForgetfulDisk disk(data());
    size_t calls = 0;
    disk.BeforeEach([&] {
      const size_t call = calls++;
      for (size_t i = 0; i < std::size(kAllRemains); ++i) {
        if (Long() || call % std::size(kAllRemains) == i) {
          moments.push_back(LeaveNow(disk, kAllRemains[i]));
        }
      }
    });
    ASSERT_EQ(RunAll(), absl::OkStatus());
    disk.BeforeEach({});
    for (const Remains remains : kAllRemains) moments.push_back(LeaveNow(disk, remains));
  }
  ASSERT_GT(moments.size(), 5 * kActs);
  for (const Moment& moment : moments) {
    const Judgement judgement = Judge(moment.directory, First(moment.given), prepared());
    EXPECT_TRUE(judgement.Whole()) << moment.directory << ": " << judgement.ToString();
  }
  std::cout << moments.size() << " moments\n";
}

// That the test above can fail: without any one of the syncs that it relies on, it does.
TEST_F(PowerLossTest, AnySyncLeftOutIsFound) {
  const std::vector<std::string> syncs = AllSyncs();
  std::map<std::string, std::pair<int, int>> found;  // of how many, by kind
  for (const size_t left_out : Sample(syncs)) {
    given_.clear();
    given_count_ = 0;
    prepared().CopyTo(data());
    std::vector<Moment> moments;
    {
      ForgetfulDisk disk(data());
      disk.FaultAt(left_out, SyncFault::kLeftOut);
      disk.BeforeEach([&] {
        if (disk.Syncs().size() <= left_out || moments.size() >= kMoments) return;
        moments.push_back(LeaveNow(disk, Remains::kNothing));
        moments.push_back(LeaveNow(disk, Remains::kNames));
      });
      ASSERT_EQ(RunAll(), absl::OkStatus());
      moments.push_back(LeaveNow(disk, Remains::kNothing));
      moments.push_back(LeaveNow(disk, Remains::kNames));
    }
    auto& [hits, tried] = found[syncs[left_out]];
    ++tried;
    for (const Moment& moment : moments) {
      const Judgement judgement = Judge(moment.directory, First(moment.given), prepared());
      if (judgement.Whole()) continue;
      if (++hits == 1) {
        std::cout << syncs[left_out] << ", sync " << left_out << ": " << judgement.ToString()
                  << "\n";
      }
      break;
    }
  }
  for (const auto& [kind, count] : found) {
    std::cout << kind << ": found " << count.first << " of " << count.second << "\n";
  }
}

// After a failed sync the system may say that the next one went well although the bytes never got
// there. So what such a sync was for must be written anew.
TEST_F(PowerLossTest, AFailedSyncStopsTheBoardAndLosesNothing) {
  const std::vector<std::string> syncs = AllSyncs();
  for (const size_t failing : Sample(syncs)) {
    SCOPED_TRACE(absl::StrCat("sync ", failing, " of ", syncs[failing]));
    given_.clear();
    given_count_ = 0;
    prepared().CopyTo(data());
    ForgetfulDisk disk(data());
    disk.FaultAt(failing, SyncFault::kFails);
    const absl::Status run = RunAll();
    // Then the process ends, and a new one finds what the system has.
    const std::string again = directory_.File(absl::StrCat("again-", failing));
    disk.MoveTo(again);
    const absl::Status gone_on = GoOn(again);
    EXPECT_EQ(gone_on, absl::OkStatus()) << "after " << run;
    for (const Remains remains : {Remains::kNothing, Remains::kTorn}) {
      const Moment moment = LeaveNow(disk, remains);
      const Judgement judgement = Judge(moment.directory, First(moment.given), prepared());
      EXPECT_TRUE(judgement.Whole()) << judgement.ToString() << ", after " << run;
    }
  }
}

TEST_F(PowerLossTest, KilledStartedAgainAndThenWithoutPowerItKeepsEveryReceipt) {
  size_t calls = 0;
  {
    prepared().CopyTo(data());
    ForgetfulDisk disk(data());
    disk.BeforeEach([&] { ++calls; });
    ASSERT_EQ(RunAll(), absl::OkStatus());
  }
  const size_t step = Long() ? 1 : calls / 24 + 1;
  for (size_t at = random_() % step; at < calls; at += step) {
    SCOPED_TRACE(absl::StrCat("killed before call ", at));
    given_.clear();
    given_count_ = 0;
    prepared().CopyTo(data());
    ForgetfulDisk disk(data());
    const std::string again = directory_.File(absl::StrCat("killed-", at));
    size_t call = 0;
    size_t given_then = 0;
    disk.BeforeEach([&] {
      if (call++ != at) return;
      given_then = given_count_;
      disk.MoveTo(again);
    });
    static_cast<void>(RunAll());
    disk.BeforeEach({});
    if (call <= at) break;  // it came to fewer calls this time
    given_.resize(given_then);
    given_count_ = given_then;
    ASSERT_EQ(GoOn(again), absl::OkStatus());
    const Moment moment = LeaveNow(disk, Remains::kNothing);
    const Judgement judgement = Judge(moment.directory, First(moment.given), prepared());
    EXPECT_TRUE(judgement.Whole()) << judgement.ToString();
  }
}

// The disk itself.
class ForgetfulDiskTest : public ::testing::Test {
 protected:
  ForgetfulDiskTest() { EXPECT_EQ(MakeDirectories(File("")), absl::OkStatus()); }
  std::string File(const std::string& name) const { return directory_.File("disk/d/" + name); }
  std::string Left(const ForgetfulDisk& disk, const std::string& name, Remains remains) {
    disk.Leave(directory_.File("left"), remains, random_);
    const auto bytes = ReadFile(directory_.File("left/d/" + name), 1 << 20);
    return bytes.ok() ? std::string(AsText(*bytes)) : "(none)";
  }

  TempDirectory directory_;
  std::mt19937_64 random_{1};
};

TEST_F(ForgetfulDiskTest, KeepsWhatWasSyncedAndNothingElse) {
  ForgetfulDisk disk(directory_.File("disk"));
  ASSERT_EQ(WriteFileDurably(File("a"), AsBytes("first")), absl::OkStatus());
  EXPECT_EQ(Left(disk, "a", Remains::kNothing), "first");
  EXPECT_THAT(disk.Syncs(), ::testing::ElementsAre("d/*.tmp", "d/"));
  std::ofstream(File("a"), std::ios::app) << ", second";
  EXPECT_EQ(Left(disk, "a", Remains::kNothing), "first");
  EXPECT_THAT(Left(disk, "a", Remains::kTorn), ::testing::StartsWith("first"));
}

TEST_F(ForgetfulDiskTest, ForgetsFileAndNameEachWithoutItsSync) {
  ForgetfulDisk disk(directory_.File("disk"));
  disk.FaultAt(1, SyncFault::kLeftOut);
  ASSERT_EQ(WriteFileDurably(File("a"), AsBytes("first")), absl::OkStatus());
  EXPECT_EQ(Left(disk, "a", Remains::kNothing), "(none)");
  EXPECT_EQ(Left(disk, "a", Remains::kNames), "first");
  disk.FaultAt(2, SyncFault::kLeftOut);
  ASSERT_EQ(WriteFileDurably(File("a"), AsBytes("second")), absl::OkStatus());
  EXPECT_EQ(Left(disk, "a", Remains::kNothing), "");
}

TEST_F(ForgetfulDiskTest, WhatAFailedSyncWasForStaysLost) {
  ForgetfulDisk disk(directory_.File("disk"));
  disk.FaultAt(0, SyncFault::kFails);
  EXPECT_FALSE(WriteFileDurably(File("a"), AsBytes("first")).ok());
  EXPECT_EQ(Left(disk, "a", Remains::kNames), "(none)");
  ASSERT_EQ(WriteFileDurably(File("a"), AsBytes("second")), absl::OkStatus());
  EXPECT_EQ(Left(disk, "a", Remains::kNothing), "second");
}

}  // namespace
}  // namespace urna::testing
