// Cheats with later epochs of the roll in a running petition. docs/protocol.md §4.1, §6, §8.1.
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
using poll::RollEpoch;

// Members 0 and 3 are of district 1, 1 and 4 of district 2, 2 and 5 of none of the petition's.
constexpr size_t kNorth = 0, kSouth = 1, kMoves = 2, kNorthToo = 3, kSouthToo = 4, kElsewhere = 5;

using Beacons = std::vector<std::pair<uint32_t, crypto::Hash32>>;

void Write(Case& out, const PetitionLog& petition, Stage stage = Stage::kFinal,
           const Beacons& later = {{2, PetitionKit::kLaterBeacon}},
           const crypto::Hash32& beacon = PetitionKit::kBeacon) {
  out.stage = stage;
  out.Write(petition.kit.people, 0, petition.entries, petition.kit.roll, true);
  absl::StrAppend(&out.policy, "beacon ", ToHex(beacon), "\n");
  for (const auto& [epoch, value] : later) {
    absl::StrAppend(&out.policy, "epoch-beacon ", epoch, " ", ToHex(value), "\n");
  }
}

// A petition that is open and has a signature; then its roll gets a second epoch, with somebody new
// in district 1 and a member who has moved to district 2.
struct Running {
  Running() {
    log.Open();
    log.SignInRing(kNorth, 1);
    log.kit.Change({testing::Addition(log.kit.roll, newcomer, 1, log.kit.rng),
                    testing::Moving(log.kit.roll.members[kMoves], 2)});
  }
  PetitionKit& kit() { return log.kit; }
  void Close() {
    log.Close();
    log.Finish();
  }

  PetitionLog log{13, PetitionKit::SmallRings()};
  crypto::Credential newcomer = crypto::Credential::Generate(log.kit.rng);
};

// The whole story; `act` may log more once the epoch is there. Epochs below `earliest` end.
std::function<void(Case&)> WithActs(const std::function<void(Running&)>& act,
                                    uint32_t earliest = 1) {
  return [=](Case& out) {
    Running petition;
    petition.log.BringIn(petition.kit().NextEpoch(earliest));
    petition.log.Act(petition.kit().MakeRingOf(petition.newcomer, 1, 2));
    if (act) act(petition);
    petition.Close();
    Write(out, petition.log);
  };
}

// The epoch as officers spoil it before they sign, and nothing else.
std::function<void(Case&)> WithEpoch(const std::function<void(RollEpoch&)>& spoil) {
  return [=](Case& out) {
    Running petition;
    RollEpoch epoch = petition.kit().NextEpoch();
    spoil(epoch);
    petition.log.BringIn(epoch);
    const Beacons none;  // there is no such line of epoch 1
    Write(out, petition.log, Stage::kVoting,
          epoch.epoch < 2 ? none : Beacons{{epoch.epoch, epoch.beacon}});
  };
}

// A further order behind the epoch, which has ended the first.
std::function<void(Case&)> WithSecondOrder(const std::function<void(RollEpoch&)>& spoil,
                                           uint32_t earliest = 2) {
  return [=](Case& out) {
    Running petition;
    petition.log.BringIn(petition.kit().NextEpoch(earliest));
    RollEpoch again = petition.kit().NextEpoch(2);
    spoil(again);
    petition.log.BringIn(again);
    Write(out, petition.log, Stage::kVoting, {{2, again.beacon}});
  };
}

// 12 members in the districts 1 and 2, of each three online and three on paper: 2, 6 and 10 are on
// paper in district 1.
PetitionLog WithPaper() {
  petition::AnonymousRules rules = PetitionKit::SmallRings();
  rules.paper_categories = {2};
  return PetitionLog(14, rules, {.members = 12, .districts = {1, 2}, .categories = {1, 2}});
}

