#include "voter/sealed_voting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "core/base/file.h"
#include "tests/voter/fake_board.h"
#include "voter/opening_check.h"
#include "voter/receipt_check.h"

namespace urna::voter {
namespace {

using election::Selections;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kOrigin[] = "board.example/poll";
constexpr size_t kScalar = 32;
const Selections kBo = {{0, 1}};
const Selections kAnna = {{1, 0}};

testing::ElectionOptions WithChallenges(uint16_t challenges) {
  testing::ElectionOptions options;
  options.manifest = [challenges](election::Manifest& manifest) {
    manifest.challenges = challenges;
  };
  return options;
}

// One voter's program, from start to end.
struct Device {
  Device(ElectionOnBoard& election, const crypto::Credential& credential,
         const std::string& receipts, const crypto::SecretBytes& words, ReadOptions options = {})
      : participant(Participant::Open(election.board, kOrigin, credential, receipts, options, rng)),
        voting{*participant, credential, words, rng} {}

  crypto::SystemRng rng;
  absl::StatusOr<Participant> participant;
  SealedVoting voting;
};

class SealedVotingTest : public ::testing::Test {
 protected:
  explicit SealedVotingTest(uint16_t challenges = 2) : election_(WithChallenges(challenges)) {}

  // Voter 1 has style 2: contest 1 alone.
  std::unique_ptr<Device> Start(const std::string& receipts = "receipts",
                                ReadOptions options = {}) {
    return std::make_unique<Device>(election_, election_.credential(1),
                                    scratch_.path() + "/" + receipts, words_, options);
  }
  std::string Path(const std::string& name = "sealed") { return scratch_.path() + "/" + name; }
  SealedStore Open(const std::string& name = "sealed") {
    auto store = SealedStore::Open(Path(name));
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }
  crypto::Hash64 Seal(const Selections& selections = kBo, const std::string& name = "sealed") {
    const auto hash = SealInto(Path(name), Start()->voting, selections, PendingPolicy::kRefuse,
                               crypto::PasswordStrength::kRehearsal);
    EXPECT_TRUE(hash.ok()) << hash.status();
    return hash.value_or(crypto::Hash64{});
  }
  absl::StatusOr<Accepted> Cast(const std::string& name = "sealed") {
    SealedStore store = Open(name);
    return CastSealed(store, Start()->voting);
  }
  absl::StatusOr<Challenged> Challenge(const std::string& name = "sealed") {
    SealedStore store = Open(name);
    return ChallengeSealed(store, Start()->voting);
  }
  void Copy(const std::string& from, const std::string& to) {
    std::filesystem::copy_file(Path(from), Path(to));
  }
  const election::ElectionState& state() { return election_.fixture.state(); }
  size_t Entries() { return election_.board.entries(kOrigin).size(); }
  // The bytes of all files that the device keeps.
  std::string AllFiles() {
    std::ostringstream all;
    for (const auto& file : std::filesystem::recursive_directory_iterator(scratch_.path())) {
      if (file.is_regular_file()) all << std::ifstream(file.path()).rdbuf();
    }
    return all.str();
  }

