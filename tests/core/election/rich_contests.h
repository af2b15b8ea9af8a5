// Contests with limits, lists, blank and wide ranges, small enough to try everything.
#pragma once

#include <string>

#include "core/election/manifest.h"
#include "tests/support/poll_fixture.h"

namespace urna::testing {

inline election::Contest PlainContest(election::Rule rule, size_t options, uint16_t option_max,
                                      uint32_t sum_min, uint32_t sum_max) {
  election::Contest out;
  out.number = 1;
  out.title = English("Plain");
  out.rule = rule;
  out.option_max = option_max;
  out.sum_min = sum_min;
  out.sum_max = sum_max;
  for (size_t i = 0; i < options; ++i) {
    const std::string id = "option" + std::to_string(i);
    out.options.push_back({id, English(id)});
  }
  return out;
}

// Any of three projects that cost 300, 200 and 500, for 700 together, and one of the first and the
// last at most.
inline election::Contest BudgetContest() {
  election::Contest out = PlainContest(election::Rule::kKOfN, 3, 1, 0, 3);
  out.title = English("Projects");
  out.options[0].cost = 300;
  out.options[1].cost = 200;
  out.options[2].cost = 500;
  election::Limit cost;
  cost.name = English("Money");
  cost.at_most = 700;
  cost.options = {0, 1, 2};
  election::Limit number;
  number.name = English("Parks");
  number.measure = election::Limit::Measure::kNumber;
  number.at_most = 1;
  number.options = {0, 2};
  out.limits = {cost, number};
  return out;
}

// Two lists of two candidates; up to two points for the candidates of one list, or blank.
inline election::Contest ListContest() {
  election::Contest out = PlainContest(election::Rule::kLists, 4, 2, 0, 2);
  out.title = English("Council");
  out.lists = {{"greens", English("Greens")}, {"reds", English("Reds")}};
  out.options[2].list = out.options[3].list = 1;
  out.blank = true;
  return out;
}

}  // namespace urna::testing
