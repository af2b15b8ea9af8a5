#include "voter/participant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/record/entry_types.h"
#include "tests/support/witnesses.h"
#include "tests/voter/fake_board.h"
#include "voter/receipt_check.h"

namespace urna::voter {
namespace {

using election::Selections;
using ::testing::HasSubstr;

constexpr char kOrigin[] = "board.example/poll";
const Selections kBo = {{0, 1}};
const Selections kAnna = {{1, 0}};

class ParticipantTest : public ::testing::Test {
 protected:
  // Voter 1 has style 2: contest 1 alone.
  absl::StatusOr<Participant> Open(size_t voter = 1, ReadOptions options = {}) {
    return Participant::Open(election_.board, kOrigin, election_.credential(voter),
                             scratch_.path() + "/receipts", options, rng_);
  }
  Participant OpenWell() {
    auto participant = Open();
    EXPECT_TRUE(participant.ok()) << participant.status();
    return *std::move(participant);
  }
  ReceiptReport CheckAll() {
    const ReceiptStore store =
        ReceiptStore::Open(ReceiptStore::DirectoryOf(scratch_.path() + "/receipts", kOrigin))
            .value();
    auto report = CheckReceipts(election_.board, store, {}, {});
    EXPECT_TRUE(report.ok()) << report.status();
    return *std::move(report);
  }

  crypto::SystemRng rng_;
  ElectionOnBoard election_;
  ScratchDirectory scratch_;
};

TEST_F(ParticipantTest, VotesAndVotesAgain) {
  for (uint64_t sequence = 1; sequence <= 2; ++sequence) {
    Participant participant = OpenWell();
    EXPECT_EQ(participant.NextSequence().value(), sequence);
    const auto accepted = participant.Vote(sequence == 1 ? kBo : kAnna, PendingPolicy::kRefuse);
    ASSERT_TRUE(accepted.ok()) << accepted.status();
    EXPECT_EQ(accepted->sequence, sequence);
    EXPECT_EQ(accepted->index, election_.board.entries(kOrigin).size() - 1);
    EXPECT_EQ(ReadFile(accepted->entry_file, 1 << 16).value(),
              election_.board.entries(kOrigin).back());
    EXPECT_TRUE(std::filesystem::exists(accepted->receipt_file));
  }
  EXPECT_EQ(election_.fixture.state().voters(), 1u);
  EXPECT_EQ(election_.fixture.state().ballots(), 2u);
  const ReceiptReport report = CheckAll();
  EXPECT_TRUE(report.Good());
  EXPECT_EQ(report.receipts.size(), 2u);
  EXPECT_TRUE(report.whole_log);
  EXPECT_TRUE(report.unknown.empty());
  EXPECT_EQ(report.last->sequence, 2u);
}

TEST_F(ParticipantTest, GoesAboveWhatAnotherDeviceSent) {
  election_.fixture.Cast(1, kBo, 41);
  election_.Sync();
  Participant participant = OpenWell();
  EXPECT_EQ(participant.NextSequence().value(), 42u);
  ASSERT_TRUE(participant.Vote(kAnna, PendingPolicy::kRefuse).ok());
  const ReceiptReport report = CheckAll();
  ASSERT_EQ(report.unknown.size(), 1u);
  EXPECT_EQ(report.unknown[0].sequence, 41u);
  EXPECT_TRUE(report.Good()) << "an older one replaces nothing";
}

TEST_F(ParticipantTest, NoticesThatSomebodyElseVotedLater) {
  ASSERT_TRUE(OpenWell().Vote(kAnna, PendingPolicy::kRefuse).ok());
  election_.fixture.Cast(1, kBo, 9);
  election_.Sync();
  const ReceiptReport report = CheckAll();
  EXPECT_FALSE(report.Good());
  ASSERT_EQ(report.unknown.size(), 1u);
  EXPECT_EQ(report.unknown[0].index, election_.board.entries(kOrigin).size() - 1);
  EXPECT_EQ(report.last->sequence, 9u);
  EXPECT_TRUE(report.receipts[0].status.ok()) << "the receipt itself still holds";
}

TEST_F(ParticipantTest, CheckSaysThatTheVoterWasRevoked) {
  ASSERT_TRUE(OpenWell().Vote(kAnna, PendingPolicy::kRefuse).ok());
  EXPECT_FALSE(CheckAll().revoked.has_value());
  election_.fixture.Revoke({1});
  election_.Sync();
  const ReceiptReport report = CheckAll();
  EXPECT_EQ(report.revoked, "order 2: They voted at a polling station.");
  EXPECT_TRUE(report.Good()) << "what was sent is still there";
  EXPECT_THAT(OpenWell().Vote(kBo, PendingPolicy::kRefuse).status().message(),
              HasSubstr("have revoked your credential"));
  election_.fixture.Restore({1});
  election_.Sync();
  EXPECT_FALSE(CheckAll().revoked.has_value());
}

TEST_F(ParticipantTest, ALostAnswerIsFetchedAgainWithTheSameBytes) {
  election_.board.lose_answers = 1;
  Participant participant = OpenWell();
  const auto lost = participant.Vote(kBo, PendingPolicy::kRefuse);
  EXPECT_TRUE(absl::IsUnavailable(lost.status())) << lost.status();
  EXPECT_THAT(lost.status().message(), HasSubstr("--retry"));
  ASSERT_TRUE(std::filesystem::exists(participant.store().EntryPath(1)));
  const size_t size = election_.board.entries(kOrigin).size();

  Participant again = OpenWell();
  EXPECT_THAT(again.Vote(kAnna, PendingPolicy::kRefuse).status().message(),
              HasSubstr("never answered"));
  const auto accepted = again.Retry();
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->sequence, 1u);
  EXPECT_EQ(accepted->index, size - 1);
  EXPECT_EQ(election_.board.entries(kOrigin).size(), size) << "nothing was logged twice";
  EXPECT_TRUE(absl::IsFailedPrecondition(again.Retry().status())) << "nothing is pending any more";
}

TEST_F(ParticipantTest, ALostRequestIsSentAgainByteForByte) {
  election_.board.answers = {absl::UnavailableError("the board cannot be reached")};
  EXPECT_TRUE(absl::IsUnavailable(OpenWell().Vote(kBo, PendingPolicy::kRefuse).status()));
  EXPECT_EQ(election_.fixture.state().ballots(), 0u);
  ASSERT_TRUE(OpenWell().Retry().ok());
  ASSERT_EQ(election_.board.submitted.size(), 2u);
  EXPECT_EQ(election_.board.submitted[0], election_.board.submitted[1]);
  EXPECT_EQ(election_.fixture.state().ballots(), 1u);
}

TEST_F(ParticipantTest, ReplacingAnUnansweredBallotShutsTheOldOneOut) {
  election_.board.answers = {absl::UnavailableError("the board cannot be reached")};
  EXPECT_FALSE(OpenWell().Vote(kBo, PendingPolicy::kRefuse).ok());
  const auto accepted = OpenWell().Vote(kAnna, PendingPolicy::kReplace);
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->sequence, 2u);
  // The board that kept the first one cannot use it now.
  const auto kept = record::DecodeEntry(election_.board.submitted[0]).value();
  EXPECT_FALSE(election_.fixture.Check(kept).empty());
}