// An epoch whose rings are made as those of an opening are, with everybody.
std::function<void(Case&)> RingsOfEverybody(
    const std::function<std::vector<roll::RollChange>(PetitionKit&)>& changes) {
  return [=](Case& out) {
    PetitionLog petition = WithPaper();
    petition.Open();
    petition.kit.Change(changes(petition.kit));
    RollEpoch epoch = petition.kit.NextEpoch();
    const auto rings =
        petition.kit.state.MakeRings(petition.kit.roll.state, PetitionKit::kLaterBeacon);
    epoch.rings = rings->size();
    epoch.rings_hash = rings->hash();
    petition.BringIn(epoch);
    Write(out, petition, Stage::kVoting);
  };
}

std::vector<Forgery> PlaceForgeries() {
  return {
      {{Check::kS8}, "EarliestEpochBeyondItsOwn", Cheat::kOfficers, WithEpoch([](RollEpoch& epoch) {
         epoch.earliest = 3;
       })},
      {{Check::kS8},
       "EpochThatTheOpeningPinsAgain",
       Cheat::kOfficers,
       WithEpoch([](RollEpoch& epoch) { epoch.epoch = 1; })},
      {{Check::kS8},
       "EpochThatHasEndedComesBack",
       Cheat::kOfficers,
       WithSecondOrder([](RollEpoch& again) { again.earliest = 1; })},
      {{Check::kS8}, "RepetitionThatEndsNothing", Cheat::kOfficers, WithSecondOrder([](RollEpoch&) {
       })},
      {{Check::kS8},
       "RollEpochAfterClosing",
       Cheat::kOfficers,
       [](Case& out) {
         Running petition;
         const RollEpoch epoch = petition.kit().NextEpoch();
         petition.log.Close();
         petition.log.BringIn(epoch);
         Write(out, petition.log, Stage::kClosed);
       }},
      {{Check::kS8},
       "RollEpochInAPseudonymousPetition",
       Cheat::kOfficers,
       [](Case& out) {
         Running anonymous;
         PetitionLog petition;
         petition.Open();
         petition.BringIn(anonymous.kit().NextEpoch());
         Write(out, petition, Stage::kVoting);
       }},
  };
}

// There is no epoch 0: who gets a new key after such an opening is left out of the later rings as
// after any other. P8 and P4 are NOT RUN, but a verifier that made rings with the new key would
// find the newcomer's first act without proof, and so nothing wrong with the second (P5).
void OpenedWithEpochZero(Case& out) {
  PetitionLog petition(13, PetitionKit::SmallRings());
  PetitionKit& kit = petition.kit;
  poll::OpenAnonymousPetition opening = kit.AnonymousOpening();
  opening.epoch = 0;
  petition.Order(kit.Next(opening, PetitionKit::kOpens));
  const crypto::Credential newcomer = crypto::Credential::Generate(kit.rng);
  const crypto::Credential rekeyed = crypto::Credential::Generate(kit.rng);
  kit.Change({testing::Addition(kit.roll, newcomer, 1, kit.rng),
              testing::Rekeying(kit.roll, kit.roll.members[kNorth], rekeyed, kit.rng)});
  petition.BringIn(kit.NextEpoch());
  petition.Act(kit.MakeRingOf(newcomer, 1, 2));
  petition.Act(kit.MakeRingOf(newcomer, 2, 2));
  Write(out, petition, Stage::kVoting);
}