  crypto::SecretBytes words_ = crypto::SecretBytes::CopyOf(AsBytes("test words"));
  ElectionOnBoard election_;
  ScratchDirectory scratch_;
};

TEST_F(SealedVotingTest, SealingSendsNothing) {
  const size_t size = Entries();
  const crypto::Hash64 hash = Seal();
  EXPECT_TRUE(election_.board.submitted.empty());
  EXPECT_EQ(Entries(), size);
  EXPECT_EQ(Open().state(), SealedState::kSealed);
  EXPECT_EQ(Open().label().hash, hash);
  EXPECT_EQ(Open().label().sequence, 1u);
  EXPECT_NE(Seal(kBo, "another"), hash) << "the same vote, and another h";
  EXPECT_TRUE(absl::IsAlreadyExists(SealInto(Path(), Start()->voting, kAnna, PendingPolicy::kRefuse,
                                             crypto::PasswordStrength::kRehearsal)
                                        .status()));
  EXPECT_EQ(Open().label().hash, hash);
}

TEST_F(SealedVotingTest, CastsWhatWasSealed) {
  const crypto::Hash64 hash = Seal();
  const auto accepted = Cast();
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->kind, Submission::kBallot);
  EXPECT_EQ(accepted->index, Entries() - 1);
  EXPECT_EQ(state().ballots(), 1u);
  const auto entry = record::DecodeEntry(election_.board.entries(kOrigin).back()).value();
  EXPECT_EQ(
      election::BallotTranscript(state().voting()->poll_context, std::get<election::Ballot>(entry)),
      hash);
  EXPECT_TRUE(std::filesystem::exists(accepted->receipt_file));
  EXPECT_EQ(Open().state(), SealedState::kCast);
}

TEST_F(SealedVotingTest, CastAgainItGetsTheSameReceipt) {
  Seal();
  const auto first = Cast();
  ASSERT_TRUE(first.ok()) << first.status();
  const size_t size = Entries();
  const auto second = Cast();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->index, first->index);
  EXPECT_EQ(second->leaf_hash, first->leaf_hash);
  EXPECT_EQ(Entries(), size);
  EXPECT_EQ(election_.board.submitted.size(), 1u);
}

TEST_F(SealedVotingTest, AfterALostRequestItSendsTheSameBytes) {
  Seal();
  election_.board.answers = {absl::UnavailableError("the board cannot be reached")};
  EXPECT_TRUE(absl::IsUnavailable(Cast().status()));
  EXPECT_EQ(Open().state(), SealedState::kCast) << "what was sent may be in the log";
  ASSERT_TRUE(Cast().ok());
  ASSERT_EQ(election_.board.submitted.size(), 2u);
  EXPECT_EQ(election_.board.submitted[0], election_.board.submitted[1]);
}

TEST_F(SealedVotingTest, AfterALostAnswerItFindsItsReceipt) {
  Seal();
  election_.board.lose_answers = 1;
  EXPECT_TRUE(absl::IsUnavailable(Cast().status()));
  const size_t size = Entries();
  const auto accepted = Cast();
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->index, size - 1);
  EXPECT_EQ(Entries(), size);
  EXPECT_EQ(state().ballots(), 1u);
}

TEST_F(SealedVotingTest, ChallengedItIsOpenedAndNotCounted) {
  const crypto::Hash64 hash = Seal();
  const auto challenged = Challenge();
  ASSERT_TRUE(challenged.ok()) << challenged.status();
  EXPECT_EQ(challenged->accepted.kind, Submission::kChallenge);
  EXPECT_EQ(state().ballots(), 0u);
  ASSERT_EQ(state().challenges().size(), 1u);
  EXPECT_EQ(state().challenges().begin()->second.ballot_hash, hash);
  const auto opening = ParseOpening(challenged->opening);
  ASSERT_TRUE(opening.ok()) << opening.status();
  EXPECT_EQ(opening->challenge, challenged->accepted.index);
  const auto device = Start();
  const auto report =
      CheckOpening(election_.board, device->participant->poll(), *opening, hash, "en");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->Good()) << report->logged;
  EXPECT_THAT(report->votes, ElementsAre("1 'Mayor': bo"));
  // And then anew.
  const auto vote = Start()->participant->Vote(kAnna, PendingPolicy::kRefuse);
  ASSERT_TRUE(vote.ok()) << vote.status();
  EXPECT_EQ(vote->sequence, 2u);
  EXPECT_EQ(state().ballots(), 1u);
}

TEST_F(SealedVotingTest, WhatWasCastIsNotChallengedAndTheOtherWayRound) {
  Seal();
  ASSERT_TRUE(Cast().ok());
  const auto challenged = Challenge();
  EXPECT_TRUE(absl::IsFailedPrecondition(challenged.status()));
  EXPECT_THAT(challenged.status().message(), HasSubstr("this ballot was cast"));
  EXPECT_EQ(Open().state(), SealedState::kCast);

  Seal(kAnna, "other");
  ASSERT_TRUE(Challenge("other").ok());
  const auto cast = Cast("other");
  EXPECT_TRUE(absl::IsFailedPrecondition(cast.status()));
  EXPECT_THAT(cast.status().message(), HasSubstr("this ballot was challenged"));
  EXPECT_EQ(state().ballots(), 1u);
  EXPECT_EQ(election_.board.submitted.size(), 2u);
}

