// Cheats with the life of an anonymous petition: its steps, initiators, paper, minimums and end.
// docs/protocol.md §6.1.
#include "absl/strings/str_cat.h"
#include "tests/core/audit/audit_kit.h"
#include "tests/forgery/forgery.h"

namespace urna::forgery {
namespace {

using audit::PetitionLog;
using petition::PetitionKit;
using poll::StepKind;
using testing::English;

using OrderAct = decltype(poll::Order::act);

constexpr uint64_t kOpens = PetitionKit::kOpens, kCloses = PetitionKit::kCloses;

// Two initiators, a review, paper, a minimum after a day, and two signatures in one district.
petition::AnonymousRules Rules() {
  petition::AnonymousRules out = PetitionKit::SmallRings();
  out.profile = "Kaldalinn";
  out.paper_categories = {2};
  out.initiators = 2;
  out.invitation = 1000;
  out.review = true;
  out.minimums = {{86'400, 1}};
  out.district_minimums = {2, 2};
  out.districts_needed = 1;
  return out;
}

// Twelve members in the districts 1, 2 and 3 in turn (the petition has 1 and 2); of each district
// two sign online (the first and the third) and two on paper.
constexpr size_t kNorth = 0, kSouth = 1;
testing::RollOptions Roll() {
  return {.members = 12, .districts = {1, 2, 3}, .categories = {1, 2}};
}

// A petition whose orders come one after the other; each may be anything.
class Life {
 public:
  Life()
      : log(13, Rules(), Roll(), PetitionKit::From::kManifest),
        anna(testing::MakeSigner("anna", log.kit.rng)),
        otto(testing::MakeSigner("otto", log.kit.rng)) {}

  void Do(OrderAct act, uint64_t time = 0, absl::string_view reason = "") {
    const poll::OrderChain& orders = log.kit.state.orders();
    const uint64_t when = time != 0 ? time : std::max<uint64_t>(orders.last_time() + 1, 1000);
    log.Order(log.kit.Sign(testing::NextOrder(orders, std::move(act), when, reason)));
  }
  void Step(StepKind kind, uint16_t code = 0, const crypto::Hash32& document = {}) {
    Do(poll::Step{kind, code, document});
  }
  void Invite() {
    Do(poll::Invite{anna.named});
    Do(poll::Invite{otto.named});
  }
  poll::Confirm Confirmation(uint16_t number, const testing::Signer& who) const {
    const petition::Initiators& all = log.kit.state.initiators();
    return {number, who.key.Sign(all.MessageFor(all.invitations()[number - 1].order,
                                                log.kit.state.text_hash()))};
  }
  void Confirm() {
    Do(Confirmation(1, anna));
    Do(Confirmation(2, otto));
  }
  void ToReview() {
    Invite();
    Confirm();
    Step(StepKind::kSubmit);
  }
  void ToPublished() {
    ToReview();
    Step(StepKind::kAccept);
    Step(StepKind::kPublish);
  }
  void ToCollecting() {
    ToPublished();
    log.Open();
  }
  static poll::PaperBatch Batch(const std::string& name, std::vector<poll::PaperCount> counts) {
    poll::PaperBatch out{name, {}, 3, std::move(counts)};
    out.sheets_hash[0] = static_cast<uint8_t>(name[0]);
    return out;
  }
  // Two sign online and one on paper, each in time.
  void Collect() {
    log.SignInRing(kNorth, 1);
    log.SignInRing(kSouth, 1);
    Step(StepKind::kMark, 0, {});
    Do(Batch("a", {{1, 1, 1}, {2, 0, 4}}));
    Do(poll::Step{StepKind::kMark, 0, {}}, kOpens + 90'000);
  }
  void ToCounted() {
    ToCollecting();
    Collect();
    log.Close();
    log.Finish();
  }
  void Write(Case& out, Stage stage = Stage::kFinal) const {
    out.stage = stage;
    out.Write(log.kit.people, 0, log.entries, log.kit.roll, log.kit.state.roll_pin().has_value());
    absl::StrAppend(&out.policy, "beacon ", ToHex(PetitionKit::kBeacon), "\n");
  }

  PetitionLog log;
  testing::Signer anna, otto;
};

// What happens, and the stage that is then asked for.
std::function<void(Case&)> That(const std::function<void(Life&)>& happens,
                                Stage stage = Stage::kFinal) {
  return [=](Case& out) {
    Life life;
    happens(life);
    life.Write(out, stage);
  };
}

// A result that is spoilt before it is signed.
std::function<void(Case&)> Result(const std::function<void(poll::AnonymousResult&)>& spoil) {
  return That([=](Life& life) {
    life.ToCollecting();
    life.Collect();
    life.log.Close();
    poll::AnonymousResult result = life.log.AnonymousResult();
    spoil(result);
    life.log.Finish(result);
  });
}

// While signatures are collected.
std::function<void(Case&)> Collecting(const std::function<void(Life&)>& happens) {
  return That(
      [=](Life& life) {
        life.ToCollecting();
        happens(life);
      },
      Stage::kVoting);
}

std::vector<Forgery> StepForgeries() {
  constexpr Cheat kOfficers = Cheat::kOfficers;
  return {
      {{Check::kS8},
       "SubmittedAndOpenedWithoutReview",
       kOfficers,
       That(
           [](Life& life) {
             life.ToReview();
             life.log.Order(life.log.kit.Next(life.log.kit.OpeningAct(), kOpens));
           },
           Stage::kSetup)},
      {{Check::kS8},
       "PublishedWithoutBeingAccepted",
       kOfficers,
       That(
           [](Life& life) {
             life.ToReview();
             life.Step(StepKind::kPublish);
           },
           Stage::kSetup)},
      {{Check::kS8}, "RejectedAndAcceptedAllTheSame", kOfficers, That([](Life& life) {
         life.ToReview();
         life.Step(StepKind::kReject, 3);
         life.Step(StepKind::kAccept);
       })},
      {{Check::kS8},
       "RevisedWhenItWasSubmitted",
       kOfficers,
       That(
           [](Life& life) {
             life.ToReview();
             life.Do(poll::Revise{English("Fewer trees"), English("Cut them.")});
           },
           Stage::kSetup)},
      {{Check::kS8}, "PaperAfterTheResult", kOfficers, That([](Life& life) {
         life.ToCounted();
         life.Do(Life::Batch("b", {{1, 1, 0}}));
       })},
      {{Check::kS8}, "HandedOverWithoutBeingVerified", kOfficers, That([](Life& life) {
         life.ToCounted();
         life.Step(StepKind::kHandOver);
       })},
      {{Check::kS8}, "WithdrawnWhenItWasHandedOver", kOfficers, That([](Life& life) {
         life.ToCounted();
         life.Step(StepKind::kVerify);
         life.Step(StepKind::kHandOver);
         life.Step(StepKind::kWithdraw, 20);
       })},
      {{Check::kS8},
       "ResultOfAPseudonymousPetition",
       kOfficers,
       That(
           [](Life& life) {
             life.ToCollecting();
             life.log.Close();
             life.Do(life.log.Result());
           },
           Stage::kClosed)},
      {{Check::kP12}, "RejectedForNoReason", kOfficers, That([](Life& life) {
         life.ToReview();
         life.Step(StepKind::kReject);
       })},
      {{Check::kP12}, "RejectedForAReasonThatIsNotGiven", kOfficers, That([](Life& life) {
         life.ToReview();
         life.Step(StepKind::kReject, 9);
       })},
      {{Check::kP12}, "RespondedWithoutAnAnswer", kOfficers, That([](Life& life) {
         life.ToCounted();
         life.Step(StepKind::kVerify);
         life.Step(StepKind::kHandOver);
         life.Step(StepKind::kRespond);
       })},
      {{Check::kP12}, "ExpiredBeforeTheInitiatorsTimeWasOver", kOfficers, That([](Life& life) {
         life.Invite();
         life.Step(StepKind::kExpire, petition::kTooFewInitiators);
       })},
      {{Check::kP12}, "ExpiredThoughEnoughHaveConfirmed", kOfficers, That([](Life& life) {
         life.Invite();
         life.Confirm();
         life.Do(poll::Step{StepKind::kExpire, petition::kTooFewInitiators, {}}, kOpens);
       })},
      {{Check::kP12}, "ExpiredThoughNoMinimumWasMissed", kOfficers, That([](Life& life) {
         life.ToCollecting();
         life.Collect();
         life.Step(StepKind::kExpire, petition::kMinimumMissed);
       })},
      {{Check::kP12}, "ExpiredThoughItHasPassed", kOfficers, That([](Life& life) {
         life.ToCounted();
         life.Step(StepKind::kExpire, petition::kNotPassed);
       })},
      {{Check::kP12}, "HandedOverThoughItHasNotPassed", kOfficers, That([](Life& life) {
         life.ToCollecting();
         life.log.Close();
         life.log.Finish();
         life.Step(StepKind::kVerify);
         life.Step(StepKind::kHandOver);
       })},
  };
}

std::vector<Forgery> InitiatorForgeries() {
  constexpr Cheat kOfficers = Cheat::kOfficers;
  return {
      {{Check::kP9},
       "ConfirmedByTheOfficersThemselves",
       kOfficers,
       That(
           [](Life& life) {
             life.Invite();
             life.Do(life.Confirmation(1, life.log.kit.people.officers[0]));
           },
           Stage::kSetup)},
      {{Check::kP9},
       "ConfirmedByOneForAnother",
       kOfficers,
       That(
           [](Life& life) {
             life.Invite();
             life.Do(life.Confirmation(2, life.anna));
           },
           Stage::kSetup)},
      {{Check::kP9},
       "ConfirmedAfterTheInvitationExpired",
       kOfficers,
       That(
           [](Life& life) {
             life.Invite();
             life.Do(life.Confirmation(1, life.anna), 2000);
           },
           Stage::kSetup)},
      {{Check::kP9},
       "ConfirmationOfATextThatWasRevised",
       kOfficers,
       That(
           [](Life& life) {
             life.Invite();
             const poll::Confirm before = life.Confirmation(1, life.anna);
             life.Do(poll::Revise{English("Fewer trees"), English("Cut them.")});
             life.Do(before);
           },
           Stage::kSetup)},
      {{Check::kP9},
       "OldConfirmationOfATextThatCameBack",
       kOfficers,
       That(
           [](Life& life) {
             life.Invite();
             const poll::Confirm before = life.Confirmation(1, life.anna);
             const petition::PetitionState& state = life.log.kit.state;
             const poll::Revise back{state.title(), state.text()};
             life.Do(poll::Revise{English("Fewer trees"), English("Cut them.")});
             life.Do(back);
             life.Do(before);
           },
           Stage::kSetup)},
      {{Check::kP9},
       "OneKeyForTwoInitiators",
       kOfficers,
       That(
           [](Life& life) {
             life.Do(poll::Invite{life.anna.named});
             life.Do(poll::Invite{{"anton", life.anna.named.key}});
           },
           Stage::kSetup)},
      {{Check::kP9},
       "InitiatorWhoseKeyIsNone",
       kOfficers,
       That(
           [](Life& life) {
             life.Do(poll::Invite{{"nobody", {}}});
           },
           Stage::kSetup)},
      {{Check::kP9},
       "SubmittedWithTooFewInitiators",
       kOfficers,
       That(
           [](Life& life) {
             life.Invite();
             life.Do(life.Confirmation(1, life.anna));
             life.Step(StepKind::kSubmit);
           },
           Stage::kSetup)},
      {{Check::kP9},
       "SubmittedAfterARevisionThatNobodyConfirmed",
       kOfficers,
       That(
           [](Life& life) {
             life.Invite();
             life.Confirm();
             life.Do(poll::Revise{English("Fewer trees"), English("Cut them.")});
             life.Step(StepKind::kSubmit);
           },
           Stage::kSetup)},
      {{Check::kP1},
       "OpenedWithTheDraftsTextNotTheRevised",
       kOfficers,
       That(
           [](Life& life) {
             life.Do(poll::Revise{English("Fewer trees"), English("Cut them.")});
             life.ToPublished();
             auto opening = life.log.kit.AnonymousOpening();
             opening.text_hash = TextHash(life.log.kit.state.manifest());
             life.log.Order(life.log.kit.Next(opening, kOpens));
           },
           Stage::kVoting)},
      {{Check::kP1},
       "RevisedInAnotherLanguage",
       kOfficers,
       That(
           [](Life& life) {
             life.Do(poll::Revise{{{"de", "Mehr"}}, {{"de", "Mehr Bäume."}}});
           },
           Stage::kSetup)},
  };
}

std::vector<Forgery> CountForgeriesOfLife() {
  constexpr Cheat kOfficers = Cheat::kOfficers;
  return {
      {{Check::kP10}, "MoreOnPaperThanTheRollAllows", kOfficers, Collecting([](Life& life) {
         life.Do(Life::Batch("a", {{1, 3, 0}}));
       })},
      {{Check::kP10}, "MoreOnPaperInTwoBatches", kOfficers, Collecting([](Life& life) {
         life.Do(Life::Batch("a", {{1, 1, 0}}));
         life.Do(Life::Batch("b", {{1, 2, 0}}));
       })},
      {{Check::kP10}, "TheSameBatchTwice", kOfficers, Collecting([](Life& life) {
         poll::PaperBatch again = Life::Batch("a", {{1, 1, 0}});
         life.Do(again);
         again.sheets_hash[0] ^= 1;
         life.Do(again);
       })},
      {{Check::kP10}, "TheSameSheetsTwice", kOfficers, Collecting([](Life& life) {
         poll::PaperBatch again = Life::Batch("a", {{1, 1, 0}});
         life.Do(again);
         again.batch = "b";
         life.Do(again);
       })},
      {{Check::kP10}, "PaperFromAnotherDistrict", kOfficers, Collecting([](Life& life) {
         life.Do(Life::Batch("a", {{3, 0, 2}}));
       })},
      {{Check::kP10}, "SignaturesOnNoSheet", kOfficers, Collecting([](Life& life) {
         poll::PaperBatch batch = Life::Batch("a", {{1, 1, 0}});
         batch.sheets = 0;
         life.Do(batch);
       })},
      {{Check::kP8},
       "RingsWithThoseWhoSignOnPaper",
       kOfficers,
       That(
           [](Life& life) {
             life.ToPublished();
             auto opening = life.log.kit.AnonymousOpening();
             roll::RingPlan plan{{1, 2}, {1, 2}, 64, 2, PetitionKit::kBeacon};
             opening.rings_hash = roll::Rings(life.log.kit.roll.state, plan).hash();
             life.log.Order(life.log.kit.Next(opening, kOpens));
           },
           Stage::kVoting)},
      {{Check::kP6}, "PaperCountedAsOnline", kOfficers, Result([](poll::AnonymousResult& result) {
         ++result.online;
         --result.paper;
         ++result.districts[0].online;
         --result.districts[0].paper;
       })},
      {{Check::kP6}, "RejectedPaperIsCounted", kOfficers, Result([](poll::AnonymousResult& result) {
         result.paper += 4;
         result.districts[1].paper += 4;
       })},
      {{Check::kP7},
       "ThresholdReachedBeforeThePaperCame",
       kOfficers,
       Result([](poll::AnonymousResult& result) { --result.thresholds[1].index; })},
      {{Check::kP11}, "NotPassedAndSaidToHave", kOfficers, That([](Life& life) {
         life.ToCollecting();
         life.log.Close();
         poll::AnonymousResult result = life.log.AnonymousResult();
         result.passed = true;
         life.log.Finish(result);
       })},
      {{Check::kP11},
       "PassedAndSaidNotToHave",
       kOfficers,
       Result([](poll::AnonymousResult& result) { result.passed = false; })},
      {{Check::kP11}, "MinimumSeenLater", kOfficers, Result([](poll::AnonymousResult& result) {
         ++result.minimums[0].seen;
       })},
      {{Check::kP11}, "MinimumMissedAndSaidToBeMet", kOfficers, That([](Life& life) {
         life.ToCollecting();
         life.Do(poll::Step{StepKind::kMark, 0, {}}, kOpens + 86'400);
         life.Do(Life::Batch("a", {{1, 2, 0}}));
         life.log.Close();
         poll::AnonymousResult result = life.log.AnonymousResult();
         result.minimums[0] = {86'400, 1, 2, true};
         result.passed = true;
         life.log.Finish(result);
       })},
      {{Check::kP11},
       "MoreDistrictsHaveTheirMinimum",
       kOfficers,
       Result([](poll::AnonymousResult& result) { ++result.districts_met; })},
      {{Check::kP11}, "MinimumLeftOut", kOfficers, Result([](poll::AnonymousResult& result) {
         result.minimums.clear();
       })},
      {{Check::kP2}, "SignedWhenItWasWithdrawn", Cheat::kOperator, That([](Life& life) {
         life.ToCollecting();
         const petition::RingAct late = life.log.kit.MakeRing(kNorth, 1);
         life.Step(StepKind::kWithdraw, 21);
         life.log.Act(late);
       })},
  };
}

}  // namespace

std::vector<Forgery> LifeForgeries() {
  std::vector<Forgery> all;
  for (const auto& some : {StepForgeries(), InitiatorForgeries(), CountForgeriesOfLife()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

// --- Records without fault.

std::vector<Honest> HonestLives() {
  const crypto::Hash32 answer = {1, 2, 3};
  return {
      {"LifeToTheArchive", 0, That([=](Life& life) {
         life.ToCounted();
         life.Step(StepKind::kVerify);
         life.Step(StepKind::kHandOver, 0, answer);
         life.Step(StepKind::kRespond, 0, answer);
         life.Step(StepKind::kArchive);
       })},
      {"LifeWithARevisionAndAReturn", 0, That([](Life& life) {
         life.ToReview();
         life.Step(StepKind::kReturn, 4);
         life.Do(poll::Revise{English("Many more trees"), English("Plant them all.")});
         life.Confirm();
         life.Step(StepKind::kSubmit);
         life.Step(StepKind::kAccept);
         life.Step(StepKind::kPublish);
         life.log.Open();
         life.Collect();
         life.log.Close();
         life.Do(Life::Batch("b", {{1, 0, 1}, {2, 2, 0}}));
         life.Do(life.log.AnonymousResult());
       })},
      {"LifeWithAnInvitationAnew", 0,
       That(
           [](Life& life) {
             life.Invite();
             life.Do(life.Confirmation(1, life.anna));
             life.Do(poll::Invite{life.otto.named}, 5000);
             life.Do(life.Confirmation(3, life.otto));
             life.Step(StepKind::kSubmit);
           },
           Stage::kSetup)},
      {"LifeRejected", 0, That([](Life& life) {
         life.ToReview();
         life.Do(poll::Step{StepKind::kReject, 9, {}}, 0, "it is about another country");
       })},
      {"LifeWithdrawnByItsInitiators", 0, That([](Life& life) {
         life.ToCollecting();
         life.Collect();
         life.Step(StepKind::kWithdraw, 20);
       })},
      {"LifeWithdrawnWhenItWasCounted", 0, That([](Life& life) {
         life.ToCounted();
         life.Step(StepKind::kWithdraw, 22);
       })},
      {"LifeWithTooFewInitiators", 0, That([](Life& life) {
         life.Invite();
         life.Do(poll::Step{StepKind::kExpire, petition::kTooFewInitiators, {}}, kOpens);
       })},
      {"LifeWithAMinimumMissed", 0, That([](Life& life) {
         life.ToCollecting();
         life.Do(poll::Step{StepKind::kMark, 0, {}}, kOpens + 86'400);
         life.Step(StepKind::kExpire, petition::kMinimumMissed);
       })},
      {"LifeThatHasNotPassed", 0, That([](Life& life) {
         life.ToCollecting();
         life.log.SignInRing(kNorth, 1);
         life.log.Close();
         life.log.Finish();
         life.Step(StepKind::kExpire, petition::kNotPassed);
       })},
      {"LifePublishedIsNotFinal", 2, That([](Life& life) { life.ToPublished(); })},
  };
}

}  // namespace urna::forgery
