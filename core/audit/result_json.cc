#include "core/audit/result_json.h"

#include <nlohmann/json.hpp>

#include "core/election/result_view.h"

namespace urna::audit {
namespace {

using Json = nlohmann::ordered_json;

// {"id", "name", "total"} of options or lists.
template <typename Things>
Json TotalsJson(const Things& things, const std::vector<uint64_t>& totals, size_t cell) {
  Json json = Json::array();
  for (const auto& thing : things) {
    json.push_back({{"id", thing.id}, {"name", TextsJson(thing.name)}, {"total", totals[cell++]}});
  }
  return json;
}

template <typename Things>
Json Ids(const std::vector<uint16_t>& positions, const Things& things) {
  Json json = Json::array();
  for (uint16_t i : positions) {
    json.push_back(i < things.size() ? Json(things[i].id) : Json(i));
  }
  return json;
}

Json OutcomeJson(const election::Contest& contest, const poll::Outcome& outcome) {
  Json json;
  json["winners"] = Ids(outcome.winners, contest.options);
  json["tied"] = Ids(outcome.tied, contest.options);
  json["seats"] = Json::array();
  for (size_t i = 0; i < outcome.seats.size() && i < contest.lists.size(); ++i) {
    json["seats"].push_back({{"list", contest.lists[i].id}, {"seats", outcome.seats[i]}});
  }
  return json;
}

}  // namespace

Json TextsJson(const LocalizedTexts& texts) {
  Json json = Json::object();
  for (const LocalizedText& text : texts) json[text.language] = text.text;
  return json;
}

Json ContestResultsJson(const election::ElectionState& state) {
  Json json = Json::array();
  for (const election::ContestResult& one : election::ResultsOf(state)) {
    const election::Contest& contest = *one.contest;
    Json out;
    out["contest"] = contest.number;
    out["title"] = TextsJson(contest.title);
    out["ballots"] = one.ballots;
    out["weight"] = one.weight;
    out["options"] = TotalsJson(contest.options, one.totals, 0);
    if (!contest.lists.empty()) {
      out["lists"] = TotalsJson(contest.lists, one.totals, contest.options.size());
    }
    if (contest.blank) out["blank"] = one.totals.back();
    out["parts"] = Json::array();
    for (const election::ContestResult::OfPart& of : one.parts) {
      out["parts"].push_back({{"districts", of.part->districts},
                              {"ballots", of.part->ballots},
                              {"weight", of.part->weight},
                              {"totals", *of.totals}});
    }
    if (one.outcome != nullptr) out["outcome"] = OutcomeJson(contest, *one.outcome);
    json.push_back(std::move(out));
  }
  return json;
}

}  // namespace urna::audit