std::vector<Forgery> OrderedForgeries() {
  return {
      {{Check::kS14}, "RollEpochOfAnotherNumber", Cheat::kOfficers, WithEpoch([](RollEpoch& epoch) {
         epoch.epoch = 3;
       })},
      {{Check::kS14}, "RollEpochOfAnotherRoot", Cheat::kOfficers, WithEpoch([](RollEpoch& epoch) {
         epoch.roll_root[0] ^= 1;
       })},
      {{Check::kS14},
       "RollEpochPinsTheMiddleOfAnEpoch",
       Cheat::kOfficers,
       WithEpoch([](RollEpoch& epoch) { --epoch.roll_size; })},
      {{Check::kS14},
       "RollEpochPinsTheRollOfTheOpening",
       Cheat::kOfficers,
       [](Case& out) {
         Running petition;
         RollEpoch epoch = petition.kit().NextEpoch();
         const roll::RollPin pin = *petition.kit().state.roll_pin();
         epoch.roll_size = pin.size;
         epoch.roll_root = pin.root;
         petition.log.BringIn(epoch);
         Write(out, petition.log, Stage::kVoting);
       }},
      {{Check::kS14},
       "RollEpochPinsAnOlderRollThanTheOpening",
       Cheat::kOfficers,
       [](Case& out) {
         PetitionLog petition(13, PetitionKit::SmallRings());
         PetitionKit& kit = petition.kit;
         const roll::RollPin old = kit.roll.state->pin();
         kit.Change({testing::Moving(kit.roll.members[kMoves], 2)});
         petition.Open();
         kit.Change({testing::Moving(kit.roll.members[kElsewhere], 2)});
         RollEpoch epoch = kit.NextEpoch(2);
         epoch.roll_size = old.size;
         epoch.roll_root = old.root;
         petition.BringIn(epoch);
         Write(out, petition, Stage::kVoting, {{3, PetitionKit::kLaterBeacon}});
       }},
      {{Check::kS14, Check::kP5},
       "OpeningOfEpochZeroThenALaterEpoch",
       Cheat::kOfficers,
       OpenedWithEpochZero},
      {{Check::kP8}, "OneLaterRingMore", Cheat::kOfficers, WithEpoch([](RollEpoch& epoch) {
         ++epoch.rings;
       })},
      {{Check::kP8}, "OtherLaterRings", Cheat::kOfficers, WithEpoch([](RollEpoch& epoch) {
         epoch.rings_hash[0] ^= 1;
       })},
      {{Check::kP8},
       "BeaconOfTheOpeningAgain",
       Cheat::kOfficers,
       [](Case& out) {
         Running petition;
         petition.log.BringIn(petition.kit().NextEpoch(1, PetitionKit::kBeacon));
         Write(out, petition.log, Stage::kVoting, {{2, PetitionKit::kBeacon}});
       }},
      {{Check::kP8},
       "RepetitionWithOtherRings",
       Cheat::kOfficers,
       WithSecondOrder([](RollEpoch& again) { again.rings_hash[0] ^= 1; }, 1)},
      {{Check::kP8},
       "LaterDistrictWithFewerMembersThanFewest",
       Cheat::kOfficers,
       [](Case& out) {
         Running petition;
         petition.kit().Change({testing::Removal(petition.kit().roll.members[kNorth]),
                                testing::Removal(petition.kit().roll.members[kNorthToo])});
         petition.log.BringIn(petition.kit().NextEpoch());
         Write(out, petition.log, Stage::kVoting, {{3, PetitionKit::kLaterBeacon}});
       }},
      // Whoever has both keys could sign twice.
      {{Check::kP8},
       "LaterRingsWithSomebodysSecondKey",
       Cheat::kOfficers,
       RingsOfEverybody([](PetitionKit& kit) -> std::vector<roll::RollChange> {
         return {testing::Rekeying(kit.roll, kit.roll.members[0],
                                   crypto::Credential::Generate(kit.rng), kit.rng)};
       })},
      {{Check::kP8},
       "LaterRingsWithOneWhoCouldSignOnPaper",
       Cheat::kOfficers,
       RingsOfEverybody([](PetitionKit& kit) -> std::vector<roll::RollChange> {
         return {testing::Moving(kit.roll.members[2], 1, 1)};
       })},
      {{Check::kP10},
       "MoreOnPaperThanTheRollOfTheOpeningHas",
       Cheat::kOfficers,
       [](Case& out) {
         PetitionLog petition = WithPaper();
         petition.Open();
         petition.kit.Change(
             {testing::Addition(petition.kit.roll, crypto::Credential::Generate(petition.kit.rng),
                                1, petition.kit.rng, 2)});
         petition.BringIn(petition.kit.NextEpoch());
         petition.Order(petition.kit.Next(poll::PaperBatch{"a", {1}, 1, {{1, 4, 0}}},
                                          petition.kit.state.orders().last_time() + 1));
         Write(out, petition, Stage::kVoting);
       }},
      {{Check::kI5},
       "AnotherLaterBeaconThanItsSourceGave",
       Cheat::kOfficers,
       [](Case& out) {
         Running petition;
         petition.log.BringIn(petition.kit().NextEpoch());
         petition.Close();
         crypto::Hash32 published = PetitionKit::kLaterBeacon;
         published[31] ^= 1;
         Write(out, petition.log, Stage::kFinal, {{2, published}});
       }},
      // That a line is missing hides no other.
      {{Check::kI5},
       "AnotherBeaconBesideOneThatIsNotKnown",
       Cheat::kOfficers,
       [](Case& out) {
         Running petition;
         petition.log.BringIn(petition.kit().NextEpoch());
         petition.Close();
         crypto::Hash32 published = PetitionKit::kBeacon;
         published[31] ^= 1;
         Write(out, petition.log, Stage::kFinal, {}, published);
       }},
      {{Check::kS3},
       "ChangeOfALaterEpochSignedByAnother",
       Cheat::kOperator,
       [](Case& out) {
         PetitionLog petition(13, PetitionKit::SmallRings());
         petition.Open();
         PetitionKit& kit = petition.kit;
         auto changes = testing::UsualChanges(kit.roll, kit.people.registrar, kit.rng);
         changes[0].signature[3] ^= 1;
         testing::AddEpoch(kit.roll, kit.people.registrar, changes);
         petition.BringIn(kit.NextEpoch());
         Write(out, petition, Stage::kVoting);
       }},
  };
}

