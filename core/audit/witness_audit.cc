#include "core/audit/witness_audit.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/status.h"

namespace urna::audit {
namespace {

// The names of the witnesses whose lines are there, for a sentence.
std::string Cosigners(const merkle::WitnessPolicy& policy, const merkle::Witnessing& witnessing) {
  std::vector<std::string> names;
  for (size_t i = 0; i < witnessing.times.size(); ++i) {
    if (witnessing.times[i].has_value()) names.push_back(policy.witnesses()[i].name);
  }
  return names.empty() ? "nobody" : absl::StrJoin(names, ", ");
}

}  // namespace

absl::Status CheckSignatureLines(ByteSpan note, const merkle::NoteVerifier& log,
                                 const std::optional<Policy>& policy) {
  if (!policy.has_value()) {
    return merkle::OpenCheckpoint(note, log, merkle::OtherSignatures::kIgnored).status();
  }
  const absl::StatusOr<merkle::WitnessedCheckpoint> opened = policy->witnesses.Open(note, log);
  if (!opened.ok()) return opened.status();
  const std::vector<merkle::NoteSignature>& unknown = opened->witnessing.unknown;
  if (unknown.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("checkpoint: has a signature line of '", unknown.front().name,
                   "', which is neither the log nor a witness of the policy"));
}

WitnessAudit::WitnessAudit(const record::LogReader& log, const std::optional<Policy>& policy,
                           Findings& findings)
    : log_(log), policy_(policy), findings_(findings) {}

absl::Status WitnessAudit::Read(uint64_t index, const poll::WitnessedCheckpoint& entry,
                                const merkle::NoteVerifier& key) {
  // Without a policy nobody's cosignatures are known.
  const merkle::WitnessPolicy witnesses =
      policy_.has_value() ? policy_->witnesses : merkle::WitnessPolicy::WithoutWitnesses();
  URNA_ASSIGN_OR_RETURN(const merkle::WitnessedCheckpoint opened, witnesses.Open(entry.note, key));
  const uint64_t size = opened.checkpoint.size();
  if (size == 0 || size > index) {
    return absl::InvalidArgumentError(
        absl::StrCat("its checkpoint is of ", size, " entries, ", index, " stand before it"));
  }
  absl::StatusOr<merkle::CompactTree> tree = merkle::CompactTree::Resume(size, log_.nodes());
  if (!tree.ok()) return tree.status();
  if (tree->root() != opened.checkpoint.root()) {
    return absl::DataLossError(absl::StrCat("its checkpoint and the log have different first ",
                                            size, " entries: two histories"));
  }
  if (opened.witnessing.existed_by.has_value()) {
    times_.push_back({index, size, *opened.witnessing.existed_by, *opened.witnessing.newest_at});
  }
  return absl::OkStatus();
}

void WitnessAudit::TakeCheckpoint(uint64_t index, const poll::WitnessedCheckpoint& entry,
                                  const absl::StatusOr<merkle::NoteVerifier>& key) {
  findings_.Looked(Check::kL7, 1, "witnessed checkpoints");
  const absl::Status status = key.ok() ? Read(index, entry, *key) : key.status();
  if (!status.ok()) {
    findings_.Fail(Check::kL7, absl::StrCat("entry ", index, " (witnessed checkpoint)"), status);
  }
}

void WitnessAudit::TakeOrder(uint64_t index, const poll::Order& order) {
  if (!poll::IsTimedOrder(order)) return;
  orders_.push_back({index, order.time,
                     absl::StrCat("entry ", index, " (order '", poll::OrderName(order), "')")});
}

std::vector<WitnessedSize> WitnessAudit::WitnessedInLog() const {
  std::vector<WitnessedSize> out;
  for (const Times& times : times_) {
    if (times.index.has_value()) out.push_back({*times.index, times.size, times.existed_by});
  }
  return out;
}

void WitnessAudit::CheckQuorum(const merkle::NoteVerifier& key) {
  findings_.Looked(Check::kL6, 1, "checkpoints");
  const absl::StatusOr<merkle::WitnessedCheckpoint> own =
      policy_->witnesses.Open(log_.checkpoint_note(), key);
  if (!own.ok()) {  // L1 says so too, and then L6 is NOT RUN
    findings_.Fail(Check::kL6, "poll, checkpoint", own.status());
    return;
  }
  if (!own->witnessing.quorum_met) {
    findings_.Fail(Check::kL6, "poll, checkpoint",
                   absl::FailedPreconditionError(
                       absl::StrCat("cosigned by ", Cosigners(policy_->witnesses, own->witnessing),
                                    ", which is not the policy's quorum")));
    return;
  }
  times_.push_back({std::nullopt, own->checkpoint.size(), *own->witnessing.existed_by,
                    *own->witnessing.newest_at});
}

absl::Status WitnessAudit::CheckBracket(const Timed& order, uint32_t tolerance) const {
  // Times of cosignatures are below 2^63 and the tolerance below 2^32, so these sums don't wrap.
  const bool after = std::any_of(times_.begin(), times_.end(), [&](const Times& t) {
    return t.index.has_value() && *t.index < order.index && t.newest_at + tolerance >= order.time;
  });
  const bool before = std::any_of(times_.begin(), times_.end(), [&](const Times& t) {
    return t.size > order.index &&
           (t.existed_by <= tolerance || t.existed_by - tolerance <= order.time);
  });
  std::vector<absl::string_view> missing;
  if (!after) {
    missing.push_back("no witnessed checkpoint before it shows that it was not logged earlier");
  }
  if (!before) missing.push_back("no cosigned checkpoint with it shows that it was not later");
  if (missing.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("its time is ", order.time,
                                                    ", with a tolerance of ", tolerance,
                                                    " seconds ", absl::StrJoin(missing, ", and ")));
}

void WitnessAudit::Finish(const absl::StatusOr<merkle::NoteVerifier>& key, uint32_t tolerance,
                          bool marks) {
  findings_.Ran(Check::kL7);
  if (!policy_.has_value()) {
    findings_.NotRun(Check::kL6, "no policy was given");
    findings_.NotRun(Check::kS17, "no policy was given");
    return;
  }
  if (!policy_->witnesses.has_quorum()) {
    findings_.NotDue(Check::kL6, "the policy's quorum is none");
    findings_.NotDue(Check::kS17, "the policy's quorum is none");
    return;
  }
  if (!key.ok()) return;
  CheckQuorum(*key);
  findings_.Ran(Check::kL6);
  for (const Timed& order : orders_) {
    findings_.Looked(Check::kS17, 1,
                     marks ? "openings, closings, marks and roll epochs" : "openings and closings");
    const absl::Status status = CheckBracket(order, tolerance);
    if (!status.ok()) findings_.Fail(Check::kS17, order.name, status);
  }
  findings_.Ran(Check::kS17);
}

}  // namespace urna::audit
