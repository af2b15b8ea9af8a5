#include "tally/petition_status.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/utf8.h"

namespace urna::tally {
namespace {

using petition::Phase;

std::string Due(uint64_t time, uint64_t now) {
  return now < time ? absl::StrCat("from ", TimeText(time)) : "now";
}

class Reporter {
 public:
  Reporter(const petition::PetitionState& state, bool with_roll, uint64_t now,
           absl::string_view language)
      : state_(state), with_roll_(with_roll), now_(now), language_(language) {}

  PetitionStatus Take() {
    const bool anonymous = state_.manifest().anonymous.has_value();
    out_.json["anonymous"] = anonymous;
    if (anonymous) Initiators();
    Signatures();
    if (anonymous) Rings();
    Thresholds();
    if (anonymous) Minimums();
    if (with_roll_) Districts();
    if (anonymous) {
      out_.json["may_come"] = petition::NextOrders(state_.manifest(), state_.phase());
      Line("may come: ", petition::NextOrders(state_.manifest(), state_.phase()));
    }
    out_.next = Next();
    return std::move(out_);
  }

 private:
  template <typename... Words>
  void Line(const Words&... words) {
    absl::StrAppend(&out_.text, words..., "\n");
  }

  void Initiators() {
    const petition::AnonymousRules& rules = *state_.manifest().anonymous;
    const petition::Initiators& initiators = state_.initiators();
    out_.json["profile"] = rules.profile;
    out_.json["text_hash"] = ToHex(state_.text_hash());
    out_.json["initiators_needed"] = rules.initiators;
    out_.json["initiators_confirmed"] = initiators.confirmed();
    out_.json["invitations"] = Json::array();
    if (!rules.profile.empty()) Line("  profile   ", Printable(rules.profile));
    if (rules.initiators > 0 || !initiators.invitations().empty()) {
      Line("\ninitiators: ", initiators.confirmed(), " have confirmed, ", rules.initiators,
           " are needed");
    }
    uint16_t number = 0;
    for (const petition::Initiators::Invitation& one : initiators.invitations()) {
      const bool expired = initiators.Expired(one, now_);
      out_.json["invitations"].push_back({{"invitation", ++number},
                                          {"name", one.initiator.name},
                                          {"expires", one.sent + rules.invitation},
                                          {"confirmed", one.confirmed}});
      Line(absl::StrFormat("  %3d %-24s %s", number, Printable(one.initiator.name),
                           one.confirmed ? "confirmed"
                           : expired     ? "expired"
                                         : "open until " + TimeText(one.sent + rules.invitation)));
    }
  }

  void Signatures() {
    const bool anonymous = state_.manifest().anonymous.has_value();
    out_.json["signatures"] = state_.total();
    if (anonymous) {
      out_.json["online"] = state_.count();
      out_.json["paper"] = state_.paper().total();
      out_.json["paper_rejected"] = state_.paper().rejected();
      out_.json["paper_batches"] = state_.paper().batches();
    }
    if (!state_.context().has_value()) return;
    Line("\nsignatures: ", state_.total());
    if (anonymous) {
      Line("  online ", state_.count(), ", on paper ", state_.paper().total(), " (in ",
           state_.paper().batches(), " batches, ", state_.paper().rejected(), " rejected)");
    }
  }

  void Rings() {
    const std::optional<petition::ActContext>& context = state_.context();
    if (!context.has_value()) return;
    const petition::RingEpochs& epochs = context->anonymous->epochs;
    out_.json["earliest_epoch"] = epochs.earliest();
    out_.json["epochs"] = Json::array();
    if (epochs.at_hand()) {
      out_.json["rings"] = epochs.ring_count();
      out_.json["smallest_crowd"] = epochs.smallest_crowd();
      Line("anonymous: ", epochs.ring_count(), " rings, at least ", epochs.smallest_crowd(),
           " members in each");
    }
    for (const petition::EpochRings& epoch : epochs.all()) Epoch(epochs, epoch);
  }

  void Epoch(const petition::RingEpochs& epochs, const petition::EpochRings& epoch) {
    const bool in_force = epochs.FindInForce(epoch.epoch) != nullptr;
    Json one = {{"epoch", epoch.epoch},
                {"in_force", in_force},
                {"roll_size", epoch.roll.size},
                {"beacon", ToHex(epoch.beacon)},
                {"rings", epoch.said_rings}};
    std::string crowd;
    if (epoch.rings != nullptr) {
      one["smallest_crowd"] = epoch.rings->smallest_crowd();
      one["members"] = epoch.rings->members();
      crowd = absl::StrCat(" of ", epoch.rings->members(), " members, at least ",
                           epoch.rings->smallest_crowd(), " in each");
    }
    out_.json["epochs"].push_back(std::move(one));
    Line("  epoch ", epoch.epoch, in_force ? ", in force: " : ", ended: ", epoch.said_rings,
         " rings", crowd);
  }

  void Thresholds() {
    out_.json["thresholds"] = Json::array();
    for (const poll::ThresholdReached& threshold : state_.Thresholds()) {
      out_.json["thresholds"].push_back({{"threshold", threshold.threshold},
                                         {"reached", threshold.reached},
                                         {"index", threshold.index}});
      Line("threshold ", threshold.threshold, ": ",
           threshold.reached ? absl::StrCat("reached at entry ", threshold.index)
                             : std::string("not reached"));
    }
  }

