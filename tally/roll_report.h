// How large a roll is beside the people who live there: nothing can show that a registrar has
// enrolled somebody who does not exist, but the numbers bound how many that can be. The census is a
// file that an official writes, and no part of any record:
//
//   {"source": "Population register, 31 December 2026",
//    "districts": [{"number": 1, "entitled": 12345}, …]}
//
// docs/election-spec.md.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/roll/roll.h"
#include "tally/context.h"

namespace urna::tally {

// People entitled, by district, from a source outside Urna.
struct CensusFigures {
  std::string source;
  std::map<uint16_t, uint64_t> districts;
};

// InvalidArgument naming the file and the place, also for a district that stands twice, that the
// roll hasn't, or that is missing, and for a source that is empty.
absl::StatusOr<CensusFigures> ParseCensus(absl::string_view text, absl::string_view name,
                                          const roll::RollHeader& roll);

struct RollReport {
  struct Row {
    uint16_t number = 0;
    std::string name;
    uint64_t members = 0;
    uint64_t entitled = 0;
    bool above() const { return members > entitled; }
  };
  crypto::Hash32 roll_id{};
  std::string origin;
  std::string source;     // of the census
  std::vector<Row> rows;  // districts as in the roll's header
  uint64_t members = 0;   // of all districts
  uint64_t entitled = 0;

  // Districts with more members than people entitled: so many ghosts there are at least.
  std::vector<const Row*> Above() const;

  std::string ToText() const;
  Json ToJson() const;
};

// `language` picks the districts' names.
RollReport MakeRollReport(const roll::RollState& roll, const CensusFigures& census,
                          absl::string_view language);

// Hundredths of a per cent, rounded down; UINT64_MAX where there is nobody entitled but there are
// members, 0 where there is neither.
uint64_t ShareOf(uint64_t members, uint64_t entitled);

}  // namespace urna::tally
