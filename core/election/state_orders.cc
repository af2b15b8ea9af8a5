// Officers' orders in an election's log: their places, the opening, revocations, what they change.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/bytes.h"
#include "core/base/status.h"
#include "core/crypto/tag_proof.h"
#include "core/crypto/vartime/point.h"
#include "core/election/state_impl.h"

namespace urna::election {
namespace {

using poll::OrderKind;

// In which phases an order of this kind has its place; none if it is none of an election.
std::vector<Phase> PhasesOf(OrderKind kind) {
  switch (kind) {
    case OrderKind::kOpenElection:
    case OrderKind::kOpenAnonymousElection:
    case OrderKind::kNewAttempt:
      return {Phase::kSetup};
    case OrderKind::kClose:
      return {Phase::kVoting};
    case OrderKind::kRevoke:
    case OrderKind::kRestore:
      return {Phase::kVoting, Phase::kClosed};
    case OrderKind::kSum:
      return {Phase::kClosed};
    case OrderKind::kElectionResult:
      return {Phase::kSummed};
    case OrderKind::kOpenPetition:
    case OrderKind::kOpenAnonymousPetition:
    case OrderKind::kPetitionResult:
    case OrderKind::kStep:
    case OrderKind::kInvite:
    case OrderKind::kConfirm:
    case OrderKind::kRevise:
    case OrderKind::kPaperBatch:
    case OrderKind::kAnonymousResult:
    case OrderKind::kRollEpoch:
      break;
  }
  return {};
}

// Does not keep it alive.
std::shared_ptr<const roll::RollState> Borrow(const roll::RollState* roll) {
  return {std::shared_ptr<const roll::RollState>(), roll};
}

// Which of the two kinds of elections an order is for; none if it is for both.
std::optional<bool> ForAnonymous(OrderKind kind) {
  switch (kind) {
    case OrderKind::kOpenAnonymousElection:
      return true;
    case OrderKind::kOpenElection:
    case OrderKind::kRevoke:
    case OrderKind::kRestore:
      return false;
    default:
      return std::nullopt;
  }
}

}  // namespace

void ElectionState::Impl::CheckRoll(const poll::OpenElection& order, const roll::RollState* pinned,
                                    std::vector<Violation>& out) const {
  if (pinned == nullptr || !pinned->sealed()) {
    AddViolation(out, Check::kS14, "opening: the roll that it pins is not at hand, or not sealed");
    return;
  }
  if (!(pinned->pin() == order.roll)) {
    AddViolation(out, Check::kS14,
                 "opening: identity, size or root of the roll are not those pinned");
  }
  if (!(pinned->header().registrar == manifest().registrar)) {
    AddViolation(out, Check::kS14, "opening: the roll's registrar '",
                 pinned->header().registrar.name, "' is not the manifest's");
  }
  const roll::Census members = EntitledOn(*pinned);
  if (absl::Status status = CheckLargestTotal(manifest(), members); !status.ok()) {
    out.push_back({Check::kS14, Annotate(std::move(status), "opening")});
  }
  for (Violation& violation : CheckWeightClasses(manifest(), members)) {
    out.push_back(std::move(violation));
  }
  if (!manifest().anonymous.has_value()) return;
  const auto heavy = std::find_if(members.begin(), members.end(), [](const auto& of_weight) {
    return of_weight.first.weight != 1;
  });
  if (heavy == members.end()) return;
  AddViolation(out, Check::kS16, "opening: ", heavy->second, " members of district ",
               heavy->first.district, " who may vote have the weight ", heavy->first.weight,
               ", and anonymous ballots all have the weight 1");
}

absl::Status ElectionState::Impl::PlaceOf(const poll::Order& order) const {
  const std::string name = poll::DescribeOrder(order);
  const std::vector<Phase> phases = PhasesOf(order.kind());
  if (phases.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(name, " is none of an election"));
  }
  const bool anonymous = manifest().anonymous.has_value();
  if (ForAnonymous(order.kind()).value_or(anonymous) != anonymous) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " (kind ", static_cast<int>(order.kind()), ") has no place in ",
                     anonymous ? "an anonymous" : "a pseudonymous", " election"));
  }
  if (std::find(phases.begin(), phases.end(), phase) == phases.end()) {
    const std::string where = absl::StrJoin(phases, "' or '", [](std::string* out, Phase one) {
      absl::StrAppend(out, PhaseName(one));
    });
    return absl::FailedPreconditionError(
        absl::StrCat(name, " in the phase '", PhaseName(phase), "', not in '", where, "'"));
  }
  if (const poll::OpenElection* opening_order = poll::ElectionOpening(order);
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

bool ElectionState::HasPlace(const poll::Order& order) const { return impl_->PlaceOf(order).ok(); }

std::vector<Violation> ElectionState::CheckOrder(const poll::SignedOrder& order, uint64_t index,
                                                 const roll::RollState* pinned,
                                                 const PartSums* sums) const {
  std::vector<Violation> out = impl_->orders.Check(order);
  if (absl::Status status = impl_->PlaceOf(order.order); !status.ok()) {
    out.push_back({Check::kS8, std::move(status)});
    return out;
  }
  if (const poll::OpenElection* opening = poll::ElectionOpening(order.order)) {
    impl_->CheckOpening(*opening, pinned, out);
    const auto* anonymous = std::get_if<poll::OpenAnonymousElection>(&order.order.act);
    if (anonymous != nullptr && pinned != nullptr) {
      if (anonymous->epoch != pinned->epoch()) {
        AddViolation(out, Check::kS14, "opening: it says epoch ", anonymous->epoch,
                     ", the roll of this size has epoch ", pinned->epoch());
      }
      impl_->CheckRings(*anonymous, *MakeRings(Borrow(pinned), anonymous->beacon), out);
    }
  } else if (const auto* sum = std::get_if<poll::Sum>(&order.order.act)) {
    impl_->CheckSum(*sum, index, sums, out);
  } else if (const auto* result = std::get_if<poll::ElectionResult>(&order.order.act)) {
    impl_->CheckResult(*result, out);
  } else if (const auto* revoke = std::get_if<poll::Revoke>(&order.order.act)) {
    impl_->CheckNamed(order.order, revoke->credentials, out);
  } else if (const auto* restore = std::get_if<poll::Restore>(&order.order.act)) {
    impl_->CheckNamed(order.order, restore->credentials, out);
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
    AddViolation(out, Check::kS12, "opening: the coefficients in the log give no keys");
  } else {
    if (order.election_key != keys->election_key.bytes()) {
      AddViolation(out, Check::kS12, "opening: the election key is not what the coefficients give");
    }
    if (order.verification_keys.size() != keys->verification_keys.size()) {
      AddViolation(out, Check::kS12, "opening: ", order.verification_keys.size(),
                   " verification keys where ", keys->verification_keys.size(), " belong");
    } else {
      for (size_t j = 0; j < order.verification_keys.size(); ++j) {
        if (order.verification_keys[j] == keys->verification_keys[j].bytes()) continue;
        AddViolation(out, Check::kS12, "opening: the verification key of trustee ", j + 1,
                     " is not what the coefficients give");
      }
    }
  }
  CheckRoll(order, pinned, out);
}

void ElectionState::Impl::CheckNamed(const poll::Order& order,
                                     const std::vector<Credential>& credentials,
                                     std::vector<Violation>& out) const {
  const std::string name = poll::DescribeOrder(order);
  if (order.reason.empty()) AddViolation(out, Check::kS15, name, ": it gives no reason");
  // The roll's own credentials were decoded when it was read.
  std::vector<Credential> strangers;
  for (const Credential& credential : credentials) {
    if (roll == nullptr || roll->Find(credential) == nullptr) strangers.push_back(credential);
  }
  const crypto::vartime::DecodedBatch decoded = crypto::vartime::DecodeBatch(strangers);
  for (size_t i = 0; i < strangers.size(); ++i) {
    const std::string who = absl::StrCat(name, ": credential ", ToHex(strangers[i]));
    // The identity stands for what is not canonical, and no credential is the identity.
    if (decoded.points[i].IsIdentity()) {
      out.push_back({Check::kL3, absl::InvalidArgumentError(absl::StrCat(who, " is no point"))});
    }
    // Without the roll nothing more can be said; S14 has found that it is not at hand.
    if (roll != nullptr) AddViolation(out, Check::kS15, who, " is not on the roll");
  }
}

void ElectionState::ApplyOrder(const poll::SignedOrder& order, uint64_t index,
                               std::shared_ptr<const roll::RollState> pinned,
                               const crypto::Hash32& root_after, const PartSums* sums) {
  Impl& s = *impl_;
  const bool has_place = s.PlaceOf(order.order).ok();
  s.orders.Apply(order);
  if (!has_place) return;
  if (const poll::OpenElection* opening = poll::ElectionOpening(order.order)) {
    s.phase = Phase::kVoting;
    s.opening = *opening;
    s.roll = std::move(pinned);
    s.voting = VotingContext{poll::PollContext(s.poll_id, order.signed_body.body), {}};
    if (const auto* over_rings = std::get_if<poll::OpenAnonymousElection>(&order.order.act)) {
      AnonymousVoting anonymous{crypto::TagBase(s.voting->poll_context), nullptr};
      if (s.roll != nullptr) anonymous.rings = s.MakeRings(s.roll, over_rings->beacon);
      s.voting->anonymous = std::make_shared<const AnonymousVoting>(std::move(anonymous));
      s.pinned_beacon = over_rings->beacon;
    } else {
      s.last_ballots = LastBallots(s.roll);
    }
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
  } else if (const auto* revoke = std::get_if<poll::Revoke>(&order.order.act)) {
    const auto why =
        std::make_shared<const Revocation>(Revocation{order.order.number, order.order.reason});
    for (const Credential& credential : revoke->credentials) s.revoked[credential] = why;
  } else if (const auto* restore = std::get_if<poll::Restore>(&order.order.act)) {
    for (const Credential& credential : restore->credentials) s.revoked.erase(credential);
  } else if (const auto* result = std::get_if<poll::ElectionResult>(&order.order.act)) {
    s.phase = Phase::kFinal;
    s.published = *result;
  }
}

}  // namespace urna::election
