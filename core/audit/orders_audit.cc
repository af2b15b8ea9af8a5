// Officers' orders in a poll's log, and the roll that the opening one pins, as PollAudit takes
// them.
#include <filesystem>
#include <set>

#include "absl/strings/str_cat.h"
#include "core/audit/poll_audit.h"

namespace urna::audit {
namespace {

constexpr size_t kRingBytes = size_t{64} << 20;  // of rings that are kept decoded

}  // namespace

// `opening`: the index of the order that pins it.
void PollAudit::LoadRoll(const roll::RollPin& pin, uint64_t opening) {
  if (roll_loaded_) return;
  roll_loaded_ = true;
  const std::string directory = record::RollDirectory(record_, pin.roll_id);
  if (!std::filesystem::exists(directory)) {
    findings_.Fail(
        Check::kL2, "",
        absl::NotFoundError(absl::StrCat("the roll that the opening order pins is missing: ",
                                         std::filesystem::path(directory).filename().string())));
    for (Check check :
         {Check::kS3, Check::kS4, Check::kS15, Check::kS16, Check::kB12, Check::kP8}) {
      findings_.NotRun(check, "the roll is missing");
    }
    return;
  }
  const bool proved = VerifiedBefore(opening);
  roll_audit_ = std::make_unique<RollAudit>(directory, pin, options_, proved, findings_);
  roll_ = roll_audit_->At(pin.size, proved);
}

// As an order of a petition pins it that has its place; null if it pins none, or there is none.
RollAudit::State PollAudit::RollOf(const poll::Order& order, uint64_t index) {
  const std::optional<roll::RollPin> pin = petition_->PinOf(order);
  if (!pin.has_value()) return nullptr;
  if (poll::PetitionOpening(order) != nullptr) {
    LoadRoll(*pin, index);
    return roll_;
  }
  return roll_audit_ == nullptr ? nullptr : roll_audit_->At(pin->size, VerifiedBefore(index));
}

// What an order that has its place gives the checks to look at.
void PollAudit::LookedAtOrder(const poll::Order& order) {
  const auto& act = order.act;
  if (poll::ElectionOpening(order) != nullptr) {
    for (Check check : {Check::kS11, Check::kS12, Check::kS14, Check::kS16}) {
      findings_.Looked(check, 1, "openings");
    }
    if (election_->manifest().anonymous.has_value()) {
      findings_.Looked(Check::kB12, 1, "openings");
    }
  } else if (const auto* revoke = std::get_if<poll::Revoke>(&act)) {
    findings_.Looked(Check::kS15, revoke->credentials.size(), "credentials");
  } else if (const auto* restore = std::get_if<poll::Restore>(&act)) {
    findings_.Looked(Check::kS15, restore->credentials.size(), "credentials");
  } else if (std::holds_alternative<poll::Sum>(act)) {
    for (Check check : {Check::kC1, Check::kC2, Check::kC3}) findings_.Looked(check, 1, "sums");
  } else if (const auto* result = std::get_if<poll::ElectionResult>(&act)) {
    std::set<uint16_t> decided;  // contests that must have an outcome
    const std::vector<poll::Part>& parts = election_->summed()->sum.parts;
    for (const poll::Part& part : parts) {
      const election::Contest* contest = election_->manifest().FindContest(part.contest);
      if (contest != nullptr && contest->result.index() != 0) decided.insert(contest->number);
    }
    for (Check check : {Check::kC6, Check::kC8}) findings_.Looked(check, parts.size(), "parts");
    for (const poll::PartTotals& part : result->results) {
      findings_.Looked(Check::kC7, part.totals.size(), "totals");
    }
    findings_.Looked(Check::kC9, decided.size(), "outcomes");
  }
}

void PollAudit::TakeElectionOrder(uint64_t index, const poll::SignedOrder& order) {
  for (Check check : {Check::kS5, Check::kS6, Check::kS7}) findings_.Looked(check, 1, "orders");
  findings_.Looked(Check::kS8, 1, "orders and trustee messages");
  // An order without a place is asked nothing else (§12), and what it names is not read.
  const bool placed = election_->HasPlace(order.order);
  if (placed) LookedAtOrder(order.order);
  if (placed) witnesses_.TakeOrder(index, order.order);
  std::optional<election::PartSums> sums;
  const poll::OpenElection* open = poll::ElectionOpening(order.order);
  if (placed && open != nullptr) LoadRoll(open->roll, index);
  if (placed && std::holds_alternative<poll::Sum>(order.order.act)) {
    absl::StatusOr<election::PartSums> found = sums_->Total(log_, *election_, options_.threads);
    if (found.ok()) {
      sums = *std::move(found);
    } else {
      findings_.NotRun(Check::kC3, found.status().message());
    }
  }
  const election::PartSums* known = sums.has_value() ? &*sums : nullptr;
  Add(election_->CheckOrder(order, index, roll_.get(), known), index,
      absl::StrCat("order '", poll::OrderName(order.order.kind()), "'"));
  election_->ApplyOrder(order, index, roll_, tree_.root(), known);
  if (placed && open != nullptr && election_->voting()->anonymous != nullptr) {
    rings_ = std::make_unique<roll::RingCache>(kRingBytes);
  }
}

// The same of a petition.
void PollAudit::LookedAtPetitionOrder(const poll::Order& order) {
  const petition::Manifest& manifest = petition_->manifest();
  const bool anonymous = manifest.anonymous.has_value();
  const absl::string_view texts = anonymous ? "texts" : "openings";
  if (poll::PetitionOpening(order) != nullptr) {
    findings_.Looked(Check::kS14, 1, "openings");
    findings_.Looked(Check::kP1, 1, texts);
    if (anonymous) findings_.Looked(Check::kP8, 1, "openings");
    return;
  }
  const auto initiators = [&] {
    findings_.Looked(Check::kP9, 1, "invitations, confirmations and submissions");
  };
  switch (order.kind()) {
    case poll::OrderKind::kAnonymousResult:
      findings_.Looked(Check::kP11, 1 + manifest.anonymous->minimums.size(), "minimums");
      [[fallthrough]];
    case poll::OrderKind::kPetitionResult:
      findings_.Looked(Check::kP6, 1 + manifest.districts.size(), "counts");
      findings_.Looked(Check::kP7, manifest.thresholds.size(), "thresholds");
      break;
    case poll::OrderKind::kRevise:
      findings_.Looked(Check::kP1, 1, texts);
      break;
    case poll::OrderKind::kPaperBatch:
      findings_.Looked(Check::kP10, 1, "paper batches");
      break;
    case poll::OrderKind::kInvite:
    case poll::OrderKind::kConfirm:
      initiators();
      break;
    case poll::OrderKind::kRollEpoch:
      findings_.Looked(Check::kS14, 1, "openings");
      findings_.Looked(Check::kP8, 1, "openings");
      break;
    case poll::OrderKind::kStep:
      findings_.Looked(Check::kP12, 1, "steps");
      if (std::get<poll::Step>(order.act).step == poll::StepKind::kSubmit) initiators();
      break;
    default:
      break;
  }
}

void PollAudit::TakePetitionOrder(uint64_t index, const poll::SignedOrder& order) {
  for (Check check : {Check::kS5, Check::kS6, Check::kS7, Check::kS8}) {
    findings_.Looked(check, 1, "orders");
  }
  const bool placed = petition_->HasPlace(order.order);
  RollAudit::State pinned;
  if (placed) {
    witnesses_.TakeOrder(index, order.order);
    LookedAtPetitionOrder(order.order);
    pinned = RollOf(order.order, index);
  }
  if (const auto* epoch = std::get_if<poll::RollEpoch>(&order.order.act); placed && epoch) {
    epoch_beacons_.push_back({index, epoch->epoch, epoch->beacon});
  }
  // Counts are shown up to the result, or to the end.
  const bool counting = petition_->context().has_value() && petition_->stage() < Stage::kFinal;
  if (placed && counting) {
    series_.TakeOrder(index, order.order.time, petition_->count(), petition_->paper().total());
  }
  Add(petition_->CheckOrder(order, index, pinned.get()), index,
      absl::StrCat("order '", poll::OrderName(order.order), "'"));
  petition_->ApplyOrder(order, index, pinned);
  if (placed && counting) {
    series_.TakeCounts(index, petition_->count(), petition_->paper().total());
    if (petition_->stage() == Stage::kFinal) series_.End(index);
  }
  if (placed && std::holds_alternative<poll::OpenAnonymousPetition>(order.order.act)) {
    series_.Open(index);
    rings_ = std::make_unique<roll::RingCache>(kRingBytes);
  }
}

}  // namespace urna::audit
