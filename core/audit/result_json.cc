#include "core/audit/result_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/election/result_view.h"

namespace urna::audit {
namespace {

using Json = nlohmann::ordered_json;

// {"id", "name", "total"} of options or lists; without totals if there are none.
template <typename Things>
Json TotalsJson(const Things& things, const std::vector<uint64_t>& totals, size_t cell) {
  Json json = Json::array();
  for (const auto& thing : things) {
    Json one = {{"id", thing.id}, {"name", TextsJson(thing.name)}};
    if (cell < totals.size()) one["total"] = totals[cell++];
    json.push_back(std::move(one));
  }
  return json;
}

Json Ids(const std::vector<uint16_t>& positions, const std::vector<election::Option>& options) {
  Json json = Json::array();
  for (uint16_t i : positions) {
    if (i < options.size()) json.push_back(options[i].id);
  }
  return json;
}

Json ContestJson(const election::Contest& contest, const election::ContestResult& result) {
  Json out;
  out["contest"] = contest.number;
  out["title"] = TextsJson(contest.title);
  out["ballots"] = result.ballots;
  out["weight"] = result.weight;
  out["options"] = TotalsJson(contest.options, result.totals, 0);
  if (!contest.lists.empty()) {
    out["lists"] = TotalsJson(contest.lists, result.totals, contest.options.size());
  }
  if (contest.blank && !result.totals.empty()) out["blank"] = result.totals.back();
  if (contest.by_district) {
    out["parts"] = Json::array();
    for (const election::ContestResult::OfPart& of : result.parts) {
      out["parts"].push_back({{"districts", of.part->districts},
                              {"ballots", of.part->ballots},
                              {"weight", of.part->weight},
                              {"totals", *of.totals}});
    }
  }
  if (result.outcome != nullptr) {
    out["outcome"] = {{"winners", Ids(result.outcome->winners, contest.options)},
                      {"tied", Ids(result.outcome->tied, contest.options)},
                      {"seats", result.outcome->seats}};
  }
  return out;
}

}  // namespace

Json TextsJson(const LocalizedTexts& texts) {
  Json json = Json::object();
  for (const LocalizedText& text : texts) json[text.language] = text.text;
  return json;
}

Json ContestResultsJson(const election::ElectionState& state) {
  const std::vector<election::ContestResult> results = election::ResultsOf(state);
  Json json = Json::array();
  for (const election::Contest& contest : state.manifest().contests) {
    const auto found =
        std::find_if(results.begin(), results.end(),
                     [&](const election::ContestResult& one) { return one.contest == &contest; });
    json.push_back(
        ContestJson(contest, found == results.end() ? election::ContestResult() : *found));
  }
  return json;
}

}  // namespace urna::audit
