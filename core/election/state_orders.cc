// Officers' orders in an election's log: opening, closing, sum and result.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/crypto/discrete_log.h"
#include "core/election/state_impl.h"

namespace urna::election {
namespace {

using poll::OrderKind;

// Null if the order's kind is none of an election.
const Phase* PhaseBefore(OrderKind kind) {
  static constexpr Phase kSetup = Phase::kSetup, kVoting = Phase::kVoting, kClosed = Phase::kClosed,
                         kSummed = Phase::kSummed;
  switch (kind) {
    case OrderKind::kOpenElection:
    case OrderKind::kNewAttempt:
      return &kSetup;
    case OrderKind::kClose:
      return &kVoting;
    case OrderKind::kSum:
      return &kClosed;
    case OrderKind::kElectionResult:
      return &kSummed;
    case OrderKind::kOpenPetition:
    case OrderKind::kPetitionResult:
      break;
  }
  return nullptr;
}

template <typename... Words>
void Add(std::vector<Violation>& out, Check check, const Words&... words) {
  out.push_back({check, absl::FailedPreconditionError(absl::StrCat(words...))});
}

// S14 about the roll itself.
void CheckRoll(const Manifest& manifest, const roll::RollPin& pin, const roll::RollState* pinned,
               std::vector<Violation>& out) {
  if (pinned == nullptr || !pinned->sealed()) {
    Add(out, Check::kS14, "opening: the roll that it pins is not at hand, or not sealed");
    return;
  }
  if (!(pinned->pin() == pin)) {
    Add(out, Check::kS14, "opening: identity, size or root of the roll are not those pinned");
  }
  if (!(pinned->header().registrar == manifest.registrar)) {
    Add(out, Check::kS14, "opening: the roll's registrar '", pinned->header().registrar.name,
        "' is not the manifest's");
  }
  uint64_t most = 0;
  for (const Contest& contest : manifest.contests) {
    most = std::max<uint64_t>(most, contest.option_max);
  }
  if (most > 0 && pinned->members() > crypto::DiscreteLog::kMaxBound / most) {
    Add(out, Check::kS14, "opening: ", pinned->members(), " members with up to ", most,
        " for an option could exceed ", crypto::DiscreteLog::kMaxBound,
        ", more than can be decrypted");
  }
}

// C8 about one part; false if its totals make no sense at all.
void CheckPartTotals(const Contest* contest, const poll::Part& part, size_t number,
                     const std::vector<uint64_t>& totals, std::vector<Violation>& out) {
  const std::string where = absl::StrCat("result, part ", number);
  if (contest == nullptr || totals.size() != contest->options.size()) {
    Add(out, Check::kC8, where, ": ", totals.size(), " totals where ",
        contest == nullptr ? 0 : contest->options.size(), " belong");
    return;
  }
  const uint64_t most = contest->option_max * part.ballots;
  uint64_t sum = 0;
  for (size_t option = 0; option < totals.size(); ++option) {
    if (totals[option] > most) {
      Add(out, Check::kC8, where, ", option ", option + 1, ": the total ", totals[option],
          " is above ", most, ", which ", part.ballots, " ballots can give");
      return;
    }
    sum += totals[option];
  }
  if (sum < part.ballots * contest->sum_min || sum > part.ballots * contest->sum_max) {
    Add(out, Check::kC8, where, ": the totals' sum ", sum, " is not in ",
        part.ballots * contest->sum_min, "..", part.ballots * contest->sum_max);
  }
}

}  // namespace

absl::Status ElectionState::Impl::PlaceOf(const poll::Order& order) const {
  const std::string name = poll::DescribeOrder(order);
  const Phase* before = PhaseBefore(order.kind());
  if (before == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(name, " is none of an election"));
  }
  if (phase != *before) {
    return absl::FailedPreconditionError(absl::StrCat(name, " in the phase '", PhaseName(phase),
                                                      "', not in '", PhaseName(*before), "'"));
  }
  if (const auto* opening_order = std::get_if<poll::OpenElection>(&order.act);
      opening_order != nullptr && opening_order->attempt != ceremony.attempt()) {
    return absl::FailedPreconditionError(absl::StrCat(name, " of attempt ", opening_order->attempt,
                                                      " where attempt ", ceremony.attempt(),
                                                      " is the current one"));
  }
  if (const auto* next = std::get_if<poll::NewAttempt>(&order.act);
      next != nullptr && next->attempt != uint32_t{ceremony.attempt()} + 1) {
    return absl::FailedPreconditionError(
        absl::StrCat(name, " with number ", next->attempt, " after attempt ", ceremony.attempt()));
  }
  return absl::OkStatus();
}

