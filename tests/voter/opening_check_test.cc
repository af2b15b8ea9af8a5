#include "voter/opening_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/ascii.h"
#include "tests/core/election/rich_contests.h"
#include "tests/support/record_files.h"
#include "tests/voter/fake_board.h"
#include "voter/record_board.h"

namespace urna::voter {
namespace {

using election::BallotOpening;
using election::Selections;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kOrigin[] = "board.example/poll";
constexpr size_t kCell = election::ContestOpening::kCellSize;

// Style 2 has one contest: any of three projects, with a wide limit by cost, or blank.
testing::ElectionOptions Projects() {
  testing::ElectionOptions options;
  options.manifest = [](election::Manifest& manifest) {
    manifest.challenges = 3;
    election::Contest contest = testing::BudgetContest();
    contest.options[2].cost = 600;
    contest.limits[0].at_most = 900;
    manifest.contests[0] = std::move(contest);
  };
  return options;
}

class OpeningCheckTest : public ::testing::Test {
 protected:
  OpeningCheckTest() : election_(Projects()) {}

  // Voter 1 challenges a ballot for the first two projects.
  BallotOpening Challenge() {
    BallotOpening opening = election_.fixture.Challenge(1, {{1, 1, 0}});
    election_.Sync();
    hash_ = HashOf(opening);
    return opening;
  }
  crypto::Hash64 HashOf(const BallotOpening& opening) {
    return election::OpenedBallotHash(election_.fixture.manifest(),
                                      *election_.fixture.state().voting(), opening)
        .value();
  }
  // As the second device does it.
  OpeningReport Check(Board& board, const BallotOpening& opening, const crypto::Hash64& hash,
                      uint64_t whole_log_limit = 5000) {
    ReadOptions options;
    options.roll = false;
    options.credential = opening.credential;
    options.whole_log_limit = whole_log_limit;
    const auto poll = ReadPoll(board, kOrigin, options);
    EXPECT_TRUE(poll.ok()) << poll.status();
    const auto report = CheckOpening(board, *poll, opening, hash, "en");
    EXPECT_TRUE(report.ok()) << report.status();
    return *report;
  }
  OpeningReport Check(const BallotOpening& opening) {
    return Check(election_.board, opening, hash_);
  }
  // As a device that lies makes it: another opening than was sealed, with a challenge of its h.
  void LogChallengeOf(const BallotOpening& opening) {
    election_.fixture.options().challenge = [&](election::BallotChallenge& challenge) {
      challenge.ballot_hash = HashOf(opening);
      challenge.sequence = opening.sequence;
      const crypto::Credential& credential = election_.credential(1);
      auto signer = crypto::CredentialProver::Commit(credential, challenge.ballot_hash,
                                                     election_.fixture.rng());
      challenge.commitment = signer.commitment().bytes();
      challenge.responses =
          std::move(signer)
              .Respond(crypto::Challenge(
                  election::BallotChallengeTranscript(
                      election_.fixture.state().voting()->poll_context, challenge),
                  crypto::kNoIndex, crypto::kNoIndex, crypto::ChallengeKind::kCredential))
              .EncodeResponses();
    };
    election_.fixture.Challenge(1, {{0, 0, 0}});
    election_.Sync();
  }

