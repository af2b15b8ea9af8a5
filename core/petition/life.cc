#include "core/petition/life.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace urna::petition {
namespace {

using poll::OrderKind;
using poll::StepKind;

constexpr auto kNoStep = std::nullopt;

constexpr Transition kPseudonymous[] = {
    {Phase::kSetup, OrderKind::kOpenPetition, kNoStep, Phase::kCollecting},
    {Phase::kCollecting, OrderKind::kClose, kNoStep, Phase::kClosed},
    {Phase::kClosed, OrderKind::kPetitionResult, kNoStep, Phase::kFinal},
};

// The table of §6.1, row by row.
constexpr Transition kAnonymousLife[] = {
    {Phase::kDraft, OrderKind::kInvite, kNoStep, Phase::kDraft},
    {Phase::kDraft, OrderKind::kConfirm, kNoStep, Phase::kDraft},
    {Phase::kDraft, OrderKind::kRevise, kNoStep, Phase::kDraft},
    {Phase::kDraft, OrderKind::kStep, StepKind::kSubmit, Phase::kReview, Review::kWith},
    {Phase::kDraft, OrderKind::kStep, StepKind::kSubmit, Phase::kAccepted, Review::kWithout},
    {Phase::kDraft, OrderKind::kStep, StepKind::kWithdraw, Phase::kWithdrawn},
    {Phase::kDraft, OrderKind::kStep, StepKind::kExpire, Phase::kExpired},
    {Phase::kReview, OrderKind::kStep, StepKind::kAccept, Phase::kAccepted},
    {Phase::kReview, OrderKind::kStep, StepKind::kReturn, Phase::kDraft},
    {Phase::kReview, OrderKind::kStep, StepKind::kReject, Phase::kRejected},
    {Phase::kReview, OrderKind::kStep, StepKind::kWithdraw, Phase::kWithdrawn},
    {Phase::kAccepted, OrderKind::kStep, StepKind::kPublish, Phase::kPublished},
    {Phase::kAccepted, OrderKind::kStep, StepKind::kWithdraw, Phase::kWithdrawn},
    {Phase::kPublished, OrderKind::kOpenAnonymousPetition, kNoStep, Phase::kCollecting},
    {Phase::kPublished, OrderKind::kStep, StepKind::kWithdraw, Phase::kWithdrawn},
    {Phase::kCollecting, OrderKind::kStep, StepKind::kMark, Phase::kCollecting},
    {Phase::kCollecting, OrderKind::kPaperBatch, kNoStep, Phase::kCollecting},
    {Phase::kCollecting, OrderKind::kRollEpoch, kNoStep, Phase::kCollecting},
    {Phase::kCollecting, OrderKind::kClose, kNoStep, Phase::kClosed},
    {Phase::kCollecting, OrderKind::kStep, StepKind::kWithdraw, Phase::kWithdrawn},
    {Phase::kCollecting, OrderKind::kStep, StepKind::kExpire, Phase::kExpired},
    {Phase::kClosed, OrderKind::kPaperBatch, kNoStep, Phase::kClosed},
    {Phase::kClosed, OrderKind::kAnonymousResult, kNoStep, Phase::kCounted},
    {Phase::kClosed, OrderKind::kStep, StepKind::kWithdraw, Phase::kWithdrawn},
    {Phase::kClosed, OrderKind::kStep, StepKind::kExpire, Phase::kExpired},
    {Phase::kCounted, OrderKind::kStep, StepKind::kVerify, Phase::kVerified},
    {Phase::kCounted, OrderKind::kStep, StepKind::kWithdraw, Phase::kWithdrawn},
    {Phase::kCounted, OrderKind::kStep, StepKind::kExpire, Phase::kExpired},
    {Phase::kVerified, OrderKind::kStep, StepKind::kHandOver, Phase::kHandedOver},
    {Phase::kVerified, OrderKind::kStep, StepKind::kWithdraw, Phase::kWithdrawn},
    {Phase::kVerified, OrderKind::kStep, StepKind::kExpire, Phase::kExpired},
    {Phase::kHandedOver, OrderKind::kStep, StepKind::kRespond, Phase::kResponded},
    {Phase::kHandedOver, OrderKind::kStep, StepKind::kArchive, Phase::kArchived},
    {Phase::kResponded, OrderKind::kStep, StepKind::kArchive, Phase::kArchived},
};

constexpr uint16_t kOther = 9;
constexpr uint16_t kOtherWithdrawal = 29;
constexpr uint16_t kNoCode[] = {0};
constexpr uint16_t kReviewCodes[] = {1, 2, 3, 4, 5, 6, 7, 8, kOther};
constexpr uint16_t kWithdrawCodes[] = {20, 21, 22, kOtherWithdrawal};
constexpr uint16_t kExpireCodes[] = {kTooFewInitiators, kMinimumMissed, kNotPassed};

bool Holds(const Transition& row, const Manifest& manifest) {
  if (row.review == Review::kEither) return true;
  const bool review = manifest.anonymous.has_value() && manifest.anonymous->review;
  return (row.review == Review::kWith) == review;
}

bool IsElectionOrder(OrderKind kind) {
  switch (kind) {
    case OrderKind::kOpenElection:
    case OrderKind::kOpenAnonymousElection:
    case OrderKind::kNewAttempt:
    case OrderKind::kSum:
    case OrderKind::kElectionResult:
    case OrderKind::kRevoke:
    case OrderKind::kRestore:
      return true;
    default:
      return false;
  }
}

// Whether an order of this kind and step has its place somewhere in such a petition.
bool HasAnyPlace(bool anonymous, const poll::Order& order) {
  return std::ranges::any_of(Transitions(anonymous),
                             [&](const Transition& row) { return row.kind == order.kind(); });
}

}  // namespace