// Whoever keeps a copy of the file has the log against him, and B10.
TEST_F(SealedVotingTest, ACopyOfTheFileIsOfNoUse) {
  Seal();
  Copy("sealed", "copy");
  Copy("sealed", "second copy");
  ASSERT_TRUE(Challenge().ok());
  const auto cast = Cast("copy");
  EXPECT_THAT(cast.status().message(), HasSubstr("this ballot was challenged, entry"));
  EXPECT_EQ(Open("copy").state(), SealedState::kSealed);
  // A device that has not seen the log, and lost its own notes.
  ReadOptions options;
  options.whole_log_limit = 3;
  SealedStore store = Open("copy");
  const auto blind = CastSealed(store, Start("elsewhere", options)->voting);
  EXPECT_THAT(blind.status().message(), HasSubstr("the board refused the ballot"));
  EXPECT_EQ(state().ballots(), 0u);
  const auto kept = record::DecodeEntry(store.entry()).value();
  EXPECT_THAT(testing::Numbers(election_.fixture.Check(kept)), ElementsAre("B3", "B10"));
}

TEST_F(SealedVotingTest, ACopyOfACastBallotIsNotChallenged) {
  Seal();
  Copy("sealed", "copy");
  ASSERT_TRUE(Cast().ok());
  const auto challenged = Challenge("copy");
  EXPECT_THAT(challenged.status().message(), HasSubstr("number 1 has been sent since"));
  EXPECT_EQ(Open("copy").state(), SealedState::kSealed);
  ReadOptions options;
  options.whole_log_limit = 3;
  SealedStore store = Open("copy");
  const auto blind = ChallengeSealed(store, Start("elsewhere", options)->voting);
  EXPECT_THAT(blind.status().message(), HasSubstr("the board refused the challenge"));
  EXPECT_TRUE(state().challenges().empty());
}

TEST_F(SealedVotingTest, WhatWasVotedSinceShutsASealedBallotOut) {
  Seal();
  ASSERT_TRUE(Start()->participant->Vote(kAnna, PendingPolicy::kRefuse).ok());
  EXPECT_THAT(Cast().status().message(), HasSubstr("number 1 has been sent since"));
  EXPECT_THAT(Challenge().status().message(), HasSubstr("number 1 has been sent since"));
  EXPECT_EQ(Open().state(), SealedState::kSealed);
}

TEST_F(SealedVotingTest, RefusesAnotherCredentialPassphraseOrPoll) {
  Seal();
  SealedStore store = Open();
  crypto::SystemRng rng;
  Device other(election_, election_.credential(3), Path("receipts3"), words_);
  EXPECT_THAT(CastSealed(store, other.voting).status().message(),
              HasSubstr("was sealed with the credential"));
  const auto wrong = crypto::SecretBytes::CopyOf(AsBytes("other words"));
  const auto device = Start();
  EXPECT_TRUE(absl::IsPermissionDenied(
      CastSealed(store, {*device->participant, election_.credential(1), wrong, rng}).status()));
  EXPECT_EQ(store.state(), SealedState::kSealed);
  ElectionOnBoard another(WithChallenges(3));
  Device elsewhere(another, another.credential(1), Path("receipts4"), words_);
  EXPECT_THAT(CastSealed(store, elsewhere.voting).status().message(),
              HasSubstr("is a ballot for 'board.example/poll', manifest"));
  EXPECT_TRUE(election_.board.submitted.empty());
}