TEST_F(ParticipantTest, ARefusalReadsAsOneAndLeavesNothingPending) {
  election_.board.answers = {absl::FailedPreconditionError("voting is closed")};
  const auto refused = OpenWell().Vote(kBo, PendingPolicy::kRefuse);
  EXPECT_EQ(refused.status(),
            absl::FailedPreconditionError("the board refused the ballot: voting is closed"));
  const auto accepted = OpenWell().Vote(kBo, PendingPolicy::kRefuse);
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->sequence, 2u);
}

TEST_F(ParticipantTest, AFalseReceiptIsNoReceipt) {
  Bytes other;
  election_.board.spoil = [&](remote::Receipt& receipt) { receipt.index += 1; };
  EXPECT_TRUE(absl::IsDataLoss(OpenWell().Vote(kBo, PendingPolicy::kRefuse).status()));
  election_.board.spoil = [&](remote::Receipt& receipt) { receipt.leaf_hash[0] ^= 1; };
  EXPECT_TRUE(absl::IsDataLoss(OpenWell().Vote(kBo, PendingPolicy::kReplace).status()));
  election_.board.spoil = [&](remote::Receipt& receipt) {
    const size_t line = receipt.proof.find("\xE2\x80\x94");  // in the log's signature
    receipt.proof[line + 40] = receipt.proof[line + 40] == 'A' ? 'B' : 'A';
  };
  EXPECT_TRUE(absl::IsDataLoss(OpenWell().Vote(kBo, PendingPolicy::kReplace).status()));
  for (uint64_t sequence : {1, 2, 3}) {
    EXPECT_FALSE(std::filesystem::exists(OpenWell().store().ReceiptPath(sequence)));
  }
  election_.board.spoil = nullptr;
  EXPECT_TRUE(OpenWell().Retry().ok());
}

