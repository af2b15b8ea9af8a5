// The life of a petition: in which phase which order has its place, and what it leads to.
// docs/protocol.md §6, §6.1; check S8 of §12. One table, which the document has too.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/base/numbered_checks.h"
#include "core/petition/petition.h"
#include "core/poll/orders.h"

namespace urna::petition {

// Pseudonymous petitions know set-up, collecting, closed and final; anonymous ones all the others.
enum class Phase : uint8_t {
  kSetup,
  kDraft,
  kReview,
  kAccepted,
  kPublished,
  kCollecting,
  kClosed,
  kFinal,
  kCounted,
  kVerified,
  kHandedOver,
  kResponded,
  kArchived,
  kRejected,
  kWithdrawn,
  kExpired,
};
inline constexpr Phase kLastPhase = Phase::kExpired;

// As it stands in "the petition is …": "not open yet", "a draft", "open", "handed over".
absl::string_view PhaseName(Phase phase);
// The word of §6.1 and of reports: "draft", "collecting", "handed over"; "setup" and "final".
absl::string_view PhaseWord(Phase phase);
// How far the record of a petition in this phase has come.
Stage StageOf(Phase phase);
// Rejected, withdrawn or expired.
bool IsEnd(Phase phase);

enum class Review : uint8_t { kEither, kWith, kWithout };

// In phase `from` an order of this kind, and of this step if it is one, leads to `to`.
struct Transition {
  Phase from;
  poll::OrderKind kind;
  std::optional<poll::StepKind> step;  // of kind kStep
  Phase to;
  Review review = Review::kEither;  // whether the manifest asks for a review
};
std::span<const Transition> Transitions(bool anonymous);

Phase FirstPhase(const Manifest& manifest);
// Where the order leads to; nothing if it has no place.
std::optional<Phase> NextPhase(const Manifest& manifest, Phase phase, const poll::Order& order);
// S8: the same as a sentence.
absl::Status CheckPlace(const Manifest& manifest, Phase phase, const poll::Order& order);
// The names of the orders that may come next, "submit, withdraw"; "nothing" if there is none.
std::string NextOrders(const Manifest& manifest, Phase phase);

// P12 about a step by itself: that its code, its reason and its document are such as it asks for.
absl::Status CheckStepForm(const poll::Step& step, absl::string_view reason);
// What a code means, for people; empty if there is no such code.
absl::string_view CodeText(uint16_t code);
// The codes that a step may have.
std::span<const uint16_t> CodesOf(poll::StepKind step);

inline constexpr uint16_t kTooFewInitiators = 30;
inline constexpr uint16_t kMinimumMissed = 31;
inline constexpr uint16_t kNotPassed = 32;

}  // namespace urna::petition
