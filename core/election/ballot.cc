#include "core/election/ballot.h"

#include "absl/strings/str_cat.h"

namespace urna::election {
namespace {

std::string Name(const Contest& contest) {
  return absl::StrCat("'", PickText(contest.title, "en"), "'");
}

absl::Status CheckContestSelections(const Contest& contest,
                                    const std::vector<uint32_t>& selections) {
  const auto wrong = [&](auto&&... words) {
    return absl::InvalidArgumentError(absl::StrCat(Name(contest), ": ", words...));
  };
  if (selections.size() != contest.options.size()) {
    return wrong(selections.size(), " answers where there are ", contest.options.size(),
                 " options");
  }
  uint64_t sum = 0;
  for (size_t i = 0; i < selections.size(); ++i) {
    if (selections[i] > contest.option_max) {
      const absl::string_view option = PickText(contest.options[i].name, "en");
      if (contest.option_max == 1) {
        return wrong("option '", option, "' can be chosen once, not ", selections[i], " times");
      }
      return wrong("option '", option, "' can have at most ", contest.option_max, " points, not ",
                   selections[i]);
    }
    sum += selections[i];
  }
  const absl::string_view unit = contest.rule == Rule::kScore ? "points" : "options";
  const absl::string_view verb = contest.rule == Rule::kScore ? "given" : "chosen";
  if (sum < contest.sum_min) {
    return wrong("at least ", contest.sum_min, " ", unit, " must be ", verb, ", here are ", sum);
  }
  if (sum > contest.sum_max) {
    return wrong("at most ", contest.sum_max, " ", unit, " may be ", verb, ", here are ", sum);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckSelections(const Manifest& manifest, uint16_t style,
                             const Selections& selections) {
  const Style* s = manifest.FindStyle(style);
  if (s == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("there is no ballot style ", style, " in this election"));
  }
  if (selections.size() != s->contests.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "answers to ", selections.size(), " contests where the ballot has ", s->contests.size()));
  }
  for (size_t i = 0; i < selections.size(); ++i) {
    const Contest* contest = manifest.FindContest(s->contests[i]);
    if (contest == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("there is no contest ", s->contests[i]));
    }
    if (absl::Status status = CheckContestSelections(*contest, selections[i]); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

crypto::Hash64 BallotTranscript(const crypto::Hash32& poll_context, const Ballot& ballot) {
  crypto::Transcript transcript("ballot");
  transcript.Field("context", poll_context)
      .FieldU64("sequence", ballot.sequence)
      .FieldU16("style", ballot.style)
      .Field("credential", ballot.credential);
  for (const ContestBallot& contest : ballot.contests) {
    transcript.FieldU16("contest", contest.contest)
        .Field("ciphertexts", contest.ciphertexts)
        .Field("commitments", contest.commitments);
  }
  transcript.Field("commitment", ballot.commitment);
  return transcript.Hash();
}

}  // namespace urna::election