TEST_F(ParticipantTest, RefusesALogThatShrankSinceTheLastTime) {
  ASSERT_TRUE(OpenWell().Vote(kBo, PendingPolicy::kRefuse).ok());
  election_.board.shown_size = election_.board.entries(kOrigin).size() - 1;
  const auto participant = Open();
  EXPECT_TRUE(absl::IsDataLoss(participant.status())) << participant.status();
  EXPECT_THAT(participant.status().message(), HasSubstr("has shrunk"));
  EXPECT_THAT(participant.status().message(), HasSubstr("evidence-1.json"));
}

TEST_F(ParticipantTest, OfALongLogTheStoreAloneKnowsTheSequence) {
  ASSERT_TRUE(OpenWell().Vote(kBo, PendingPolicy::kRefuse).ok());
  ReadOptions options;
  options.whole_log_limit = 3;
  auto participant = Open(1, options);
  ASSERT_TRUE(participant.ok()) << participant.status();
  EXPECT_FALSE(participant->poll().whole);
  EXPECT_EQ(participant->NextSequence().value(), 2u);
  EXPECT_TRUE(participant->Vote(kAnna, PendingPolicy::kRefuse).ok());
}

TEST_F(ParticipantTest, RefusesBeforeAnythingIsSent) {
  EXPECT_TRUE(absl::IsInvalidArgument(OpenWell().Vote({{1, 1}}, PendingPolicy::kRefuse).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(
      OpenWell().Act(petition::Act::kSign, PendingPolicy::kRefuse).status()));
  election_.fixture.Close();
  election_.Sync();
  EXPECT_THAT(OpenWell().Vote(kBo, PendingPolicy::kRefuse).status().message(),
              HasSubstr("voting in 'board.example/poll' is closed"));
  EXPECT_TRUE(election_.board.submitted.empty());
  EXPECT_EQ(OpenWell().store().LastSequence().value(), 0u);
}

TEST_F(ParticipantTest, OneDirectoryIsForOneCredential) {
  ASSERT_TRUE(OpenWell().Vote(kBo, PendingPolicy::kRefuse).ok());
  EXPECT_THAT(Open(3).status().message(), HasSubstr("another credential"));
}

TEST_F(ParticipantTest, CheckFindsAForkAndKeepsTheEvidence) {
  ASSERT_TRUE(OpenWell().Vote(kBo, PendingPolicy::kRefuse).ok());
  std::vector<Bytes> entries = election_.board.entries(kOrigin);
  entries.pop_back();  // the ballot is gone, another and one more stand in its place
  entries.push_back(record::EncodeEntry(election_.fixture.Ballot(3, kAnna)).value());
  entries.push_back(record::EncodeEntry(election_.fixture.Ballot(3, kBo)).value());
  election_.board.Replace(kOrigin, entries);
  const std::string directory = ReceiptStore::DirectoryOf(scratch_.path() + "/receipts", kOrigin);
  const ReceiptStore store = ReceiptStore::Open(directory).value();
  const auto report = CheckReceipts(election_.board, store, {}, {});
  EXPECT_TRUE(absl::IsDataLoss(report.status())) << report.status();
  EXPECT_THAT(report.status().message(), HasSubstr("two histories"));
  const Bytes evidence = ReadFile(directory + "/evidence-1.json", 1 << 20).value();
  EXPECT_THAT(std::string(AsText(evidence)), HasSubstr("board.example/poll"));
}

TEST_F(ParticipantTest, WitnessedCheckpointsAreNobodysBusinessButAuditors) {
  std::vector<Bytes> entries = election_.board.entries(kOrigin);
  const Bytes witnessed = record::EncodeEntry(poll::WitnessedCheckpoint{Bytes{1}}).value();
  entries.insert(entries.begin() + 1, witnessed);
  entries.push_back(witnessed);
  election_.board.Replace(kOrigin, entries);
  EXPECT_EQ(OpenWell().CheckOpen(), absl::OkStatus());
}

TEST_F(ParticipantTest, CheckSaysWhatIsFinalAndWhatIsProvisional) {
  const testing::TestWitnesses witnesses;
  const merkle::WitnessPolicy policy = witnesses.Policy();
  CheckOptions options;
  options.witnesses = &policy;
  ASSERT_TRUE(OpenWell().Vote(kBo, PendingPolicy::kRefuse).ok());
  const uint64_t size = election_.board.entries(kOrigin).size();
  ASSERT_TRUE(OpenWell().Vote(kAnna, PendingPolicy::kRefuse).ok());
  const ReceiptStore store =
      ReceiptStore::Open(ReceiptStore::DirectoryOf(scratch_.path() + "/receipts", kOrigin)).value();
  const auto check = [&](uint64_t at, const std::vector<uint64_t>& times) {
    const std::string note = election_.board.SignedCheckpoint(kOrigin, at);
    election_.board.final_checkpoint = std::string(AsText(witnesses.Cosign(AsBytes(note), times)));
    return CheckReceipts(election_.board, store, {}, options);
  };
  auto report = check(size, {10, 20});
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_EQ(report->receipts.size(), 2u);
  EXPECT_EQ(report->final_size, size);
  EXPECT_EQ(report->receipts[0].final, true);
  EXPECT_EQ(report->receipts[1].final, false);
  EXPECT_TRUE(report->Good());
  EXPECT_TRUE(report->Provisional());
  // Too few of them, whatever the board calls final.
  report = check(size, {10});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->final_size, 0u);
  EXPECT_EQ(report->receipts[0].final, false);
  report = check(size + 1, {10, 0, 20});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_FALSE(report->Provisional());
  EXPECT_EQ(report->receipts[1].final, true);
  // The board has none.
  election_.board.final_checkpoint.reset();
  EXPECT_TRUE(CheckReceipts(election_.board, store, {}, options)->Provisional());
  // Nobody asked.
  EXPECT_EQ(CheckReceipts(election_.board, store, {}, {})->receipts[0].final, std::nullopt);
  EXPECT_FALSE(CheckReceipts(election_.board, store, {}, {})->Provisional());
}