absl::string_view PhaseName(Phase phase) {
  switch (phase) {
    case Phase::kSetup:
      return "not open yet";
    case Phase::kDraft:
      return "a draft";
    case Phase::kReview:
      return "in review";
    case Phase::kAccepted:
      return "accepted, and not published yet";
    case Phase::kPublished:
      return "published, and not open yet";
    case Phase::kCollecting:
      return "open";
    case Phase::kRejected:
    case Phase::kWithdrawn:
    case Phase::kExpired:
    case Phase::kClosed:
    case Phase::kFinal:
    case Phase::kCounted:
    case Phase::kVerified:
    case Phase::kHandedOver:
    case Phase::kResponded:
    case Phase::kArchived:
      return PhaseWord(phase);
  }
  return "unknown";
}

absl::string_view PhaseWord(Phase phase) {
  switch (phase) {
    case Phase::kSetup:
      return "setup";
    case Phase::kDraft:
      return "draft";
    case Phase::kReview:
      return "review";
    case Phase::kAccepted:
      return "accepted";
    case Phase::kPublished:
      return "published";
    case Phase::kCollecting:
      return "collecting";
    case Phase::kClosed:
      return "closed";
    case Phase::kFinal:
      return "final";
    case Phase::kCounted:
      return "counted";
    case Phase::kVerified:
      return "verified";
    case Phase::kHandedOver:
      return "handed over";
    case Phase::kResponded:
      return "responded";
    case Phase::kArchived:
      return "archived";
    case Phase::kRejected:
      return "rejected";
    case Phase::kWithdrawn:
      return "withdrawn";
    case Phase::kExpired:
      return "expired";
  }
  return "unknown";
}

Stage StageOf(Phase phase) {
  switch (phase) {
    case Phase::kSetup:
    case Phase::kDraft:
    case Phase::kReview:
    case Phase::kAccepted:
    case Phase::kPublished:
      return Stage::kSetup;
    case Phase::kCollecting:
      return Stage::kVoting;
    case Phase::kClosed:
      return Stage::kClosed;
    default:
      return Stage::kFinal;
  }
}

bool IsEnd(Phase phase) {
  return phase == Phase::kRejected || phase == Phase::kWithdrawn || phase == Phase::kExpired;
}

