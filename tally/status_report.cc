#include "tally/status_report.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "core/audit/result_json.h"
#include "core/election/result_view.h"
#include "tally/context.h"
#include "tally/describe.h"
#include "tally/petition_status.h"

namespace urna::tally {
namespace {

const char* PhaseText(election::Phase phase) {
  switch (phase) {
    case election::Phase::kSetup:
      return "setup";
    case election::Phase::kVoting:
      return "voting";
    case election::Phase::kClosed:
      return "closed";
    case election::Phase::kSummed:
      return "summed";
    case election::Phase::kFinal:
      return "final";
  }
  return "";
}

// Gathers both forms.
class Reporter {
 public:
  Reporter(const PollReplay& replay, uint64_t now, absl::string_view language)
      : replay_(replay), now_(now), language_(language) {}

  StatusReport Take() {
    if (replay_.election() != nullptr) {
      Election(*replay_.election());
    } else {
      Petition(*replay_.petition());
    }
    Problems();
    json_["next"] = next_;
    Line("\nnext: ", next_);
    return {std::move(text_), std::move(json_)};
  }

 private:
  template <typename... Words>
  void Line(const Words&... words) {
    absl::StrAppend(&text_, words..., "\n");
  }
  template <typename Manifest>
  void Head(const Manifest& manifest, const char* kind, const std::string& phase);
  void Orders();
  void Problems();
  void Election(const election::ElectionState& state);
  void Rings(const election::ElectionState& state);
  void Ceremony(const election::ElectionState& state);
  void Count(const election::ElectionState& state);
  void NextOfElection(const election::ElectionState& state);
  void Petition(const petition::PetitionState& state);
  std::string Due(uint64_t time) const {
    return now_ < time ? absl::StrCat("from ", TimeText(time)) : "now";
  }