std::vector<Forgery> ActForgeries() {
  return {
      {{Check::kP3},
       "RingOfAnEpochThatHasEnded",
       Cheat::kVoter,
       WithActs(
           [](Running& petition) {
             petition.log.Act(
                 petition.kit().MakeRingOf(petition.kit().roll.credentials[kNorthToo], 1, 1));
           },
           2)},
      {{Check::kP3},
       "RingOfAnEpochThatIsNotThereYet",
       Cheat::kOperator,
       [](Case& out) {
         Running petition;
         // What the newcomer makes once the epoch is there, logged before.
         Running ahead;
         const RollEpoch epoch = petition.kit().NextEpoch();
         ahead.log.BringIn(epoch);
         petition.log.Act(ahead.kit().MakeRingOf(ahead.newcomer, 1, 2));
         petition.log.BringIn(epoch);
         petition.Close();
         Write(out, petition.log);
       }},
      {{Check::kP3, Check::kP4},
       "MoreTagsThanMembersOfAllRings",
       Cheat::kVoter,
       WithActs([](Running& petition) {
         PetitionKit& kit = petition.kit();
         for (size_t member : {kNorthToo, kSouth, kSouthToo}) {
           petition.log.Act(kit.MakeRingOf(kit.roll.credentials[member], 1, 1));
         }
         petition.log.Act(kit.MakeRingOf(kit.roll.credentials[kMoves], 1, 2));
         // All six have signed, and no ring has as many tags as members.
         RingAct act = kit.MakeRingOf(kit.roll.credentials[kNorth], 2, 2);
         act.tag = kit.TagOf(kElsewhere);
         petition.log.Act(act);
       })},
      // Officers have shown somebody another order for the same rings.
      {{Check::kP4},
       "ActForAForkedRollEpoch",
       Cheat::kOfficers,
       [](Case& out) {
         Running petition;
         Running forked;
         const RollEpoch epoch = petition.kit().NextEpoch();
         petition.log.BringIn(epoch);
         forked.log.Order(forked.kit().Next(epoch, forked.kit().state.orders().last_time() + 100));
         petition.log.Act(forked.kit().MakeRingOf(forked.newcomer, 1, 2));
         petition.Close();
         Write(out, petition.log);
       }},
      {{Check::kP4}, "RenamedToAnotherEpoch", Cheat::kOperator, WithActs([](Running& petition) {
         RingAct act = petition.kit().MakeRingOf(petition.kit().roll.credentials[kSouth], 1, 2);
         act.epoch = 1;
         petition.log.Act(act);
       })},
      {{Check::kP5}, "SignedAgainOverANewerEpoch", Cheat::kVoter, WithActs([](Running& petition) {
         petition.log.Act(petition.kit().MakeRingOf(petition.kit().roll.credentials[kNorth], 2, 2));
       })},
      {{Check::kP6},
       "CountedInTheDistrictOfBefore",
       Cheat::kOfficers,
       [](Case& out) {
         Running petition;
         petition.log.BringIn(petition.kit().NextEpoch());
         petition.log.Act(petition.kit().MakeRingOf(petition.kit().roll.credentials[kMoves], 1, 2));
         petition.log.Close();
         poll::AnonymousResult result = petition.log.AnonymousResult();
         --result.districts[1].online;
         ++result.districts[0].online;
         petition.log.Finish(result);
         Write(out, petition.log);
       }},
  };
}

}  // namespace