  void Minimums() {
    out_.json["minimums"] = Json::array();
    const std::vector<poll::MinimumSeen> seen = state_.minimums().Seen(state_.total());
    for (size_t i = 0; i < seen.size(); ++i) {
      const bool is_seen = state_.minimums().WasSeen(i);
      const std::optional<uint64_t> mark = state_.minimums().MarkOf(i);
      Json one = {{"after", seen[i].after},
                  {"at_least", seen[i].at_least},
                  {"seen", is_seen ? Json(seen[i].seen) : Json(nullptr)}};
      if (mark.has_value()) one["mark"] = *mark;
      out_.json["minimums"].push_back(std::move(one));
      std::string where;
      if (is_seen) {
        where = absl::StrCat(seen[i].met ? "met" : "missed", ", ", seen[i].seen, " were there");
      } else if (mark.has_value()) {
        where = absl::StrCat("seen at the first mark or closing from ", TimeText(*mark), " on");
      } else {
        where = "not seen yet";
      }
      Line("minimum of ", seen[i].at_least, " after ", seen[i].after, " s: ", where);
    }
  }

  void Districts() {
    const petition::Manifest& manifest = state_.manifest();
    out_.json["districts"] = Json::array();
    for (const poll::DistrictCount& count : state_.DistrictCounts()) {
      const roll::NumberedName* district = manifest.FindDistrict(count.district);
      const uint64_t paper = state_.paper().Of(count.district);
      Json one = {{"district", count.district}, {"signatures", count.signatures + paper}};
      std::string line = absl::StrFormat("%10d", count.signatures + paper);
      if (manifest.anonymous.has_value()) {
        one["online"] = count.signatures;
        one["paper"] = paper;
        absl::StrAppendFormat(&line, " (%d online, %d on paper)", count.signatures, paper);
        Members(count.district, one, line);
      }
      out_.json["districts"].push_back(std::move(one));
      Line(line, "  ",
           district == nullptr ? absl::StrCat("district ", count.district)
                               : Printable(PickText(district->name, language_)));
    }
  }

  // How many are in the newest rings, and were in those of the opening.
  void Members(uint16_t district, Json& json, std::string& line) const {
    if (!state_.context().has_value() || !state_.context()->anonymous->epochs.at_hand()) return;
    const petition::RingEpochs& epochs = state_.context()->anonymous->epochs;
    const uint64_t members = epochs.newest().rings->MembersIn(district);
    const uint64_t first = epochs.first().rings->MembersIn(district);
    json["members"] = members;
    json["first_members"] = first;
    absl::StrAppendFormat(&line, ", %d in rings", members);
    if (epochs.all().size() > 1) absl::StrAppendFormat(&line, " and %d at the opening", first);
  }

  std::string Next() const {
    const poll::Schedule& schedule = state_.manifest().schedule;
    switch (state_.phase()) {
      case Phase::kDraft:
        if (state_.initiators().confirmed() < state_.manifest().anonymous->initiators) {
          return "initiators are invited and confirm: `urna-tally petition invite`, `petition "
                 "confirm`";
        }
        return "the officers submit the petition: `urna-tally petition step submit`";
      case Phase::kReview:
        return "the petition is reviewed: `urna-tally petition step accept`, `return` or `reject`";
      case Phase::kAccepted:
        return "the officers publish the petition: `urna-tally petition step publish`";
      case Phase::kSetup:
      case Phase::kPublished:
        return absl::StrCat("the officers open the petition (", Due(schedule.opens, now_),
                            "): `urna-tally order open`");
      case Phase::kCollecting:
        return absl::StrCat("people sign; the officers close the petition (",
                            Due(schedule.closes, now_), "): `urna-tally order close`");
      case Phase::kClosed:
        return "the officers publish the count: `urna-tally order result`";
      case Phase::kCounted:
        return "anyone verifies: `urna-verifier`; then the officers say so: `urna-tally petition "
               "step verify`";
      case Phase::kVerified:
        return state_.counted()->passed
                   ? "the petition is handed over: `urna-tally petition step hand-over`"
                   : "the petition has not passed: `urna-tally petition step expire`";
      case Phase::kHandedOver:
        return "an answer is awaited: `urna-tally petition step respond`";
      case Phase::kResponded:
        return "the petition is archived: `urna-tally petition step archive`";
      case Phase::kFinal:
      case Phase::kArchived:
      case Phase::kRejected:
      case Phase::kWithdrawn:
      case Phase::kExpired:
        return "anyone verifies: `urna-verifier`";
    }
    return "";
  }

  const petition::PetitionState& state_;
  bool with_roll_;
  uint64_t now_;
  absl::string_view language_;
  PetitionStatus out_;
};

}  // namespace

PetitionStatus ReportPetition(const petition::PetitionState& state, bool with_roll, uint64_t now,
                              absl::string_view language) {
  return Reporter(state, with_roll, now, language).Take();
}

}  // namespace urna::tally
