#include "core/election/contest_plan.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace urna::election {
namespace {

// More values than this are proved with slack bits: a branch for each would be longer.
constexpr uint64_t kMaxWidth = 7;

std::string Named(const char* what, size_t position, const LocalizedTexts& name) {
  return absl::StrCat(what, " ", position + 1, " '", PickText(name, "en"), "'");
}

absl::Status CheckLength(const char* what, size_t is, size_t should) {
  if (is == should) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(what, " of ", is, " bytes where ", should, " belong"));
}

size_t BitLength(uint64_t value) {
  size_t length = 0;
  for (; value != 0; value >>= 1) ++length;
  return length;
}

Claim RangeOf(size_t cell, uint64_t maximum) {
  Claim claim;
  claim.check = Check::kB4;
  claim.terms = {{cell, 1}};
  claim.hi = maximum;
  return claim;
}

// 1 if a > b, else 0, without a branch; both below 2^63.
uint64_t IsAbove(uint64_t a, uint64_t b) { return (b - a) >> 63; }

}  // namespace

Claim LimitClaim(const Contest& contest, const Limit& limit) {
  Claim claim;
  claim.check = Check::kB9;
  uint64_t divisor = 0;
  for (uint16_t option : limit.options) {
    const uint64_t measure =
        limit.measure == Limit::Measure::kCost ? contest.options[option].cost : 1;
    claim.terms.push_back({option, static_cast<int64_t>(measure)});
    divisor = std::gcd(divisor, measure);
  }
  divisor = std::max<uint64_t>(divisor, 1);
  uint64_t most = 0;
  for (Term& term : claim.terms) {
    term.coefficient /= static_cast<int64_t>(divisor);
    most += static_cast<uint64_t>(term.coefficient) * contest.option_max;
  }
  claim.lo = (limit.at_least + divisor - 1) / divisor;
  claim.hi = std::min(limit.at_most / divisor, most);
  claim.left_out = claim.lo == 0 && claim.hi == most;
  if (contest.blank && claim.lo > 0) {
    claim.terms.push_back({contest.CountedCells() - 1, static_cast<int64_t>(claim.lo)});
  }
  return claim;
}

ContestPlan::ContestPlan(const Contest& contest)
    : contest_(contest.number), counted_cells_(contest.CountedCells()), cells_(counted_cells_) {
  AddCells(contest);
  if (contest.rule == Rule::kLists) {
    AddLists(contest);
  } else {
    AddSum(contest);
  }
  for (size_t i = 0; i < contest.limits.size(); ++i) AddLimit(contest, i);
  for (size_t i = 0; i < counted_cells_; ++i) AddSlack(ranges_[i]);
  for (Claim& claim : linear_) AddSlack(claim);
  for (size_t cell = counted_cells_; cell < cells_; ++cell) {
    ranges_.push_back(RangeOf(cell, 1));
    cell_names_.push_back(absl::StrCat("slack bit ", cell - counted_cells_ + 1));
  }

  const auto plan = [&](const Claim& claim, crypto::ChallengeKind kind, size_t number) {
    proofs_.push_back(
        {&claim, kind, static_cast<uint16_t>(number), branches_, branches_ - proofs_.size()});
    branches_ += claim.branches();
  };
  for (size_t i = 0; i < cells_; ++i) plan(ranges_[i], crypto::ChallengeKind::kCellRange, i);
  size_t number = 0;
  for (const Claim& claim : linear_) {
    if (!claim.left_out) plan(claim, crypto::ChallengeKind::kLinearClaim, number++);
  }
}

void ContestPlan::AddCells(const Contest& contest) {
  for (size_t i = 0; i < contest.options.size(); ++i) {
    ranges_.push_back(RangeOf(i, contest.option_max));
    cell_names_.push_back(Named("option", i, contest.options[i].name));
  }
  for (size_t i = 0; i < contest.lists.size(); ++i) {
    ranges_.push_back(RangeOf(contest.options.size() + i, 1));
    cell_names_.push_back(Named("list", i, contest.lists[i].name));
  }
  if (contest.blank) {
    ranges_.push_back(RangeOf(counted_cells_ - 1, 1));
    cell_names_.push_back("blank");
  }
}

