// For every numbered check a forged record in whose report that check is the only FAIL, made by
// somebody who holds all the keys that he needs for it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include "core/merkle/tlog_proof.h"
#include "tests/core/audit/audit_kit.h"
#include "tests/core/election/forged_ballot.h"

namespace urna::audit {
namespace {

using election::Phase;
using testing::ElectionFixture;
using testing::ElectionOptions;
using testing::TemporaryDirectory;
using testing::TestPeople;
using testing::TestRoll;

struct Forgery {
  Check check;
  std::string name;
  std::function<AuditResult()> make;
};

void PrintTo(const Forgery& forgery, std::ostream* out) { *out << forgery.name; }

// --- Elections.

AuditResult Audit(const ElectionFixture& election, Stage stage = Stage::kFinal) {
  return AuditElection(election, ElectionOptionsOf(election, stage));
}

// An election with these hooks, up to a phase.
AuditResult AuditTo(Phase phase, ElectionOptions options, Stage stage = Stage::kFinal) {
  ElectionFixture election(std::move(options));
  election.RunTo(phase);
  return Audit(election, stage);
}

// Changes the order of this kind before it is signed.
template <typename Act>
ElectionOptions ChangeOrder(std::function<void(poll::Order&, Act&)> change) {
  ElectionOptions options;
  options.order = [change = std::move(change)](poll::Order& order) {
    if (auto* act = std::get_if<Act>(&order.act)) change(order, *act);
  };
  return options;
}

// Changes the trustee messages of this kind before they are signed.
template <typename Message>
ElectionOptions ChangeMessage(std::function<void(Message&)> change) {
  ElectionOptions options;
  options.message = [change = std::move(change)](election::TrusteeMessage& message) {
    if (auto* wanted = std::get_if<Message>(&message)) change(*wanted);
  };
  return options;
}

// Changes entries of this kind when they are signed already.
template <typename Kind>
ElectionOptions ChangeEntry(std::function<void(Kind&)> change) {
  ElectionOptions options;
  options.entry = [change = std::move(change)](record::Entry& entry) {
    if (auto* wanted = std::get_if<Kind>(&entry)) change(*wanted);
  };
  return options;
}

// A usual election that is open, and one more ballot by the cheat.
AuditResult WithBallot(const std::function<election::Ballot(ElectionFixture&)>& forge) {
  ElectionFixture election;
  election.RunTo(Phase::kVoting);
  election.Append(forge(election));
  return Audit(election, Stage::kVoting);
}

// The first member of district 2, whose style has contest 1 alone.
constexpr size_t kSouth = 1;

election::Ballot SouthBallot(ElectionFixture& election) {
  return election.Ballot(kSouth, {{0, 1}});
}

// A roll whose entries were changed and that is sealed all the same.
TestRoll Resealed(TestRoll roll, const TestPeople& people,
                  const std::function<void(roll::SignedRollSeal&)>& spoil_seal) {
  std::vector<Bytes> before = roll.Entries();
  before.pop_back();
  roll.root_before_seal = testing::RootOf(before);
  roll.seal = testing::SignRollSeal(people.registrar, roll.state->roll_id(),
                                    {1, roll.members.size(), roll.root_before_seal});
  if (spoil_seal) spoil_seal(roll.seal);
  roll.root = testing::RootOf(roll.Entries());
  auto state = std::make_shared<roll::RollState>(roll.header);
  for (const roll::RollMember& member : roll.members) state->ApplyMember(member);
  state->ApplySeal(roll.seal, roll.root);
  roll.state = state;
  return roll;
}

ElectionOptions WithRoll(const std::function<TestRoll(const TestPeople&, crypto::Rng&)>& make) {
  ElectionOptions options;
  options.make_roll = make;
  return options;
}

TestRoll UsualRoll(const TestPeople& people, crypto::Rng& rng) {
  return testing::MakeRoll(ElectionOptions().roll, people.registrar, people.roll_log, rng);
}

// An honest election's files, spoilt on disk, or audited with other knowledge.
AuditResult Spoilt(const std::function<void(const std::string&, AuditOptions&)>& spoil) {
  ElectionFixture election;
  election.RunTo(Phase::kSetup);
  const TemporaryDirectory directory;
  testing::WriteRecordFiles(directory.path(), election.people().poll_log.named.name,
                            election.people(), election.encoded(), election.roll(), false);
  AuditOptions options = ElectionOptionsOf(election, Stage::kSetup);
  spoil(directory.path(), options);
  return AuditRecord(directory.path(), options);
}

// A signed checkpoint of the poll's log over quite other entries.
Bytes OtherHistory(uint64_t size) {
  ElectionFixture same_people;
  const TemporaryDirectory directory;
  std::vector<Bytes> entries(size, Bytes{1, 2, 3});
  testing::WriteLogFiles(directory.path(), same_people.people().poll_log.named.name,
                         same_people.people().poll_log, entries);
  return record::LogReader::Open(directory.path()).value().checkpoint_note();
}

std::vector<Forgery> LogForgeries() {
  return {
      {Check::kL1, "CheckpointSignedByAnother",
       [] {
         ElectionFixture election;
         const TemporaryDirectory directory;
         testing::WriteLogFiles(record::PollDirectory(directory.path()),
                                election.people().poll_log.named.name, election.people().roll_log,
                                election.encoded());
         return AuditRecord(directory.path(), ElectionOptionsOf(election, Stage::kSetup));
       }},
      {Check::kL2, "StrayFile",
       [] {
         return Spoilt([](const std::string& record, AuditOptions&) {
           std::ofstream(record + "/poll/tile/readme") << "hello";
         });
       }},
      {Check::kL2, "StrayDirectoryBesideThePoll",
       [] {
         return Spoilt([](const std::string& record, AuditOptions&) {
           std::filesystem::create_directory(record + "/pool");
         });
       }},
      {Check::kL3, "EntryThatIsNone",
       [] {
         ElectionFixture election;
         election.RunTo(Phase::kFinal);
         std::vector<Bytes> entries = election.encoded();
         entries.insert(entries.end() - 1, Bytes{0xff, 1});
         const TemporaryDirectory directory;
         testing::WriteRecordFiles(directory.path(), election.people().poll_log.named.name,
                                   election.people(), entries, election.roll());
         return AuditRecord(directory.path(), ElectionOptionsOf(election));
       }},
      {Check::kL4, "AnotherHistory",
       [] {
         return Spoilt([](const std::string&, AuditOptions& options) {
           options.older_checkpoint = NamedBytes{"older", OtherHistory(1)};
         });
       }},
      {Check::kL4, "ShorterThanBefore",
       [] {
         return Spoilt([](const std::string&, AuditOptions& options) {
           options.older_checkpoint = NamedBytes{"older", OtherHistory(9)};
         });
       }},
      {Check::kL5, "ReceiptOfAnotherTree",
       [] {
         return Spoilt([](const std::string&, AuditOptions& options) {
           const std::string receipt =
               merkle::TlogProof::Create(0, {}, AsText(OtherHistory(1))).value().Serialize();
           options.receipts = {{"receipt", ToBytes(AsBytes(receipt))}};
         });
       }},
  };
}

// A policy with one key exchanged for another's.
Forgery Identity(Check check, const std::string& name,
                 const std::function<void(Policy&, const merkle::NoteVerifier&)>& change) {
  return {check, name, [change] {
            return Spoilt([&](const std::string&, AuditOptions& options) {
              crypto::SeededRng rng(99);
              const merkle::NoteVerifier other =
                  merkle::NoteVerifier::Create("other",
                                               crypto::SigningKey::Generate(rng).public_key())
                      .value();
              change(*options.policy, other);
            });
          }};
}

std::vector<Forgery> IdentityForgeries() {
  using merkle::NoteVerifier;
  return {
      Identity(Check::kI1, "OtherLogKey", [](Policy& p, const NoteVerifier& o) { p.log = o; }),
      Identity(Check::kI2, "OtherOfficer",
               [](Policy& p, const NoteVerifier& o) { p.officers[1] = o; }),
      Identity(Check::kI2, "SmallerQuorum",
               [](Policy& p, const NoteVerifier&) { p.officer_quorum = 1; }),
      Identity(Check::kI3, "OtherRegistrar",
               [](Policy& p, const NoteVerifier& o) { p.registrar = o; }),
      Identity(Check::kI4, "OtherTrustee",
               [](Policy& p, const NoteVerifier& o) { p.trustees[2] = o; }),
      Identity(Check::kI4, "LowerThreshold",
               [](Policy& p, const NoteVerifier&) { p.trustee_threshold = 1; }),
  };
}

std::vector<Forgery> SetUpForgeries() {
  return {
      {Check::kS1, "ManifestBreaksARule",
       [] {
         ElectionOptions options;
         options.manifest = [](election::Manifest& m) { m.contests[0].sum_max = 2; };
         ElectionFixture election(options);
         return Audit(election, Stage::kSetup);
       }},
      {Check::kS1, "SecondManifest",
       [] {
         ElectionFixture election;
         const record::Entry manifest = election.entries()[0];
         std::vector<Bytes> entries = election.encoded();
         entries.push_back(entries[0]);
         const TemporaryDirectory directory;
         testing::WriteRecordFiles(directory.path(), election.people().poll_log.named.name,
                                   election.people(), entries, election.roll(), false);
         return AuditRecord(directory.path(), ElectionOptionsOf(election, Stage::kSetup));
       }},
      {Check::kS2, "ManifestWithTooFewSignatures",
       [] {
         return AuditTo(Phase::kSetup,
                        ChangeEntry<election::SignedManifest>([](election::SignedManifest& m) {
                          m.signed_body.signatures.resize(1);
                        }),
                        Stage::kSetup);
       }},
      {Check::kS3, "RollSealedByAnother",
       [] {
         return AuditTo(Phase::kFinal, WithRoll([](const TestPeople& people, crypto::Rng& rng) {
                          return Resealed(UsualRoll(people, rng), people,
                                          [](roll::SignedRollSeal& s) { s.signature[3] ^= 1; });
                        }));
       }},
      {Check::kS4, "EnrolmentForAnotherRoll",
       [] {
         return AuditTo(Phase::kFinal, WithRoll([](const TestPeople& people, crypto::Rng& rng) {
                          TestRoll roll = UsualRoll(people, rng);
                          roll.members[1].nonce[0] ^= 1;
                          return Resealed(std::move(roll), people, nullptr);
                        }));
       }},
      {Check::kS5, "OrderNumberLeftOut",
       [] {
         return AuditTo(Phase::kFinal, ChangeOrder<poll::Close>(
                                           [](poll::Order& order, auto&) { order.number += 1; }));
       }},
      {Check::kS5, "OrderOfAnotherChain",
       [] {
         return AuditTo(Phase::kFinal, ChangeOrder<poll::Close>([](poll::Order& order, auto&) {
                          order.previous[0] ^= 1;
                        }));
       }},
      {Check::kS6, "OrderWithTooFewSignatures",
       [] {
         return AuditTo(Phase::kFinal, ChangeEntry<poll::SignedOrder>([](poll::SignedOrder& o) {
                          if (o.order.kind() == poll::OrderKind::kClose) {
                            o.signed_body.signatures.resize(1);
                          }
                        }));
       }},
      {Check::kS7, "ClosingBeforeTheScheduleWithoutAReason",
       [] {
         return AuditTo(Phase::kFinal, ChangeOrder<poll::Close>([](poll::Order& order, auto&) {
                          order.time = testing::kTestSchedule.closes - 1;
                        }));
       }},
      {Check::kS8, "AnythingAfterTheResult",
       [] {
         ElectionFixture election;
         election.RunTo(Phase::kFinal);
         election.Append(election.Sign(election.Drill(1, 77)));
         return Audit(election);
       }},
      {Check::kS9, "MessageSignedByAnother",
       [] {
         return AuditTo(
             Phase::kFinal,
             ChangeEntry<election::SignedTrusteeMessage>([](election::SignedTrusteeMessage& m) {
               if (std::holds_alternative<election::Drill>(m.message) && m.trustee() == 2) {
                 m.signature[1] ^= 1;
               }
             }));
       }},
      {Check::kS10, "CommitmentNotOpened",
       [] {
         ElectionFixture election(
             ChangeMessage<election::KeyCommitment>([](election::KeyCommitment& m) {
               if (m.trustee == 3) m.commitment[0] ^= 1;
             }));
         election.RunCeremony();
         return Audit(election, Stage::kSetup);
       }},
      {Check::kS11, "AcknowledgedAnotherCeremony",
       [] {
         return AuditTo(Phase::kFinal, ChangeMessage<election::KeyAcknowledgement>(
                                           [](election::KeyAcknowledgement& m) {
                                             if (m.trustee == 1) m.ceremony_digest[0] ^= 1;
                                           }));
       }},
      {Check::kS12, "KeyOfOneTrusteeAlone",
       [] {
         ElectionFixture election(
             ChangeOrder<poll::OpenElection>([](poll::Order&, poll::OpenElection& open) {
               open.election_key = open.verification_keys[0];
             }));
         election.RunCeremony();
         election.Open();
         return Audit(election, Stage::kVoting);
       }},
      {Check::kS13, "DrillWithAnotherShare",
       [] {
         return AuditTo(Phase::kFinal, ChangeMessage<election::Drill>([](election::Drill& m) {
                          if (m.trustee == 1) m.share = crypto::RistrettoPoint::Base().bytes();
                        }));
       }},
      {Check::kS14, "AnotherRollRoot",
       [] {
         ElectionFixture election(ChangeOrder<poll::OpenElection>(
             [](poll::Order&, poll::OpenElection& open) { open.roll.root[0] ^= 1; }));
         election.RunCeremony();
         election.Open();
         return Audit(election, Stage::kVoting);
       }},
  };
}

std::vector<Forgery> BallotForgeries() {
  return {
      {Check::kB1, "ContestLeftOut",
       [] {
         return WithBallot([](ElectionFixture& e) {
           election::Ballot ballot = e.Ballot(2, {{0, 1}, {1, 0, 0}, {2, 0}});
           ballot.contests.pop_back();
           return ballot;
         });
       }},
      {Check::kB1, "OptionTooMany",
       [] {
         return WithBallot([](ElectionFixture& e) {
           election::Ballot ballot = SouthBallot(e);
           election::ContestBallot& contest = ballot.contests[0];
           contest.ciphertexts.insert(contest.ciphertexts.end(), contest.commitments.begin(),
                                      contest.commitments.begin() + 64);
           return ballot;
         });
       }},
      {Check::kB2, "CredentialNotOnTheRoll",
       [] {
         return WithBallot([](ElectionFixture& e) {
           const crypto::Credential stranger = crypto::Credential::Generate(e.rng());
           return election::MakeBallot(e.manifest(), *e.state().voting(), 2, {{0, 1}}, 1, stranger,
                                       e.rng())
               .value();
         });
       }},
      {Check::kB2, "StyleOfAnotherDistrict",
       [] {
         return WithBallot([](ElectionFixture& e) {
           return election::MakeBallot(e.manifest(), *e.state().voting(), 2, {{0, 1}}, 50,
                                       e.roll().credentials[0], e.rng())
               .value();
         });
       }},
      {Check::kB3, "WithheldOlderBallotAppendedLate",
       [] {
         ElectionFixture election;
         election.RunTo(Phase::kVoting);
         const election::Ballot withheld = election.Ballot(kSouth, {{1, 0}}, 100);
         election.Append(election.Ballot(kSouth, {{0, 1}}, 101));
         election.Append(withheld);
         return Audit(election, Stage::kVoting);
       }},
      {Check::kB4, "FalseSelectionProof",
       [] {
         return WithBallot([](ElectionFixture& e) {
           election::Ballot ballot = SouthBallot(e);
           ballot.contests[0].responses[0] ^= 1;
           return ballot;
         });
       }},
      {Check::kB4, "OverVoteWithCompensatingNegative",
       [] {
         return WithBallot([](ElectionFixture& e) {
           testing::ForgedBallot plan;
           plan.credential = &e.roll().credentials[kSouth];
           plan.sequence = 60;
           plan.values = {{2, -1}};
           plan.claims = {{{0, 0}, 1}, {{0, 1}, 0}};
           return testing::Forge(e, plan);
         });
       }},
      {Check::kB5, "OverVote",
       [] {
         return WithBallot([](ElectionFixture& e) {
           testing::ForgedBallot plan;
           plan.credential = &e.roll().credentials[kSouth];
           plan.sequence = 60;
           plan.values = {{1, 1}};
           plan.claims = {{{0, 2}, 1}};
           return testing::Forge(e, plan);
         });
       }},
      {Check::kB6, "BallotForSomebodyElse",
       [] {
         return WithBallot([](ElectionFixture& e) {
           election::Ballot ballot = SouthBallot(e);
           ballot.responses[0] ^= 1;
           return ballot;
         });
       }},
      {Check::kB7, "OneRandomnessForTwoOptions",
       [] {
         return WithBallot([](ElectionFixture& e) {
           testing::ForgedBallot plan;
           plan.credential = &e.roll().credentials[kSouth];
           plan.sequence = 60;
           plan.values = {{1, 0}};
           plan.same_randomness = true;
           return testing::Forge(e, plan);
         });
       }},
      {Check::kB8, "BallotAfterClosing",
       [] {
         ElectionFixture election;
         election.RunTo(Phase::kClosed);
         election.Append(election.Ballot(kSouth, {{1, 0}}));
         return Audit(election, Stage::kClosed);
       }},
  };
}

std::vector<Forgery> CountForgeries() {
  using poll::ElectionResult;
  using poll::Sum;
  return {
      {Check::kC1, "AnotherCountedSet",
       [] {
         return AuditTo(Phase::kFinal,
                        ChangeOrder<Sum>([](poll::Order&, Sum& sum) { sum.counted_hash[0] ^= 1; }));
       }},
      {Check::kC2, "MoreBallotsThanCounted",
       [] {
         return AuditTo(Phase::kSummed,
                        ChangeOrder<Sum>([](poll::Order&, Sum& sum) { sum.parts[0].ballots += 1; }),
                        Stage::kClosed);
       }},
      {Check::kC3, "SumsOffByOneBallot",
       [] {
         return AuditTo(Phase::kFinal,
                        ChangeOrder<Sum>([](poll::Order&, Sum& sum) { sum.sums_hash[0] ^= 1; }));
       }},
      {Check::kC4, "AcknowledgedAnotherTree",
       [] {
         return AuditTo(Phase::kFinal, ChangeMessage<election::CountAcknowledgement>(
                                           [](election::CountAcknowledgement& m) {
                                             if (m.trustee == 3) m.root[0] ^= 1;
                                           }));
       }},
      {Check::kC4, "SharesBeforeTheAcknowledgements",
       [] {
         ElectionFixture election;
         election.RunTo(Phase::kSummed);
         for (uint16_t trustee : {1, 2}) election.LogDecryptionShares(trustee);
         election.Append(election.Order(ElectionResult{ElectionFixture::UsualTotals()}));
         return Audit(election);
       }},
      {Check::kC5, "FalseShare",
       [] {
         return AuditTo(Phase::kFinal,
                        ChangeMessage<election::DecryptionShare>([](election::DecryptionShare& m) {
                          if (m.trustee == 1 && m.part == 0) m.proofs[70] ^= 1;
                        }));
       }},
      {Check::kC6, "SharesOfTooFew",
       [] {
         ElectionFixture election;
         election.RunTo(Phase::kSummed);
         election.LogCountAcknowledgements();
         election.LogDecryptionShares(1);
         election.Append(election.Order(ElectionResult{ElectionFixture::UsualTotals()}));
         return Audit(election);
       }},
      {Check::kC7, "OneVoteMovedFromOneToAnother",
       [] {
         return AuditTo(Phase::kFinal,
                        ChangeOrder<ElectionResult>([](poll::Order&, ElectionResult& result) {
                          auto& totals = result.results[0].totals;
                          totals[0] += 1;
                          totals[1] -= 1;
                        }));
       }},
      {Check::kC8, "ContestLeftOutOfTheResult",
       [] {
         return AuditTo(Phase::kFinal,
                        ChangeOrder<ElectionResult>([](poll::Order&, ElectionResult& result) {
                          result.results.pop_back();
                        }));
       }},
      {Check::kC8, "MoreVotesThanBallots",
       [] {
         return AuditTo(Phase::kFinal,
                        ChangeOrder<ElectionResult>([](poll::Order&, ElectionResult& result) {
                          result.results[0].totals[0] = 1000;
                        }));
       }},
  };
}

// --- Petitions.

// Two signatures, closed, and a result that may be spoilt.
AuditResult Petition(const std::function<void(PetitionLog&)>& before_closing,
                     const std::function<void(poll::PetitionResult&)>& spoil = nullptr) {
  PetitionLog petition;
  petition.Open();
  petition.Sign(0, 1);
  petition.Sign(1, 1);
  if (before_closing) before_closing(petition);
  petition.Close();
  poll::PetitionResult result = petition.Result();
  if (spoil) spoil(result);
  petition.Finish(result);
  return petition.Audit(petition.Options());
}

std::vector<Forgery> PetitionForgeries() {
  using petition::Act;
  return {
      {Check::kP1, "AnotherTextWasOpened",
       [] {
         PetitionLog petition;
         poll::OpenPetition opening = petition.kit.Opening();
         opening.text_hash[0] ^= 1;
         petition.Order(petition.kit.Next(opening, petition::PetitionKit::kOpens));
         return petition.Audit(petition.Options(Stage::kVoting));
       }},
      {Check::kP2, "SignatureAfterClosing",
       [] {
         PetitionLog petition;
         petition.Open();
         petition.Sign(0, 1);
         petition.Close();
         petition.Sign(1, 1);
         return petition.Audit(petition.Options(Stage::kClosed));
       }},
      {Check::kP3, "SignerOfAnotherTown",
       [] {
         return Petition([](PetitionLog& petition) {
           for (size_t i = 0; i < petition.kit.roll.members.size(); ++i) {
             if (petition.kit.roll.members[i].district == 3) return petition.Sign(i, 9);
           }
         });
       }},
      {Check::kP3, "SignerNotOnTheRoll",
       [] {
         return Petition([](PetitionLog& petition) {
           const crypto::Credential stranger = crypto::Credential::Generate(petition.kit.rng);
           petition.Act(petition::MakeAct(*petition.kit.state.context(), Act::kSign, 1, stranger,
                                          petition.kit.rng));
         });
       }},
      {Check::kP4, "SignatureForSomebodyElse",
       [] {
         return Petition([](PetitionLog& petition) {
           petition::PetitionAct act = petition.kit.Make(3, Act::kSign, 1);
           act.responses[0] ^= 1;
           petition.Act(act);
         });
       }},
      {Check::kP5, "SignedTwice",
       [] { return Petition([](PetitionLog& petition) { petition.Sign(0, 2); }); }},
      {Check::kP5, "ReplayedOlderWithdrawal",
       [] {
         return Petition([](PetitionLog& petition) {
           const petition::PetitionAct withdrawal = petition.kit.Make(0, Act::kWithdraw, 2);
           petition.Act(petition.kit.Make(0, Act::kWithdraw, 3));
           petition.Sign(0, 4);
           petition.Act(withdrawal);
         });
       }},
      {Check::kP6, "OneSignatureMore",
       [] {
         return Petition(nullptr, [](poll::PetitionResult& result) { result.signatures += 1; });
       }},
      {Check::kP6, "CountedInAnotherDistrict",
       [] {
         return Petition(nullptr, [](poll::PetitionResult& result) {
           for (poll::DistrictCount& d : result.districts) d.signatures = 2 - d.signatures;
           result.districts[0].signatures += 1;
         });
       }},
      {Check::kP7, "ThresholdNeverReached",
       [] {
         return Petition(nullptr, [](poll::PetitionResult& result) {
           result.thresholds[0].reached = !result.thresholds[0].reached;
           result.thresholds[0].index = 0;
         });
       }},
  };
}

std::vector<Forgery> AllForgeries() {
  std::vector<Forgery> all;
  for (const auto& some : {LogForgeries(), IdentityForgeries(), SetUpForgeries(), BallotForgeries(),
                           CountForgeries(), PetitionForgeries()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

class ForgeryTest : public ::testing::TestWithParam<Forgery> {};

TEST_P(ForgeryTest, IsCaughtByItsCheckAlone) {
  const AuditResult result = GetParam().make();
  EXPECT_EQ(With(result.report, Outcome::kFail), std::string(InfoOf(GetParam().check).number))
      << result.report.ToText();
  EXPECT_EQ(result.report.ExitStatus(), 1);
}

INSTANTIATE_TEST_SUITE_P(All, ForgeryTest, ::testing::ValuesIn(AllForgeries()),
                         [](const ::testing::TestParamInfo<Forgery>& forgery) {
                           return std::string(InfoOf(forgery.param.check).number) +
                                  forgery.param.name;
                         });

TEST(ForgeryCoverageTest, EveryNumberedCheckHasAForgery) {
  std::set<Check> covered;
  for (const Forgery& forgery : AllForgeries()) covered.insert(forgery.check);
  for (const CheckInfo& info : AllChecks()) {
    EXPECT_EQ(covered.count(info.check), 1u) << info.number << " has no forged record";
  }
}

}  // namespace
}  // namespace urna::audit
