#include "core/election/outcome.h"

#include <gmpxx.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace urna::election {
namespace {

using poll::Outcome;
using Wide = unsigned __int128;  // products of a total and a small number
using Positions = std::vector<uint16_t>;

// Positions 0..totals−1 whose total is not 0, by total descending, equal ones by `before`, and
// then in ballot order.
template <typename Before>
Positions Ranked(size_t options, const std::vector<uint64_t>& totals, const Before& before) {
  Positions out;
  for (size_t i = 0; i < options; ++i) {
    if (totals[i] > 0) out.push_back(static_cast<uint16_t>(i));
  }
  std::stable_sort(out.begin(), out.end(), [&](uint16_t a, uint16_t b) {
    return totals[a] != totals[b] ? totals[a] > totals[b] : before(a, b);
  });
  return out;
}

constexpr auto kBallotOrder = [](uint16_t, uint16_t) { return false; };

void Decide(const NoResultRule&, const Contest&, const std::vector<uint64_t>&, uint64_t, uint64_t,
            Outcome&) {}

void Decide(const MostVotes& rule, const Contest& contest, const std::vector<uint64_t>& totals,
            uint64_t, uint64_t, Outcome& out) {
  out.winners = Ranked(contest.options.size(), totals, kBallotOrder);
  if (out.winners.size() <= rule.seats) return;
  const uint64_t first_without = totals[out.winners[rule.seats]];
  const bool tie = totals[out.winners[rule.seats - 1]] == first_without;
  if (rule.tie == MostVotes::Tie::kBallotOrder || !tie) {
    out.winners.resize(rule.seats);
    return;
  }
  for (size_t i = 0; i < contest.options.size(); ++i) {
    if (totals[i] == first_without) out.tied.push_back(static_cast<uint16_t>(i));
  }
  std::erase_if(out.winners, [&](uint16_t i) { return totals[i] <= first_without; });
}

// The lists of a contest while seats are given to them.
struct ListsInCount {
  std::vector<uint64_t> votes;    // T_j, 0 for lists that do not take part
  std::vector<uint16_t> options;  // how many options each has: no more seats than that
  std::vector<uint16_t> seats;    // s_j

  bool MayTake(size_t list) const { return votes[list] > 0 && seats[list] < options[list]; }
};

ListsInCount TakePart(const Contest& contest, const std::vector<uint64_t>& totals,
                      uint16_t threshold) {
  const size_t lists = contest.lists.size();
  ListsInCount out{{}, std::vector<uint16_t>(lists, 0), std::vector<uint16_t>(lists, 0)};
  const auto first = totals.begin() + static_cast<ptrdiff_t>(contest.options.size());
  out.votes.assign(first, first + static_cast<ptrdiff_t>(lists));
  const Wide all = std::accumulate(out.votes.begin(), out.votes.end(), Wide{0});
  for (uint64_t& votes : out.votes) {
    if (Wide{votes} * 10000 < all * threshold) votes = 0;
  }
  for (const Option& option : contest.options) ++out.options[option.list];
  return out;
}

// Seat by seat to the largest T_j^power / (s_j + 1)^divisor.
void GiveByQuotients(unsigned power, unsigned divisor, uint16_t seats, ListsInCount& lists) {
  std::vector<mpz_class> votes(lists.votes.size()), divisors(lists.votes.size(), 1);
  for (size_t i = 0; i < votes.size(); ++i) {
    static_assert(sizeof(unsigned long) == sizeof(uint64_t));
    mpz_ui_pow_ui(votes[i].get_mpz_t(), lists.votes[i], power);
  }
  for (; seats > 0; --seats) {
    size_t best = votes.size();
    for (size_t i = 0; i < votes.size(); ++i) {
      if (!lists.MayTake(i)) continue;
      if (best == votes.size() || votes[i] * divisors[best] > votes[best] * divisors[i]) best = i;
    }
    if (best == votes.size()) return;
    ++lists.seats[best];
    mpz_ui_pow_ui(divisors[best].get_mpz_t(), lists.seats[best] + 1UL, divisor);
  }
}

// ⌊T_j·seats / V⌋ to each, then one each in the order of the largest remainders, round and round.
void GiveByRemainders(uint16_t seats, ListsInCount& lists) {
  const Wide all = std::accumulate(lists.votes.begin(), lists.votes.end(), Wide{0});
  if (all == 0) return;
  std::vector<Wide> remainders;
  std::vector<size_t> order(lists.votes.size());
  std::iota(order.begin(), order.end(), size_t{0});
  uint64_t left = seats;
  for (size_t i = 0; i < lists.votes.size(); ++i) {
    const Wide share = Wide{lists.votes[i]} * seats;
    lists.seats[i] = static_cast<uint16_t>(std::min<Wide>(share / all, lists.options[i]));
    left -= lists.seats[i];
    remainders.push_back(share % all);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return remainders[a] > remainders[b]; });
  for (bool given = true; left > 0 && given;) {
    given = false;
    for (size_t i : order) {
      if (left == 0 || !lists.MayTake(i)) continue;
      ++lists.seats[i];
      --left;
      given = true;
    }
  }
}

