// A board and its witnesses: what becomes final, what happens while they are away, and what when
// one of them knows another history. docs/protocol.md §10.4.
#include "server/witness_sender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

#include "absl/strings/match.h"
#include "core/audit/audit.h"
#include "core/audit/policy.h"
#include "core/base/file.h"
#include "core/merkle/tlog_proof.h"
#include "core/record/directory.h"
#include "core/remote/mirror.h"
#include "server/backup.h"
#include "server/checkpoint_files.h"
#include "server/export.h"
#include "server/fsck.h"
#include "server/http_server.h"
#include "server/refusals.h"
#include "server/restore.h"
#include "server/static_files.h"
#include "server/status_socket.h"
#include "server/witness_setup.h"
#include "tests/server/board_fixture.h"
#include "tests/server/fake_witnesses.h"
#include "tests/support/record_files.h"
#include "witness/directory.h"
#include "witness/http_server.h"
#include "witness/witness.h"

namespace urna::server {
namespace {

using petition::Act;
using testing::FakeWitnesses;
using ::testing::HasSubstr;
using testing::kPollOrigin;
using testing::kRollOrigin;
using testing::kTestSchedule;
using testing::Manner;
using testing::TestBoard;
using testing::TestPetition;

// Whether it comes true within half a minute.
bool Eventually(const std::function<bool()>& is_so) {
  for (int i = 0; i < 6000; ++i) {
    if (is_so()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return is_so();
}

std::string Message(const absl::Status& status) { return std::string(status.message()); }

class WitnessSenderTest : public ::testing::Test {
 protected:
  WitnessSenderTest() { WritePolicy(witnesses_.PolicyText()); }
  void TearDown() override { board_.Stop(); }  // its threads speak to the witnesses

  std::string policy_file() { return board_.directory().File("witnesses.policy"); }
  void WritePolicy(const std::string& text) {
    ASSERT_EQ(WriteFileDurably(policy_file(), AsBytes(text)), absl::OkStatus());
  }
  BoardOptions WithWitnesses() {
    BoardOptions options;
    options.witnesses = witnesses_.Options(policy_file());
    return options;
  }
  absl::Status Open() { return board_.Open(WithWitnesses()); }
  // A petition that was opened before there were witnesses, then a board with them.
  void SetUpOpened() {
    ASSERT_EQ(board_.Open(), absl::OkStatus());
    ASSERT_EQ(petition_.SetUp(board_), absl::OkStatus());
    board_.Stop();
    ASSERT_EQ(Open(), absl::OkStatus());
  }
  // All is final, and the witnesses' time of the opening is logged.
  bool Settled() { return NothingOwed() && AllFinal(); }

  std::shared_ptr<const LogView> View() { return *board_->Find(kPollOrigin); }
  uint64_t FinalSize() {
    const std::optional<std::string> note = board_->FinalCheckpointOf(*View());
    return note.has_value() ? OpenFinal(*note).checkpoint.size() : 0;
  }
  merkle::WitnessedCheckpoint OpenFinal(const std::string& note) {
    const auto opened =
        witnesses_.keys().Policy().Open(AsBytes(note), board_.LogVerifier(kPollOrigin));
    EXPECT_EQ(opened.status(), absl::OkStatus());
    EXPECT_TRUE(opened->witnessing.quorum_met);
    return *opened;
  }
  bool AllFinal() { return FinalSize() == View()->size; }
  WitnessStatus Status() { return *board_->activity().witnesses; }
  absl::StatusOr<FsckReport> Look() {
    FsckOptions options;
    options.data = board_.data();
    return Fsck(options);
  }
  static absl::StatusOr<RestoreReport> RestoreFrom(const std::string& backup,
                                                   const std::string& data) {
    RestoreOptions options;
    options.backup = backup;
    options.data = data;
    return Restore(options);
  }
  absl::StatusOr<Receipt> Sign(size_t member) {
    return board_.Act(petition_.Act(member, Act::kSign, 1));
  }
  // Sends an order until it is not the witnesses' time that is awaited.
  absl::StatusOr<Receipt> AppendPatiently(const Bytes& order) {
    absl::StatusOr<Receipt> receipt = absl::UnknownError("");
    EXPECT_TRUE(Eventually([&] {
      receipt = board_.Append(kPollOrigin, order);
      return !WaitsForWitnesses(receipt.status());
    }));
    return receipt;
  }
  record::Entry EntryAt(uint64_t index) {
    return record::DecodeEntry(*board_->ledger().ReadEntry(View()->number, index)).value();
  }
  bool IsWitnessed(uint64_t index) {
    return std::holds_alternative<poll::WitnessedCheckpoint>(EntryAt(index));
  }
  bool NothingOwed() { return !View()->witnesses.owed.has_value(); }
  // A petition under witnesses, closed behind their time, who then are away.
  void CloseAndLoseTheWitnesses() {
    board_.clock().Set(kTestSchedule.opens);
    ASSERT_EQ(Open(), absl::OkStatus());
    ASSERT_EQ(petition_.Prepare(board_), absl::OkStatus());
    ASSERT_EQ(AppendPatiently(petition_.Open()).status(), absl::OkStatus());
    ASSERT_TRUE(Eventually([&] { return NothingOwed(); }));
    petition_.TakeSize(View()->size);
    board_.clock().Set(kTestSchedule.closes);
    const Bytes closing = petition_.Close();
    ASSERT_TRUE(WaitsForWitnesses(board_.Append(kPollOrigin, closing).status()));
    ASSERT_TRUE(Eventually([&] { return IsWitnessed(View()->size - 1) && View()->size > 4; }));
    for (size_t i = 0; i < 3; ++i) witnesses_.Set(i, Manner::kAway);
    ASSERT_EQ(AppendPatiently(closing).status(), absl::OkStatus());
    petition_.TakeSize(View()->size);
  }

  TestBoard board_;
  FakeWitnesses witnesses_{board_.clock()};
  TestPetition petition_{board_, 4};
};

TEST_F(WitnessSenderTest, WhatTheQuorumHasCosignedIsFinalAndStored) {
  witnesses_.Set(2, Manner::kAway);
  SetUpOpened();
  for (size_t member = 0; member < 3; ++member) ASSERT_EQ(Sign(member).status(), absl::OkStatus());
  ASSERT_TRUE(Eventually([&] { return Settled(); }));
  const std::string note = *board_->FinalCheckpointOf(*View());
  const merkle::WitnessedCheckpoint final = OpenFinal(note);
  EXPECT_EQ(final.checkpoint.root(), View()->root);
  EXPECT_FALSE(final.witnessing.times[2].has_value());
  EXPECT_EQ(board_->CheckpointOf(*View()), note);
  const auto stored = ReadCosigned(board_.data());
  ASSERT_EQ(stored.status(), absl::OkStatus());
  EXPECT_EQ(stored->at(kPollOrigin), note);
  EXPECT_EQ(AsText(ReadStaticFile(*board_, "/poll/checkpoint.final")->contents), note);
  EXPECT_EQ(AsText(ReadStaticFile(*board_, "/poll/checkpoint")->contents), note);
  // The roll's log is cosigned, too, and both are said to be behind by nothing.
  ASSERT_TRUE(Eventually([&] {
    const WitnessStatus status = Status();
    return status.logs.size() == 2 && status.logs[0].final_entries == status.logs[0].entries &&
           status.logs[1].final_entries == status.logs[1].entries;
  }));
  EXPECT_TRUE(Eventually([&] { return Status().witnesses[2].away; }));
  EXPECT_FALSE(Status().witnesses[0].away);
}

TEST_F(WitnessSenderTest, WhileAllAreAwayAcceptingGoesOnAndNothingIsFinal) {
  for (size_t i = 0; i < 3; ++i) witnesses_.Set(i, i == 0 ? Manner::kBusy : Manner::kAway);
  SetUpOpened();
  for (size_t member = 0; member < 3; ++member) ASSERT_EQ(Sign(member).status(), absl::OkStatus());
  EXPECT_TRUE(Eventually([&] {
    const WitnessStatus status = Status();
    return status.witnesses[0].away && status.witnesses[1].away && status.witnesses[2].away;
  }));
  EXPECT_EQ(FinalSize(), 0u);
  EXPECT_EQ(ReadStaticFile(*board_, "/poll/checkpoint.final").status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(board_->CheckpointOf(*View()), View()->checkpoint);
  EXPECT_EQ(Status().alarm, "");
  board_.clock().Advance(100);
  for (const WitnessStatus::Log& log : Status().logs) EXPECT_GE(log.behind_seconds, 100);
  // The operator sees it in metrics and status.
  const std::string metrics = board_->metrics().Text(board_->activity());
  EXPECT_THAT(metrics, HasSubstr("urna_witness_alarm 0\n"));
  EXPECT_THAT(metrics, HasSubstr("urna_witness_away{witness=\"w2\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("urna_final_entries{log=\"board.example/poll\"} 0\n"));
  EXPECT_THAT(metrics, HasSubstr("urna_witness_lag_entries{log=\"board.example/poll\"} 5\n"));
  EXPECT_THAT(metrics, HasSubstr("urna_witness_lag_seconds{log=\"board.example/poll\"} 100\n"));
  const std::string path = StatusSocketPath(board_.data());
  const auto socket = StatusSocket::Start(*board_, path);
  ASSERT_EQ(socket.status(), absl::OkStatus());
  const auto told = AskStatus(path);
  ASSERT_EQ(told.status(), absl::OkStatus());
  EXPECT_TRUE(told->has_quorum);
  ASSERT_EQ(told->witnesses.size(), 3u);
  EXPECT_TRUE(told->witnesses[2].away);
  EXPECT_EQ(told->witnesses[2].sentence, "nobody answers");
  EXPECT_EQ(told->logs[0].entries, 5u);
  EXPECT_EQ(told->logs[0].final_entries, 0u);
  EXPECT_EQ(told->logs[0].behind_seconds, 100u);
  EXPECT_EQ(told->alarm, "");
  // They come back.
  for (size_t i = 0; i < 3; ++i) witnesses_.Set(i, Manner::kHonest);
  EXPECT_TRUE(Eventually([&] { return Settled(); }));
  EXPECT_TRUE(Eventually([&] { return !Status().witnesses[0].away; }));
}

TEST_F(WitnessSenderTest, ASlowWitnessKeepsNobodyWaiting) {
  witnesses_.Set(0, Manner::kStands);
  SetUpOpened();
  for (size_t member = 0; member < 3; ++member) ASSERT_EQ(Sign(member).status(), absl::OkStatus());
  EXPECT_TRUE(Eventually([&] { return Settled(); }));
  EXPECT_LE(witnesses_.Asked(0).size(), 1u);
  witnesses_.Set(0, Manner::kHonest);
  EXPECT_TRUE(Eventually([&] { return Status().logs[0].final_entries == View()->size; }));
}

TEST_F(WitnessSenderTest, ALyingWitnessCountsForNothing) {
  witnesses_.Set(0, Manner::kWrongSignature);
  witnesses_.Set(2, Manner::kUnaware);
  SetUpOpened();
  ASSERT_EQ(Sign(0).status(), absl::OkStatus());
  ASSERT_TRUE(Eventually([&] { return Status().witnesses[0].away && Status().witnesses[2].away; }));
  EXPECT_EQ(FinalSize(), 0u);
  // One honest line is shown all the same: another auditor's quorum may be that one.
  ASSERT_TRUE(Eventually([&] { return board_->CheckpointOf(*View()) != View()->checkpoint; }));
  const auto opened = witnesses_.keys().Policy().Open(AsBytes(board_->CheckpointOf(*View())),
                                                      board_.LogVerifier(kPollOrigin));
  ASSERT_EQ(opened.status(), absl::OkStatus());
  EXPECT_FALSE(opened->witnessing.times[0].has_value());
  EXPECT_TRUE(opened->witnessing.times[1].has_value());
  witnesses_.Set(2, Manner::kHonest);
  ASSERT_TRUE(Eventually([&] { return Settled(); }));
  EXPECT_FALSE(OpenFinal(*board_->FinalCheckpointOf(*View())).witnessing.times[0].has_value());
}

TEST_F(WitnessSenderTest, ABoardThatForgotWhatWasCosignedBeginsWhereTheWitnessIs) {
  SetUpOpened();
  ASSERT_EQ(Sign(0).status(), absl::OkStatus());
  ASSERT_TRUE(Eventually([&] { return Settled(); }));
  const uint64_t before = View()->size;
  board_.Stop();
  std::filesystem::remove_all(CosignedPath(board_.data()));
  ASSERT_EQ(Open(), absl::OkStatus());
  ASSERT_EQ(Sign(1).status(), absl::OkStatus());
  ASSERT_TRUE(Eventually([&] { return Settled(); }));
  EXPECT_EQ(Status().alarm, "");
  const auto asked = witnesses_.Asked(1);
  EXPECT_TRUE(std::any_of(asked.begin(), asked.end(), [&](const auto& request) {
    return request.old_size() == before && request.unverified_checkpoint().origin() == kPollOrigin;
  }));
}

TEST_F(WitnessSenderTest, WhatWasFinalIsFinalAfterARestartThatFindsNobody) {
  witnesses_.Set(2, Manner::kAway);  // so that no third line comes later
  SetUpOpened();
  ASSERT_EQ(Sign(0).status(), absl::OkStatus());
  ASSERT_TRUE(Eventually([&] { return Settled(); }));
  const std::string note = *board_->FinalCheckpointOf(*View());
  board_.Stop();
  for (size_t i = 0; i < 3; ++i) witnesses_.Set(i, Manner::kAway);
  ASSERT_EQ(Open(), absl::OkStatus());
  EXPECT_EQ(*board_->FinalCheckpointOf(*View()), note);
  ASSERT_EQ(Sign(1).status(), absl::OkStatus());
  EXPECT_EQ(FinalSize(), View()->size - 1);
  // A record is written under what is final, unless the newest is asked for.
  board_.Stop();
  const auto exported = ExportRecord(board_.data(), kPollOrigin, board_.directory().File("final"));
  ASSERT_EQ(exported.status(), absl::OkStatus());
  EXPECT_EQ(exported->size + 1, exported->published);
  const auto newest = ExportRecord(board_.data(), kPollOrigin, board_.directory().File("newest"),
                                   ExportAt::kNewest);
  ASSERT_EQ(newest.status(), absl::OkStatus());
  EXPECT_EQ(newest->size, exported->published);
}

TEST_F(WitnessSenderTest, WhatCannotBeStoredIsNotFinal) {
  SetUpOpened();
  ASSERT_TRUE(Eventually([&] { return Settled(); }));
  const uint64_t before = FinalSize();
  const std::string directory = CosignedPath(board_.data());
  std::filesystem::rename(directory, directory + ".away");
  ASSERT_EQ(Sign(0).status(), absl::OkStatus());
  ASSERT_TRUE(Eventually([&] {
    const auto asked = witnesses_.Asked(1);
    return std::any_of(asked.begin(), asked.end(), [&](const auto& request) {
      return request.unverified_checkpoint().size() == before + 1;
    });
  }));
  EXPECT_EQ(FinalSize(), before);
  // Killed in this moment, and started again.
  board_.Stop();
  std::filesystem::rename(directory + ".away", directory);
  ASSERT_EQ(Open(), absl::OkStatus());
  EXPECT_GE(FinalSize(), before);
  EXPECT_TRUE(Eventually([&] { return Settled(); }));
}

TEST_F(WitnessSenderTest, OpeningAndClosingWaitForTheWitnessesTimeAndTheRecordVerifies) {
  board_.clock().Set(kTestSchedule.opens);
  ASSERT_EQ(Open(), absl::OkStatus());
  ASSERT_EQ(petition_.Prepare(board_), absl::OkStatus());
  const Bytes opening = petition_.Open();
  const auto refused = board_.Append(kPollOrigin, opening);
  ASSERT_TRUE(WaitsForWitnesses(refused.status())) << refused.status();
  EXPECT_GT(RetryAfterMs(refused.status()), 0);
  EXPECT_THAT(Message(refused.status()), HasSubstr("witnesses' time"));
  EXPECT_EQ(ReasonOf(refused.status()), "witnesses");
  const auto opened = AppendPatiently(opening);
  ASSERT_EQ(opened.status(), absl::OkStatus());
  EXPECT_EQ(opened->index, 2u);
  EXPECT_TRUE(IsWitnessed(1));
  ASSERT_TRUE(Eventually([&] { return NothingOwed(); }));
  EXPECT_TRUE(IsWitnessed(3));
  EXPECT_EQ(View()->size, 4u);

  petition_.TakeSize(View()->size);
  for (size_t member = 0; member < 3; ++member) ASSERT_EQ(Sign(member).status(), absl::OkStatus());
  board_.clock().Set(kTestSchedule.closes);
  const Bytes closing = petition_.Close();
  ASSERT_TRUE(WaitsForWitnesses(board_.Append(kPollOrigin, closing).status()));
  const auto closed = AppendPatiently(closing);
  ASSERT_EQ(closed.status(), absl::OkStatus());
  ASSERT_TRUE(Eventually([&] { return NothingOwed(); }));
  const uint64_t size = View()->size;
  EXPECT_TRUE(IsWitnessed(closed->index + 1));
  EXPECT_EQ(size, closed->index + 2) << "no more than that one is logged in 'closed'";

  petition_.TakeSize(size);
  board_.clock().Advance(1);
  ASSERT_EQ(board_.Append(kPollOrigin, petition_.Result()).status(), absl::OkStatus());
  ASSERT_TRUE(Eventually([&] { return Settled(); }));
  EXPECT_EQ(View()->size, size + 1);

  const std::string record = board_.directory().File("record");
  ASSERT_EQ(ExportRecord(board_.data(), kPollOrigin, record).status(), absl::OkStatus());
  audit::AuditOptions audit;
  audit.policy = audit::Policy::Parse(testing::PolicyText(petition_.people(), 2, 0)).value();
  audit.policy->witnesses = witnesses_.keys().Policy();
  const audit::AuditResult result = audit::AuditRecord(record, audit);
  EXPECT_EQ(result.report.ExitStatus(), 0) << result.report.ToText();
  for (const Check check : {Check::kL6, Check::kL7, Check::kS17}) {
    ASSERT_NE(result.report.Find(check), nullptr);
    EXPECT_EQ(result.report.Find(check)->outcome, audit::Outcome::kPass) << result.report.ToText();
  }
}

TEST_F(WitnessSenderTest, WhatCountsIsRefusedUntilTheClosingIsWitnessed) {
  ASSERT_NO_FATAL_FAILURE(CloseAndLoseTheWitnesses());
  ASSERT_FALSE(NothingOwed());
  // Killed and started again with nobody there, it still knows what it owes.
  board_.Stop();
  ASSERT_EQ(Open(), absl::OkStatus());
  ASSERT_FALSE(NothingOwed());
  const Bytes early =
      petition_.MakeOrder(petition_.state().Result(petition_.size()), kTestSchedule.closes + 1);
  const auto refused = board_.Append(kPollOrigin, early);
  ASSERT_TRUE(WaitsForWitnesses(refused.status())) << refused.status();
  EXPECT_THAT(Message(refused.status()), HasSubstr("draft it anew"));
  for (size_t i = 0; i < 3; ++i) witnesses_.Set(i, Manner::kHonest);
  ASSERT_TRUE(Eventually([&] { return NothingOwed(); }));
  petition_.TakeSize(View()->size);
  board_.clock().Advance(1);
  EXPECT_EQ(board_.Append(kPollOrigin, petition_.Result()).status(), absl::OkStatus());
}

TEST_F(WitnessSenderTest, WhenItsTimeIsOverACountDoesNotWaitForWitnessesThatHaveGone) {
  ASSERT_NO_FATAL_FAILURE(CloseAndLoseTheWitnesses());
  board_.clock().Advance(kTestSchedule.tolerance + 1);
  EXPECT_EQ(board_.Append(kPollOrigin, petition_.Result()).status(), absl::OkStatus());
}

TEST_F(WitnessSenderTest, AMirrorCopiesWhatIsFinalOrTheNewestIfItIsWanted) {
  SetUpOpened();
  ASSERT_TRUE(Eventually([&] { return Settled(); }));
  const auto http = HttpServer::Start(*board_, HttpOptions());
  ASSERT_EQ(http.status(), absl::OkStatus());
  const std::string url = absl::StrCat("http://", (*http)->address(), "/poll");
  const auto copied_under = [&](const std::string& name, remote::FetchAt at) {
    const std::string record = board_.directory().File(name);
    EXPECT_EQ(remote::MirrorRecord(url, record, {}, at), absl::OkStatus());
    const auto note = ReadFile(record::PollDirectory(record) + "/checkpoint", 1 << 16);
    return std::string(AsText(note.value_or(Bytes())));
  };
  const std::string final = *board_->FinalCheckpointOf(*View());
  EXPECT_EQ(OpenFinal(copied_under("settled", remote::FetchAt::kFinal)).checkpoint,
            OpenFinal(final).checkpoint);
  for (size_t i = 0; i < 3; ++i) witnesses_.Set(i, Manner::kAway);
  ASSERT_EQ(Sign(0).status(), absl::OkStatus());
  EXPECT_EQ(copied_under("newest", remote::FetchAt::kNewest), View()->checkpoint);
  // They come back while somebody waits for them.
  std::thread back([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    for (size_t i = 0; i < 3; ++i) witnesses_.Set(i, Manner::kHonest);
  });
  const std::string waited = copied_under("waited", remote::FetchAt::kFinal);
  back.join();
  EXPECT_EQ(OpenFinal(waited).checkpoint.size(), View()->size);
}

TEST_F(WitnessSenderTest, NobodyElseLogsTheirTimes) {
  SetUpOpened();
  ASSERT_TRUE(Eventually([&] { return Settled(); }));
  const Bytes entry =
      record::EncodeEntry(
          poll::WitnessedCheckpoint{ToBytes(AsBytes(*board_->FinalCheckpointOf(*View())))})
          .value();
  for (const bool administrator : {false, true}) {
    const absl::Status refused =
        board_.Submit(Door::kAppend, kPollOrigin, {entry}, administrator).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
    EXPECT_THAT(Message(refused), HasSubstr("the board itself"));
  }
}

TEST_F(WitnessSenderTest, ATinyQueueIsEnough) {
  board_.clock().Set(kTestSchedule.opens);
  BoardOptions options = WithWitnesses();
  options.commit_queue = 1;
  options.batch_entries = 1;
  ASSERT_EQ(board_.Open(options), absl::OkStatus());
  ASSERT_EQ(petition_.Prepare(board_), absl::OkStatus());
  ASSERT_EQ(AppendPatiently(petition_.Open()).status(), absl::OkStatus());
  for (size_t member = 0; member < 4; ++member) ASSERT_EQ(Sign(member).status(), absl::OkStatus());
  EXPECT_TRUE(Eventually([&] { return Settled(); }));
}

// A witness that has cosigned something, and from then on raises an alarm.
class ForkAlarmTest : public WitnessSenderTest, public ::testing::WithParamInterface<Manner> {};

TEST_P(ForkAlarmTest, StopsTheBoardUntilTheWitnessIsDropped) {
  SetUpOpened();
  const Bytes first = petition_.Act(0, Act::kSign, 1);
  ASSERT_EQ(board_.Act(first).status(), absl::OkStatus());
  ASSERT_TRUE(Eventually([&] { return Settled(); }));
  ASSERT_TRUE(Eventually([&] { return Settled(); }));
  // It has cosigned both logs.
  ASSERT_TRUE(Eventually([&] {
    const auto asked = witnesses_.Asked(1);
    const auto has = [&](const char* origin) {
      return std::any_of(asked.begin(), asked.end(), [&](const auto& request) {
        const merkle::Checkpoint& checkpoint = request.unverified_checkpoint();
        return checkpoint.origin() == origin && checkpoint.size() == (*board_->Find(origin))->size;
      });
    };
    return has(kPollOrigin) && has(kRollOrigin);
  }));
  witnesses_.Set(1, GetParam());
  ASSERT_EQ(Sign(1).status(), absl::OkStatus());
  ASSERT_TRUE(Eventually([&] { return !Status().alarm.empty(); }));

  const auto expect_stopped = [&] {
    const absl::Status refused = board_.Act(petition_.MakeAct(2, Act::kSign, 1)).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(Message(refused), HasSubstr("fork alarm of the witness 'w1'"));
    // What is logged still gets its receipt, and reading goes on.
    EXPECT_EQ(board_.Act(first).status(), absl::OkStatus());
    EXPECT_EQ(ReadStaticFile(*board_, "/poll/checkpoint").status(), absl::OkStatus());
    EXPECT_THAT(board_->metrics().Text(board_->activity()), HasSubstr("urna_witness_alarm 1\n"));
  };
  expect_stopped();
  // What the witness said is written down.
  std::vector<std::string> files;
  for (const auto& file : std::filesystem::directory_iterator(AlarmsPath(board_.data()))) {
    files.push_back(file.path().string());
  }
  ASSERT_EQ(files.size(), 1u);
  const Bytes text = ReadFile(files.front(), 1 << 20).value();
  const auto json = nlohmann::json::parse(text.begin(), text.end());
  EXPECT_EQ(json["witness"], witnesses_.keys().signer(1).verifier().vkey());
  EXPECT_TRUE(json["code"] == 409 || json["code"] == 422) << json["code"];
  const auto request =
      merkle::AddCheckpointRequest::Parse(AsBytes(json["request"].get<std::string>()));
  ASSERT_EQ(request.status(), absl::OkStatus());
  EXPECT_EQ(request->unverified_checkpoint().origin(), kPollOrigin);
  if (GetParam() == Manner::kUnprocessable) {
    EXPECT_EQ(json["answer_base64"], "YmFkIP8gcHJvb2YK");
  }

  board_.Stop();
  ASSERT_EQ(Open(), absl::OkStatus());
  expect_stopped();
  // The operator has looked into it and goes on without that witness.
  board_.Stop();
  const testing::TestWitnesses& keys = witnesses_.keys();
  WritePolicy(absl::StrCat("witness w0 ", keys.signer(0).verifier().vkey(),
                           " https://w0.example/\nwitness w2 ", keys.signer(2).verifier().vkey(),
                           " https://w2.example/\ngroup g all w0 w2\nquorum g\n"));
  ASSERT_EQ(Open(), absl::OkStatus());
  EXPECT_EQ(Status().alarm, "");
  EXPECT_EQ(Sign(2).status(), absl::OkStatus());
}

INSTANTIATE_TEST_SUITE_P(Answers, ForkAlarmTest,
                         ::testing::Values(Manner::kConflict, Manner::kUnprocessable,
                                           Manner::kKnowsMore));

TEST_F(WitnessSenderTest, AnAlarmFileThatNobodyCanReadStopsTheStart) {
  SetUpOpened();
  board_.Stop();
  std::filesystem::create_directories(AlarmsPath(board_.data()));
  ASSERT_EQ(WriteFileDurably(AlarmsPath(board_.data()) + "/x.alarm", AsBytes("{}")),
            absl::OkStatus());
  const absl::Status refused = Open();
  EXPECT_EQ(refused.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(Message(refused), HasSubstr("x.alarm"));
}

TEST_F(WitnessSenderTest, ALedgerOlderThanWhatWasCosignedIsRefused) {
  SetUpOpened();
  ASSERT_TRUE(Eventually([&] { return Settled(); }));
  board_.Stop();
  const std::string old = board_.directory().File("old");
  testing::CopyDirectory(board_.data(), old);
  ASSERT_EQ(Open(), absl::OkStatus());
  ASSERT_EQ(Sign(0).status(), absl::OkStatus());
  ASSERT_TRUE(Eventually([&] { return Settled(); }));
  board_.Stop();
  testing::CopyDirectory(LedgerPath(old), LedgerPath(board_.data()));
  testing::CopyDirectory(CheckpointsPath(old), CheckpointsPath(board_.data()));
  const absl::Status refused = Open();
  EXPECT_EQ(refused.code(), absl::StatusCode::kDataLoss) << refused;
  EXPECT_THAT(Message(refused), HasSubstr("witnesses have cosigned a tree of 4 entries"));
  const auto report = Look();
  ASSERT_EQ(report.status(), absl::OkStatus());
  ASSERT_EQ(report->findings.size(), 1u);
  EXPECT_EQ(report->findings[0].cure, Cure::kRestore);
  EXPECT_THAT(report->findings[0].sentence, HasSubstr("witnesses have cosigned"));
  // A restore asks for the missing entries, too.
  EXPECT_THAT(Message(RestoreFrom(old, board_.data()).status()),
              HasSubstr("must never sign less than it has published"));
  // Also without witnesses: they did see it.
  EXPECT_EQ(board_.Open().code(), absl::StatusCode::kDataLoss);
}

// Whoever lost the file gets it from the web, where it has cosignatures.
TEST_F(WitnessSenderTest, ACosignedCheckpointServesAsTheLogsOwn) {
  SetUpOpened();
  ASSERT_TRUE(Eventually([&] { return Settled(); }));
  const std::string note = *board_->FinalCheckpointOf(*View());
  board_.Stop();
  std::filesystem::remove_all(CosignedPath(board_.data()));
  ASSERT_EQ(PublishCheckpoint(CheckpointsPath(board_.data()), kPollOrigin, note), absl::OkStatus());
  const auto report = Look();
  ASSERT_EQ(report.status(), absl::OkStatus());
  EXPECT_TRUE(report->Whole()) << report->findings[0].sentence;
  const std::string copy = board_.directory().File("copy");
  EXPECT_EQ(Backup(board_.data(), copy).status(), absl::OkStatus());
  const std::string again = board_.directory().File("again");
  EXPECT_EQ(RestoreFrom(copy, again).status(), absl::OkStatus());
  EXPECT_EQ(ExportRecord(board_.data(), kPollOrigin, board_.directory().File("record")).status(),
            absl::OkStatus());
  EXPECT_EQ(board_.Open(), absl::OkStatus());
}

TEST_F(WitnessSenderTest, RefusesPoliciesThatItCannotServe) {
  const std::string lines = witnesses_.PolicyText();
  const auto expect_refused = [&](const std::string& text, const std::string& words) {
    WritePolicy(text);
    const absl::Status status = Open();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(Message(status), HasSubstr(words));
  };
  expect_refused("quorum none\n", "names no witness");
  expect_refused(witnesses_.keys().PolicyLines(), "witness 'w0' has no URL");
  expect_refused(witnesses_.keys().PolicyLines({"https://a", "ftp://b", "https://c"}),
                 "'ftp://b' is no URL");
  expect_refused(witnesses_.keys().PolicyLines({"https://a", "https://b", "http:///"}),
                 "'http:///' is no URL");
  expect_refused("nonsense\n", "witness policy");
  crypto::SeededRng rng(5);
  const auto other =
      merkle::NoteVerifier::Create(kPollOrigin, crypto::SigningKey::Generate(rng).public_key());
  expect_refused(absl::StrCat("log ", other->vkey(), "\n", lines), "has another key there");
  const auto elsewhere =
      merkle::NoteVerifier::Create("other.example/poll", board_.LogVerifier(kPollOrigin).key());
  expect_refused(absl::StrCat("log ", elsewhere->vkey(), "\n", lines), "is not of the board");
  WritePolicy(absl::StrCat("log ", board_.LogVerifier(kPollOrigin).vkey(), "\n", lines));
  EXPECT_EQ(Open(), absl::OkStatus());
}

// Over the network: two real witnesses, and a third that nobody runs.
TEST_F(WitnessSenderTest, RealWitnessesCosignOverHttp) {
  board_.clock().Set(kTestSchedule.opens);
  crypto::SystemRng rng;
  std::vector<std::unique_ptr<witness::Witness>> witnesses;
  std::vector<std::unique_ptr<witness::HttpServer>> servers;
  std::string lines;
  for (int i = 0; i < 2; ++i) {
    const std::string directory = board_.directory().File(absl::StrCat("witness", i));
    const auto key =
        witness::InitializeWitness(directory, absl::StrCat("witness.example/", i), rng);
    ASSERT_EQ(key.status(), absl::OkStatus());
    witness::WitnessOptions options;
    options.state_directory = witness::StatePath(directory);
    options.logs = {board_.LogVerifier(kPollOrigin), board_.LogVerifier(kRollOrigin)};
    options.store = [](const std::string& path, ByteSpan bytes) {
      return WriteFileDurably(path, bytes);
    };
    options.alarm = [](const std::string&) {};
    witnesses.push_back(witness::Witness::Open(witness::LoadSigner(directory).value(),
                                               std::move(options), board_.clock())
                            .value());
    servers.push_back(witness::HttpServer::Start(*witnesses.back(), {}).value());
    absl::StrAppend(&lines, "witness w", i, " ", key->vkey(), " http://", servers[i]->address(),
                    "/\n");
  }
  absl::StrAppend(&lines, "witness gone ", witnesses_.keys().signer(2).verifier().vkey(),
                  " http://127.0.0.1:1/\ngroup g 2 w0 w1 gone\nquorum g\n");
  WritePolicy(lines);
  BoardOptions options = WithWitnesses();
  options.witnesses.connect = nullptr;
  ASSERT_EQ(board_.Open(options), absl::OkStatus());
  ASSERT_EQ(petition_.Prepare(board_), absl::OkStatus());
  ASSERT_EQ(AppendPatiently(petition_.Open()).status(), absl::OkStatus());
  const auto final = [&] {
    const auto note = board_->FinalCheckpointOf(*View());
    return note.has_value() && absl::StrContains(*note, absl::StrCat("\n", View()->size, "\n"));
  };
  ASSERT_TRUE(Eventually([&] { return NothingOwed() && final(); }));
  EXPECT_TRUE(Eventually([&] { return Status().witnesses[2].away; }));
  // The board begins where they are, also when it has forgotten that.
  board_.Stop();
  std::filesystem::remove_all(CosignedPath(board_.data()));
  ASSERT_EQ(board_.Open(options), absl::OkStatus());
  petition_.TakeSize(View()->size);
  ASSERT_EQ(Sign(0).status(), absl::OkStatus());
  EXPECT_TRUE(Eventually(final));
  EXPECT_EQ(Status().alarm, "");
}

TEST_F(WitnessSenderTest, WithoutAQuorumNothingWaits) {
  const testing::TestWitnesses& keys = witnesses_.keys();
  WritePolicy(absl::StrCat("witness w0 ", keys.signer(0).verifier().vkey(),
                           " https://w0.example/\nquorum none\n"));
  ASSERT_EQ(Open(), absl::OkStatus());
  ASSERT_EQ(petition_.SetUp(board_), absl::OkStatus());
  EXPECT_TRUE(Eventually([&] { return board_->CheckpointOf(*View()) != View()->checkpoint; }));
  EXPECT_EQ(board_->FinalCheckpointOf(*View()), std::nullopt);
  EXPECT_EQ(View()->size, 2u);
}

}  // namespace
}  // namespace urna::server
