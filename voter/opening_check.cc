#include "voter/opening_check.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/election/contest_plan.h"
#include "core/record/entry.h"
#include "voter/history.h"
#include "voter/receipt_verifier.h"
#include "voter/selections.h"

namespace urna::voter {
namespace {

using election::BallotOpening;
using election::Claim;
using election::Contest;
using election::ContestOpening;
using election::ContestPlan;

constexpr size_t kDigitsInGroup = 8;
constexpr size_t kGroupsInLine = 4;

std::vector<uint64_t> ValuesOf(const ContestOpening& opened) {
  std::vector<uint64_t> out;
  for (size_t at = 0; at + 1 < opened.cells.size(); at += ContestOpening::kCellSize) {
    out.push_back(static_cast<uint64_t>(opened.cells[at] << 8 | opened.cells[at + 1]));
  }
  return out;
}

int64_t SumOf(const std::vector<election::Term>& terms, const std::vector<uint64_t>& values) {
  int64_t sum = 0;
  for (const election::Term& term : terms) {
    sum += term.coefficient * static_cast<int64_t>(values[term.cell]);
  }
  return sum;
}

// Within the ranges of cells no sum leaves 64 bits (§7.1), so these come first.
bool Keeps(const Claim& claim, const std::vector<uint64_t>& values) {
  const int64_t sum = SumOf(claim.terms, values);
  if (sum < static_cast<int64_t>(claim.lo) || sum > static_cast<int64_t>(claim.hi)) return false;
  return claim.slack.empty() || sum + SumOf(claim.slack, values) == static_cast<int64_t>(claim.hi);
}

// The claims of a contest that its opened values do not keep.
void FindBroken(const Contest& contest, const std::vector<uint64_t>& values,
                std::vector<std::string>& broken) {
  const ContestPlan plan(contest);
  const size_t before = broken.size();
  const auto add = [&](const std::string& what) {
    broken.push_back(absl::StrCat("contest ", contest.number, ": ", what));
  };
  for (size_t cell = 0; cell < plan.cells(); ++cell) {
    const Claim& range = plan.ranges()[cell];
    if (values[cell] > range.hi) {
      add(absl::StrCat(plan.CellName(cell), " has the value ", values[cell], ", above ", range.hi));
    }
  }
  if (broken.size() > before) return;
  for (size_t cell = 0; cell < plan.cells(); ++cell) {
    if (!Keeps(plan.ranges()[cell], values)) {
      add(absl::StrCat("the slack bits of ", plan.CellName(cell), " do not fit its value"));
    }
  }
  for (size_t i = 0; i < plan.linear().size(); ++i) {
    if (!Keeps(plan.linear()[i], values)) {
      add(absl::StrCat("the rule about its ", plan.LinearName(i), " is not kept"));
    }
  }
}

// What the opening's cells say, once it is known to have those of its style.
void Read(const election::Manifest& manifest, const BallotOpening& opening,
          absl::string_view language, OpeningReport& report) {
  election::Selections selections;
  for (const ContestOpening& opened : opening.contests) {
    const Contest& contest = *manifest.FindContest(opened.contest);
    const std::vector<uint64_t> values = ValuesOf(opened);
    selections.emplace_back(values.begin(),
                            values.begin() + static_cast<ptrdiff_t>(contest.CountedCells()));
    FindBroken(contest, values, report.broken);
  }
  report.votes = DescribeSelections(manifest, opening.style, selections, language);
}

// The index of the challenge, as the opening says it or else from the log.
absl::StatusOr<uint64_t> FindChallenge(const PollView& poll, const BallotOpening& opening,
                                       const crypto::Hash64& hash) {
  if (opening.challenge != 0) return opening.challenge;
  for (const OwnAct& act : poll.own) {
    if (act.kind == Submission::kChallenge && act.ballot_hash == hash) return act.index;
  }
  return absl::NotFoundError(poll.whole ? "the log has no challenge of this h"
                                        : "the opening does not say where its challenge is, and "
                                          "the log is long (--whole-log reads all of it)");
}

absl::Status CheckChallenge(const PollView& poll, const BallotOpening& opening,
                            const crypto::Hash64& hash, uint64_t index, ByteSpan bytes) {
  const std::string where = absl::StrCat("entry ", index);
  URNA_ASSIGN_OR_RETURN(const record::Entry entry, record::DecodeEntry(bytes));
  const auto* challenge = std::get_if<election::BallotChallenge>(&entry);
  if (challenge == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat(where, " is a ", record::EntryName(entry), ", not a challenge"));
  }
  if (challenge->ballot_hash != hash) {
    return absl::FailedPreconditionError(absl::StrCat(where, " challenges another h"));
  }
  if (challenge->credential != opening.credential || challenge->sequence != opening.sequence) {
    return absl::FailedPreconditionError(
        absl::StrCat(where, " is of another credential or sequence number"));
  }
  for (const Violation& violation :
       election::VerifyBallotChallengeVarTime(*poll.voting, *challenge)) {
    return absl::FailedPreconditionError(absl::StrCat(where, ": ", violation.status.message()));
  }
  return absl::OkStatus();
}

// That the entry is in the log whose checkpoint was verified.
absl::Status ProveLogged(Board& board, const PollView& poll, uint64_t index, ByteSpan bytes) {
  const merkle::Hash leaf = merkle::LeafHash(bytes);
  URNA_ASSIGN_OR_RETURN(const remote::Receipt receipt, board.FindReceipt(poll.origin, leaf));
  ReceiptVerifier verifier(poll.log);
  URNA_ASSIGN_OR_RETURN(const merkle::Checkpoint checkpoint, verifier.Verify(receipt, leaf));
  if (receipt.index != index) {
    return absl::DataLossError(
        absl::StrCat("the board proved entry ", receipt.index, " in place of entry ", index));
  }
  return CheckSameHistory(board, poll.checkpoint.checkpoint, checkpoint);
}

absl::Status CheckLogged(Board& board, const PollView& poll, const BallotOpening& opening,
                         OpeningReport& report) {
  URNA_ASSIGN_OR_RETURN(report.challenge, FindChallenge(poll, opening, report.hash));
  const uint64_t index = report.challenge;
  std::optional<Bytes> bytes;
  if (index < poll.checkpoint.checkpoint.size()) {
    URNA_RETURN_IF_ERROR(
        board.StreamEntries(poll.origin, index, index + 1, [&](uint64_t, Bytes entry) {
          bytes = std::move(entry);
          return absl::OkStatus();
        }));
  }
  if (!bytes.has_value()) {
    return absl::NotFoundError(absl::StrCat("the log has no entry ", index));
  }
  URNA_RETURN_IF_ERROR(CheckChallenge(poll, opening, report.hash, index, *bytes));
  return ProveLogged(board, poll, index, *bytes);
}

}  // namespace