void Decide(const ListSeats& rule, const Contest& contest, const std::vector<uint64_t>& totals,
            uint64_t, uint64_t, Outcome& out) {
  ListsInCount lists = TakePart(contest, totals, rule.threshold);
  switch (rule.method) {
    case ListSeats::Method::kDHondt:
      GiveByQuotients(1, 1, rule.seats, lists);
      break;
    case ListSeats::Method::kModifiedDHondt:
      GiveByQuotients(10, 9, rule.seats, lists);
      break;
    case ListSeats::Method::kHareNiemeyer:
      GiveByRemainders(rule.seats, lists);
      break;
  }
  for (size_t list = 0; list < contest.lists.size(); ++list) {
    Positions candidates;
    for (size_t i = 0; i < contest.options.size(); ++i) {
      if (contest.options[i].list == list) candidates.push_back(static_cast<uint16_t>(i));
    }
    std::stable_sort(candidates.begin(), candidates.end(),
                     [&](uint16_t a, uint16_t b) { return totals[a] > totals[b]; });
    out.winners.insert(out.winners.end(), candidates.begin(),
                       candidates.begin() + lists.seats[list]);
  }
  out.seats = std::move(lists.seats);
}

void Decide(const GreedyBudget& rule, const Contest& contest, const std::vector<uint64_t>& totals,
            uint64_t, uint64_t, Outcome& out) {
  const auto cost = [&](uint16_t option) { return contest.options[option].cost; };
  const auto before = [&](uint16_t a, uint16_t b) {
    switch (rule.tie) {
      case GreedyBudget::Tie::kLowerCost:
        return cost(a) < cost(b);
      case GreedyBudget::Tie::kHigherCost:
        return cost(a) > cost(b);
      case GreedyBudget::Tie::kBallotOrder:
        break;
    }
    return false;
  };
  uint64_t left = rule.budget;
  for (uint16_t option : Ranked(contest.options.size(), totals, before)) {
    if (cost(option) <= left) {
      out.winners.push_back(option);
      left -= cost(option);
    } else if (rule.reading == GreedyBudget::Reading::kStop) {
      return;
    }
  }
}

void Decide(const YesNo& rule, const Contest&, const std::vector<uint64_t>& totals, uint64_t weight,
            uint64_t eligible, Outcome& out) {
  const Wide base =
      rule.base == YesNo::Base::kYesAndNo ? Wide{totals[0]} + totals[1] : Wide{weight};
  const Wide yes = Wide{totals[0]} * rule.denominator;
  const Wide needed = base * rule.numerator;
  const bool quorum = Wide{weight} * 10000 >= Wide{eligible} * rule.quorum;
  const bool majority = rule.comparison == YesNo::Comparison::kMoreThan
                            ? yes > needed
                            : yes >= needed && totals[0] >= 1;
  out.winners = {static_cast<uint16_t>(quorum && majority ? 0 : 1)};
}

absl::Status AddTo(uint64_t& sum, uint64_t value) {
  if (!__builtin_add_overflow(sum, value, &sum)) return absl::OkStatus();
  return absl::InvalidArgumentError("the sum of the parts does not fit into 64 bits");
}

// The totals and the weight of a contest, over its parts.
struct ContestTotals {
  std::vector<uint64_t> cells;
  uint64_t weight = 0;
};

absl::Status AddPart(const Contest& contest, const poll::Part& part, const poll::PartTotals& result,
                     ContestTotals& out) {
  if (result.totals.size() != contest.CountedCells()) {
    return absl::InvalidArgumentError(
        absl::StrCat(result.totals.size(), " totals where ", contest.CountedCells(), " belong"));
  }
  out.cells.resize(contest.CountedCells(), 0);
  for (size_t i = 0; i < out.cells.size(); ++i) {
    URNA_RETURN_IF_ERROR(AddTo(out.cells[i], result.totals[i]));
  }
  return AddTo(out.weight, part.weight);
}

}  // namespace

Outcome OutcomeOf(const Contest& contest, const std::vector<uint64_t>& totals, uint64_t weight,
                  uint64_t eligible) {
  Outcome out;
  out.contest = contest.number;
  std::visit([&](const auto& rule) { Decide(rule, contest, totals, weight, eligible, out); },
             contest.result);
  return out;
}

std::map<uint16_t, uint64_t> EligibleByContest(
    const Manifest& manifest, const std::map<uint16_t, uint64_t>& weight_by_district) {
  std::map<uint16_t, uint64_t> out;
  for (const Contest& contest : manifest.contests) out[contest.number] = 0;
  for (const District& district : manifest.districts) {
    const auto weight = weight_by_district.find(district.number);
    const Style* style = manifest.FindStyle(district.style);
    if (weight == weight_by_district.end() || style == nullptr) continue;
    for (uint16_t contest : style->contests) out[contest] += weight->second;
  }
  return out;
}

absl::StatusOr<std::vector<Outcome>> OutcomesOf(const Manifest& manifest,
                                                const std::vector<poll::Part>& parts,
                                                const std::vector<poll::PartTotals>& results,
                                                const std::map<uint16_t, uint64_t>& eligible) {
  if (parts.size() != results.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("results of ", results.size(), " parts where there are ", parts.size()));
  }
  std::map<uint16_t, ContestTotals> totals;
  for (size_t i = 0; i < parts.size(); ++i) {
    const Contest* contest = manifest.FindContest(parts[i].contest);
    if (contest == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("part ", i, ": there is no contest ", parts[i].contest));
    }
    if (results[i].part != i) {
      return absl::InvalidArgumentError(absl::StrCat("the result of part ", results[i].part,
                                                     " stands where that of part ", i, " belongs"));
    }
    URNA_RETURN_IF_ERROR(Annotate(AddPart(*contest, parts[i], results[i], totals[contest->number]),
                                  absl::StrCat("part ", i)));
  }
  std::vector<Outcome> out;
  for (const auto& [number, sums] : totals) {
    const Contest& contest = *manifest.FindContest(number);
    if (std::holds_alternative<NoResultRule>(contest.result)) continue;
    const auto found = eligible.find(number);
    out.push_back(
        OutcomeOf(contest, sums.cells, sums.weight, found == eligible.end() ? 0 : found->second));
  }
  return out;
}

}  // namespace urna::election