std::vector<Violation> ElectionState::CheckOrder(const poll::SignedOrder& order, uint64_t index,
                                                 const roll::RollState* pinned,
                                                 const PartSums* sums) const {
  std::vector<Violation> out = impl_->orders.Check(order);
  if (absl::Status status = impl_->PlaceOf(order.order); !status.ok()) {
    out.push_back({Check::kS8, std::move(status)});
    return out;
  }
  if (const auto* opening = std::get_if<poll::OpenElection>(&order.order.act)) {
    impl_->CheckOpening(*opening, pinned, out);
  } else if (const auto* sum = std::get_if<poll::Sum>(&order.order.act)) {
    impl_->CheckSum(*sum, index, sums, out);
  } else if (const auto* result = std::get_if<poll::ElectionResult>(&order.order.act)) {
    impl_->CheckResult(*result, out);
  }
  return out;
}

void ElectionState::Impl::CheckOpening(const poll::OpenElection& order,
                                       const roll::RollState* pinned,
                                       std::vector<Violation>& out) const {
  for (Violation& violation : ceremony.CheckReady()) out.push_back(std::move(violation));
  const auto check_canonical = [&](ByteSpan key, const std::string& what) {
    const absl::Status status = crypto::RistrettoPoint::DecodeNonIdentity(key).status();
    if (!status.ok()) out.push_back({Check::kL3, Annotate(status, what)});
  };
  check_canonical(order.election_key, "opening: election key");
  for (size_t j = 0; j < order.verification_keys.size(); ++j) {
    check_canonical(order.verification_keys[j],
                    absl::StrCat("opening: verification key of trustee ", j + 1));
  }

  const std::optional<Ceremony::Keys>& keys = ceremony.keys();
  if (!keys.has_value()) {
    Add(out, Check::kS12, "opening: the coefficients in the log give no keys");
  } else {
    if (order.election_key != keys->election_key.bytes()) {
      Add(out, Check::kS12, "opening: the election key is not what the coefficients give");
    }
    if (order.verification_keys.size() != keys->verification_keys.size()) {
      Add(out, Check::kS12, "opening: ", order.verification_keys.size(),
          " verification keys where ", keys->verification_keys.size(), " belong");
    } else {
      for (size_t j = 0; j < order.verification_keys.size(); ++j) {
        if (order.verification_keys[j] == keys->verification_keys[j].bytes()) continue;
        Add(out, Check::kS12, "opening: the verification key of trustee ", j + 1,
            " is not what the coefficients give");
      }
    }
  }
  CheckRoll(manifest(), order.roll, pinned, out);
}

void ElectionState::Impl::CheckSum(const poll::Sum& order, uint64_t index, const PartSums* sums,
                                   std::vector<Violation>& out) const {
  const std::vector<uint64_t> counted = Counted();
  if (order.tree_size != index) {
    Add(out, Check::kC1, "sum: tree size ", order.tree_size, " where the order's index ", index,
        " belongs");
  }
  if (order.counted != counted.size()) {
    Add(out, Check::kC1, "sum: ", order.counted, " counted ballots where there are ",
        counted.size());
  }
  if (order.counted_hash != CountedHash(voting->poll_context, counted)) {
    Add(out, Check::kC1, "sum: the hash of the counted set is another");
  }
  const std::vector<poll::Part> parts = Parts();
  if (order.parts != parts) {
    size_t part = 0;
    while (part < parts.size() && part < order.parts.size() && parts[part] == order.parts[part]) {
      ++part;
    }
    Add(out, Check::kC2, "sum: part ", part, " is not that of the counted set (", parts.size(),
        " parts, ", order.parts.size(), " in the order)");
    return;
  }
  if (sums != nullptr && order.sums_hash != SumsHash(voting->poll_context, parts, *sums)) {
    Add(out, Check::kC3, "sum: the hash of the sums is another");
  }
}

