// From a Pabulib file to an election's specification: one contest, one district, the projects as
// its options. docs/election-spec.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/localized_text.h"
#include "core/pabulib/pabulib.h"
#include "tally/context.h"

namespace urna::tally {

struct PabulibSpecOptions {
  std::string origin;
  LocalizedTexts title;       // empty: from the texts file, or META's description
  std::string opens, closes;  // as in a specification
  uint32_t tolerance = 3600;  // seconds
  std::string registrar;      // vkeys
  std::vector<std::string> officers, trustees;
  uint16_t officer_quorum = 1, trustee_threshold = 1;
  uint32_t minimum_ballots = 1;
  bool ignore_limits = false;
};

// `texts`: {"title": {lang: …}, "contest": {…}, "district": {…}, "options": {id: {…}}}, all of the
// same languages; what is missing there comes from the file. FailedPrecondition for a kind of vote,
// or a limit on votes, that this version's contests cannot express; InvalidArgument otherwise.
absl::StatusOr<Json> SpecFromPabulib(const pabulib::File& file, const std::optional<Json>& texts,
                                     const PabulibSpecOptions& options);

// META's language as a code: "Polish" is "pl". "en" if it is missing or unknown.
std::string LanguageOf(const pabulib::File& file);

// Differences between the published votes of a file and the totals in the verifier's JSON report,
// one sentence each. `first_votes`: compare with the count of so many of the file's first votes
// instead (rehearsals with fewer voters). InvalidArgument if the report is no such thing;
// FailedPrecondition if it did not verify, is not final, or the file states no votes.
absl::StatusOr<std::vector<std::string>> CompareWithReport(const pabulib::File& file,
                                                           const Json& report,
                                                           std::optional<uint64_t> first_votes);

}  // namespace urna::tally