TEST_F(ParticipantTest, AFinalCheckpointOfAnotherHistoryIsKeptAsEvidence) {
  const testing::TestWitnesses witnesses;
  const merkle::WitnessPolicy policy = witnesses.Policy();
  CheckOptions options;
  options.witnesses = &policy;
  ASSERT_TRUE(OpenWell().Vote(kBo, PendingPolicy::kRefuse).ok());
  const std::vector<Bytes> entries = election_.board.entries(kOrigin);
  std::vector<Bytes> other = entries;
  other.back() = record::EncodeEntry(election_.fixture.Ballot(3, kAnna)).value();
  election_.board.Replace(kOrigin, other);
  election_.board.final_checkpoint = std::string(AsText(witnesses.Cosign(
      AsBytes(election_.board.SignedCheckpoint(kOrigin, other.size())), {10, 20})));
  election_.board.Replace(kOrigin, entries);
  const std::string directory = ReceiptStore::DirectoryOf(scratch_.path() + "/receipts", kOrigin);
  const ReceiptStore store = ReceiptStore::Open(directory).value();
  const auto report = CheckReceipts(election_.board, store, {}, options);
  EXPECT_TRUE(absl::IsDataLoss(report.status())) << report.status();
  EXPECT_TRUE(std::filesystem::exists(directory + "/evidence-1.json"));
}

TEST_F(ParticipantTest, CheckNamesAReceiptOfAnotherEntry) {
  ASSERT_TRUE(OpenWell().Vote(kBo, PendingPolicy::kRefuse).ok());
  ASSERT_TRUE(OpenWell().Vote(kAnna, PendingPolicy::kRefuse).ok());
  const ReceiptStore store =
      ReceiptStore::Open(ReceiptStore::DirectoryOf(scratch_.path() + "/receipts", kOrigin)).value();
  ASSERT_TRUE(store.SaveReceipt(1, AsText(store.ReadReceipt(2).value())).ok());
  const auto report = CheckReceipts(election_.board, store, {1}, {});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_FALSE(report->Good());
  ASSERT_EQ(report->receipts.size(), 1u);
  EXPECT_FALSE(report->receipts[0].status.ok());
  EXPECT_TRUE(absl::IsNotFound(CheckReceipts(election_.board, store, {3}, {}).status()));
}

TEST(PetitionParticipantTest, SignsWithdrawsAndSignsAgain) {
  crypto::SystemRng rng;
  PetitionOnBoard petition;
  ScratchDirectory scratch;
  const crypto::Credential& credential = petition.roll.credentials[2];
  const auto act = [&](petition::Act what) {
    auto participant =
        Participant::Open(petition.board, kOrigin, credential, scratch.path(), ReadOptions(), rng);
    EXPECT_TRUE(participant.ok()) << participant.status();
    return participant->Act(what, PendingPolicy::kRefuse);
  };
  EXPECT_TRUE(act(petition::Act::kSign).ok());
  EXPECT_EQ(petition.state->count(), 1u);
  const auto twice = act(petition::Act::kSign);
  EXPECT_THAT(twice.status().message(), HasSubstr("the board refused the act"));
  EXPECT_TRUE(act(petition::Act::kWithdraw).ok());
  EXPECT_EQ(petition.state->count(), 0u);
  EXPECT_TRUE(act(petition::Act::kSign).ok());
  EXPECT_EQ(petition.state->count(), 1u);
}