TEST_F(SealedVotingTest, RefusesAFileThatWasChanged) {
  Seal();
  std::string text(AsText(ReadFile(Path(), 1 << 20).value()));
  const size_t at = text.find("\"sequence\": 1");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 13, "\"sequence\": 7");
  ASSERT_TRUE(WriteFileDurably(Path(), AsBytes(text)).ok());
  EXPECT_THAT(Cast().status().message(), HasSubstr("what stands outside the box was changed"));
  ASSERT_TRUE(WriteFileDurably(Path(), AsBytes("{}")).ok());
  EXPECT_THAT(SealedStore::Open(Path()).status().message(), HasSubstr("no sealed ballot of Urna"));
}

TEST_F(SealedVotingTest, AfterTheCloseNothingIsGivenUp) {
  Seal();
  election_.fixture.Close();
  election_.Sync();
  EXPECT_THAT(Cast().status().message(), HasSubstr("is closed"));
  EXPECT_THAT(Challenge().status().message(), HasSubstr("is closed"));
  EXPECT_EQ(Open().state(), SealedState::kSealed);
}

TEST_F(SealedVotingTest, ARevokedVoterIsTold) {
  Seal();
  election_.fixture.Revoke({1});
  election_.Sync();
  EXPECT_THAT(Cast().status().message(), HasSubstr("have revoked your credential"));
  election_.fixture.Restore({1});
  election_.Sync();
  EXPECT_TRUE(Cast().ok());
}

// --- What is left.

struct SealedSecrets {
  std::vector<Bytes> nonces;      // of credential and proofs, that no entry shows
  std::vector<Bytes> simulated;   // c̃ and z̃ of branches that are not the real one
  std::vector<Bytes> randomness;  // r
};

SealedSecrets SecretsOf(const SealedStore& store, const crypto::SecretBytes& words) {
  const auto sealed = store.ReadSealed(words);
  EXPECT_TRUE(sealed.ok()) << sealed.status();
  SealedSecrets out;
  ByteSpan rest = sealed->stored.secrets.ExposeSpan();
  const auto take = [&rest](size_t size) {
    const Bytes bytes = ToBytes(rest.first(size));
    rest = rest.subspan(size);
    return bytes;
  };
  out.nonces = {take(kScalar), take(kScalar)};
  for (int cell = 0; cell < 2; ++cell) {
    take(2);
    out.randomness.push_back(take(kScalar));
  }
  for (int proof = 0; proof < 3; ++proof) {
    out.randomness.push_back(take(kScalar));
    const Bytes masks = take(2);
    for (int branch = 0; branch < 2; ++branch) {
      std::vector<Bytes>& where = masks[branch] == 0xff ? out.nonces : out.simulated;
      where.push_back(take(kScalar));
      where.push_back(take(kScalar));
    }
  }
  EXPECT_TRUE(rest.empty());
  return out;
}

bool Has(const std::string& files, const Bytes& secret) {
  return files.find(ToHex(secret)) != std::string::npos ||
         files.find(std::string(AsText(secret))) != std::string::npos;
}

