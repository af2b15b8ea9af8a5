#include "server/witness_trail.h"

#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/merkle/checkpoint.h"

namespace urna::server {

absl::Status CheckWitnessedCheckpoint(const poll::WitnessedCheckpoint& entry, uint64_t index,
                                      const merkle::NoteVerifier& log,
                                      const merkle::NodeReader& nodes) {
  URNA_ASSIGN_OR_RETURN(const merkle::Checkpoint checkpoint,
                        merkle::OpenCheckpoint(entry.note, log, merkle::OtherSignatures::kIgnored));
  if (checkpoint.size() == 0 || checkpoint.size() > index) {
    return absl::InvalidArgumentError(absl::StrCat("witnessed checkpoint: it is of ",
                                                   checkpoint.size(), " entries, ", index,
                                                   " stand before it"));
  }
  URNA_ASSIGN_OR_RETURN(const merkle::Hash root, merkle::RootAt(checkpoint.size(), nodes));
  if (root == checkpoint.root()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("witnessed checkpoint: the log's first ",
                                          checkpoint.size(), " entries have another root"));
}

void WitnessTrail::Take(uint64_t index, const poll::Order& order) {
  if (poll::IsTimedOrder(order)) orders_.push_back({index, order.time});
}

WitnessStanding WitnessTrail::StandingUnder(const merkle::WitnessPolicy& policy,
                                            const merkle::NoteVerifier& log) const {
  WitnessStanding standing;
  uint64_t largest = 0;  // of the trees that met the quorum
  for (const Bytes& note : notes_) {
    const absl::StatusOr<merkle::WitnessedCheckpoint> opened = policy.Open(note, log);
    if (!opened.ok() || !opened->witnessing.newest_at.has_value()) continue;
    standing.newest_at = std::max(standing.newest_at.value_or(0), *opened->witnessing.newest_at);
    largest = std::max(largest, opened->checkpoint.size());
  }
  if (!orders_.empty() && orders_.back().index >= largest) standing.owed = orders_.back();
  return standing;
}

}  // namespace urna::server
