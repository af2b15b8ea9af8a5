#include "core/election/ballot.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/crypto/elgamal.h"
#include "core/crypto/ring_proof.h"
#include "core/crypto/transcript.h"
#include "core/election/contest_plan.h"

namespace urna::election {
namespace {

template <typename... Words>
absl::Status Wrong(const Contest& contest, const Words&... words) {
  return absl::InvalidArgumentError(
      absl::StrCat("'", PickText(contest.title, "en"), "': ", words...));
}

absl::Status CheckRanges(const Contest& contest, const ContestPlan& plan,
                         const std::vector<uint32_t>& selections) {
  if (selections.size() != plan.counted_cells()) {
    return Wrong(contest, selections.size(), " answers where there are ", plan.counted_cells());
  }
  for (size_t i = 0; i < selections.size(); ++i) {
    if (selections[i] <= plan.Maximum(i)) continue;
    if (i >= contest.options.size()) {
      return Wrong(contest, plan.CellName(i), " is 0 or 1, not ", selections[i]);
    }
    const absl::string_view option = PickText(contest.options[i].name, "en");
    if (contest.option_max == 1) {
      return Wrong(contest, "option '", option, "' can be chosen once, not ", selections[i],
                   " times");
    }
    return Wrong(contest, "option '", option, "' can have at most ", contest.option_max,
                 " points, not ", selections[i]);
  }
  return absl::OkStatus();
}

absl::Status CheckSum(const Contest& contest, const std::vector<uint32_t>& selections) {
  uint64_t sum = 0;
  for (size_t i = 0; i < contest.options.size(); ++i) sum += selections[i];
  if (contest.blank && selections.back() == 1) {
    if (sum > 0) return Wrong(contest, "a blank vote gives nothing to any option");
    return absl::OkStatus();
  }
  const absl::string_view unit = contest.option_max > 1 ? "points" : "options";
  const absl::string_view verb = contest.option_max > 1 ? "given" : "chosen";
  if (sum < contest.sum_min) {
    return Wrong(contest, "at least ", contest.sum_min, " ", unit, " must be ", verb, ", here are ",
                 sum);
  }
  if (sum > contest.sum_max) {
    return Wrong(contest, "at most ", contest.sum_max, " ", unit, " may be ", verb, ", here are ",
                 sum);
  }
  return absl::OkStatus();
}

// One list and candidates of that list, or blank and nothing else.
absl::Status CheckLists(const Contest& contest, const std::vector<uint32_t>& selections) {
  const size_t options = contest.options.size();
  uint64_t chosen = 0;
  for (size_t cell = options; cell < selections.size(); ++cell) chosen += selections[cell];
  if (chosen != 1) {
    return Wrong(contest, "exactly one list", contest.blank ? ", or blank," : "",
                 " must be chosen, here are ", chosen);
  }
  uint64_t sum = 0;
  for (size_t i = 0; i < options; ++i) {
    if (selections[i] == 0) continue;
    sum += selections[i];
    if (selections[options + contest.options[i].list] == 1) continue;
    return Wrong(contest, "option '", PickText(contest.options[i].name, "en"), "' is of list '",
                 PickText(contest.lists[contest.options[i].list].name, "en"),
                 "', which is not the one chosen");
  }
  if (contest.blank && selections.back() == 1) return absl::OkStatus();
  if (sum < contest.sum_min || sum > contest.sum_max) {
    return Wrong(contest, "candidates of the list get ", contest.sum_min, " to ", contest.sum_max,
                 " votes together, not ", sum);
  }
  return absl::OkStatus();
}

absl::Status CheckLimits(const Contest& contest, const std::vector<uint32_t>& selections) {
  if (contest.blank && selections.back() == 1) return absl::OkStatus();
  for (const Limit& limit : contest.limits) {
    const bool cost = limit.measure == Limit::Measure::kCost;
    uint64_t sum = 0;
    for (uint16_t option : limit.options) {
      sum += (cost ? contest.options[option].cost : 1) * selections[option];
    }
    const absl::string_view unit = cost ? "cost" : "number";
    const absl::string_view name = PickText(limit.name, "en");
    if (sum > limit.at_most) {
      return Wrong(contest, "limit '", name, "': the ", unit, " of what is chosen is ", sum,
                   ", above ", limit.at_most);
    }
    if (sum < limit.at_least) {
      return Wrong(contest, "limit '", name, "': the ", unit, " of what is chosen is ", sum,
                   ", below ", limit.at_least);
    }
  }
  return absl::OkStatus();
}

absl::Status CheckContestSelections(const Contest& contest,
                                    const std::vector<uint32_t>& selections) {
  URNA_RETURN_IF_ERROR(CheckRanges(contest, ContestPlan(contest), selections));
  if (contest.rule == Rule::kLists) return CheckLists(contest, selections);
  URNA_RETURN_IF_ERROR(CheckSum(contest, selections));
  return CheckLimits(contest, selections);
}

// Enough for labels, lengths and all fields.
size_t TranscriptSize(const Ballot& ballot) {
  size_t size = 768;
  for (const ContestBallot& contest : ballot.contests) {
    size += 64 + contest.ciphertexts.size() + contest.commitments.size();
  }
  return size;
}

void AddContests(crypto::TranscriptBytes& transcript, const Ballot& ballot) {
  for (const ContestBallot& contest : ballot.contests) {
    transcript.FieldU16("contest", contest.contest)
        .Field("ciphertexts", contest.ciphertexts)
        .Field("commitments", contest.commitments);
  }
}

Bytes NamedTranscriptBytes(const crypto::Hash32& poll_context, const Ballot& ballot) {
  crypto::TranscriptBytes transcript("ballot", TranscriptSize(ballot));
  transcript.Field("context", poll_context)
      .FieldU64("sequence", ballot.sequence)
      .FieldU16("style", ballot.style)
      .Field("credential", ballot.credential);
  AddContests(transcript, ballot);
  transcript.Field("commitment", ballot.commitment);
  return std::move(transcript).Take();
}

// The ciphertexts of a contest's opened cells.
absl::StatusOr<Bytes> OpenedCiphertexts(const ContestPlan& plan, const VotingContext& context,
                                        ByteSpan cells) {
  Bytes out;
  for (size_t cell = 0; cell < plan.cells(); ++cell) {
    const ByteSpan bytes =
        cells.subspan(cell * ContestOpening::kCellSize, ContestOpening::kCellSize);
    const uint64_t value = static_cast<uint64_t>(bytes[0]) << 8 | bytes[1];
    const auto r = crypto::Scalar::Decode(bytes.subspan(2));
    if (!r.ok()) return Annotate(r.status(), plan.CellName(cell));
    if (r->IsZero()) {
      return absl::InvalidArgumentError(absl::StrCat(plan.CellName(cell), ": r is zero"));
    }
    const auto encoded = crypto::EncryptVarTime(context.election_key, value, *r).Encode();
    out.insert(out.end(), encoded.begin(), encoded.end());
  }
  return out;
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
    URNA_RETURN_IF_ERROR(CheckContestSelections(*contest, selections[i]));
  }
  return absl::OkStatus();
}

std::optional<Bytes> BallotTranscriptBytes(const VotingContext& context, const Ballot& ballot) {
  if (!ballot.is_anonymous()) return NamedTranscriptBytes(context.poll_context, ballot);
  if (context.anonymous == nullptr) return std::nullopt;
  const AnonymousVoting& anonymous = *context.anonymous;
  const RingAnswer* over_ring = ballot.ring_answer();
  if (over_ring == nullptr) {
    crypto::TranscriptBytes transcript("tag ballot", TranscriptSize(ballot));
    transcript.Field("context", context.poll_context)
        .FieldU64("sequence", ballot.sequence)
        .FieldU16("style", ballot.style);
    AddContests(transcript, ballot);
    transcript.Field("tag base", anonymous.tag_base.bytes())
        .Field("tag", ballot.credential)
        .Field("commitment", ballot.tag_answer()->commitment);
    return std::move(transcript).Take();
  }
  if (anonymous.rings == nullptr || over_ring->ring >= anonymous.rings->size()) return std::nullopt;
  crypto::TranscriptBytes transcript("ring ballot", TranscriptSize(ballot));
  transcript.Field("context", context.poll_context)
      .FieldU64("sequence", ballot.sequence)
      .FieldU16("style", ballot.style)
      .FieldU32("number", over_ring->ring);
  AddContests(transcript, ballot);
  crypto::AddRingFields(transcript, anonymous.rings->HashOf(over_ring->ring), anonymous.tag_base,
                        ballot.credential, over_ring->commitments);
  return std::move(transcript).Take();
}

crypto::Hash64 BallotTranscript(const crypto::Hash32& poll_context, const Ballot& ballot) {
  return crypto::Sha512(NamedTranscriptBytes(poll_context, ballot));
}

crypto::Hash64 BallotChallengeTranscript(const crypto::Hash32& poll_context,
                                         const BallotChallenge& challenge) {
  return crypto::Transcript("ballot challenge")
      .Field("context", poll_context)
      .FieldU64("sequence", challenge.sequence)
      .Field("credential", challenge.credential)
      .Field("ballot", challenge.ballot_hash)
      .Field("commitment", challenge.commitment)
      .Hash();
}

absl::StatusOr<crypto::Hash64> OpenedBallotHash(const Manifest& manifest,
                                                const VotingContext& context,
                                                const BallotOpening& opening) {
  const Style* style = manifest.FindStyle(opening.style);
  if (style == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("there is no style ", opening.style));
  }
  if (opening.contests.size() != style->contests.size()) {
    return absl::InvalidArgumentError(absl::StrCat(opening.contests.size(),
                                                   " contests where style ", style->number, " has ",
                                                   style->contests.size()));
  }
  Ballot ballot;
  ballot.sequence = opening.sequence;
  ballot.style = opening.style;
  ballot.credential = opening.credential;
  ballot.commitment = opening.commitment;
  for (size_t i = 0; i < opening.contests.size(); ++i) {
    const ContestOpening& opened = opening.contests[i];
    const std::string where = absl::StrCat("contest ", opened.contest);
    const Contest* contest = manifest.FindContest(opened.contest);
    if (opened.contest != style->contests[i] || contest == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, " stands where contest ", style->contests[i], " belongs"));
    }
    const ContestPlan plan(*contest);
    if (opened.cells.size() != plan.cells() * ContestOpening::kCellSize ||
        opened.commitments.size() != plan.commitment_bytes()) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, ": it has not the cells and proofs of this contest"));
    }
    auto ciphertexts = OpenedCiphertexts(plan, context, opened.cells);
    if (!ciphertexts.ok()) return Annotate(ciphertexts.status(), where);
    ContestBallot& bytes = ballot.contests.emplace_back();
    bytes.contest = opened.contest;
    bytes.ciphertexts = *std::move(ciphertexts);
    bytes.commitments = opened.commitments;
  }
  return BallotTranscript(context.poll_context, ballot);
}

}  // namespace urna::election
