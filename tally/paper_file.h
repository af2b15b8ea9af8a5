// Counts of a batch of paper, as the people who counted write them down, and what each line comes
// to. docs/protocol.md §6.1. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/petition/state.h"

namespace urna::tally {

struct PaperLine {
  size_t line = 0;  // of a CSV from 1; of JSON the element, from 1
  poll::PaperCount count;
};

// CSV with the first line `district,accepted,rejected`, empty lines and lines that begin with '#'
// ignored; or JSON, a list of {"district", "accepted", "rejected"}. `name` is the file's, for
// errors: "sheets.csv line 3: three numbers belong here".
absl::StatusOr<std::vector<PaperLine>> ParsePaper(absl::string_view text, absl::string_view name);

struct PaperReport {
  struct Line {
    PaperLine listed;
    bool good = false;
    std::string what;  // for people
  };
  std::vector<Line> lines;                  // as listed
  std::vector<poll::PaperCount> districts;  // what the batch says: ascending
  std::vector<size_t> refused;              // lines that are not good
};
// A district that stands twice, is none of the petition's, or would get more signatures on paper
// than members of the roll who sign on paper, is refused.
PaperReport ReportPaper(const petition::PetitionState& petition,
                        const std::vector<PaperLine>& listed);

}  // namespace urna::tally
