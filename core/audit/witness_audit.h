// What the poll's witnesses have to do with a record: L6, L7 and S17, and in L1 the lines that a
// checkpoint may have beside the log's. docs/protocol.md §10.4, §12.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/audit/audit.h"
#include "core/merkle/witness_policy.h"
#include "core/poll/orders.h"
#include "core/poll/witnessed_checkpoint.h"

namespace urna::audit {

// L1, of the note that a log's directory has: signed by the log and, where a policy is given, by
// nobody but the log and the policy's witnesses. The errors of merkle::OpenCheckpoint.
absl::Status CheckSignatureLines(ByteSpan note, const merkle::NoteVerifier& log,
                                 const std::optional<Policy>& policy);

// Fed while the poll's log is replayed. Used by one thread.
class WitnessAudit {
 public:
  // All must outlive this.
  WitnessAudit(const record::LogReader& log, const std::optional<Policy>& policy,
               Findings& findings);

  // The entry at `index` of the log that `key` signs (L7).
  void TakeCheckpoint(uint64_t index, const poll::WitnessedCheckpoint& entry,
                      const absl::StatusOr<merkle::NoteVerifier>& key);
  // An order that has its place at `index`.
  void TakeOrder(uint64_t index, const poll::Order& order);
  // Of the checkpoints in the log whose cosignatures show a time (§10.2), in its order.
  std::vector<WitnessedSize> WitnessedInLog() const;
  // After the last entry: L6 and S17. `tolerance` in seconds, of the manifest's schedule; `marks`:
  // whether the poll is of a kind that has them, and roll epochs.
  void Finish(const absl::StatusOr<merkle::NoteVerifier>& key, uint32_t tolerance, bool marks);

 private:
  // A checkpoint of this log and the times that its quorum shows.
  struct Times {
    std::optional<uint64_t> index;  // where it is logged; none for the record's own
    uint64_t size = 0;
    uint64_t existed_by = 0;
    uint64_t newest_at = 0;
  };
  struct Timed {  // an opening, closing, mark or roll epoch
    uint64_t index;
    uint64_t time;
    std::string name;
  };

  absl::Status Read(uint64_t index, const poll::WitnessedCheckpoint& entry,
                    const merkle::NoteVerifier& key);
  void CheckQuorum(const merkle::NoteVerifier& key);
  absl::Status CheckBracket(const Timed& order, uint32_t tolerance) const;

  const record::LogReader& log_;
  const std::optional<Policy>& policy_;
  Findings& findings_;
  std::vector<Times> times_;  // in the order of the log, the record's own last
  std::vector<Timed> orders_;
};

}  // namespace urna::audit