  ElectionOnBoard election_;
  crypto::Hash64 hash_{};
};

TEST_F(OpeningCheckTest, SaysWhatTheBallotHeld) {
  const OpeningReport report = Check(Challenge());
  EXPECT_TRUE(report.opens.ok());
  EXPECT_TRUE(report.logged.ok()) << report.logged;
  EXPECT_EQ(report.expected, true);
  EXPECT_TRUE(report.Good());
  EXPECT_EQ(report.hash, hash_);
  EXPECT_EQ(report.challenge, election_.board.entries(kOrigin).size() - 1);
  EXPECT_THAT(report.votes, ElementsAre("1 'Projects': option0, option1"));
  EXPECT_TRUE(report.broken.empty());
}

TEST_F(OpeningCheckTest, SaysNoIfAnythingOfTheOpeningWasChanged) {
  const BallotOpening honest = Challenge();
  const auto refused = [&](const char* what, auto change) {
    BallotOpening opening = honest;
    change(opening);
    const OpeningReport report = Check(opening);
    EXPECT_FALSE(report.Good()) << what;
    EXPECT_FALSE(report.opens.ok() && report.expected.value()) << what;
    EXPECT_FALSE(report.logged.ok()) << what;
  };
  refused("a value", [](BallotOpening& o) { o.contests[0].cells[2 * kCell + 1] = 1; });
  refused("another value", [](BallotOpening& o) { o.contests[0].cells[1] = 0; });
  refused("a slack bit", [](BallotOpening& o) { o.contests[0].cells[3 * kCell + 1] ^= 1; });
  refused("an r", [](BallotOpening& o) { o.contests[0].cells[2] ^= 1; });
  refused("the last r", [](BallotOpening& o) {
    o.contests[0].cells[o.contests[0].cells.size() - kCell + 2] ^= 1;
  });
  refused("a commitment", [](BallotOpening& o) { o.contests[0].commitments[5] ^= 1; });
  refused("the credential's commitment", [](BallotOpening& o) { o.commitment[0] ^= 1; });
  refused("the sequence", [](BallotOpening& o) { o.sequence += 1; });
  refused("the credential",
          [&](BallotOpening& o) { o.credential = election_.credential(3).public_key().bytes(); });
  refused("a cell less",
          [](BallotOpening& o) { o.contests[0].cells.resize(o.contests[0].cells.size() - kCell); });
  refused("an r that is no scalar",
          [](BallotOpening& o) { o.contests[0].cells[kCell - 1] = 0xff; });
  refused("the contest", [](BallotOpening& o) { o.contests[0].contest = 2; });
  refused("the style", [](BallotOpening& o) { o.style = 7; });
}

TEST_F(OpeningCheckTest, SaysNoToAnotherHashThanWasWrittenDown) {
  const BallotOpening opening = Challenge();
  crypto::Hash64 other = hash_;
  other[63] ^= 1;
  const OpeningReport report = Check(election_.board, opening, other);
  EXPECT_EQ(report.expected, false);
  EXPECT_TRUE(report.logged.ok()) << "the log is not at fault";
  EXPECT_FALSE(report.Good());
}

TEST_F(OpeningCheckTest, FindsTheChallengeWhereTheOpeningDoesNotSay) {
  BallotOpening opening = Challenge();
  opening.challenge = 0;
  EXPECT_TRUE(Check(opening).Good());
  const OpeningReport blind = Check(election_.board, opening, hash_, 3);
  EXPECT_THAT(blind.logged.message(), HasSubstr("--whole-log"));
  EXPECT_FALSE(blind.Good());
  opening.challenge = election_.board.entries(kOrigin).size() - 1;
  EXPECT_TRUE(Check(election_.board, opening, hash_, 3).Good());
}

TEST_F(OpeningCheckTest, SaysThatTheLogHasNoChallenge) {
  BallotOpening opening = Challenge();
  opening.challenge = 1;
  EXPECT_THAT(Check(opening).logged.message(), HasSubstr("entry 1 is a key commitment"));
  opening.challenge = 10000;
  EXPECT_THAT(Check(opening).logged.message(), HasSubstr("the log has no entry 10000"));
  const BallotOpening second = election_.fixture.Challenge(1, {{0, 0, 1}});
  election_.Sync();
  opening.challenge = second.challenge;
  EXPECT_THAT(Check(opening).logged.message(), HasSubstr("challenges another h"));
  // Never logged.
  std::vector<Bytes> entries = election_.board.entries(kOrigin);
  entries.resize(entries.size() - 2);
  election_.board.Replace(kOrigin, entries);
  opening.challenge = 0;
  EXPECT_THAT(Check(opening).logged.message(), HasSubstr("the log has no challenge of this h"));
}

TEST_F(OpeningCheckTest, SaysThatTheChallengeIsNotProved) {
  election_.fixture.options().challenge = [](election::BallotChallenge& challenge) {
    challenge.responses[3] ^= 1;
  };
  const OpeningReport report = Check(Challenge());
  EXPECT_EQ(report.expected, true);
  EXPECT_FALSE(report.logged.ok());
  EXPECT_FALSE(report.Good());
}

TEST_F(OpeningCheckTest, SaysThatTheBoardDoesNotProveTheEntry) {
  class Forgetful final : public Board {
   public:
    explicit Forgetful(Board& board) : board_(board) {}
    absl::StatusOr<remote::PollSummary> GetPoll(absl::string_view o) override {
      return board_.GetPoll(o);
    }
    absl::StatusOr<std::string> GetCheckpoint(absl::string_view o) override {
      return board_.GetCheckpoint(o);
    }
    absl::Status StreamEntries(absl::string_view o, uint64_t from, uint64_t to,
                               const std::function<absl::Status(uint64_t, Bytes)>& entry) override {
      return board_.StreamEntries(o, from, to, entry);
    }
    absl::StatusOr<std::vector<merkle::Hash>> GetConsistencyProof(absl::string_view o, uint64_t a,
                                                                  uint64_t b) override {
      return board_.GetConsistencyProof(o, a, b);
    }
    absl::StatusOr<remote::Receipt> FindReceipt(absl::string_view, const merkle::Hash&) override {
      return absl::NotFoundError("no such entry");
    }
    absl::StatusOr<remote::Receipt> Submit(absl::string_view o, Submission kind,
                                           ByteSpan entry) override {
      return board_.Submit(o, kind, entry);
    }
    void SubmitMany(absl::string_view, Submission, const Next&, int, const Done&) override {}

   private:
    Board& board_;
  };
  const BallotOpening opening = Challenge();
  Forgetful board(election_.board);
  const OpeningReport report = Check(board, opening, hash_);
  EXPECT_EQ(report.logged, absl::NotFoundError("no such entry"));
  EXPECT_FALSE(report.Good());
}

// A device that seals nonsense, so that the ballot would have been refused had it been cast.
TEST_F(OpeningCheckTest, WarnsOfABallotThatKeepsNoRule) {
  const BallotOpening honest = Challenge();
  const auto broken = [&](auto change) {
    BallotOpening opening = honest;
    opening.sequence = 40;
    opening.challenge = 0;
    change(opening.contests[0].cells);
    LogChallengeOf(opening);
    hash_ = HashOf(opening);
    const OpeningReport report = Check(opening);
    EXPECT_EQ(report.expected, true);
    EXPECT_TRUE(report.logged.ok()) << report.logged;
    EXPECT_FALSE(report.Good());
    return report;
  };
  EXPECT_THAT(broken([](Bytes& cells) { cells[1] = 2; }).broken,
              ElementsAre("contest 1: option 1 'option0' has the value 2, above 1"));
  EXPECT_THAT(broken([](Bytes& cells) { cells[0] = 0xff; }).broken,
              ElementsAre("contest 1: option 1 'option0' has the value 65281, above 1"));
  // The third project too: above both limits, whatever the slack says.
  const OpeningReport many = broken([](Bytes& cells) { cells[2 * kCell + 1] = 1; });
  EXPECT_THAT(many.broken, ElementsAre(HasSubstr("limit 1 'Money' is not kept"),
                                       HasSubstr("limit 2 'Parks' is not kept")));
  EXPECT_THAT(many.votes, ElementsAre("1 'Projects': option0, option1, option2"));
  // The votes are right and the slack is not.
  EXPECT_THAT(broken([](Bytes& cells) { cells[3 * kCell + 1] ^= 1; }).broken,
              ElementsAre(HasSubstr("limit 1 'Money' is not kept")));
}

TEST_F(OpeningCheckTest, ARecordIsAsGoodAsABoard) {
  const BallotOpening opening = Challenge();
  election_.fixture.Close();
  election_.Sync();
  testing::TemporaryDirectory directory;
  const std::string path = directory.path() + "/record";
  testing::WriteRecordFiles(path, kOrigin, election_.fixture.people(),
                            election_.board.entries(kOrigin), election_.fixture.roll());
  std::string origin;
  const auto board = OpenRecordBoard(path, origin);
  ASSERT_TRUE(board.ok()) << board.status();
  EXPECT_EQ(origin, kOrigin);
  for (uint64_t limit : {5000, 3}) {
    const OpeningReport report = Check(**board, opening, hash_, limit);
    EXPECT_TRUE(report.Good()) << report.logged;
    EXPECT_EQ(report.challenge, opening.challenge);
  }
  EXPECT_TRUE(absl::IsNotFound((*board)->GetCheckpoint("board.example/other").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(
      (*board)->Submit(kOrigin, Submission::kBallot, AsBytes("x")).status()));
  EXPECT_TRUE(absl::IsNotFound((*board)->FindReceipt(kOrigin, merkle::Hash{}).status()));
  EXPECT_TRUE(absl::IsNotFound(OpenRecordBoard(directory.path(), origin).status()));
}

TEST_F(OpeningCheckTest, ReadsHexAndRaw) {
  const BallotOpening opening = Challenge();
  const Bytes entry = record::EncodeEntry(opening).value();
  const std::string text = OpeningText(entry);
  EXPECT_EQ(record::EncodeEntry(ParseOpening(entry).value()).value(), entry);
  EXPECT_EQ(record::EncodeEntry(ParseOpening(AsBytes(text)).value()).value(), entry);
  std::string spaced;
  for (size_t i = 0; i < text.size(); ++i) {
    spaced += text[i];
    if (i % 64 == 63) spaced += "\r\n ";
  }
  EXPECT_TRUE(ParseOpening(AsBytes(spaced)).ok());
  EXPECT_FALSE(ParseOpening(AsBytes("")).ok());
  EXPECT_FALSE(ParseOpening(AsBytes(text.substr(2))).ok());
  EXPECT_FALSE(ParseOpening(AsBytes(text + "zz")).ok());
  EXPECT_THAT(ParseOpening(election_.board.entries(kOrigin).back()).status().message(),
              HasSubstr("not the opening of a ballot"));
}

TEST(BallotHashTextTest, IsReadAsItIsShown) {
  crypto::Hash64 hash;
  for (size_t i = 0; i < hash.size(); ++i) hash[i] = static_cast<uint8_t>(3 * i + 10);
  const std::vector<std::string> lines = HashLines(hash);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0], "0a0d1013 16191c1f 2225282b 2e313437");
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  EXPECT_EQ(ParseHash(all).value(), hash);
  EXPECT_EQ(ParseHash(absl::AsciiStrToUpper(ToHex(hash))).value(), hash);
  EXPECT_THAT(ParseHash(lines[0]).status().message(), HasSubstr("has 128 hex digits"));
  EXPECT_FALSE(ParseHash(all + "0").ok());
  EXPECT_FALSE(ParseHash("").ok());
}

}  // namespace
}  // namespace urna::voter
