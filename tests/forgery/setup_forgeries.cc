// Cheats with the manifest, the roll, the key ceremony and the opening.
#include "core/crypto/equality_proof.h"
#include "tests/forgery/elections.h"

namespace urna::forgery {
namespace {

using testing::TestPeople;
using testing::TestRoll;

// A roll whose entries were changed and that is sealed all the same.
TestRoll Resealed(TestRoll roll, const TestPeople& people,
                  const std::function<void(roll::SignedRollSeal&)>& spoil_seal = nullptr) {
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

// An election on a roll that the registrar spoilt.
std::function<void(Case&)> WithRoll(
    const std::function<TestRoll(TestRoll, const TestPeople&)>& spoil) {
  return [spoil](Case& out) {
    ElectionOptions options;
    options.make_roll = [spoil](const TestPeople& people, crypto::Rng& rng) {
      return spoil(
          testing::MakeRoll(ElectionOptions().roll, people.registrar, people.roll_log, rng),
          people);
    };
    MakeTo(out, Phase::kFinal, std::move(options));
  };
}

// An election on a roll of two epochs. Its members 0 to 3 are those of the first and vote; the
// second adds somebody to district 2, replaces the key of member 4, who stays at home, and takes
// nobody off. `spoil` may change the signed changes, which are in order.
using Changes = std::vector<roll::SignedRollChange>;
std::function<void(Case&)> WithChanges(
    const std::function<void(Changes&, const TestRoll&, const TestPeople&)>& spoil,
    const std::function<void(roll::RollSeal&)>& spoil_seal = nullptr) {
  return [spoil, spoil_seal](Case& out) {
    ElectionOptions options;
    options.make_roll = [spoil, spoil_seal](const TestPeople& people, crypto::Rng& rng) {
      TestRoll roll =
          testing::MakeRoll(ElectionOptions().roll, people.registrar, people.roll_log, rng);
      Changes changes = testing::UsualChanges(roll, people.registrar, rng);
      spoil(changes, roll, people);
      testing::AddEpoch(roll, people.registrar, changes, spoil_seal);
      return roll;
    };
    MakeTo(out, Phase::kFinal, std::move(options));
  };
}

roll::SignedRollChange Resigned(const TestRoll& roll, const TestPeople& people,
                                const roll::RollChange& change) {
  return testing::SignRollChange(people.registrar, roll.state->roll_id(), 2, change);
}

std::function<void(Case&)> WithManifest(const std::function<void(election::Manifest&)>& spoil) {
  return [spoil](Case& out) {
    ElectionOptions options;
    options.manifest = spoil;
    const ElectionFixture election(std::move(options));
    out.stage = Stage::kSetup;
    out.Write(election);
  };
}

// Opened with an order that is not what the ceremony gave; ballots would prove nothing.
std::function<void(Case&)> OpenedWith(const std::function<void(poll::OpenElection&)>& spoil) {
  return [spoil](Case& out) {
    ElectionFixture election(ChangeOrder<poll::OpenElection>(
        [spoil](poll::Order&, poll::OpenElection& open) { spoil(open); }));
    election.RunCeremony();
    election.Open();
    out.stage = Stage::kVoting;
    out.Write(election);
  };
}

// Somebody asks trustee 1 to use its share on the first ciphertext of a ballot, and calls it a
// drill: the proof is true, but the base is not the one that the number gives.
void BallotDecryptedAsADrill(Case& out) {
  ElectionFixture election;
  election.RunTo(Phase::kVoting);
  const election::Ballot ballot = election.Ballot(kSouth, {{1, 0}});
  election.Append(ballot);
  const election::Ceremony::Keys& keys = *election.state().ceremony().keys();
  const auto base =
      crypto::RistrettoPoint::Decode(ByteSpan(ballot.contests[0].ciphertexts).first(32)).value();
  const crypto::SecretScalar secret = election.KeyShare(1);
  const crypto::EqualityStatement statement{keys.verification_keys[0], base,
                                            crypto::Mul(secret, base)};
  auto prover = crypto::EqualityProver::Commit(secret, statement, election.rng());
  const crypto::Hash64 h = crypto::Transcript("drill")
                               .Field("context", keys.key_context)
                               .FieldU32("drill", 7)
                               .FieldU16("trustee", 1)
                               .Field("verification key", statement.key.bytes())
                               .Field("base", statement.base.bytes())
                               .Field("share", statement.share.bytes())
                               .Field("commitments", prover.EncodeCommitments())
                               .Hash();
  const crypto::EqualityProof proof = std::move(prover).Respond(
      crypto::Challenge(h, 1, crypto::kNoIndex, crypto::ChallengeKind::kDrill));
  election.Append(election.Sign(election::Drill{election.state().ceremony().attempt(), 1, 7,
                                                statement.share.bytes(), proof.Encode()}));
  out.stage = Stage::kVoting;
  out.Write(election);
}

}  // namespace

std::vector<Forgery> SetUpForgeries() {
  return {
      {{Check::kS1},
       "ManifestBreaksARule",
       Cheat::kOfficers,
       WithManifest([](election::Manifest& m) { m.contests[0].sum_max = 2; })},
      {{Check::kS1},
       "LimitThatNobodyCanKeep",
       Cheat::kOfficers,
       WithManifest([](election::Manifest& m) {
         m.contests[1].limits = {
             {testing::English("L"), election::Limit::Measure::kNumber, 3, 2, {0, 1}}};
       })},
      {{Check::kS1},
       "OptionOfAListThatIsNotThere",
       Cheat::kOfficers,
       WithManifest([](election::Manifest& m) { m.contests[0].options[1].list = 1; })},
      {{Check::kS1},
       "MoreSeatsThanOptions",
       Cheat::kOfficers,
       WithManifest([](election::Manifest& m) {
         m.contests[1].result = election::MostVotes{4, election::MostVotes::Tie::kBallotOrder};
       })},
      {{Check::kS1},
       "SecondManifest",
       Cheat::kOperator,
       [](Case& out) {
         const ElectionFixture election;
         std::vector<Bytes> entries = election.encoded();
         entries.push_back(entries[0]);
         out.stage = Stage::kSetup;
         out.Write(election.people(), 2, entries, election.roll(), false);
       }},
      {{Check::kS2},
       "ManifestWithTooFewSignatures",
       Cheat::kOperator,
       [](Case& out) {
         MakeTo(out, Phase::kSetup,
                ChangeEntry<election::SignedManifest>(
                    [](election::SignedManifest& m) { m.signed_body.signatures.resize(1); }),
                Stage::kSetup);
       }},
      {{Check::kS3},
       "RollSealedByAnother",
       Cheat::kOperator,
       WithRoll([](TestRoll roll, const TestPeople& people) {
         return Resealed(std::move(roll), people,
                         [](roll::SignedRollSeal& seal) { seal.signature[3] ^= 1; });
       })},
      {{Check::kS3},
       "MemberWithoutWeight",
       Cheat::kRegistrar,
       WithRoll([](TestRoll roll, const TestPeople& people) {
         roll.members[4].weight = 0;  // who stays at home
         return Resealed(std::move(roll), people);
       })},
      {{Check::kS3},
       "ChangeSignedByAnother",
       Cheat::kOperator,
       WithChanges([](Changes& changes, const TestRoll&, const TestPeople&) {
         changes[0].signature[3] ^= 1;
       })},
      {{Check::kS3},
       "ChangeSignedForAnotherEpoch",
       Cheat::kOperator,
       WithChanges([](Changes& changes, const TestRoll& roll, const TestPeople& people) {
         changes[1] =
             testing::SignRollChange(people.registrar, roll.state->roll_id(), 3, changes[1].change);
       })},
      {{Check::kS3},
       "ChangesOutOfOrder",
       Cheat::kRegistrar,
       WithChanges([](Changes& changes, const TestRoll&, const TestPeople&) {
         std::swap(changes[0], changes[1]);
       })},
      {{Check::kS3},
       "RemovalOfAStranger",
       Cheat::kRegistrar,
       WithChanges([](Changes& changes, const TestRoll& roll, const TestPeople& people) {
         changes[0].change.kind = roll::ChangeKind::kRemove;
         changes[0] = Resigned(roll, people, changes[0].change);
       })},
      {{Check::kS3},
       "ReplacementOfAStranger",
       Cheat::kRegistrar,
       WithChanges([](Changes& changes, const TestRoll& roll, const TestPeople& people) {
         for (roll::SignedRollChange& change : changes) {
           if (change.change.kind != roll::ChangeKind::kRekey) continue;
           change.change.replaced = change.change.member.credential;
           change = Resigned(roll, people, change.change);
         }
       })},
      {{Check::kS3},
       "EpochSkipped",
       Cheat::kRegistrar,
       WithChanges([](Changes&, const TestRoll&, const TestPeople&) {},
                   [](roll::RollSeal& seal) { seal.epoch = 3; })},
      {{Check::kS3},
       "SealOfAnEpochWithOneMemberLess",
       Cheat::kRegistrar,
       WithChanges([](Changes&, const TestRoll&, const TestPeople&) {},
                   [](roll::RollSeal& seal) { --seal.members; })},
      {{Check::kS3},
       "EpochWithoutChange",
       Cheat::kRegistrar,
       WithChanges([](Changes& changes, const TestRoll&, const TestPeople&) { changes.clear(); })},
      {{Check::kS4},
       "NewcomerWithoutProof",
       Cheat::kRegistrar,
       WithChanges([](Changes& changes, const TestRoll& roll, const TestPeople& people) {
         changes[0].change.member.nonce[0] ^= 1;
         changes[0] = Resigned(roll, people, changes[0].change);
       })},
      {{Check::kL3},
       "ReplacedCredentialIsNoPoint",
       Cheat::kRegistrar,
       WithChanges([](Changes& changes, const TestRoll& roll, const TestPeople& people) {
         for (roll::SignedRollChange& change : changes) {
           if (change.change.kind != roll::ChangeKind::kRekey) continue;
           change.change.replaced.fill(0xff);
           change = Resigned(roll, people, change.change);
         }
       })},
      {{Check::kB2},
       "BallotOfAMemberTakenOff",
       Cheat::kVoter,
       WithChanges([](Changes& changes, const TestRoll& roll, const TestPeople& people) {
         changes = {
             Resigned(roll, people,
                      {roll::ChangeKind::kRemove, {.credential = roll.members[3].credential}, {}})};
       })},
      {{Check::kS14},
       "OpeningPinsTheMiddleOfAnEpoch",
       Cheat::kOfficers,
       [](Case& out) {
         ElectionOptions options;
         options.make_roll = [](const TestPeople& people, crypto::Rng& rng) {
           TestRoll roll =
               testing::MakeRoll(ElectionOptions().roll, people.registrar, people.roll_log, rng);
           testing::AddEpoch(roll, people.registrar,
                             testing::UsualChanges(roll, people.registrar, rng));
           return roll;
         };
         options.order = [](poll::Order& order) {
           if (auto* open = std::get_if<poll::OpenElection>(&order.act)) --open->roll.size;
         };
         MakeTo(out, Phase::kFinal, std::move(options));
       }},
      {{Check::kS4},
       "EnrolmentForAnotherRoll",
       Cheat::kRegistrar,
       WithRoll([](TestRoll roll, const TestPeople& people) {
         roll.members[1].nonce[0] ^= 1;
         return Resealed(std::move(roll), people);
       })},
      {{Check::kS9},
       "MessageSignedByAnother",
       Cheat::kOperator,
       [](Case& out) {
         MakeTo(out, Phase::kFinal,
                ChangeEntry<election::SignedTrusteeMessage>([](election::SignedTrusteeMessage& m) {
                  if (std::holds_alternative<election::Drill>(m.message) && m.trustee() == 2) {
                    m.signature[1] ^= 1;
                  }
                }));
       }},
      {{Check::kS10},
       "CommitmentNotOpened",
       Cheat::kFewTrustees,
       [](Case& out) {
         ElectionFixture election(
             ChangeMessage<election::KeyCommitment>([](election::KeyCommitment& m) {
               if (m.trustee == 3) m.commitment[0] ^= 1;
             }));
         election.RunCeremony();
         out.stage = Stage::kSetup;
         out.Write(election);
       }},
      {{Check::kS11},
       "AcknowledgedAnotherCeremony",
       Cheat::kFewTrustees,
       [](Case& out) {
         MakeTo(out, Phase::kFinal,
                ChangeMessage<election::KeyAcknowledgement>([](election::KeyAcknowledgement& m) {
                  if (m.trustee == 1) m.ceremony_digest[0] ^= 1;
                }));
       }},
      {{Check::kS12},
       "KeyOfOneTrusteeAlone",
       Cheat::kOfficers,
       OpenedWith([](poll::OpenElection& open) { open.election_key = open.verification_keys[0]; })},
      {{Check::kS12},
       "VerificationKeysExchanged",
       Cheat::kAllTrustees,
       OpenedWith([](poll::OpenElection& open) {
         std::swap(open.verification_keys[0], open.verification_keys[1]);
       })},
      {{Check::kS13},
       "DrillWithAnotherShare",
       Cheat::kFewTrustees,
       [](Case& out) {
         MakeTo(out, Phase::kFinal, ChangeMessage<election::Drill>([](election::Drill& m) {
                  if (m.trustee == 1) m.share = crypto::RistrettoPoint::Base().bytes();
                }));
       }},
      {{Check::kS13}, "BallotDecryptedAsADrill", Cheat::kAllTrustees, BallotDecryptedAsADrill},
      {{Check::kS14}, "AnotherRollRoot", Cheat::kOfficers, OpenedWith([](poll::OpenElection& open) {
         open.roll.root[0] ^= 1;
       })},
      {{Check::kS16},
       "WeightsThatGiveVotesAway",
       Cheat::kRegistrar,
       [](Case& out) {
         ElectionOptions options;
         options.manifest = [](election::Manifest& m) { m.minimum_ballots = 2; };
         options.roll.weights = {1, 2, 4, 8, 16};
         ElectionFixture election(std::move(options));
         election.RunCeremony();
         election.Open();
         out.stage = Stage::kVoting;
         out.Write(election);
       }},
  };
}

}  // namespace urna::forgery
