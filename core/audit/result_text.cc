// The report as JSON, and the published result as people read it.
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "core/audit/audit.h"
#include "core/audit/result_json.h"
#include "core/base/bytes.h"
#include "core/base/utf8.h"
#include "core/election/result_view.h"

namespace urna::audit {
namespace {

using Json = nlohmann::ordered_json;

std::string Text(absl::string_view text) { return std::string(text); }

Json CheckJson(const CheckResult& result) {
  const CheckInfo& info = InfoOf(result.check);
  Json json;
  json["number"] = Text(info.number);
  json["title"] = Text(info.title);
  json["outcome"] = Text(OutcomeName(result.outcome));
  json["looked"] = result.looked;
  json["passed"] = result.passed;
  json["failed"] = result.failed;
  json["what"] = result.what;
  json["failures"] = result.failures;
  json["reason"] = result.reason;
  return json;
}

// Null unless it is anonymous and its roll is there.
const roll::Rings* RingsOf(const election::ElectionState& state) {
  const std::optional<election::VotingContext>& voting = state.voting();
  if (!voting.has_value() || voting->anonymous == nullptr) return nullptr;
  return voting->anonymous->rings.get();
}

Json ElectionJson(const election::ElectionState& state) {
  Json json;
  json["title"] = TextsJson(state.manifest().title);
  json["voters"] = state.summed().has_value() ? state.summed()->sum.counted : 0;
  json["ballots"] = state.ballots();
  if (const roll::Rings* rings = RingsOf(state)) {
    json["rings"] = rings->size();
    json["smallest_crowd"] = rings->smallest_crowd();
  }
  json["contests"] = ContestResultsJson(state);
  return json;
}

Json ThresholdsJson(const std::vector<poll::ThresholdReached>& thresholds) {
  Json json = Json::array();
  for (const poll::ThresholdReached& threshold : thresholds) {
    json.push_back({{"threshold", threshold.threshold},
                    {"reached", threshold.reached},
                    {"index", threshold.index}});
  }
  return json;
}

// What the result order of a pseudonymous petition says.
Json PetitionJson(const petition::PetitionState& state) {
  const poll::PetitionResult& result = *state.published();
  Json json;
  json["title"] = TextsJson(state.manifest().title);
  json["signatures"] = result.signatures;
  json["districts"] = Json::array();
  for (const poll::DistrictCount& count : result.districts) {
    json["districts"].push_back({{"district", count.district}, {"signatures", count.signatures}});
  }
  json["thresholds"] = ThresholdsJson(result.thresholds);
  return json;
}

void AddCounts(const poll::AnonymousResult& result, const petition::AnonymousRules& rules,
               Json& json) {
  json["signatures"] = result.online + result.paper;
  json["online"] = result.online;
  json["paper"] = result.paper;
  json["passed"] = result.passed;
  json["districts"] = Json::array();
  for (const poll::ChannelCount& count : result.districts) {
    json["districts"].push_back({{"district", count.district},
                                 {"signatures", count.online + count.paper},
                                 {"online", count.online},
                                 {"paper", count.paper}});
  }
  json["thresholds"] = ThresholdsJson(result.thresholds);
  json["minimums"] = Json::array();
  for (const poll::MinimumSeen& minimum : result.minimums) {
    json["minimums"].push_back({{"after", minimum.after},
                                {"at_least", minimum.at_least},
                                {"seen", minimum.seen},
                                {"met", minimum.met}});
  }
  json["districts_needed"] = rules.districts_needed;
  json["districts_met"] = result.districts_met;
}

Json SeriesJson(const std::vector<SeriesPoint>& series) {
  Json json = Json::array();
  for (const SeriesPoint& point : series) {
    json.push_back({{"size", point.size},
                    {"time", point.time},
                    {"by", point.by_order ? "order" : "witnesses"},
                    {"online", point.online},
                    {"paper", point.paper}});
  }
  return json;
}

// How far an anonymous petition came, what its result order says, if there is one, and how large
// the crowds are.
Json AnonymousJson(const petition::PetitionState& state, const std::vector<SeriesPoint>& series) {
  Json json;
  json["title"] = TextsJson(state.title());
  json["profile"] = state.manifest().anonymous->profile;
  json["state"] = Text(petition::PhaseWord(state.phase()));
  if (state.counted().has_value()) {
    AddCounts(*state.counted(), *state.manifest().anonymous, json);
  }
  const std::optional<petition::ActContext>& context = state.context();
  if (!context.has_value()) return json;
  json["series"] = SeriesJson(series);
  const petition::RingEpochs& epochs = context->anonymous->epochs;
  if (epochs.at_hand()) {
    json["rings"] = epochs.ring_count();
    json["smallest_crowd"] = epochs.smallest_crowd();
  }
  return json;
}

absl::string_view KindName(PollKind kind) {
  switch (kind) {
    case PollKind::kElection:
      return "election";
    case PollKind::kPetition:
      return "petition";
    case PollKind::kBoth:
      return "unknown";
  }
  return "unknown";
}

void AppendElection(const election::ElectionState& state, absl::string_view language,
                    std::string& text) {
  if (!state.published().has_value() || !state.summed().has_value()) return;
  absl::StrAppend(&text, Printable(PickText(state.manifest().title, language)), "\n",
                  state.voters(), " voters, ", state.ballots(), " ballots with those replaced; ",
                  state.summed()->sum.counted, " count");
  if (!state.revoked().empty()) {
    absl::StrAppend(&text, ", ", state.revoked().size(), " credentials were revoked");
  }
  absl::StrAppend(&text, "\n", election::ResultText(state, language));
  if (const roll::Rings* rings = RingsOf(state)) {
    absl::StrAppend(&text, "anonymous: every voter is one of at least ", rings->smallest_crowd(),
                    " members of the roll\n");
  }
}

std::string DistrictName(const petition::Manifest& manifest, uint16_t number,
                         absl::string_view language) {
  const roll::NumberedName* district = manifest.FindDistrict(number);
  return district == nullptr ? absl::StrCat("district ", number)
                             : Printable(PickText(district->name, language));
}

std::string UtcTime(uint64_t seconds) {
  // Beyond what years have four digits for, the number itself.
  if (seconds > 253'402'300'799) return absl::StrCat(seconds);
  return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", absl::FromUnixSeconds(int64_t(seconds)),
                          absl::UTCTimeZone());
}

void AppendThresholds(const petition::PetitionState& state, std::string& text) {
  for (const poll::ThresholdReached& threshold : state.Thresholds()) {
    absl::StrAppend(&text, "threshold of ", threshold.threshold,
                    threshold.reached ? absl::StrCat(": reached at entry ", threshold.index)
                                      : std::string(": not reached"),
                    "\n");
  }
}

void AppendPetition(const petition::PetitionState& state, absl::string_view language,
                    std::string& text) {
  absl::StrAppend(&text, Printable(PickText(state.manifest().title, language)), "\n", state.count(),
                  " signatures\n");
  for (const poll::DistrictCount& count : state.DistrictCounts()) {
    absl::StrAppendFormat(&text, "%10d  %s\n", count.signatures,
                          DistrictName(state.manifest(), count.district, language));
  }
  AppendThresholds(state, text);
}

void AppendSeries(const std::vector<SeriesPoint>& series, std::string& text) {
  if (series.empty()) return;
  absl::StrAppend(&text, "when there were how many, as orders (o) and witnesses (w) show:\n");
  for (const SeriesPoint& point : series) {
    absl::StrAppendFormat(&text, "  %s %s %10d online %10d on paper, of %d entries\n",
                          UtcTime(point.time), point.by_order ? "o" : "w", point.online,
                          point.paper, point.size);
  }
}

void AppendAnonymous(const petition::PetitionState& state, const std::vector<SeriesPoint>& series,
                     absl::string_view language, std::string& text) {
  const petition::Manifest& manifest = state.manifest();
  const petition::AnonymousRules& rules = *manifest.anonymous;
  absl::StrAppend(&text, Printable(PickText(state.title(), language)), "\n");
  if (!rules.profile.empty()) absl::StrAppend(&text, Printable(rules.profile), "\n");
  absl::StrAppend(&text, "state: ", petition::PhaseWord(state.phase()), "\n");
  const std::optional<petition::ActContext>& context = state.context();
  if (!context.has_value()) return;
  const poll::AnonymousResult now = state.AnonymousResult(0);
  absl::StrAppend(&text, now.online + now.paper, " signatures: ", now.online, " online, ",
                  now.paper, " on paper\n");
  for (size_t i = 0; i < now.districts.size(); ++i) {
    const poll::ChannelCount& count = now.districts[i];
    absl::StrAppendFormat(&text, "%10d online %10d on paper  %s", count.online, count.paper,
                          DistrictName(manifest, count.district, language));
    if (i < rules.district_minimums.size()) {
      const uint64_t least = rules.district_minimums[i];
      absl::StrAppend(&text, count.online + count.paper >= least ? ", has its " : ", misses its ",
                      least);
    }
    absl::StrAppend(&text, "\n");
  }
  AppendThresholds(state, text);
  for (const poll::MinimumSeen& minimum : now.minimums) {
    absl::StrAppend(&text, "minimum of ", minimum.at_least, " after ", minimum.after,
                    " s: ", minimum.met ? "met" : "missed", ", ", minimum.seen, " were there\n");
  }
  if (rules.districts_needed != 0) {
    absl::StrAppend(&text, now.districts_met, " districts have their minimum, ",
                    rules.districts_needed, " must\n");
  }
  if (state.counted().has_value()) {
    absl::StrAppend(&text, "the petition has ", now.passed ? "passed\n" : "not passed\n");
  }
  AppendSeries(series, text);
  const petition::RingEpochs& epochs = context->anonymous->epochs;
  if (epochs.at_hand()) {
    absl::StrAppend(&text, "anonymous: every signer online is one of at least ",
                    epochs.smallest_crowd(), " members of the roll\n");
  }
}

}  // namespace

std::string ToJson(const AuditResult& result) {
  const Report& report = result.report;
  Json json;
  json["urna"] = "report/1";
  json["kind"] = Text(KindName(report.kind()));
  json["stage"] = report.reached().has_value() ? Text(StageName(*report.reached())) : "unknown";
  json["asked"] = Text(StageName(report.asked()));
  json["status"] = report.ExitStatus();
  json["verified"] = report.verified();
  json["size"] = result.size;
  json["root"] = ToHex(result.root);
  json["checks"] = Json::array();
  for (const CheckResult& check : report.results()) json["checks"].push_back(CheckJson(check));
  // What the result says, once there is one.
  if (report.reached() == Stage::kFinal) {
    if (result.election != nullptr) json["election"] = ElectionJson(*result.election);
    if (result.petition != nullptr && result.petition->manifest().anonymous.has_value()) {
      json["petition"] = AnonymousJson(*result.petition, result.series);
    } else if (result.petition != nullptr && result.petition->published().has_value()) {
      json["petition"] = PetitionJson(*result.petition);
    }
  }
  // Sentences may quote what the record says; anything that is not UTF-8 is replaced.
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string ResultText(const AuditResult& result, absl::string_view language) {
  std::string text;
  if (result.election != nullptr) AppendElection(*result.election, language, text);
  if (result.petition != nullptr && result.petition->manifest().anonymous.has_value()) {
    AppendAnonymous(*result.petition, result.series, language, text);
  } else if (result.petition != nullptr) {
    AppendPetition(*result.petition, language, text);
  }
  return text;
}

}  // namespace urna::audit
