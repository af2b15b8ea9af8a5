// Cheats with an anonymous petition: rings, tags and the beacon. docs/protocol.md §4.1, §8.1.
#include "absl/strings/str_cat.h"
#include "core/petition/anonymous_act.h"
#include "tests/core/audit/audit_kit.h"
#include "tests/forgery/forgery.h"

namespace urna::forgery {
namespace {

using audit::PetitionLog;
using petition::Act;
using petition::PetitionKit;
using petition::RingAct;
using petition::TagAct;

// Members 0 and 3 are of district 1, 1 and 4 of district 2, 2 and 5 of none of the petition's.
constexpr size_t kNorth = 0, kSouth = 1, kNorthToo = 3, kSouthToo = 4;

void Write(Case& out, const PetitionLog& petition, Stage stage = Stage::kFinal,
           const crypto::Hash32& beacon = PetitionKit::kBeacon) {
  out.stage = stage;
  out.Write(petition.kit.people, 0, petition.entries, petition.kit.roll,
            petition.kit.state.roll_pin().has_value());
  absl::StrAppend(&out.policy, "beacon ", ToHex(beacon), "\n");
}

PetitionLog Anonymous(uint16_t fewest = 2) {
  petition::AnonymousRules rules = PetitionKit::SmallRings();
  rules.fewest = fewest;
  return PetitionLog(11, rules);
}

PetitionLog WithTwoRingsADistrict() {
  return PetitionLog(12, testing::MakeAnonymousRules(64, 32),
                     {.members = 140, .districts = {1, 2}});
}

// Two signatures, one of each district, closed, and a result that may be spoilt.
std::function<void(Case&)> Petition(
    const std::function<void(PetitionLog&)>& before_closing,
    const std::function<void(poll::AnonymousResult&)>& spoil = nullptr) {
  return [=](Case& out) {
    PetitionLog petition = Anonymous();
    petition.Open();
    petition.SignInRing(kNorth, 1);
    petition.SignInRing(kSouth, 1);
    if (before_closing) before_closing(petition);
    petition.Close();
    poll::AnonymousResult result = petition.AnonymousResult();
    if (spoil) spoil(result);
    petition.Finish(result);
    Write(out, petition);
  };
}

// One more ring act, of a member that has not signed, spoilt when it was proved.
std::function<void(Case&)> RingActThat(const std::function<void(PetitionLog&, RingAct&)>& spoil) {
  return Petition([=](PetitionLog& petition) {
    RingAct act = petition.kit.MakeRing(kNorthToo, 1);
    spoil(petition, act);
    petition.Act(act);
  });
}

// The same of one more tag act, a withdrawal that would be in order.
std::function<void(Case&)> TagActThat(const std::function<void(PetitionLog&, TagAct&)>& spoil) {
  return Petition([=](PetitionLog& petition) {
    TagAct act = petition.kit.MakeTag(kNorth, Act::kWithdraw, 2);
    spoil(petition, act);
    petition.Act(act);
  });
}

// An opening that is spoilt before it is signed, and nothing else.
std::function<void(Case&)> Opening(const std::function<void(poll::OpenAnonymousPetition&)>& spoil,
                                   uint16_t fewest = 2) {
  return [=](Case& out) {
    PetitionLog petition = Anonymous(fewest);
    poll::OpenAnonymousPetition opening = petition.kit.AnonymousOpening();
    if (spoil) spoil(opening);
    petition.Order(petition.kit.Next(opening, PetitionKit::kOpens));
    Write(out, petition, Stage::kVoting, opening.beacon);
  };
}

// A manifest that breaks a rule, signed all the same.
std::function<void(Case&)> Rules(const std::function<void(petition::AnonymousRules&)>& spoil) {
  return [=](Case& out) {
    petition::AnonymousRules rules = PetitionKit::SmallRings();
    spoil(rules);
    const PetitionLog petition(11, rules);
    Write(out, petition, Stage::kSetup);
  };
}

// What a signer of another petition, with another tag base, would make here.
petition::ActContext ContextOfAnother(PetitionLog& petition) {
  petition::ActContext out = *petition.kit.state.context();
  out.anonymous = std::make_shared<const petition::AnonymousContext>(petition::AnonymousContext{
      crypto::TagBase(petition.kit.rng.Array<32>()), out.anonymous->epochs});
  return out;
}

// A ring in which a stranger stands in the place of somebody who may sign.
RingAct StrangerInAForgedRing(PetitionLog& petition) {
  const crypto::Credential stranger = crypto::Credential::Generate(petition.kit.rng);
  const crypto::Ring honest = crypto::Ring::Decode(petition.kit.rings().PointsOf(0)).value();
  std::vector<crypto::RistrettoPoint> points(honest.points().begin(), honest.points().end());
  points[7] = stranger.public_key();
  std::sort(points.begin(), points.end());
  return petition::MakeRingAct(*petition.kit.state.context(), 1, 1, 0,
                               crypto::Ring::Create(std::move(points)).value(), stranger,
                               petition.kit.rng)
      .value();
}

std::vector<Forgery> RingForgeries() {
  return {
      {{Check::kP3},
       "RingThatThereIsNot",
       Cheat::kVoter,
       RingActThat(
           [](PetitionLog& petition, RingAct& act) { act.ring = petition.kit.rings().size(); })},
      {{Check::kP3},
       "RingOfAnotherEpoch",
       Cheat::kVoter,
       RingActThat([](PetitionLog&, RingAct& act) { act.epoch = 2; })},
      {{Check::kP3, Check::kP4},
       "MoreTagsThanMembersOfTheRing",
       Cheat::kVoter,
       Petition([](PetitionLog& petition) {
         petition.SignInRing(kNorthToo, 1);
         RingAct act = petition.kit.MakeRing(kNorthToo, 1);
         act.tag = petition.kit.TagOf(kSouthToo);
         petition.Act(act);
       })},
      {{Check::kP4},
       "RingOfAnotherDistrict",
       Cheat::kVoter,
       RingActThat(
           [](PetitionLog& petition, RingAct& act) { act.ring = petition.kit.RingOf(kSouth); })},
      {{Check::kP4},
       "StrangerInAForgedRing",
       Cheat::kVoter,
       RingActThat(
           [](PetitionLog& petition, RingAct& act) { act = StrangerInAForgedRing(petition); })},
      {{Check::kP4},
       "TagOfAnotherPetition",
       Cheat::kVoter,
       RingActThat([](PetitionLog& petition, RingAct& act) {
         const uint32_t ring = petition.kit.RingOf(kNorthToo);
         act = petition::MakeRingAct(
                   ContextOfAnother(petition), 1, 1, ring,
                   crypto::Ring::Decode(petition.kit.rings().PointsOf(ring)).value(),
                   petition.kit.roll.credentials[kNorthToo], petition.kit.rng)
                   .value();
       })},
      {{Check::kP4},
       "ProofForAnotherTag",
       Cheat::kVoter,
       RingActThat(
           [](PetitionLog& petition, RingAct& act) { act.tag = petition.kit.TagOf(kSouthToo); })},
      {{Check::kP4},
       "ProofForALargerRing",
       Cheat::kVoter,
       RingActThat([](PetitionLog&, RingAct& act) {
         act.commitments.insert(act.commitments.end(), act.commitments.end() - 32,
                                act.commitments.end());
         act.responses.insert(act.responses.end(), act.responses.end() - 96, act.responses.end());
       })},
      {{Check::kP4},
       "CommitmentsThatAreNoWholeNumberOfPoints",
       Cheat::kVoter,
       RingActThat([](PetitionLog&, RingAct& act) { act.commitments.push_back(0); })},
      {{Check::kP4},
       "RenumberedByTheBoard",
       Cheat::kOperator,
       RingActThat([](PetitionLog&, RingAct& act) { act.sequence = 5; })},
      {{Check::kP4},
       "AnotherResponse",
       Cheat::kOperator,
       RingActThat([](PetitionLog&, RingAct& act) { act.responses[0] ^= 1; })},
      {{Check::kL3}, "TagIsTheIdentity", Cheat::kVoter, RingActThat([](PetitionLog&, RingAct& act) {
         act.tag = {};
       })},
      {{Check::kL3},
       "CommitmentThatIsNoPoint",
       Cheat::kVoter,
       RingActThat([](PetitionLog&, RingAct& act) { act.commitments[32] ^= 1; })},
      {{Check::kL3},
       "ResponseThatIsNoScalar",
       Cheat::kVoter,
       RingActThat([](PetitionLog&, RingAct& act) { act.responses[31] = 0xff; })},
      {{Check::kP5},
       "SignedTwiceByRing",
       Cheat::kVoter,
       RingActThat(
           [](PetitionLog& petition, RingAct& act) { act = petition.kit.MakeRing(kNorth, 2); })},
      {{Check::kP5},
       "RingActOfNumberZero",
       Cheat::kVoter,
       RingActThat(
           [](PetitionLog& petition, RingAct& act) { act = petition.kit.MakeRing(kNorthToo, 0); })},
  };
}

std::vector<Forgery> TagForgeries() {
  return {
      {{Check::kP3},
       "TagThatNobodyHasSignedWith",
       Cheat::kVoter,
       TagActThat([](PetitionLog& petition, TagAct& act) {
         act = petition.kit.MakeTag(kNorthToo, Act::kSign, 1);
       })},
      {{Check::kP3},
       "WithdrawalBeforeTheSignature",
       Cheat::kVoter,
       TagActThat([](PetitionLog& petition, TagAct& act) {
         act = petition.kit.MakeTag(kNorthToo, Act::kWithdraw, 1);
       })},
      {{Check::kP4},
       "WithdrawalForSomebodyElse",
       Cheat::kOperator,
       TagActThat([](PetitionLog& petition, TagAct& act) {
         act = petition.kit.MakeTag(kNorthToo, Act::kWithdraw, 2);
         act.tag = petition.kit.TagOf(kNorth);
       })},
      {{Check::kP4},
       "WithdrawalOfAnotherPetition",
       Cheat::kOperator,
       TagActThat([](PetitionLog& petition, TagAct& act) {
         act = petition::MakeTagAct(ContextOfAnother(petition), Act::kWithdraw, 2,
                                    petition.kit.roll.credentials[kNorth], petition.kit.rng);
         act.tag = petition.kit.TagOf(kNorth);
       })},
      {{Check::kP4},
       "AnotherActThanWasProved",
       Cheat::kOperator,
       Petition([](PetitionLog& petition) {
         petition.ActByTag(kNorth, Act::kWithdraw, 2);
         TagAct act = petition.kit.MakeTag(kNorth, Act::kWithdraw, 3);
         act.act = Act::kSign;
         petition.Act(act);
       })},
      {{Check::kL3},
       "TagOfATagActIsTheIdentity",
       Cheat::kVoter,
       TagActThat([](PetitionLog&, TagAct& act) { act.tag = {}; })},
      {{Check::kP5}, "WithdrawnTwice", Cheat::kVoter, Petition([](PetitionLog& petition) {
         petition.ActByTag(kNorth, Act::kWithdraw, 2);
         petition.ActByTag(kNorth, Act::kWithdraw, 3);
       })},
      {{Check::kP5},
       "SignedAgainWithoutWithdrawing",
       Cheat::kVoter,
       Petition([](PetitionLog& petition) { petition.ActByTag(kNorth, Act::kSign, 2); })},
      {{Check::kP5},
       "SequenceOfATagDoesNotRise",
       Cheat::kVoter,
       TagActThat([](PetitionLog& petition, TagAct& act) {
         act = petition.kit.MakeTag(kNorth, Act::kWithdraw, 1);
       })},
      {{Check::kP5},
       "ReplayedOlderWithdrawalByTag",
       Cheat::kOperator,
       Petition([](PetitionLog& petition) {
         const TagAct withdrawal = petition.kit.MakeTag(kNorth, Act::kWithdraw, 2);
         petition.ActByTag(kNorth, Act::kWithdraw, 3);
         petition.ActByTag(kNorth, Act::kSign, 4);
         petition.Act(withdrawal);
       })},
      {{Check::kP5},
       "SecondRingActAfterWithdrawing",
       Cheat::kVoter,
       Petition([](PetitionLog& petition) {
         petition.ActByTag(kNorth, Act::kWithdraw, 2);
         petition.SignInRing(kNorth, 3);
       })},
  };
}

std::vector<Forgery> PlaceForgeries() {
  return {
      {{Check::kP2},
       "RingActAfterClosing",
       Cheat::kOperator,
       [](Case& out) {
         PetitionLog petition = Anonymous();
         petition.Open();
         petition.SignInRing(kNorth, 1);
         petition.Close();
         petition.SignInRing(kSouth, 1);
         Write(out, petition, Stage::kClosed);
       }},
      {{Check::kS8},
       "NamedActInAnAnonymousPetition",
       Cheat::kVoter,
       Petition([](PetitionLog& petition) {
         petition.Add(petition.kit.Make(kNorthToo, Act::kSign, 1));
         ++petition.kit.index;
       })},
      {{Check::kS8},
       "RingActInAPseudonymousPetition",
       Cheat::kVoter,
       [](Case& out) {
         PetitionLog anonymous = Anonymous();
         anonymous.Open();
         PetitionLog petition;
         petition.Open();
         petition.Add(anonymous.kit.MakeRing(kNorth, 1));
         Write(out, petition, Stage::kVoting);
       }},
      {{Check::kS8},
       "TagActInAPseudonymousPetition",
       Cheat::kVoter,
       [](Case& out) {
         PetitionLog anonymous = Anonymous();
         anonymous.Open();
         PetitionLog petition;
         petition.Open();
         petition.Add(anonymous.kit.MakeTag(kNorth, Act::kSign, 1));
         Write(out, petition, Stage::kVoting);
       }},
      {{Check::kS8},
       "AnonymousPetitionOpenedWithoutRings",
       Cheat::kOfficers,
       [](Case& out) {
         PetitionLog petition = Anonymous();
         petition.Order(petition.kit.Next(petition.kit.Opening(), PetitionKit::kOpens));
         Write(out, petition, Stage::kSetup);
       }},
      {{Check::kS8},
       "PseudonymousPetitionOpenedWithRings",
       Cheat::kOfficers,
       [](Case& out) {
         PetitionLog petition;
         petition.Order(petition.kit.Next(
             poll::OpenAnonymousPetition{petition.kit.Opening(), 1, PetitionKit::kBeacon, 1, {}},
             PetitionKit::kOpens));
         Write(out, petition, Stage::kSetup);
       }},
  };
}

std::vector<Forgery> SetUpOfAnonymousForgeries() {
  return {
      {{Check::kS1},
       "RingsOfAHundredPoints",
       Cheat::kOfficers,
       Rules([](petition::AnonymousRules& rules) { rules.ring_size = 100; })},
      {{Check::kS1}, "CrowdsOfOne", Cheat::kOfficers, Rules([](petition::AnonymousRules& rules) {
         rules.fewest = 1;
       })},
      {{Check::kS1},
       "FewestAboveHalfOfARing",
       Cheat::kOfficers,
       Rules([](petition::AnonymousRules& rules) { rules.fewest = 33; })},
      {{Check::kP8}, "DistrictWithFewerMembersThanFewest", Cheat::kOfficers, Opening(nullptr, 3)},
      {{Check::kP8},
       "OneRingMore",
       Cheat::kOfficers,
       Opening([](poll::OpenAnonymousPetition& opening) { ++opening.rings; })},
      {{Check::kP8},
       "OtherRings",
       Cheat::kOfficers,
       Opening([](poll::OpenAnonymousPetition& opening) { opening.rings_hash[0] ^= 1; })},
      {{Check::kP8},
       "RingsOfAnotherBeacon",
       Cheat::kOfficers,
       [](Case& out) {
         // Of a district with a single ring no beacon decides anything.
         PetitionLog petition = WithTwoRingsADistrict();
         poll::OpenAnonymousPetition opening = petition.kit.AnonymousOpening();
         opening.beacon[0] ^= 1;
         petition.Order(petition.kit.Next(opening, PetitionKit::kOpens));
         Write(out, petition, Stage::kVoting, opening.beacon);
       }},
      {{Check::kS14},
       "RingsOfARollThatIsNotPinned",
       Cheat::kOfficers,
       Opening([](poll::OpenAnonymousPetition& opening) { opening.roll.root[0] ^= 1; })},
      {{Check::kS14},
       "OpeningOfAnEpochThatItsRollDoesNotEnd",
       Cheat::kOfficers,
       [](Case& out) {
         PetitionLog petition = Anonymous();
         poll::OpenAnonymousPetition opening = petition.kit.AnonymousOpening();
         opening.epoch = 2;
         petition.Order(petition.kit.Next(opening, PetitionKit::kOpens));
         Write(out, petition, Stage::kVoting);
       }},
      {{Check::kP1},
       "AnotherTextWasOpenedAnonymously",
       Cheat::kOfficers,
       Opening([](poll::OpenAnonymousPetition& opening) { opening.text_hash[0] ^= 1; })},
      {{Check::kI5},
       "AnotherBeaconThanItsSourceGave",
       Cheat::kOfficers,
       [](Case& out) {
         PetitionLog petition = Anonymous();
         petition.Open();
         petition.SignInRing(kNorth, 1);
         petition.Close();
         petition.Finish();
         crypto::Hash32 published = PetitionKit::kBeacon;
         published[31] ^= 1;
         Write(out, petition, Stage::kFinal, published);
       }},
      {{Check::kP6},
       "CountedInAnotherRingsDistrict",
       Cheat::kOfficers,
       Petition(nullptr,
                [](poll::AnonymousResult& result) {
                  result.districts[0].online = 2;
                  result.districts[1].online = 0;
                })},
      {{Check::kP6},
       "WithdrawnTagIsCounted",
       Cheat::kOfficers,
       Petition([](PetitionLog& petition) { petition.ActByTag(kNorth, Act::kWithdraw, 2); },
                [](poll::AnonymousResult& result) {
                  ++result.online;
                  ++result.districts[0].online;
                })},
  };
}

}  // namespace

std::vector<Forgery> AnonymousForgeries() {
  std::vector<Forgery> all;
  for (const auto& some :
       {RingForgeries(), TagForgeries(), PlaceForgeries(), SetUpOfAnonymousForgeries()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

// --- Records without fault.

namespace {

// Every act that there is, and thresholds reached.
void EveryAct(Case& out) {
  PetitionLog petition = WithTwoRingsADistrict();
  petition.Open();
  for (size_t member : {0, 1, 2, 5}) petition.SignInRing(member, 1);
  petition.ActByTag(1, Act::kWithdraw, 2);
  petition.ActByTag(2, Act::kWithdraw, 7);
  petition.ActByTag(1, Act::kSign, 3);
  petition.Close();
  petition.Finish();
  Write(out, petition);
}

}  // namespace

std::vector<Honest> HonestAnonymousPetitions() {
  return {
      {"AnonymousPetitionFinal", 0, Petition(nullptr)},
      {"AnonymousPetitionWithTwoRingsADistrict", 0, EveryAct},
      {"AnonymousPetitionCollecting", 2,
       [](Case& out) {
         PetitionLog petition = Anonymous();
         petition.Open();
         petition.SignInRing(kNorth, 1);
         petition.ActByTag(kNorth, Act::kWithdraw, 2);
         Write(out, petition);
       }},
      {"AnonymousPetitionInSetUp", 0, [](Case& out) { Write(out, Anonymous(), Stage::kSetup); }},
      // Nobody has looked up what the beacon was.
      {"AnonymousPetitionWhoseBeaconTheAuditorDoesNotKnow", 2,
       [](Case& out) {
         PetitionLog petition = Anonymous();
         petition.Open();
         petition.SignInRing(kNorth, 1);
         petition.Close();
         petition.Finish();
         out.Write(petition.kit.people, 0, petition.entries, petition.kit.roll, true);
       }},
  };
}

}  // namespace urna::forgery
