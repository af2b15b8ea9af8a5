// The count in an election's log: orders sum and result. docs/protocol.md §9.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/election/contest_plan.h"
#include "core/election/outcome.h"
#include "core/election/state_impl.h"

namespace urna::election {
namespace {

__extension__ typedef __int128 Wide;  // sums of coefficients below 2^48 times totals

// C8 about one claim, without its slack: the totals' sum against w·lo..w·hi.
bool Holds(const Claim& claim, uint64_t weight, const std::vector<uint64_t>& totals) {
  Wide sum = 0;
  for (const Term& term : claim.terms) sum += Wide{term.coefficient} * totals[term.cell];
  return sum >= Wide{claim.lo} * weight && sum <= Wide{claim.hi} * weight;
}

// C8 about one part.
void CheckPartTotals(const Contest* contest, const poll::Part& part, size_t number,
                     const std::vector<uint64_t>& totals, std::vector<Violation>& out) {
  const std::string where = absl::StrCat("result, part ", number);
  if (contest == nullptr || totals.size() != contest->CountedCells()) {
    AddViolation(out, Check::kC8, where, ": ", totals.size(), " totals where ",
                 contest == nullptr ? 0 : contest->CountedCells(), " belong");
    return;
  }
  const ContestPlan plan(*contest);
  for (size_t cell = 0; cell < totals.size(); ++cell) {
    if (Wide{totals[cell]} <= Wide{plan.Maximum(cell)} * part.weight) continue;
    AddViolation(out, Check::kC8, where, ", ", plan.CellName(cell), ": the total ", totals[cell],
                 " is above ", plan.Maximum(cell), " for each of the weight ", part.weight);
    return;
  }
  for (size_t i = 0; i < plan.linear().size(); ++i) {
    const Claim& claim = plan.linear()[i];
    if (Holds(claim, part.weight, totals)) continue;
    AddViolation(out, Check::kC8, where, ", ", plan.LinearName(i), ": the totals are not within ",
                 claim.lo, "..", claim.hi, " for each of the weight ", part.weight);
  }
}

// C9: where the outcomes that were computed and those that are stated part.
std::string DescribeDifference(const std::vector<poll::Outcome>& computed,
                               const std::vector<poll::Outcome>& stated) {
  size_t i = 0;
  while (i < computed.size() && i < stated.size() && computed[i] == stated[i]) ++i;
  if (i == computed.size()) {
    return absl::StrCat("result: an outcome of contest ", stated[i].contest,
                        ", which has none or stands before");
  }
  return absl::StrCat("result: the outcome of contest ", computed[i].contest,
                      " is not what its rule gives from the totals");
}

}  // namespace

void ElectionState::Impl::CheckSum(const poll::Sum& order, uint64_t index, const PartSums* sums,
                                   std::vector<Violation>& out) const {
  const std::vector<uint64_t> counted = Counted();
  if (order.tree_size != index) {
    AddViolation(out, Check::kC1, "sum: tree size ", order.tree_size, " where the order's index ",
                 index, " belongs");
  }
  if (order.counted != counted.size()) {
    AddViolation(out, Check::kC1, "sum: ", order.counted, " counted ballots where there are ",
                 counted.size());
  }
  if (order.counted_hash != CountedHash(voting->poll_context, counted)) {
    AddViolation(out, Check::kC1, "sum: the hash of the counted set is another");
  }
  const std::vector<poll::Part> parts = Parts();
  if (order.parts != parts) {
    size_t part = 0;
    while (part < parts.size() && part < order.parts.size() && parts[part] == order.parts[part]) {
      ++part;
    }
    AddViolation(out, Check::kC2, "sum: part ", part, " is not that of the counted set (",
                 parts.size(), " parts, ", order.parts.size(), " in the order)");
    return;
  }
  if (sums != nullptr && order.sums_hash != SumsHash(voting->poll_context, parts, *sums)) {
    AddViolation(out, Check::kC3, "sum: the hash of the sums is another");
  }
}

void ElectionState::Impl::CheckResult(const poll::ElectionResult& order,
                                      std::vector<Violation>& out) const {
  const std::vector<poll::Part>& parts = summed->sum.parts;
  const size_t before = out.size();
  if (order.results.size() != parts.size()) {
    AddViolation(out, Check::kC8, "result: ", order.results.size(), " parts where there are ",
                 parts.size());
  }
  for (size_t i = 0; i < order.results.size() && i < parts.size(); ++i) {
    if (order.results[i].part != i) {
      AddViolation(out, Check::kC8, "result: part ", order.results[i].part, " stands where part ",
                   i, " belongs");
      continue;
    }
    CheckPartTotals(manifest().FindContest(parts[i].contest), parts[i], i, order.results[i].totals,
                    out);
  }
  const bool in_place = out.size() == before;
  bool enough_shares = true;
  for (size_t part = 0; part < parts.size(); ++part) {
    const size_t given = part < shares.size() ? shares[part].size() : 0;
    if (given >= manifest().trustee_threshold) continue;
    enough_shares = false;
    AddViolation(out, Check::kC6, "result: part ", part, " has shares of ", given,
                 " trustees where ", manifest().trustee_threshold, " are needed");
  }
  // Nothing follows from totals that are not in place, and without shares nothing decrypts.
  if (in_place) CheckOutcomes(order, out);
  if (in_place && enough_shares && summed->sums.has_value()) CheckTotals(order, out);
}

void ElectionState::Impl::CheckOutcomes(const poll::ElectionResult& order,
                                        std::vector<Violation>& out) const {
  // Without the roll nobody knows how many may vote; that is a violation elsewhere (S14).
  if (roll == nullptr) return;
  const auto outcomes = Outcomes(order.results);
  if (!outcomes.ok()) {
    out.push_back({Check::kC9, Annotate(outcomes.status(), "result")});
  } else if (*outcomes != order.outcomes) {
    AddViolation(out, Check::kC9, DescribeDifference(*outcomes, order.outcomes));
  }
}

void ElectionState::Impl::CheckTotals(const poll::ElectionResult& order,
                                      std::vector<Violation>& out) const {
  const auto decrypted = DecryptPoints();
  if (!decrypted.ok()) {
    out.push_back({Check::kC7, Annotate(decrypted.status(), "result")});
    return;
  }
  for (size_t i = 0; i < order.results.size(); ++i) {
    const ContestPlan plan(*manifest().FindContest(summed->sum.parts[i].contest));
    for (size_t cell = 0; cell < order.results[i].totals.size(); ++cell) {
      const uint64_t total = order.results[i].totals[cell];
      const crypto::RistrettoPoint claimed =
          crypto::MulBaseVarTime(crypto::Scalar::FromUint64(total));
      if (claimed == (*decrypted)[i][cell]) continue;
      AddViolation(out, Check::kC7, "result, part ", i, ", ", plan.CellName(cell), ": the total ",
                   total, " is not what the shares decrypt");
    }
  }
}

poll::Sum ElectionState::SumOrder(uint64_t index, const PartSums& sums) const {
  const crypto::Hash32 context =
      impl_->voting.has_value() ? impl_->voting->poll_context : crypto::Hash32{};
  const std::vector<uint64_t> counted = impl_->Counted();
  poll::Sum out;
  out.tree_size = index;
  out.counted = counted.size();
  out.counted_hash = CountedHash(context, counted);
  out.parts = Parts();
  out.sums_hash = SumsHash(context, out.parts, sums);
  return out;
}

absl::StatusOr<std::vector<poll::Outcome>> ElectionState::Impl::Outcomes(
    const std::vector<poll::PartTotals>& totals) const {
  std::map<uint16_t, uint64_t> weights;  // by district
  if (roll != nullptr) {
    for (const auto& [member, count] : EntitledOn(*roll)) {
      weights[member.district] += member.weight * count;
    }
  }
  return OutcomesOf(manifest(), summed->sum.parts, totals, EligibleByContest(manifest(), weights));
}

absl::StatusOr<poll::ElectionResult> ElectionState::ResultOrder() const {
  poll::ElectionResult out;
  URNA_ASSIGN_OR_RETURN(out.results, Decrypt());
  URNA_ASSIGN_OR_RETURN(out.outcomes, impl_->Outcomes(out.results));
  return out;
}

}  // namespace urna::election