TEST(PetitionParticipantTest, SignsNothingBeforeThePetitionCollects) {
  crypto::SystemRng rng;
  for (const bool anonymous : {false, true}) {
    PetitionOnBoard petition(anonymous, /*open=*/false);
    ScratchDirectory scratch;
    auto participant = Participant::Open(petition.board, kOrigin, petition.roll.credentials[2],
                                         scratch.path(), ReadOptions(), rng);
    // Before the opening an anonymous petition has no tag under which anything could be kept.
    EXPECT_EQ(participant.ok(), !anonymous);
    const absl::Status early =
        participant.ok() ? participant->Act(petition::Act::kSign, PendingPolicy::kRefuse).status()
                         : participant.status();
    EXPECT_TRUE(absl::IsFailedPrecondition(early));
    EXPECT_EQ(
        early.message(),
        absl::StrCat("collecting signatures has not begun in 'board.example/poll': the petition "
                     "is ",
                     anonymous ? "published, and not open yet" : "not open yet"));
    EXPECT_TRUE(petition.board.submitted.empty());
  }
}

// The beacon is shown to a person who finds it right.
SigningChecks Shown() {
  SigningChecks checks;
  checks.show_beacon = [](absl::string_view, const crypto::Hash32&) { return absl::OkStatus(); };
  return checks;
}

// The first act is proved over the ring, later ones by the tag; and nothing that is kept says
// whose.
TEST(PetitionParticipantTest, SignsAnonymously) {
  crypto::SystemRng rng;
  PetitionOnBoard petition(true);
  ScratchDirectory scratch;
  const crypto::Credential& credential = petition.roll.credentials[2];
  const auto open = [&] {
    return Participant::Open(petition.board, kOrigin, credential, scratch.path(), ReadOptions(),
                             rng);
  };
  const auto act = [&](petition::Act what) {
    auto participant = open();
    EXPECT_TRUE(participant.ok()) << participant.status();
    return participant->Act(what, PendingPolicy::kRefuse, Shown());
  };
  EXPECT_THAT(act(petition::Act::kWithdraw).status().message(), HasSubstr("to withdraw"));
  ASSERT_TRUE(act(petition::Act::kSign).ok());
  EXPECT_EQ(petition.state->count(), 1u);
  EXPECT_THAT(act(petition::Act::kSign).status().message(),
              HasSubstr("the tag has signed already"));
  ASSERT_TRUE(act(petition::Act::kWithdraw).ok());
  EXPECT_EQ(petition.state->count(), 0u);
  ASSERT_TRUE(act(petition::Act::kSign).ok());
  EXPECT_EQ(petition.state->count(), 1u);

  std::vector<record::EntryType> types;
  for (const Bytes& entry : petition.board.entries(kOrigin)) {
    types.push_back(static_cast<record::EntryType>(entry[0]));
  }
  types.erase(types.begin(), types.begin() + 4);  // manifest to opening
  EXPECT_EQ(types,
            (std::vector<record::EntryType>{record::EntryType::kRingAct, record::EntryType::kTagAct,
                                            record::EntryType::kTagAct}));
  const auto participant = open();
  ASSERT_TRUE(participant.ok()) << participant.status();
  ASSERT_EQ(participant->poll().own.size(), 3u);
  EXPECT_EQ(participant->poll().own.back().act, petition::Act::kSign);
  EXPECT_EQ(participant->store().label().credential, *participant->poll().own_id);
  EXPECT_NE(participant->store().label().credential, credential.public_key().bytes());
  const auto report = CheckReceipts(petition.board, participant->store(), {}, {});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->Good());
  EXPECT_TRUE(report->anonymous);
  EXPECT_TRUE(report->whole_log);
  uint64_t whole = 0;
  for (const Bytes& entry : petition.board.entries(kOrigin)) whole += entry.size();
  EXPECT_EQ(report->bytes_read, whole);
  ASSERT_TRUE(report->last.has_value());
  EXPECT_EQ(report->last->act, petition::Act::kSign);
  const std::string public_key = ToHex(credential.public_key().bytes());
  for (const auto& file : std::filesystem::recursive_directory_iterator(scratch.path())) {
    if (!file.is_regular_file()) continue;
    const Bytes bytes = ReadFile(file.path().string(), 1 << 20).value();
    EXPECT_EQ(AsText(bytes).find(public_key), absl::string_view::npos) << file.path();
    const auto point = credential.public_key().bytes();
    EXPECT_EQ(std::search(bytes.begin(), bytes.end(), point.begin(), point.end()), bytes.end());
  }
}