std::vector<Forgery> EpochForgeries() {
  std::vector<Forgery> all;
  for (const auto& some : {PlaceForgeries(), OrderedForgeries(), ActForgeries()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

// --- Records without fault.

namespace {

// Acts over both epochs, the first of which ends; what was admitted goes on. Behind the epoch the
// roll's log has what is no business of this petition.
void TwoEpochs(Case& out) {
  Running petition;
  PetitionKit& kit = petition.kit();
  petition.log.BringIn(kit.NextEpoch());
  petition.log.Act(kit.MakeRingOf(petition.newcomer, 1, 2));
  petition.log.Act(kit.MakeRingOf(kit.roll.credentials[kSouth], 1, 1));
  petition.log.BringIn(kit.NextEpoch(2));
  petition.log.Act(kit.MakeRingOf(kit.roll.credentials[kMoves], 1, 2));
  petition.log.ActByTag(kNorth, Act::kWithdraw, 2);
  petition.Close();
  kit.roll.later.push_back(petition.log.entries.front());
  Write(out, petition.log);
}

// It is opened with the roll's second epoch; whom the roll had lost before comes back. Two rings in
// each district, people who move, new keys, people on paper.
void OpenedWithALaterEpoch(Case& out) {
  petition::AnonymousRules rules = testing::MakeAnonymousRules(64, 32);
  rules.paper_categories = {2};
  PetitionLog petition(15, rules, {.members = 320, .districts = {1, 2}, .categories = {1, 2}});
  PetitionKit& kit = petition.kit;
  const auto member = [&](size_t i) -> const roll::RollMember& { return kit.roll.members[i]; };
  const crypto::Credential back = crypto::Credential::Generate(kit.rng);
  const crypto::Credential rekeyed = crypto::Credential::Generate(kit.rng);
  kit.Change({testing::Removal(member(0)), testing::Moving(member(4), 2)});
  petition.Open();
  petition.Act(kit.MakeRingOf(kit.roll.credentials[4], 1, 2));
  kit.Change({testing::Rekeying(kit.roll, member(0), back, kit.rng),
              testing::Rekeying(kit.roll, member(8), rekeyed, kit.rng),
              testing::Moving(member(2), 1, 1), testing::Moving(member(12), 1, 2),
              testing::Moving(member(16), 2)});
  petition.BringIn(kit.NextEpoch(2));
  petition.Act(kit.MakeRingOf(back, 1, 3));
  petition.Act(kit.MakeRingOf(kit.roll.credentials[8], 1, 2));
  petition.Act(kit.MakeRingOf(kit.roll.credentials[16], 1, 3));
  petition.Close();
  petition.Finish();
  Write(out, petition, Stage::kFinal, {{3, PetitionKit::kLaterBeacon}});
}

}  // namespace

std::vector<Honest> HonestEpochs() {
  return {
      {"AnonymousPetitionWithALaterEpoch", 0, WithActs(nullptr)},
      {"AnonymousPetitionWhoseFirstEpochEnds", 0, TwoEpochs},
      {"AnonymousPetitionOpenedWithALaterEpoch", 0, OpenedWithALaterEpoch},
      {"AnonymousPetitionWhoseLaterBeaconTheAuditorDoesNotKnow", 2,
       [](Case& out) {
         Running petition;
         petition.log.BringIn(petition.kit().NextEpoch());
         petition.Close();
         Write(out, petition.log, Stage::kFinal, {});
       }},
  };
}

}  // namespace urna::forgery
