#include "core/audit/claim_standing.h"

#include <optional>

#include "absl/strings/str_cat.h"

namespace urna::audit {
namespace {

absl::Status NotCounted(absl::string_view why) {
  return absl::FailedPreconditionError(absl::StrCat("not counted: ", why));
}

}  // namespace

absl::StatusOr<ClaimedSignature> FindClaimed(const petition::Claim& claim,
                                             const AuditResult& result) {
  if (!result.report.verified()) return NotCounted("the record is not verified");
  if (result.petition == nullptr) return NotCounted("the record is of no petition");
  const petition::PetitionState& petition = *result.petition;
  if (petition.manifest().origin != claim.origin || petition.poll_id() != claim.poll) {
    return NotCounted(absl::StrCat("the record is of another petition, '",
                                   petition.manifest().origin, "' with the manifest ",
                                   ToHex(petition.poll_id())));
  }
  if (!petition.context().has_value() || petition.context()->poll_context != claim.context) {
    return NotCounted("the record has another opening of this petition");
  }
  if (petition.context()->anonymous == nullptr) return NotCounted("the petition is pseudonymous");
  const std::optional<petition::PetitionState::Standing> last = petition.Find(claim.tag);
  if (!last.has_value()) {
    return NotCounted(
        absl::StrCat("no act of its tag is among the ", result.size, " entries of the record"));
  }
  if (!last->signs) {
    return NotCounted(
        absl::StrCat("its signature was withdrawn by entry ", last->index, " of the record"));
  }
  return ClaimedSignature{last->index, last->district.value_or(0), result.size};
}

}  // namespace urna::audit