std::span<const Transition> Transitions(bool anonymous) {
  if (anonymous) return kAnonymousLife;
  return kPseudonymous;
}

Phase FirstPhase(const Manifest& manifest) {
  return manifest.anonymous.has_value() ? Phase::kDraft : Phase::kSetup;
}

std::optional<Phase> NextPhase(const Manifest& manifest, Phase phase, const poll::Order& order) {
  const auto* step = std::get_if<poll::Step>(&order.act);
  for (const Transition& row : Transitions(manifest.anonymous.has_value())) {
    if (row.from != phase || row.kind != order.kind() || !Holds(row, manifest)) continue;
    if (!row.step.has_value() || (step != nullptr && *row.step == step->step)) return row.to;
  }
  return std::nullopt;
}

std::string NextOrders(const Manifest& manifest, Phase phase) {
  std::vector<absl::string_view> names;
  for (const Transition& row : Transitions(manifest.anonymous.has_value())) {
    if (row.from != phase || !Holds(row, manifest)) continue;
    names.push_back(row.step.has_value() ? poll::StepName(*row.step) : poll::OrderName(row.kind));
  }
  return names.empty() ? "nothing" : absl::StrJoin(names, ", ");
}

absl::Status CheckPlace(const Manifest& manifest, Phase phase, const poll::Order& order) {
  if (NextPhase(manifest, phase, order).has_value()) return absl::OkStatus();
  if (IsElectionOrder(order.kind())) {
    return absl::InvalidArgumentError("an election's order has no place in a petition");
  }
  const bool anonymous = manifest.anonymous.has_value();
  if (!HasAnyPlace(anonymous, order)) {
    return absl::InvalidArgumentError(
        anonymous ? "the petition is anonymous, and this is an order of pseudonymous ones"
                  : "the petition is pseudonymous, and this is an order of anonymous ones");
  }
  return absl::FailedPreconditionError(absl::StrCat("out of place, the petition is ",
                                                    PhaseName(phase), "; what may come is ",
                                                    NextOrders(manifest, phase)));
}

std::span<const uint16_t> CodesOf(StepKind step) {
  switch (step) {
    case StepKind::kReturn:
    case StepKind::kReject:
      return kReviewCodes;
    case StepKind::kWithdraw:
      return kWithdrawCodes;
    case StepKind::kExpire:
      return kExpireCodes;
    default:
      return kNoCode;
  }
}

absl::string_view CodeText(uint16_t code) {
  switch (code) {
    case 0:
      return "no code";
    case 1:
      return "the addressee has no say in the matter";
    case 2:
      return "what it asks is against the law";
    case 3:
      return "there is such a petition already";
    case 4:
      return "what it asks is not clear";
    case 5:
      return "it offends, or exposes persons";
    case 6:
      return "a formality is missing";
    case 7:
      return "the initiators are not entitled";
    case 8:
      return "it is an abuse";
    case kOther:
    case kOtherWithdrawal:
      return "another reason";
    case 20:
      return "the initiators wish it";
    case 21:
      return "an authority or court orders it";
    case 22:
      return "another petition takes its place";
    case kTooFewInitiators:
      return "too few initiators";
    case kMinimumMissed:
      return "a minimum was missed";
    case kNotPassed:
      return "it has not passed";
    default:
      return "";
  }
}

absl::Status CheckStepForm(const poll::Step& step, absl::string_view reason) {
  const std::span<const uint16_t> codes = CodesOf(step.step);
  if (std::ranges::find(codes, step.code) == codes.end()) {
    return absl::InvalidArgumentError(absl::StrCat("code ", step.code, " is not one of ",
                                                   poll::StepName(step.step), ": ",
                                                   absl::StrJoin(codes, ", ")));
  }
  if ((step.code == kOther || step.code == kOtherWithdrawal) && reason.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("code ", step.code, " is 'another reason', and no reason is given"));
  }
  if (step.step == StepKind::kRespond && step.document == crypto::Hash32{}) {
    return absl::InvalidArgumentError("a response names no document: the answer itself");
  }
  return absl::OkStatus();
}

}  // namespace urna::petition