// Σ v + sum_max·b in sum_min..sum_max.
void ContestPlan::AddSum(const Contest& contest) {
  Claim claim;
  claim.check = Check::kB5;
  for (size_t i = 0; i < contest.options.size(); ++i) claim.terms.push_back({i, 1});
  if (contest.blank) claim.terms.push_back({counted_cells_ - 1, contest.sum_max});
  claim.lo = contest.sum_min;
  claim.hi = contest.sum_max;
  claim.left_out = !contest.blank && contest.sum_min == 0 &&
                   contest.sum_max == uint64_t{contest.option_max} * contest.options.size();
  linear_.push_back(std::move(claim));
  linear_names_.push_back("sum");
}

// Σ L + b = 1; for every list sum_max·L − Σ v in 0..sum_max − sum_min.
void ContestPlan::AddLists(const Contest& contest) {
  Claim choice;
  choice.check = Check::kB5;
  for (size_t cell = contest.options.size(); cell < counted_cells_; ++cell) {
    choice.terms.push_back({cell, 1});
  }
  choice.lo = choice.hi = 1;
  linear_.push_back(std::move(choice));
  linear_names_.push_back("choice of a list");
  for (size_t list = 0; list < contest.lists.size(); ++list) {
    Claim claim;
    claim.check = Check::kB5;
    claim.terms.push_back({contest.options.size() + list, contest.sum_max});
    for (size_t i = 0; i < contest.options.size(); ++i) {
      if (contest.options[i].list == list) claim.terms.push_back({i, -1});
    }
    claim.hi = contest.sum_max - contest.sum_min;
    linear_.push_back(std::move(claim));
    linear_names_.push_back(
        absl::StrCat("candidates of ", Named("list", list, contest.lists[list].name)));
  }
}

void ContestPlan::AddLimit(const Contest& contest, size_t limit) {
  linear_.push_back(LimitClaim(contest, contest.limits[limit]));
  linear_names_.push_back(Named("limit", limit, contest.limits[limit].name));
}

void ContestPlan::AddSlack(Claim& claim) {
  const uint64_t width = claim.hi - claim.lo;
  if (claim.left_out || width <= kMaxWidth) return;
  const size_t bits = BitLength(width);
  for (size_t i = 0; i + 1 < bits; ++i) claim.slack.push_back({cells_++, int64_t{1} << i});
  claim.slack.push_back({cells_++, static_cast<int64_t>(width - (uint64_t{1} << (bits - 1)) + 1)});
}

absl::Status ContestPlan::CheckLengths(const ContestBallot& ballot) const {
  URNA_RETURN_IF_ERROR(CheckLength("ciphertexts", ballot.ciphertexts.size(), ciphertext_bytes()));
  URNA_RETURN_IF_ERROR(CheckLength("commitments", ballot.commitments.size(), commitment_bytes()));
  URNA_RETURN_IF_ERROR(CheckLength("challenges", ballot.challenges.size(), challenge_bytes()));
  return CheckLength("responses", ballot.responses.size(), response_bytes());
}

std::string ContestPlan::ProofName(size_t proof) const {
  const Claim* claim = proofs_[proof].claim;
  if (proof < cells_) return cell_names_[proof];
  return linear_names_[static_cast<size_t>(claim - linear_.data())];
}

std::vector<uint64_t> FillSlack(const ContestPlan& plan, std::vector<uint64_t> counted) {
  std::vector<uint64_t> values = std::move(counted);
  values.resize(plan.cells(), 0);
  const auto fill = [&](const Claim& claim) {
    if (claim.slack.empty()) return;
    uint64_t rest = claim.hi;
    for (const Term& term : claim.terms) {
      rest -= static_cast<uint64_t>(term.coefficient) * values[term.cell];
    }
    // The top weight is taken when the others could not make up the rest without it.
    const size_t top = claim.slack.size() - 1;
    const uint64_t top_bit = IsAbove(rest, (uint64_t{1} << top) - 1);
    values[claim.slack[top].cell] = top_bit;
    rest -= top_bit * static_cast<uint64_t>(claim.slack[top].coefficient);
    for (size_t i = 0; i < top; ++i) values[claim.slack[i].cell] = (rest >> i) & 1;
  };
  for (size_t i = 0; i < plan.counted_cells(); ++i) fill(plan.ranges()[i]);
  for (const Claim& claim : plan.linear()) fill(claim);
  return values;
}

}  // namespace urna::election
