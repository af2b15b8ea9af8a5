// A Pabulib file beside the verified result of the poll that was made of it: the votes, and what
// was selected.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/pabulib/pabulib.h"
#include "tally/context.h"

namespace urna::tally {

struct CompareOptions {
  bool ignore_limits = false;           // the poll was made and cast so
  std::optional<uint64_t> first_votes;  // only so many of the file's votes took part
};

struct Comparison {
  struct Row {
    std::string project;                // its id
    std::optional<uint64_t> result;     // nothing if the result has no such option
    uint64_t expected = 0;              // of the votes that were admissible
    std::optional<uint64_t> published;  // by the file
  };
  size_t votes = 0;     // that took part
  size_t left_out = 0;  // of them, because they break a rule of the file
  // Whether the result must be the published column, since every vote of the file is in it.
  bool published = false;
  std::vector<Row> rows;                 // in the file's order
  std::vector<std::string> differences;  // a sentence each; empty is what one hopes for
  // What the result, and greedy in both its readings, have to do with the column `selected`. Empty
  // if there is none.
  std::vector<std::string> selected;
};

// `report` is what urna-verifier --json printed. InvalidArgument if it is no such thing;
// FailedPrecondition if the record did not verify or is not final, if all votes are in the result
// and the file states no published ones, or if the file's rules cannot be read.
absl::StatusOr<Comparison> CompareWithReport(const pabulib::File& file, const Json& report,
                                             const CompareOptions& options);

// "60 votes, of which 3 break a rule …" and the columns, in lines.
std::string ComparisonText(const pabulib::File& file, const Comparison& comparison);
Json ComparisonToJson(const Comparison& comparison);

}  // namespace urna::tally
