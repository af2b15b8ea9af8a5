// What an anonymous petition's orders do between draft and archive, and what its result says.
// docs/protocol.md §6.1; checks P1, P6, P7 and P9-P12 of §12.
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/petition/state.h"

namespace urna::petition {
namespace {

absl::Status Wrong(const std::string& why) { return absl::InvalidArgumentError(why); }

// Where a threshold stands, for a sentence.
std::string Describe(const poll::ThresholdReached& threshold) {
  if (!threshold.reached) {
    return threshold.index == 0 ? "not reached"
                                : absl::StrCat("not reached, with index ", threshold.index);
  }
  return absl::StrCat("reached at index ", threshold.index);
}

// "it says 5 signatures online, the log has 4", of the numbers that differ; OK if none does.
absl::Status Same(uint64_t said, uint64_t found, absl::string_view what) {
  if (said == found) return absl::OkStatus();
  return Wrong(absl::StrCat("it says ", said, " ", what, ", the log has ", found));
}

}  // namespace

// P6.
absl::Status PetitionState::CheckCounts(const poll::PetitionResult& result, uint64_t index) const {
  if (result.tree_size != index) {
    return Wrong(absl::StrCat("it says tree size ", result.tree_size, " and has index ", index));
  }
  URNA_RETURN_IF_ERROR(Same(result.signatures, count_, "signatures"));
  const std::vector<poll::DistrictCount> counts = DistrictCounts();
  if (result.districts.size() != counts.size()) {
    return Wrong(absl::StrCat("it has ", result.districts.size(), " districts, the manifest has ",
                              counts.size()));
  }
  for (size_t i = 0; i < counts.size(); ++i) {
    const std::string district = absl::StrCat("district ", counts[i].district);
    if (result.districts[i].district != counts[i].district) {
      return Wrong(absl::StrCat("district ", result.districts[i].district, " stands where ",
                                counts[i].district, " belongs"));
    }
    URNA_RETURN_IF_ERROR(Annotate(
        Same(result.districts[i].signatures, counts[i].signatures, "signatures"), district));
  }
  return absl::OkStatus();
}

absl::Status PetitionState::CheckCounts(const poll::AnonymousResult& result, uint64_t index) const {
  const poll::AnonymousResult found = AnonymousResult(index);
  if (result.tree_size != index) {
    return Wrong(absl::StrCat("it says tree size ", result.tree_size, " and has index ", index));
  }
  URNA_RETURN_IF_ERROR(Same(result.online, found.online, "signatures online"));
  URNA_RETURN_IF_ERROR(Same(result.paper, found.paper, "signatures on paper"));
  if (result.districts.size() != found.districts.size()) {
    return Wrong(absl::StrCat("it has ", result.districts.size(), " districts, the manifest has ",
                              found.districts.size()));
  }
  for (size_t i = 0; i < found.districts.size(); ++i) {
    const poll::ChannelCount& said = result.districts[i];
    const poll::ChannelCount& real = found.districts[i];
    if (said.district != real.district) {
      return Wrong(
          absl::StrCat("district ", said.district, " stands where ", real.district, " belongs"));
    }
    const std::string district = absl::StrCat("district ", real.district);
    URNA_RETURN_IF_ERROR(Annotate(Same(said.online, real.online, "signatures online"), district));
    URNA_RETURN_IF_ERROR(Annotate(Same(said.paper, real.paper, "signatures on paper"), district));
  }
  return absl::OkStatus();
}

// P7.
absl::Status PetitionState::CheckThresholds(const std::vector<poll::ThresholdReached>& said) const {
  if (said.size() != thresholds_.size()) {
    return Wrong(
        absl::StrCat("it has ", said.size(), " thresholds, the manifest has ", thresholds_.size()));
  }
  for (size_t i = 0; i < thresholds_.size(); ++i) {
    if (said[i].threshold != thresholds_[i].threshold) {
      return Wrong(absl::StrCat("threshold ", said[i].threshold, " stands where ",
                                thresholds_[i].threshold, " belongs"));
    }
    if (said[i] != thresholds_[i]) {
      return Wrong(absl::StrCat("threshold ", said[i].threshold, ": it says ", Describe(said[i]),
                                ", by the log it is ", Describe(thresholds_[i])));
    }
  }
  return absl::OkStatus();
}

// P11.
absl::Status PetitionState::CheckPassed(const poll::AnonymousResult& result) const {
  const poll::AnonymousResult found = AnonymousResult(result.tree_size);
  if (result.minimums.size() != found.minimums.size()) {
    return Wrong(absl::StrCat("it has ", result.minimums.size(), " minimums, the manifest has ",
                              found.minimums.size()));
  }
  for (size_t i = 0; i < found.minimums.size(); ++i) {
    const poll::MinimumSeen& said = result.minimums[i];
    const poll::MinimumSeen& real = found.minimums[i];
    if (said == real) continue;
    return Wrong(absl::StrCat("the minimum of ", real.at_least, " after ", real.after,
                              " s: it says ", said.at_least, " after ", said.after, " s, seen ",
                              said.seen, said.met ? ", met" : ", missed", "; by the log ",
                              real.seen, real.met ? ", met" : ", missed"));
  }
  URNA_RETURN_IF_ERROR(
      Same(result.districts_met, found.districts_met, "districts with their minimum"));
  if (result.passed == found.passed) return absl::OkStatus();
  return Wrong(result.passed ? "it says that the petition has passed, and it has not"
                             : "it says that the petition has not passed, and it has");
}

poll::AnonymousResult PetitionState::AnonymousResult(uint64_t index) const {
  poll::AnonymousResult out;
  out.tree_size = index;
  out.online = count_;
  out.paper = paper_.total();
  const AnonymousRules rules = manifest().anonymous.value_or(AnonymousRules());
  size_t at = 0;
  for (const auto& [district, online] : districts_) {
    const uint64_t paper = paper_.Of(district);
    out.districts.push_back({district, online, paper});
    if (at < rules.district_minimums.size() && online + paper >= rules.district_minimums[at]) {
      ++out.districts_met;
    }
    ++at;
  }
  out.thresholds = thresholds_;
  out.minimums = minimums_.Seen(total());
  out.passed = thresholds_.empty() || total() >= thresholds_.front().threshold;
  for (const poll::MinimumSeen& minimum : out.minimums) out.passed = out.passed && minimum.met;
  out.passed = out.passed && out.districts_met >= rules.districts_needed;
  return out;
}

// P12: an end that nothing justifies is none.
absl::Status PetitionState::CheckExpiry(const poll::Step& step, uint64_t time) const {
  const AnonymousRules& rules = *manifest().anonymous;
  const auto early = [](const std::string& why) { return absl::FailedPreconditionError(why); };
  uint16_t code = kNotPassed;
  if (phase_ == Phase::kDraft) {
    code = kTooFewInitiators;
    if (initiators_.confirmed() >= rules.initiators) {
      return early(absl::StrCat("enough initiators have confirmed: ", initiators_.confirmed(),
                                " of ", rules.initiators));
    }
    if (time < manifest().schedule.opens) {
      return early(absl::StrCat("initiators may confirm until ", manifest().schedule.opens,
                                ", when the petition is to open"));
    }
  } else if (phase_ == Phase::kCollecting || phase_ == Phase::kClosed) {
    code = kMinimumMissed;
    if (!minimums_.Missed()) return early("no minimum was seen and missed");
  } else if (counted_.has_value() && counted_->passed) {
    return early("by its result the petition has passed");
  }
  if (step.code == code) return absl::OkStatus();
  return Wrong(absl::StrCat("code ", step.code, " '", CodeText(step.code), "', and here it is ",
                            code, " '", CodeText(code), "'"));
}

absl::Status PetitionState::CheckStep(const poll::Step& step, const poll::Order& order) const {
  URNA_RETURN_IF_ERROR(CheckStepForm(step, order.reason));
  if (step.step == poll::StepKind::kExpire) return CheckExpiry(step, order.time);
  if (step.step == poll::StepKind::kHandOver && counted_.has_value() && !counted_->passed) {
    return absl::FailedPreconditionError("by its result the petition has not passed");
  }
  return absl::OkStatus();
}

// P9.
absl::Status PetitionState::CheckInitiators(const poll::Order& order) const {
  if (const auto* invite = std::get_if<poll::Invite>(&order.act)) {
    return initiators_.CheckInvite(*invite, order.time);
  }
  if (const auto* confirm = std::get_if<poll::Confirm>(&order.act)) {
    return initiators_.CheckConfirm(*confirm, order.time, text_hash_);
  }
  const auto* step = std::get_if<poll::Step>(&order.act);
  if (step == nullptr || step->step != poll::StepKind::kSubmit) return absl::OkStatus();
  const size_t needed = manifest().anonymous->initiators;
  if (initiators_.confirmed() >= needed) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(initiators_.confirmed(), " of the ", needed,
                                                    " initiators that are needed have confirmed"));
}