class AnonymousVoterTest : public ::testing::Test {
 protected:
  static testing::ElectionOptions Anonymous() {
    testing::ElectionOptions options;
    options.anonymous = true;
    return options;
  }
  absl::StatusOr<Participant> Open(size_t voter, const std::string& receipts) {
    return Participant::Open(election_.board, kOrigin, election_.credential(voter), receipts, {},
                             rng_);
  }
  std::vector<record::EntryType> Ballots() const {
    std::vector<record::EntryType> out;
    for (const Bytes& entry : election_.board.entries(kOrigin)) {
      const auto type = static_cast<record::EntryType>(entry[0]);
      if (record::IsVotersEntry(type)) out.push_back(type);
    }
    return out;
  }

  crypto::SystemRng rng_;
  ElectionOnBoard election_{Anonymous()};
  ScratchDirectory scratch_, other_;
};

// The first ballot is proved over the ring, later ones by the tag; and nothing that is kept says
// whose.
TEST_F(AnonymousVoterTest, VotesAndVotesAgain) {
  for (const Selections& choice : {kBo, kAnna}) {
    auto participant = Open(1, scratch_.path());
    ASSERT_TRUE(participant.ok()) << participant.status();
    const auto accepted = participant->Vote(choice, PendingPolicy::kRefuse, Shown());
    ASSERT_TRUE(accepted.ok()) << accepted.status();
  }
  using enum record::EntryType;
  EXPECT_EQ(Ballots(), (std::vector{kRingBallot, kTagBallot}));
  EXPECT_EQ(election_.fixture.state().voters(), 1u);
  // Another device with the same secret goes on by the tag.
  auto elsewhere = Open(1, other_.path());
  ASSERT_TRUE(elsewhere.ok()) << elsewhere.status();
  const auto third = elsewhere->Vote(kBo, PendingPolicy::kRefuse, Shown());
  ASSERT_TRUE(third.ok()) << third.status();
  EXPECT_EQ(third->sequence, 3u);
  EXPECT_EQ(Ballots().back(), kTagBallot);

  const auto participant = Open(1, scratch_.path());
  ASSERT_TRUE(participant.ok()) << participant.status();
  EXPECT_EQ(participant->poll().own.size(), 3u);
  EXPECT_EQ(participant->store().label().credential, election_.fixture.TagOf(1));
  const auto report = CheckReceipts(election_.board, participant->store(), {}, {});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->anonymous);
  EXPECT_EQ(report->unknown.size(), 1u);
  EXPECT_EQ(report->last->sequence, 3u);
  const auto point = election_.credential(1).public_key().bytes();
  for (const auto& file : std::filesystem::recursive_directory_iterator(scratch_.path())) {
    if (!file.is_regular_file()) continue;
    const Bytes bytes = ReadFile(file.path().string(), 1 << 20).value();
    EXPECT_EQ(AsText(bytes).find(ToHex(point)), absl::string_view::npos) << file.path();
    EXPECT_EQ(std::search(bytes.begin(), bytes.end(), point.begin(), point.end()), bytes.end());
  }
}

TEST_F(AnonymousVoterTest, ComparesTheBeaconFirst) {
  auto participant = Open(1, scratch_.path());
  ASSERT_TRUE(participant.ok()) << participant.status();
  EXPECT_TRUE(absl::IsInvalidArgument(participant->Vote(kBo, PendingPolicy::kRefuse).status()));
  SigningChecks checks;
  checks.beacon = crypto::Hash32{};
  const auto another = participant->Vote(kBo, PendingPolicy::kRefuse, checks);
  EXPECT_THAT(std::string(another.status().message()), HasSubstr("so do not vote"));
  checks.beacon = testing::ElectionFixture::kBeacon;
  EXPECT_TRUE(participant->Vote(kBo, PendingPolicy::kRefuse, checks).ok());
  EXPECT_EQ(election_.board.submitted.size(), 1u);
}

// A first ballot that was kept back does not stand in the way, and never comes last.
TEST_F(AnonymousVoterTest, ReplacesAFirstBallotThatWasNeverAnswered) {
  election_.board.answers = {absl::UnavailableError("nothing heard")};
  {
    auto participant = Open(1, scratch_.path());
    ASSERT_TRUE(participant.ok()) << participant.status();
    EXPECT_FALSE(participant->Vote(kBo, PendingPolicy::kRefuse, Shown()).ok());
    EXPECT_THAT(
        std::string(participant->Vote(kAnna, PendingPolicy::kRefuse, Shown()).status().message()),
        HasSubstr("never answered"));
  }
  auto participant = Open(1, scratch_.path());
  ASSERT_TRUE(participant.ok()) << participant.status();
  ASSERT_TRUE(participant->Vote(kAnna, PendingPolicy::kReplace, Shown()).ok());
  EXPECT_EQ(Ballots(), std::vector{record::EntryType::kRingBallot});
  const Bytes kept_back = election_.board.submitted.front();
  EXPECT_THAT(testing::Numbers(election_.fixture.Check(record::DecodeEntry(kept_back).value())),
              ::testing::ElementsAre("B3"));
}

