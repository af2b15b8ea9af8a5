#include "core/petition/paper.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace urna::petition {

PaperSignatures::PaperSignatures(const Manifest& manifest) {
  for (const roll::NumberedName& district : manifest.districts) districts_[district.number] = 0;
}

void PaperSignatures::PinRoll(const roll::RollState& roll, const AnonymousRules& rules) {
  std::map<uint16_t, uint64_t> members;
  for (const auto& [district, accepted] : districts_) members[district] = 0;
  const std::vector<uint16_t>& categories = rules.paper_categories;
  const auto take = [&](const roll::RollState::Member& member) {
    const auto found = members.find(member.entitlement.district);
    if (found != members.end() &&
        std::binary_search(categories.begin(), categories.end(), member.entitlement.category)) {
      ++found->second;
    }
  };
  if (!categories.empty()) {
    for (uint64_t i = 0; i < roll.numbered(); ++i) take(roll.Numbered(i));
    for (const roll::RollState::Member& member : roll.Strays()) take(member);
  }
  members_ = std::move(members);
}

absl::Status PaperSignatures::Check(const poll::PaperBatch& batch) const {
  if (names_.contains(batch.batch)) {
    return absl::AlreadyExistsError(
        absl::StrCat("there is a paper batch '", batch.batch, "' already"));
  }
  if (sheets_.contains(batch.sheets_hash)) {
    return absl::AlreadyExistsError("its sheets are those of an earlier paper batch");
  }
  if (batch.sheets == 0) return absl::InvalidArgumentError("it has no sheets");
  for (const poll::PaperCount& count : batch.districts) {
    const auto found = districts_.find(count.district);
    if (found == districts_.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("district ", count.district, " is not one of the petition's"));
    }
    const std::optional<uint64_t> members = MembersOf(count.district);
    if (members.has_value() && found->second + count.accepted > *members) {
      return absl::FailedPreconditionError(
          absl::StrCat("district ", count.district, ": ", found->second + count.accepted,
                       " signatures on paper with this batch, and the roll has ", *members,
                       " members there who sign on paper"));
    }
  }
  return absl::OkStatus();
}

void PaperSignatures::Apply(const poll::PaperBatch& batch) {
  names_.insert(batch.batch);
  sheets_.insert(batch.sheets_hash);
  ++batches_;
  for (const poll::PaperCount& count : batch.districts) {
    const auto found = districts_.find(count.district);
    if (found == districts_.end()) continue;
    found->second += count.accepted;
    total_ += count.accepted;
    rejected_ += count.rejected;
  }
}

uint64_t PaperSignatures::Of(uint16_t district) const {
  const auto found = districts_.find(district);
  return found == districts_.end() ? 0 : found->second;
}

std::optional<uint64_t> PaperSignatures::MembersOf(uint16_t district) const {
  if (!members_.has_value()) return std::nullopt;
  const auto found = members_->find(district);
  return found == members_->end() ? 0 : found->second;
}

}  // namespace urna::petition