  const PollReplay& replay_;
  uint64_t now_;
  absl::string_view language_;
  std::string text_;
  std::string next_;
  Json json_;
};

template <typename Manifest>
void Reporter::Head(const Manifest& manifest, const char* kind, const std::string& phase) {
  const std::string title = Printable(PickText(manifest.title, language_));
  json_["kind"] = kind;
  json_["origin"] = manifest.origin;
  json_["poll"] = ToHex(replay_.poll_id());
  json_["title"] = title;
  json_["phase"] = phase;
  json_["opens"] = manifest.schedule.opens;
  json_["closes"] = manifest.schedule.closes;
  json_["size"] = replay_.size();
  json_["root"] = ToHex(replay_.root());
  Line(title);
  Line("  ", kind, " ", manifest.origin, ", phase: ", phase);
  Line("  poll id   ", ToHex(replay_.poll_id()));
  Line("  schedule  ", TimeText(manifest.schedule.opens), " to ",
       TimeText(manifest.schedule.closes));
  Line("  log       ", replay_.size(), " entries, root ", ToHex(replay_.root()));
  Line("  officers  ", manifest.officer_quorum, " of ", manifest.officers.size());
}

void Reporter::Orders() {
  json_["orders"] = Json::array();
  for (const LoggedOrder& logged : replay_.logged_orders()) {
    const poll::Order& order = logged.order.order;
    json_["orders"].push_back({{"index", logged.index},
                               {"number", order.number},
                               {"order", std::string(poll::OrderName(order))},
                               {"time", order.time},
                               {"reason", order.reason}});
    Line("  entry ", logged.index, ": order ", order.number, " '", poll::OrderName(order), "', ",
         TimeText(order.time),
         order.reason.empty() ? std::string() : absl::StrCat(", ", Printable(order.reason)));
  }
}

void Reporter::Problems() {
  json_["problems"] = replay_.problems();
  for (const std::string& problem : replay_.problems()) Line("PROBLEM  ", Printable(problem));
  if (!replay_.problems().empty()) next_ = "find out why the log breaks the rules";
}

// Of an anonymous election whose roll is at hand.
void Reporter::Rings(const election::ElectionState& state) {
  if (state.voting()->anonymous == nullptr || state.voting()->anonymous->rings == nullptr) return;
  const roll::Rings& rings = *state.voting()->anonymous->rings;
  json_["rings"] = rings.size();
  json_["smallest_crowd"] = rings.smallest_crowd();
  Line("anonymous: ", rings.size(), " rings, at least ", rings.smallest_crowd(),
       " members of the roll in each");
}

void Reporter::Election(const election::ElectionState& state) {
  const election::Manifest& manifest = state.manifest();
  Head(manifest, "election", PhaseText(state.phase()));
  Line("  trustees  ", manifest.trustee_threshold, " of ", manifest.trustees.size());
  Orders();
  Ceremony(state);
  json_["ballots"] = state.ballots();
  json_["voters"] = state.voters();
  if (state.phase() != election::Phase::kSetup) {
    Line("\nballots: ", state.ballots(), " of ", state.voters(), " voters");
    json_["revoked"] = state.revoked().size();
    if (!state.revoked().empty()) Line("revoked: ", state.revoked().size(), " credentials");
    json_["challenged"] = state.challenges().size();
    if (!state.challenges().empty()) Line("challenged: ", state.challenges().size(), " ballots");
    if (replay_.roll() != nullptr) {
      json_["roll_members"] = replay_.roll()->members();
      Line("roll: ", replay_.roll()->members(), " members");
    }
    Rings(state);
  }
  if (state.summed()) Count(state);
  if (state.published()) {
    json_["result"] = audit::ContestResultsJson(state);
    absl::StrAppend(&text_, election::ResultText(state, language_));
  }
  NextOfElection(state);
}

void Reporter::Ceremony(const election::ElectionState& state) {
  const election::Ceremony& ceremony = state.ceremony();
  const auto& trustees = state.manifest().trustees;
  json_["attempt"] = ceremony.attempt();
  json_["trustees"] = Json::array();
  Line("\nkey ceremony, attempt ", ceremony.attempt());
  Line("  trustee               commitment coefficients shares acknowledged drill");
  for (uint16_t j = 1; j <= trustees.size(); ++j) {
    const auto drill = ceremony.last_drill().find(j);
    const uint32_t last = drill == ceremony.last_drill().end() ? 0 : drill->second;
    const bool commitment = ceremony.commitments().contains(j);
    const bool coefficients = ceremony.coefficients().contains(j);
    const bool shares = ceremony.shares().contains(j);
    const bool acknowledged = ceremony.acknowledgements().contains(j);
    json_["trustees"].push_back({{"number", j},
                                 {"name", trustees[j - 1].name},
                                 {"commitment", commitment},
                                 {"coefficients", coefficients},
                                 {"shares", shares},
                                 {"acknowledged", acknowledged},
                                 {"drill", last}});
    const auto mark = [](bool done) { return done ? "yes" : "-"; };
    Line(absl::StrFormat("  %2d %-18s %-10s %-12s %-6s %-12s %s", j,
                         Printable(trustees[j - 1].name), mark(commitment), mark(coefficients),
                         mark(shares), mark(acknowledged), last == 0 ? "-" : absl::StrCat(last)));
  }
  for (const election::KeyComplaint& complaint : ceremony.complaints()) {
    json_["complaints"].push_back({{"trustee", complaint.trustee}, {"dealer", complaint.dealer}});
    Line("  COMPLAINT of trustee ", complaint.trustee, " about trustee ", complaint.dealer,
         complaint.reason == 1 ? ": the share does not decrypt"
                               : ": the share does not fit the coefficients");
  }
}

void Reporter::Count(const election::ElectionState& state) {
  const election::ElectionState::Summed& summed = *state.summed();
  Json count;
  count["counted"] = summed.sum.counted;
  count["parts"] = Json::array();
  for (const poll::Part& part : summed.sum.parts) {
    count["parts"].push_back({{"contest", part.contest},
                              {"districts", part.districts},
                              {"ballots", part.ballots},
                              {"weight", part.weight}});
  }
  count["enough_acknowledgements"] = state.EnoughAcknowledgements();
  count["trustees"] = Json::array();
  Line("\ncount: ", summed.sum.counted, " ballots in ", summed.sum.parts.size(), " parts");
  for (size_t i = 0; i < summed.sum.parts.size(); ++i) {
    const poll::Part& part = summed.sum.parts[i];
    Line("  part ", i, ": contest ", part.contest, ", ",
         part.districts.size() == 1 ? "district " : "districts ",
         absl::StrJoin(part.districts, ", "), ": ", part.ballots, " ballots, weight ", part.weight);
  }
  const auto& trustees = state.manifest().trustees;
  for (uint16_t j = 1; j <= trustees.size(); ++j) {
    size_t shares = 0;
    for (const auto& part : state.shares()) shares += part.contains(j) ? 1 : 0;
    const bool acknowledged = state.acknowledgements().contains(j);
    count["trustees"].push_back({{"number", j},
                                 {"name", trustees[j - 1].name},
                                 {"acknowledged", acknowledged},
                                 {"shares", shares}});
    Line(absl::StrFormat(
        "  %2d %-18s %-18s shares of %d of %d parts", j, Printable(trustees[j - 1].name),
        acknowledged ? "acknowledged" : "not acknowledged", shares, state.shares().size()));
  }
  json_["count"] = std::move(count);
}

void Reporter::NextOfElection(const election::ElectionState& state) {
  const election::Manifest& manifest = state.manifest();
  switch (state.phase()) {
    case election::Phase::kSetup: {
      const std::vector<Violation> missing = state.ceremony().CheckReady();
      if (!state.ceremony().complaints().empty()) {
        next_ = "the officers order a new attempt: `urna-tally order attempt`";
      } else if (!missing.empty()) {
        next_ = "the trustees make the key: `urna-tally trustee ceremony`";
      } else {
        next_ = absl::StrCat("the officers open the election (", Due(manifest.schedule.opens),
                             "): `urna-tally order open`");
      }
      return;
    }
    case election::Phase::kVoting:
      next_ = absl::StrCat("people vote; the officers close the election (",
                           Due(manifest.schedule.closes), "): `urna-tally order close`");
      return;
    case election::Phase::kClosed:
      next_ = "the officers fix the counted set: `urna-tally order sum`";
      return;
    case election::Phase::kSummed: {
      bool enough = true;
      for (const auto& part : state.shares()) {
        enough = enough && part.size() >= manifest.trustee_threshold;
      }
      if (enough) {
        next_ = "the officers publish the result: `urna-tally order result`";
      } else if (state.EnoughAcknowledgements()) {
        next_ = "the trustees decrypt the sums: `urna-tally trustee decrypt`";
      } else {
        next_ = "the trustees verify and acknowledge: `urna-tally trustee acknowledge`";
      }
      return;
    }
    case election::Phase::kFinal:
      next_ =
          "anyone verifies: `urna-verifier`; the trustees erase their shares: "
          "`urna-tally trustee forget`";
      return;
  }
}

void Reporter::Petition(const petition::PetitionState& state) {
  // The title in force is shown, not the draft's.
  petition::Manifest shown = state.manifest();
  shown.title = state.title();
  Head(shown, "petition", std::string(petition::PhaseWord(state.phase())));
  Orders();
  PetitionStatus petition = ReportPetition(state, replay_.roll() != nullptr, now_, language_);
  json_.update(petition.json);
  absl::StrAppend(&text_, petition.text);
  next_ = std::move(petition.next);
}

}  // namespace

StatusReport ReportStatus(const PollReplay& replay, uint64_t now, absl::string_view language) {
  return Reporter(replay, now, language).Take();
}

}  // namespace urna::tally
