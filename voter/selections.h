// From what a voter says to what a ballot holds: choices typed by a person, and lines of a file of
// a real vote. docs/protocol.md §7.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/election/ballot.h"
#include "core/election/manifest.h"
#include "core/pabulib/pabulib.h"

namespace urna::voter {

// Choices are CONTEST:OPTION_ID, with =SCORE behind it where points are given, CONTEST:LIST_ID, or
// CONTEST:blank where a ballot may say so; `blanks` are numbers of contests that are left blank: an
// explicit blank vote where the contest has one, else no selection at all. Whoever names candidates
// has chosen their list. Ids may contain ':' and '=': what is written whole wins over a score; an
// id that an option and a list share is written CONTEST:option:ID or CONTEST:list:ID. Every contest
// of the style needs an answer. InvalidArgument, naming contest and option, list or limit, for
// anything that does not fit the style or breaks a contest's rule.
absl::StatusOr<election::Selections> SelectionsFromChoices(const election::Manifest& manifest,
                                                           uint16_t style,
                                                           const std::vector<std::string>& choices,
                                                           const std::vector<uint16_t>& blanks);

// "1 'Which ideas?': Playground by the river (2), Community garden (1)", "2 'Council': list Greens:
// Anna", "3 'Mayor': blank": one line a contest. Only the counted cells are looked at, and they may
// break the contest's rules.
std::vector<std::string> DescribeSelections(const election::Manifest& manifest, uint16_t style,
                                            const election::Selections& selections,
                                            absl::string_view language);

// Turns the votes of a Pabulib file into selections of one style. Options are found by project id;
// who chose nothing casts a blank vote where the contest has one.
class PabulibVotes {
 public:
  // Both must outlive it. InvalidArgument if a project of the file is no option of the style, or of
  // two contests of it.
  static absl::StatusOr<PabulibVotes> Create(const election::Manifest& manifest, uint16_t style,
                                             const pabulib::File& file);

  // InvalidArgument, "voter '17' at line 42: …", if the vote breaks a rule or limit of the poll.
  // The file's own rules are core/pabulib/vote_rules.h's.
  absl::StatusOr<election::Selections> Of(const pabulib::Vote& vote) const;

 private:
  PabulibVotes(const election::Manifest& manifest, uint16_t style)
      : manifest_(&manifest), style_(style) {}

  const election::Manifest* manifest_;
  uint16_t style_;
  std::vector<const election::Contest*> contests_;    // of the style
  std::vector<std::pair<size_t, size_t>> positions_;  // of every project: contest and option
};

}  // namespace urna::voter