TEST_F(AnonymousVoterTest, SealsNothing) {
  const auto participant = Open(1, scratch_.path());
  ASSERT_TRUE(participant.ok()) << participant.status();
  EXPECT_THAT(std::string(participant->Seal(kBo, PendingPolicy::kRefuse).status().message()),
              HasSubstr("nobody can challenge a ballot there"));
}

// A new phone with the same secret and no receipts finds its tag in the log.
TEST(PetitionParticipantTest, GoesOnByTagWithoutItsReceipts) {
  crypto::SystemRng rng;
  PetitionOnBoard petition(true);
  ScratchDirectory first, second;
  const auto act = [&](const ScratchDirectory& scratch, petition::Act what) {
    auto participant = Participant::Open(petition.board, kOrigin, petition.roll.credentials[0],
                                         scratch.path(), ReadOptions(), rng);
    EXPECT_TRUE(participant.ok()) << participant.status();
    return participant->Act(what, PendingPolicy::kRefuse, Shown());
  };
  ASSERT_TRUE(act(first, petition::Act::kSign).ok());
  const auto withdrawn = act(second, petition::Act::kWithdraw);
  ASSERT_TRUE(withdrawn.ok()) << withdrawn.status();
  EXPECT_EQ(withdrawn->sequence, 2u);
  EXPECT_EQ(petition.state->count(), 0u);
}

// What a board is asked says nothing of which signature is looked for: no proof from the size that
// a receipt has, and all entries, also of a long log.
TEST(PetitionParticipantTest, TheBoardIsNotToldWhichSignatureIsChecked) {
  crypto::SystemRng rng;
  PetitionOnBoard petition(true);
  ScratchDirectory scratch, others;
  const auto sign = [&](size_t member, const std::string& receipts) {
    auto participant = Participant::Open(petition.board, kOrigin, petition.roll.credentials[member],
                                         receipts, ReadOptions(), rng);
    ASSERT_TRUE(participant.ok()) << participant.status();
    const auto accepted = participant->Act(petition::Act::kSign, PendingPolicy::kRefuse, Shown());
    ASSERT_TRUE(accepted.ok()) << accepted.status();
  };
  sign(0, scratch.path());
  sign(1, others.path());
  const auto store = ReceiptStore::Open(ReceiptStore::DirectoryOf(scratch.path(), kOrigin));
  ASSERT_TRUE(store.ok()) << store.status();
  petition.board.asked_proofs = 0;
  CheckOptions short_logs;
  short_logs.whole_log_limit = 0;
  const auto report = CheckReceipts(petition.board, *store, {}, short_logs);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->Good());
  EXPECT_TRUE(report->whole_log);
  EXPECT_EQ(report->size, 6u);
  EXPECT_EQ(petition.board.asked_proofs, 0);

  std::vector<Bytes> forked = petition.board.entries(kOrigin);
  std::swap(forked[4], forked[5]);
  petition.board.Replace(kOrigin, forked);
  const auto fork = CheckReceipts(petition.board, *store, {}, short_logs);
  EXPECT_TRUE(absl::IsDataLoss(fork.status())) << fork.status();
  EXPECT_THAT(fork.status().message(), HasSubstr("two histories"));
  EXPECT_TRUE(std::filesystem::exists(store->directory() + "/evidence-1.json"));
}

std::string AsString(const Bytes& bytes) { return std::string(AsText(bytes)); }

class BeforeSigningTest : public ::testing::Test {
 protected:
  absl::Status Sign(const SigningChecks& checks, size_t member = 0) {
    auto participant =
        Participant::Open(petition_.board, kOrigin, petition_.roll.credentials[member],
                          scratch_.path(), ReadOptions(), rng_);
    EXPECT_TRUE(participant.ok()) << participant.status();
    return participant->Act(petition::Act::kSign, PendingPolicy::kRefuse, checks).status();
  }
  void ExpectNothingSent() { EXPECT_TRUE(petition_.board.submitted.empty()); }

  crypto::SystemRng rng_;
  PetitionOnBoard petition_{true};
  ScratchDirectory scratch_;
};

