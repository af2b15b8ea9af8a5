// The report as JSON, and the published result as people read it.
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
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

Json ElectionJson(const election::ElectionState& state) {
  Json json;
  json["title"] = TextsJson(state.manifest().title);
  json["voters"] = state.summed().has_value() ? state.summed()->sum.counted : 0;
  json["ballots"] = state.ballots();
  json["contests"] = ContestResultsJson(state);
  return json;
}

// What the result order says, and how large the crowds are.
Json PetitionJson(const petition::PetitionState& state) {
  const poll::PetitionResult& result = *state.published();
  Json json;
  json["title"] = TextsJson(state.manifest().title);
  json["signatures"] = result.signatures;
  json["districts"] = Json::array();
  for (const poll::DistrictCount& count : result.districts) {
    json["districts"].push_back({{"district", count.district}, {"signatures", count.signatures}});
  }
  json["thresholds"] = Json::array();
  for (const poll::ThresholdReached& threshold : result.thresholds) {
    json["thresholds"].push_back({{"threshold", threshold.threshold},
                                  {"reached", threshold.reached},
                                  {"index", threshold.index}});
  }
  const auto& context = state.context();
  if (context->anonymous != nullptr && context->anonymous->rings != nullptr) {
    json["rings"] = context->anonymous->rings->size();
    json["smallest_crowd"] = context->anonymous->rings->smallest_crowd();
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
}

void AppendPetition(const petition::PetitionState& state, absl::string_view language,
                    std::string& text) {
  absl::StrAppend(&text, PickText(state.manifest().title, language), "\n", state.count(),
                  " signatures\n");
  for (const poll::DistrictCount& count : state.DistrictCounts()) {
    const roll::NumberedName* district = state.manifest().FindDistrict(count.district);
    absl::StrAppendFormat(&text, "%10d  %s\n", count.signatures,
                          district == nullptr ? absl::StrCat("district ", count.district)
                                              : Text(PickText(district->name, language)));
  }
  for (const poll::ThresholdReached& threshold : state.Thresholds()) {
    absl::StrAppend(&text, "threshold of ", threshold.threshold,
                    threshold.reached ? absl::StrCat(": reached at entry ", threshold.index)
                                      : std::string(": not reached"),
                    "\n");
  }
  const std::optional<petition::ActContext>& context = state.context();
  if (context.has_value() && context->anonymous != nullptr &&
      context->anonymous->rings != nullptr) {
    absl::StrAppend(&text, "anonymous: every signer is one of at least ",
                    context->anonymous->rings->smallest_crowd(), " members of the roll\n");
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
    if (result.petition != nullptr && result.petition->published().has_value()) {
      json["petition"] = PetitionJson(*result.petition);
    }
  }
  // Sentences may quote what the record says; anything that is not UTF-8 is replaced.
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string ResultText(const AuditResult& result, absl::string_view language) {
  std::string text;
  if (result.election != nullptr) AppendElection(*result.election, language, text);
  if (result.petition != nullptr) AppendPetition(*result.petition, language, text);
  return text;
}

}  // namespace urna::audit