void ElectionState::Impl::CheckResult(const poll::ElectionResult& order,
                                      std::vector<Violation>& out) const {
  const std::vector<poll::Part>& parts = summed->sum.parts;
  const size_t before = out.size();
  for (size_t part = 0; part < parts.size(); ++part) {
    const size_t given = part < shares.size() ? shares[part].size() : 0;
    if (given < manifest().trustee_threshold) {
      Add(out, Check::kC6, "result: part ", part, " has shares of ", given, " trustees where ",
          manifest().trustee_threshold, " are needed");
    }
  }
  if (order.results.size() != parts.size()) {
    Add(out, Check::kC8, "result: ", order.results.size(), " parts where there are ", parts.size());
  }
  for (size_t i = 0; i < order.results.size() && i < parts.size(); ++i) {
    if (order.results[i].part != i) {
      Add(out, Check::kC8, "result: part ", order.results[i].part, " stands where part ", i,
          " belongs");
      continue;
    }
    CheckPartTotals(manifest().FindContest(parts[i].contest), parts[i], i, order.results[i].totals,
                    out);
  }
  // Totals can be compared only where they are in place, with shares to compare them to.
  if (out.size() != before || !summed->sums.has_value()) return;
  const auto decrypted = DecryptPoints();
  if (!decrypted.ok()) {
    out.push_back({Check::kC7, Annotate(decrypted.status(), "result")});
    return;
  }
  for (size_t i = 0; i < parts.size(); ++i) {
    for (size_t option = 0; option < order.results[i].totals.size(); ++option) {
      const uint64_t total = order.results[i].totals[option];
      const crypto::RistrettoPoint claimed =
          crypto::MulBaseVarTime(crypto::Scalar::FromUint64(total));
      if (claimed == (*decrypted)[i][option]) continue;
      Add(out, Check::kC7, "result, part ", i, ", option ", option + 1, ": the total ", total,
          " is not what the shares decrypt");
    }
  }
}

void ElectionState::ApplyOrder(const poll::SignedOrder& order, uint64_t index,
                               std::shared_ptr<const roll::RollState> pinned,
                               const crypto::Hash32& root_after, const PartSums* sums) {
  Impl& s = *impl_;
  const bool has_place = s.PlaceOf(order.order).ok();
  s.orders.Apply(order);
  if (!has_place) return;
  if (const auto* opening = std::get_if<poll::OpenElection>(&order.order.act)) {
    s.phase = Phase::kVoting;
    s.opening = *opening;
    s.roll = std::move(pinned);
    s.voting = VotingContext{poll::PollContext(s.poll_id, order.signed_body.body), {}};
    const auto key = crypto::RistrettoPoint::DecodeNonIdentity(opening->election_key);
    if (key.ok()) s.voting->election_key = *key;
    for (const auto& bytes : opening->verification_keys) {
      const auto x = crypto::RistrettoPoint::DecodeNonIdentity(bytes);
      s.verification_keys.push_back(x.ok() ? std::optional(*x) : std::nullopt);
    }
  } else if (std::holds_alternative<poll::Close>(order.order.act)) {
    s.phase = Phase::kClosed;
  } else if (const auto* next = std::get_if<poll::NewAttempt>(&order.order.act)) {
    s.ceremony = Ceremony(s.poll_id, next->attempt, s.trustees(), s.manifest().trustee_threshold);
  } else if (const auto* sum = std::get_if<poll::Sum>(&order.order.act)) {
    s.phase = Phase::kSummed;
    // Sums are of the parts of the counted set; they say nothing about others.
    const bool usable =
        sums != nullptr && sums->size() == sum->parts.size() && sum->parts == s.Parts();
    s.summed = Summed{*sum, s.orders.last_hash(), index, root_after,
                      usable ? std::optional(*sums) : std::nullopt};
    s.shares.assign(sum->parts.size(), {});
  } else if (const auto* result = std::get_if<poll::ElectionResult>(&order.order.act)) {
    s.phase = Phase::kFinal;
    s.published = *result;
  }
}

poll::Sum ElectionState::SumOrder(uint64_t index, const PartSums& sums) const {
  const crypto::Hash32 context =
      impl_->voting.has_value() ? impl_->voting->poll_context : crypto::Hash32{};
  const std::vector<uint64_t> counted = Counted();
  poll::Sum out;
  out.tree_size = index;
  out.counted = counted.size();
  out.counted_hash = CountedHash(context, counted);
  out.parts = Parts();
  out.sums_hash = SumsHash(context, out.parts, sums);
  return out;
}

}  // namespace urna::election