TEST_F(SealedVotingTest, NoRandomnessAndNoNonceIsLeftOfACastBallot) {
  Seal();
  const SealedSecrets secrets = SecretsOf(Open(), words_);
  ASSERT_TRUE(Cast().ok());
  const std::string files = AllFiles();
  for (const Bytes& nonce : secrets.nonces) EXPECT_FALSE(Has(files, nonce));
  for (const Bytes& r : secrets.randomness) EXPECT_FALSE(Has(files, r));
  // What a simulated branch was made from is what a ballot sends of it.
  EXPECT_TRUE(Has(files, secrets.simulated[0]) || Has(files, secrets.simulated[1]));
  EXPECT_TRUE(absl::IsFailedPrecondition(Open().ReadSealed(words_).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(Open().ReadOpening(words_).status()));
}

TEST_F(SealedVotingTest, NoNonceIsLeftOfAChallengedBallotNorInItsOpening) {
  Seal();
  const SealedSecrets secrets = SecretsOf(Open(), words_);
  const auto challenged = Challenge();
  ASSERT_TRUE(challenged.ok()) << challenged.status();
  const SealedStore store = Open();
  const auto kept = store.ReadOpening(words_);
  ASSERT_TRUE(kept.ok()) << kept.status();
  const std::string files = AllFiles();
  const std::string opened = OpeningText(challenged->opening) + OpeningText(*kept);
  for (const auto* group : {&secrets.nonces, &secrets.simulated}) {
    for (const Bytes& nonce : *group) {
      EXPECT_FALSE(Has(files, nonce));
      EXPECT_FALSE(Has(opened, nonce));
    }
  }
  for (const Bytes& r : secrets.randomness) EXPECT_FALSE(Has(files, r)) << "only in the box";
  EXPECT_TRUE(Has(opened, secrets.randomness[0]));
  EXPECT_TRUE(Has(opened, secrets.randomness[1]));
}

// --- Stopped between any two steps.

TEST_F(SealedVotingTest, AChallengeGoesOnWhereverItWasStopped) {
  Seal();
  Copy("sealed", "challenged");
  // The board is away, so that all is done but sending.
  election_.board.answers = {absl::UnavailableError("the board cannot be reached")};
  EXPECT_TRUE(absl::IsUnavailable(Challenge("challenged").status()));
  EXPECT_EQ(Open("challenged").state(), SealedState::kChallenged);
  const Bytes contents = ReadFile(Path("challenged"), 1 << 20).value();

  for (int steps = 1; steps <= 3; ++steps) {
    const std::string name = absl::StrCat("stopped", steps);
    Copy("sealed", name);
    {
      auto file = StepFile::Open(Path(name), 1 << 20);
      ASSERT_TRUE(file.ok()) << file.status();
      ASSERT_TRUE(file->WriteNext(contents).ok());
      if (steps > 1) {
        EXPECT_TRUE(file->WipeOld().ok());
      }
      if (steps > 2) {
        EXPECT_TRUE(file->PutInPlace().ok());
      }
    }
    EXPECT_THAT(Cast(name).status().message(), HasSubstr("this ballot was challenged")) << steps;
  }
  // Not yet in the log; then in the log without an answer; then with a receipt.
  election_.board.lose_answers = 1;
  EXPECT_TRUE(absl::IsUnavailable(Challenge("stopped1").status()));
  const auto second = Challenge("stopped2");
  ASSERT_TRUE(second.ok()) << second.status();
  const auto third = Challenge("stopped3");
  ASSERT_TRUE(third.ok()) << third.status();
  EXPECT_EQ(third->opening, second->opening);
  EXPECT_EQ(third->accepted.index, second->accepted.index);
  EXPECT_EQ(state().challenges().size(), 1u);
}

TEST_F(SealedVotingTest, ACastGoesOnWhereverItWasStopped) {
  Seal();
  Copy("sealed", "cast");
  election_.board.answers = {absl::UnavailableError("the board cannot be reached")};
  EXPECT_TRUE(absl::IsUnavailable(Cast("cast").status()));
  const Bytes contents = ReadFile(Path("cast"), 1 << 20).value();
  for (int steps = 1; steps <= 2; ++steps) {
    const std::string name = absl::StrCat("stopped", steps);
    Copy("sealed", name);
    {
      auto file = StepFile::Open(Path(name), 1 << 20);
      ASSERT_TRUE(file.ok()) << file.status();
      ASSERT_TRUE(file->WriteNext(contents).ok());
      if (steps > 1) {
        EXPECT_TRUE(file->WipeOld().ok());
      }
    }
    EXPECT_THAT(Challenge(name).status().message(), HasSubstr("this ballot was cast")) << steps;
    EXPECT_TRUE(Cast(name).ok()) << steps;
  }
  EXPECT_EQ(state().ballots(), 1u);
}

TEST_F(SealedVotingTest, ResponsesComputedTwiceAreTheSame) {
  Seal();
  Copy("sealed", "copy");
  election_.board.answers = {absl::UnavailableError(""), absl::UnavailableError("")};
  SealedStore first = Open();
  SealedStore second = Open("copy");
  EXPECT_FALSE(CastSealed(first, Start()->voting).ok());
  EXPECT_FALSE(CastSealed(second, Start("elsewhere")->voting).ok());
  EXPECT_EQ(first.entry(), second.entry());
}

// --- When the board does not take it.

TEST_F(SealedVotingTest, ARefusedChallengeGivesNothingOut) {
  Seal();
  election_.board.answers = {absl::FailedPreconditionError("too many challenges")};
  const auto challenged = Challenge();
  EXPECT_EQ(challenged.status(),
            absl::FailedPreconditionError("the board refused the challenge: too many challenges"));
  EXPECT_EQ(Open().state(), SealedState::kChallenged);
  EXPECT_THAT(Cast().status().message(), HasSubstr("this ballot was challenged"));
  EXPECT_FALSE(Start()->participant->store().Pending().value().has_value());
}

TEST_F(SealedVotingTest, AFalseReceiptGivesNothingOut) {
  Seal();
  election_.board.spoil = [](remote::Receipt& receipt) { receipt.index += 1; };
  EXPECT_TRUE(absl::IsDataLoss(Challenge().status()));
  election_.board.spoil = nullptr;
  EXPECT_TRUE(Challenge().ok());
}

TEST_F(SealedVotingTest, AnUnansweredChallengeIsSentAgainByRetryToo) {
  Seal();
  election_.board.answers = {absl::UnavailableError("the board cannot be reached")};
  EXPECT_TRUE(absl::IsUnavailable(Challenge().status()));
  EXPECT_THAT(Start()->participant->Vote(kAnna, PendingPolicy::kRefuse).status().message(),
              HasSubstr("never answered"));
  const auto again = Start()->participant->Retry();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->kind, Submission::kChallenge);
  EXPECT_TRUE(Challenge().ok());
}

