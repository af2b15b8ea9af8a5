// How large a roll is beside the people who live there: nothing can show that a registrar has
// enrolled somebody who does not exist, but the numbers bound how many that can be. The census is a
// file that an official writes, and no part of any record:
//
//   {"source": "Population register, 31 December 2026",
//    "districts": [{"number": 1, "entitled": 12345,
//                   "categories": [{"number": 1, "entitled": 12000}, …]}, …]}
//
// where the categories may be left out. docs/election-spec.md.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/roll/roll.h"
#include "tally/context.h"
#include "tally/roll_log.h"

namespace urna::tally {

// People entitled, by district, from a source outside Urna.
struct CensusFigures {
  struct District {
    uint64_t entitled = 0;
    std::map<uint16_t, uint64_t> categories;  // all of the roll's, or none
  };
  std::string source;
  std::map<uint16_t, District> districts;
};

// InvalidArgument naming the file and the place, also for a district or category that stands twice,
// that the roll hasn't, or that is missing, and for a source that is empty.
absl::StatusOr<CensusFigures> ParseCensus(absl::string_view text, absl::string_view name,
                                          const roll::RollHeader& roll);

// How many members of a roll there are in each district and category.
struct PlaceCounts {
  std::map<uint16_t, uint64_t> districts, categories;
  std::map<std::pair<uint16_t, uint16_t>, uint64_t> both;
};
PlaceCounts CountPlaces(const roll::RollState& roll);

struct RollReport {
  struct Row {
    uint16_t number = 0;
    std::string name;
    uint64_t members = 0;
    uint64_t entitled = 0;
    uint64_t most = 0;            // so many members the tolerance allows
    std::vector<Row> categories;  // of a district, where the census has them
    bool above() const { return members > most; }
  };
  crypto::Hash32 roll_id{};
  std::string origin;
  std::string source;     // of the census
  std::vector<Row> rows;  // districts as in the roll's header
  uint64_t members = 0;   // of all districts
  uint64_t entitled = 0;
  std::vector<EpochChanges> changes;  // of each epoch, the first one first

  // Districts, and categories of districts, with more members than people entitled and the
  // tolerance allow: so many ghosts there are at least.
  std::vector<Row> Above() const;

  std::string ToText() const;
  Json ToJson() const;
};

// Of a roll at the end of its last epoch. `tolerance`: in ten-thousandths of the people entitled.
// `language` picks the names.
RollReport MakeRollReport(const roll::RollState& roll, const std::vector<EpochChanges>& changes,
                          const CensusFigures& census, uint16_t tolerance,
                          absl::string_view language);

// Hundredths of a per cent, rounded down; UINT64_MAX where there is nobody entitled but there are
// members, 0 where there is neither.
uint64_t ShareOf(uint64_t members, uint64_t entitled);

}  // namespace urna::tally
