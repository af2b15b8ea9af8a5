// From a Pabulib file to an election's specification: one contest, one district, the projects as
// its options, META's limits as its limits and META's budget as its result rule.
// docs/election-spec.md.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/localized_text.h"
#include "core/election/manifest.h"
#include "core/pabulib/pabulib.h"
#include "core/pabulib/vote_rules.h"
#include "tally/context.h"

namespace urna::tally {

// The result rule of the poll: greedy, in one of its readings, or none.
enum class GreedyChoice { kFromMeta, kStop, kSkip, kNone };

struct PabulibSpecOptions {
  std::string origin;
  LocalizedTexts title;       // empty: from the texts file, or META's description
  std::string opens, closes;  // as in a specification
  uint32_t tolerance = 3600;  // seconds
  std::string registrar;      // vkeys
  std::vector<std::string> officers, trustees;
  uint16_t officer_quorum = 1, trustee_threshold = 1;
  uint32_t minimum_ballots = 1;
  uint16_t challenges = 0;
  bool ignore_limits = false;
  // kFromMeta: kSkip if META's rule is greedy and it has a budget, else none.
  GreedyChoice greedy = GreedyChoice::kFromMeta;
};

struct PabulibSpec {
  Json spec;
  pabulib::VoteRules rules;        // that the spec has
  std::vector<std::string> notes;  // what of the file is not in the spec, and why
};

// `texts`: {"title": {lang: …}, "contest": {…}, "district": {…}, "options": {id: {…}},
// "limits": {category, or "all": {…}}}, all of the same languages; what is missing there comes from
// the file. FailedPrecondition for a kind of vote, or a limit on votes, that contests cannot
// express, and for a budget without whole costs; InvalidArgument otherwise.
absl::StatusOr<PabulibSpec> SpecFromPabulib(const pabulib::File& file,
                                            const std::optional<Json>& texts,
                                            const PabulibSpecOptions& options);

// META's language as a code: "Polish" is "pl". "en" if it is missing or unknown.
std::string LanguageOf(const pabulib::File& file);

}  // namespace urna::tally