TEST_F(SealedVotingTest, ChecksItsNumberOfChallengesBeforeItGivesAnythingUp) {
  for (const char* name : {"first", "second"}) {
    Seal(kBo, name);
    ASSERT_TRUE(Challenge(name).ok()) << name;
  }
  Seal();
  const auto third = Challenge();
  EXPECT_TRUE(absl::IsFailedPrecondition(third.status()));
  EXPECT_THAT(third.status().message(), HasSubstr("has challenged 2 of the 2 ballots"));
  EXPECT_EQ(Open().state(), SealedState::kSealed);
  EXPECT_TRUE(Cast().ok());
  // From the receipts alone, where the log is too long to be read.
  ReadOptions options;
  options.whole_log_limit = 3;
  EXPECT_EQ(Start("receipts", options)->participant->ChallengesUsed().value(), 2u);
  EXPECT_EQ(Start("elsewhere")->participant->ChallengesUsed().value(), 2u);
}

class NoChallengesTest : public SealedVotingTest {
 protected:
  NoChallengesTest() : SealedVotingTest(0) {}
};

TEST_F(NoChallengesTest, SaysSoAndLeavesTheBallotAsItIs) {
  Seal();
  EXPECT_THAT(Challenge().status().message(), HasSubstr("allows no challenges"));
  EXPECT_EQ(Open().state(), SealedState::kSealed);
  EXPECT_TRUE(Cast().ok());
}

TEST_F(SealedVotingTest, ReceiptsOfChallengesAreCheckedAndCountForNothing) {
  Seal();
  ASSERT_TRUE(Challenge().ok());
  const auto check = [this] {
    const ReceiptStore store =
        ReceiptStore::Open(ReceiptStore::DirectoryOf(Path("receipts"), kOrigin)).value();
    return CheckReceipts(election_.board, store, {}, {}).value();
  };
  EXPECT_TRUE(check().Good());
  EXPECT_EQ(check().receipts.size(), 1u);
  EXPECT_FALSE(check().last.has_value());
  // Somebody else challenges with the same credential.
  election_.fixture.Challenge(1, kBo, 5);
  election_.Sync();
  EXPECT_FALSE(check().Good());
}

}  // namespace
}  // namespace urna::voter
