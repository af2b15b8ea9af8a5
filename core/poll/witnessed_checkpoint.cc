#include "core/poll/witnessed_checkpoint.h"

namespace urna::poll {

std::optional<Violation> CheckWitnessedPlace(bool final_phase) {
  if (!final_phase) return std::nullopt;
  return Violation{Check::kS8,
                   absl::FailedPreconditionError("witnessed checkpoint: after the result")};
}

}  // namespace urna::poll
