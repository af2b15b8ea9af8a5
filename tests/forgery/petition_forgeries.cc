// Cheats with a petition: another text, signatures that are none, another count.
#include "tests/core/audit/audit_kit.h"
#include "tests/forgery/forgery.h"

namespace urna::forgery {
namespace {

using audit::PetitionLog;
using petition::Act;

void Write(Case& out, const PetitionLog& petition, Stage stage = Stage::kFinal) {
  out.stage = stage;
  out.Write(petition.kit.people, 0, petition.entries, petition.kit.roll,
            petition.kit.state.roll_pin().has_value());
}

// Two signatures, closed, and a result that may be spoilt.
std::function<void(Case&)> Petition(
    const std::function<void(PetitionLog&)>& before_closing,
    const std::function<void(poll::PetitionResult&)>& spoil = nullptr) {
  return [=](Case& out) {
    PetitionLog petition;
    petition.Open();
    petition.Sign(0, 1);
    petition.Sign(1, 1);
    if (before_closing) before_closing(petition);
    petition.Close();
    poll::PetitionResult result = petition.Result();
    if (spoil) spoil(result);
    petition.Finish(result);
    Write(out, petition);
  };
}

void SignerOfAnotherTown(PetitionLog& petition) {
  for (size_t i = 0; i < petition.kit.roll.members.size(); ++i) {
    if (petition.kit.roll.members[i].district == 3) return petition.Sign(i, 9);
  }
}

}  // namespace

std::vector<Forgery> PetitionForgeries() {
  return {
      {{Check::kP1},
       "AnotherTextWasOpened",
       Cheat::kOfficers,
       [](Case& out) {
         PetitionLog petition;
         poll::OpenPetition opening = petition.kit.Opening();
         opening.text_hash[0] ^= 1;
         petition.Order(petition.kit.Next(opening, petition::PetitionKit::kOpens));
         Write(out, petition, Stage::kVoting);
       }},
      {{Check::kS8},
       "RevocationInAPetition",
       Cheat::kOfficers,
       [](Case& out) {
         PetitionLog petition;
         petition.Order(petition.kit.Next(poll::Revoke{{petition.kit.roll.members[0].credential}},
                                          petition::PetitionKit::kOpens - 1));
         Write(out, petition, Stage::kSetup);
       }},
      {{Check::kP2},
       "SignatureAfterClosing",
       Cheat::kOperator,
       [](Case& out) {
         PetitionLog petition;
         petition.Open();
         petition.Sign(0, 1);
         petition.Close();
         petition.Sign(1, 1);
         Write(out, petition, Stage::kClosed);
       }},
      {{Check::kP3}, "SignerOfAnotherTown", Cheat::kVoter, Petition(SignerOfAnotherTown)},
      {{Check::kP3}, "SignerNotOnTheRoll", Cheat::kOperator, Petition([](PetitionLog& petition) {
         const crypto::Credential stranger = crypto::Credential::Generate(petition.kit.rng);
         petition.Act(petition::MakeAct(*petition.kit.state.context(), Act::kSign, 1, stranger,
                                        petition.kit.rng));
       })},
      {{Check::kP4},
       "SignatureForSomebodyElse",
       Cheat::kOperator,
       Petition([](PetitionLog& petition) {
         petition::PetitionAct act = petition.kit.Make(3, Act::kSign, 1);
         act.responses[0] ^= 1;
         petition.Act(act);
       })},
      {{Check::kP5}, "SignedTwice", Cheat::kVoter, Petition([](PetitionLog& petition) {
         petition.Sign(0, 2);
       })},
      {{Check::kP5},
       "ReplayedOlderWithdrawal",
       Cheat::kOperator,
       Petition([](PetitionLog& petition) {
         const petition::PetitionAct withdrawal = petition.kit.Make(0, Act::kWithdraw, 2);
         petition.Act(petition.kit.Make(0, Act::kWithdraw, 3));
         petition.Sign(0, 4);
         petition.Act(withdrawal);
       })},
      {{Check::kP6},
       "OneSignatureMore",
       Cheat::kOfficers,
       Petition(nullptr, [](poll::PetitionResult& result) { result.signatures += 1; })},
      {{Check::kP6},
       "CountedInAnotherDistrict",
       Cheat::kOfficers,
       Petition(nullptr,
                [](poll::PetitionResult& result) {
                  for (poll::DistrictCount& d : result.districts) d.signatures = 2 - d.signatures;
                  result.districts[0].signatures += 1;
                })},
      {{Check::kP7},
       "ThresholdNeverReached",
       Cheat::kOfficers,
       Petition(nullptr,
                [](poll::PetitionResult& result) {
                  result.thresholds[0].reached = !result.thresholds[0].reached;
                  result.thresholds[0].index = 0;
                })},
  };
}

// --- Records without fault.

std::vector<Honest> HonestPetitions() {
  return {
      {"PetitionFinal", 0, Petition(nullptr)},
      {"PetitionCollecting", 2,
       [](Case& out) {
         PetitionLog petition;
         petition.Open();
         petition.Sign(0, 1);
         petition.Withdraw(0, 2);
         Write(out, petition);
       }},
  };
}

}  // namespace urna::forgery