// P1.
absl::Status PetitionState::CheckRevision(const poll::Revise& revise) const {
  URNA_RETURN_IF_ERROR(
      poll::CheckSameLanguages(manifest().title, revise.title, "the revised title"));
  return poll::CheckSameLanguages(manifest().title, revise.text, "the revised text");
}

// Orders that have their place and neither open, count nor bring in an epoch.
void PetitionState::ApplyLife(const poll::SignedOrder& order, uint64_t index) {
  const auto& act = order.order.act;
  if (const auto* invite = std::get_if<poll::Invite>(&act)) {
    initiators_.Invite(*invite, poll::OrderHash(poll_id_, order.signed_body.body),
                       order.order.time);
  } else if (const auto* confirm = std::get_if<poll::Confirm>(&act)) {
    if (CheckInitiators(order.order).ok()) initiators_.Confirm(*confirm);
  } else if (const auto* revise = std::get_if<poll::Revise>(&act)) {
    title_ = revise->title;
    text_ = revise->text;
    text_hash_ = poll::PetitionTextHash(title_, text_);
    initiators_.Revise(poll::OrderHash(poll_id_, order.signed_body.body));
  } else if (const auto* batch = std::get_if<poll::PaperBatch>(&act)) {
    paper_.Apply(*batch);
    Reach(index);
  } else if (poll::IsTimedOrder(order.order)) {
    minimums_.Look(order.order.time, total());
  }
}

// After the total has grown at an index.
void PetitionState::Reach(uint64_t index) {
  while (reached_ < thresholds_.size() && thresholds_[reached_].threshold <= total()) {
    thresholds_[reached_].reached = true;
    thresholds_[reached_].index = index;
    ++reached_;
  }
}

}  // namespace urna::petition
