// A contest of a specification, in both directions: what people write, and how a manifest's contest
// is shown in JSON. docs/election-spec.md; docs/protocol.md §6.
#pragma once

#include "absl/status/statusor.h"
#include "core/election/manifest.h"
#include "tally/spec_reader.h"

namespace urna::tally {

// InvalidArgument names the JSON path. Rules about the contest as a whole are left to
// CheckManifest.
absl::StatusOr<election::Contest> ReadContest(const SpecValue& value);

// The contest as a specification has it, every field written out: ReadContest gives it back.
Json ContestToJson(const election::Contest& contest);

// "5%", "0.5%" of ten-thousandths.
std::string PercentText(uint16_t ten_thousandths);

}  // namespace urna::tally