absl::StatusOr<election::BallotOpening> ParseOpening(ByteSpan file) {
  Bytes bytes = ToBytes(file);
  const bool text = absl::c_all_of(AsText(file), [](unsigned char c) {
    return absl::ascii_isxdigit(c) || absl::ascii_isspace(c);
  });
  if (text) {
    std::string digits;
    for (const char c : AsText(file)) {
      if (!absl::ascii_isspace(static_cast<unsigned char>(c))) digits.push_back(c);
    }
    URNA_ASSIGN_OR_RETURN(bytes, FromHex(absl::AsciiStrToLower(digits)));
  }
  URNA_ASSIGN_OR_RETURN(record::Entry entry, record::DecodeEntry(bytes));
  auto* opening = std::get_if<BallotOpening>(&entry);
  if (opening == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("it holds a ", record::EntryName(entry), ", not the opening of a ballot"));
  }
  return std::move(*opening);
}

std::string OpeningText(ByteSpan entry) { return absl::StrCat(ToHex(entry), "\n"); }

std::vector<std::string> HashLines(const crypto::Hash64& hash) {
  const std::string hex = ToHex(hash);
  std::vector<std::string> lines;
  for (size_t at = 0; at < hex.size(); at += kDigitsInGroup) {
    if (at % (kDigitsInGroup * kGroupsInLine) == 0) {
      lines.emplace_back();
    } else {
      lines.back() += ' ';
    }
    lines.back() += hex.substr(at, kDigitsInGroup);
  }
  return lines;
}

absl::StatusOr<crypto::Hash64> ParseHash(absl::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (absl::ascii_isspace(static_cast<unsigned char>(c)) || c == '-' || c == ':') continue;
    digits.push_back(c);
  }
  const absl::StatusOr<Bytes> bytes = FromHex(absl::AsciiStrToLower(digits));
  if (!bytes.ok() || bytes->size() != crypto::Hash64{}.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the hash of a sealed ballot has 128 hex digits; these are ", digits.size(),
                     " characters"));
  }
  return ToArray<64>(*bytes);
}

absl::StatusOr<OpeningReport> CheckOpening(Board& board, const PollView& poll,
                                           const BallotOpening& opening,
                                           const std::optional<crypto::Hash64>& written_down,
                                           absl::string_view language) {
  if (poll.election() == nullptr || !poll.voting.has_value()) {
    return absl::FailedPreconditionError(
        absl::StrCat("'", poll.origin, "' is no election that has been opened"));
  }
  OpeningReport report;
  const absl::StatusOr<crypto::Hash64> hash =
      election::OpenedBallotHash(*poll.election(), *poll.voting, opening);
  report.opens = hash.status();
  if (!hash.ok()) {
    report.logged = absl::FailedPreconditionError("there is no h to look for");
    return report;
  }
  report.hash = *hash;
  if (written_down.has_value()) report.expected = report.hash == *written_down;
  Read(*poll.election(), opening, language, report);
  report.logged = CheckLogged(board, poll, opening, report);
  if (IsTransient(report.logged)) return report.logged;
  return report;
}

}  // namespace urna::voter