TEST_F(BeforeSigningTest, TheBeaconIsComparedOrShown) {
  EXPECT_TRUE(absl::IsInvalidArgument(Sign({})));
  SigningChecks checks;
  checks.beacon = *petition_.state->beacon();
  (*checks.beacon)[0] ^= 1;
  const absl::Status other = Sign(checks);
  EXPECT_TRUE(absl::IsFailedPrecondition(other)) << other;
  EXPECT_THAT(std::string(other.message()), HasSubstr("the opening order gives the beacon"));
  checks = {};
  std::string source;
  crypto::Hash32 value{};
  checks.show_beacon = [&](absl::string_view its_source, const crypto::Hash32& its_value) {
    source = std::string(its_source);
    value = its_value;
    return absl::CancelledError("it is another one");
  };
  EXPECT_TRUE(absl::IsCancelled(Sign(checks)));
  EXPECT_EQ(source, petition_.state->manifest().anonymous->beacon_source);
  EXPECT_EQ(value, *petition_.state->beacon());
  ExpectNothingSent();
  checks.show_beacon = nullptr;
  checks.beacon = value;
  EXPECT_EQ(Sign(checks), absl::OkStatus());
}

TEST_F(BeforeSigningTest, NothingIsMadeBeforeWitnessesHaveSeenTheOpening) {
  const testing::TestWitnesses witnesses;
  const merkle::WitnessPolicy policy = witnesses.Policy();
  SigningChecks checks;
  checks.beacon = *petition_.state->beacon();
  checks.witnesses = &policy;
  EXPECT_TRUE(absl::IsUnavailable(Sign(checks)));
  // Of a tree without the opening.
  petition_.board.final_checkpoint = AsString(
      witnesses.Cosign(AsBytes(petition_.board.SignedCheckpoint(kOrigin, 3)), {100, 100, 100}));
  EXPECT_TRUE(absl::IsUnavailable(Sign(checks)));
  ExpectNothingSent();
  petition_.board.final_checkpoint = AsString(
      witnesses.Cosign(AsBytes(petition_.board.SignedCheckpoint(kOrigin, 4)), {100, 100, 100}));
  EXPECT_EQ(Sign(checks), absl::OkStatus());
}

TEST_F(BeforeSigningTest, AMemberOfTheRingWhomNobodyHasProvedHidesNobody) {
  SigningChecks checks;
  checks.beacon = *petition_.state->beacon();
  PollView poll = [&] {
    ReadOptions options;
    options.secrets = &petition_.roll.credentials[0];
    options.enrolments = true;
    return ReadPoll(petition_.board, kOrigin, options).value();
  }();
  const auto choice =
      ChooseRing(poll, petition_.roll.credentials[0].public_key().bytes(), false, std::nullopt);
  ASSERT_TRUE(choice.ok()) << choice.status();
  const auto check = [&] {
    return CheckBeforeSigning(petition_.board, poll, &*choice, checks, rng_);
  };
  EXPECT_EQ(check(), absl::OkStatus());
  ASSERT_EQ(poll.members.size(), 5u);
  const roll::Rings& rings = *choice->rings;
  const auto own = rings.Find(petition_.roll.credentials[0].public_key().bytes());
  for (size_t i = 0; i < poll.members.size(); ++i) {
    poll.members[i].responses[0] ^= 1;
    const bool same = rings.Find(poll.members[i].credential) == own;
    EXPECT_EQ(absl::IsDataLoss(check()), same) << i << check();
    poll.members[i].responses[0] ^= 1;
  }
}

// A ring act that was sent and refused is no reason for one over another ring.
TEST_F(BeforeSigningTest, NoSecondRingActOverAnotherRing) {
  SigningChecks checks;
  checks.beacon = *petition_.state->beacon();
  petition_.board.answers = {absl::UnavailableError("gone")};
  EXPECT_TRUE(absl::IsUnavailable(Sign(checks)));
  ASSERT_EQ(petition_.board.submitted.size(), 1u);
  const auto store = ReceiptStore::Open(ReceiptStore::DirectoryOf(scratch_.path(), kOrigin));
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ(store->ReadEntry(1).value(), petition_.board.submitted[0]);  // before it was sent
  auto participant = Participant::Open(petition_.board, kOrigin, petition_.roll.credentials[0],
                                       scratch_.path(), ReadOptions(), rng_);
  ASSERT_TRUE(participant.ok()) << participant.status();
  // As if another version of the program had dealt the rings out otherwise.
  record::Entry entry = record::DecodeEntry(petition_.board.submitted[0]).value();
  std::get<petition::RingAct>(entry).ring ^= 1;
  const std::string path = store->EntryPath(1);
  ASSERT_TRUE(WriteFileDurably(path, record::EncodeEntry(entry).value()).ok());
  const auto second = participant->Act(petition::Act::kSign, PendingPolicy::kReplace, checks);
  EXPECT_TRUE(absl::IsFailedPrecondition(second.status())) << second.status();
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("you are in both"));
  ASSERT_TRUE(WriteFileDurably(path, petition_.board.submitted[0]).ok());
  ASSERT_TRUE(participant->Retry().ok());
  EXPECT_EQ(petition_.board.submitted.back(), petition_.board.submitted[0]);
}

}  // namespace
}  // namespace urna::voter
