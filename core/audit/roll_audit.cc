#include "core/audit/roll_audit.h"

#include <filesystem>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/audit/witness_audit.h"
#include "core/crypto/rng.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/tree.h"
#include "core/roll/enrolment_batch.h"

namespace urna::audit {
namespace {

constexpr size_t kChunk = 8192;  // members and changes verified side by side

std::string Place(uint64_t index) { return absl::StrCat("roll, entry ", index); }

// Reads a roll's entries in order and keeps the states that they add up to.
class RollReader {
 public:
  RollReader(uint64_t pinned, unsigned threads, bool proved_before, Findings& findings)
      : pinned_(pinned), threads_(threads), proved_before_(proved_before), findings_(findings) {}

  void Take(uint64_t index, const merkle::Hash& leaf, absl::StatusOr<record::Entry> entry) {
    if (past_) return;
    findings_.Looked(Check::kL3, 1, "entries");
    if (!entry.ok()) {
      findings_.Fail(Check::kL3, Place(index), entry.status());
      PassOver();
    } else if (index == 0) {
      TakeHeader(*entry);
    } else if (state_ == nullptr) {
      // Without a header nothing else of the roll can be judged.
    } else if (auto* member = std::get_if<roll::RollMember>(&*entry)) {
      Wait({index, roll::SignedRollChange{{}, {.member = std::move(*member)}, {}}, true});
    } else if (auto* change = std::get_if<roll::SignedRollChange>(&*entry)) {
      Wait({index, std::move(*change), false});
    } else if (auto* seal = std::get_if<roll::SignedRollSeal>(&*entry)) {
      Flush();
      TakeSeal(index, *seal, leaf);
    } else {
      findings_.FailBeside(Check::kS3, Place(index),
                           absl::InvalidArgumentError(absl::StrCat(record::NameAnEntry(*entry),
                                                                   " has no place in a roll")));
      PassOver();
    }
    tree_.Append(leaf);
  }

  // Null before a readable header.
  const roll::RollState* Finish() {
    Flush();
    if (state_ != nullptr) {
      audit_.KeepWhole(std::make_shared<const roll::RollState>(state_->Unsealed()));
    }
    return state_.get();
  }
  RollAudit TakeAudit() { return std::move(audit_); }

 private:
  // A member's entry is here an addition that nobody signed.
  struct Waiting {
    uint64_t index;
    roll::SignedRollChange change;
    bool is_member;
  };

  void PassOver() {
    Flush();
    if (state_ != nullptr) state_->PassOver();
  }

  void Wait(Waiting waiting) {
    waiting_.push_back(std::move(waiting));
    if (waiting_.size() >= kChunk) Flush();
  }

  void TakeHeader(const record::Entry& entry) {
    const auto* header = std::get_if<roll::SignedRollHeader>(&entry);
    if (header == nullptr) {
      findings_.FailBeside(Check::kS3, Place(0),
                           absl::InvalidArgumentError(absl::StrCat(
                               record::NameAnEntry(entry), " where the roll's header belongs")));
      return;
    }
    for (const Violation& v : roll::RollState::CheckHeader(*header)) {
      findings_.FailBeside(v.check, Place(0), v.status);
    }
    state_ = std::make_unique<roll::RollState>(*header);
  }

  // Members and changes are proved side by side and then taken in order.
  void Flush() {
    if (waiting_.empty()) return;
    const std::vector<std::vector<Violation>> proofs = Prove();
    for (size_t i = 0; i < waiting_.size(); ++i) {
      const Waiting& waiting = waiting_[i];
      findings_.Looked(Check::kS3, 1, "members");
      if (waiting.change.change.enrols()) findings_.Looked(Check::kS4, 1, "enrolments");
      Report(proofs[i], waiting.index);
      if (waiting.is_member) {
        TakeMember(waiting.index, waiting.change.change.member);
      } else {
        TakeChange(waiting.index, waiting.change);
      }
    }
    waiting_.clear();
  }

  void Report(const std::vector<Violation>& violations, uint64_t index) {
    for (const Violation& v : violations) findings_.Fail(v.check, Place(index), v.status);
  }

  void TakeMember(uint64_t index, const roll::RollMember& member) {
    Report(state_->CheckMember(member), index);
    // A wrong member takes its place all the same: the seal counts what is in the log (§12).
    state_->ApplyMember(member);
  }

  // A wrong change changes nothing (§4.2).
  void TakeChange(uint64_t index, const roll::SignedRollChange& change) {
    Report(roll::CheckCanonical(change.change), index);
    const std::vector<Violation> violations = state_->CheckChange(change);
    Report(violations, index);
    if (violations.empty()) {
      state_->ApplyChange(change);
    } else {
      state_->PassOver();
    }
  }

  // Of the waiting ones, in their order; nothing of what enrols nobody.
  std::vector<std::vector<Violation>> Prove() const {
    std::vector<std::vector<Violation>> out(waiting_.size());
    std::vector<const roll::RollMember*> members;
    std::vector<size_t> places;
    for (size_t i = 0; i < waiting_.size(); ++i) {
      if (proved_before_ || !waiting_[i].change.change.enrols()) continue;
      members.push_back(&waiting_[i].change.change.member);
      places.push_back(i);
    }
    // The weights must be nobody's choice, so their source is not the caller's either.
    crypto::SystemRng rng;
    std::vector<std::vector<Violation>> proofs =
        roll::VerifyEnrolments(state_->roll_id(), members, threads_, rng);
    for (size_t i = 0; i < places.size(); ++i) out[places[i]] = std::move(proofs[i]);
    return out;
  }

  void TakeSeal(uint64_t index, const roll::SignedRollSeal& seal, const merkle::Hash& leaf) {
    for (const Violation& v : state_->CheckSeal(seal, tree_.root())) {
      findings_.FailBeside(v.check, Place(index), v.status);
    }
    merkle::CompactTree after = tree_;
    after.Append(leaf);
    state_->ApplySeal(seal, after.root());
    audit_.KeepEpoch(after.size(), std::make_shared<const roll::RollState>(*state_));
    past_ = after.size() == pinned_;
  }

  uint64_t pinned_;
  unsigned threads_;
  bool proved_before_;
  Findings& findings_;
  std::unique_ptr<roll::RollState> state_;
  RollAudit audit_;
  std::vector<Waiting> waiting_;
  bool past_ = false;  // behind the epoch that is pinned
  merkle::CompactTree tree_;
};

}  // namespace

void ReportFiles(const record::LogScan& scan, absl::string_view name, Findings& findings) {
  findings.Looked(Check::kL2, 1, "directories");
  bool first = true;
  for (const std::string& problem : scan.problems) {
    if (first) {
      findings.Fail(Check::kL2, name, absl::DataLossError(problem));
    } else {
      findings.FailBeside(Check::kL2, name, absl::DataLossError(problem));
    }
    first = false;
  }
}

void CheckLogCheckpoint(const record::LogReader& log, absl::string_view name,
                        absl::string_view origin, const std::array<uint8_t, 32>& log_key,
                        const std::optional<Policy>& policy, Findings& findings) {
  findings.Looked(Check::kL1, 1, "checkpoints");
  const absl::StatusOr<merkle::NoteVerifier> key = VerifierOf(origin, log_key);
  const absl::Status status =
      key.ok() ? CheckSignatureLines(log.checkpoint_note(), *key, policy) : key.status();
  if (!status.ok()) findings.Fail(Check::kL1, absl::StrCat(name, ", checkpoint"), status);
}

absl::StatusOr<merkle::NoteVerifier> VerifierOf(absl::string_view name,
                                                const std::array<uint8_t, 32>& key) {
  const absl::StatusOr<crypto::VerifyKey> decoded = crypto::VerifyKey::Decode(key);
  if (!decoded.ok()) return decoded.status();
  return merkle::NoteVerifier::Create(name, *decoded);
}

RollAudit::State RollAudit::At(uint64_t size) const {
  const auto epoch = epochs_.find(size);
  return epoch == epochs_.end() ? whole_ : epoch->second;
}

RollAudit AuditRoll(const std::string& directory, const roll::RollPin& pin,
                    const AuditOptions& options, bool proved_before, Findings& findings) {
  const std::string name = std::filesystem::path(directory).filename().string();
  absl::StatusOr<record::LogReader> log = record::LogReader::Open(directory);
  if (!log.ok()) {
    findings.Looked(Check::kL1, 1, "checkpoints");
    findings.Fail(Check::kL1, name, log.status());
    for (Check check : {Check::kS3, Check::kS4, Check::kS15, Check::kS16}) {
      findings.NotRun(check, "the roll cannot be read");
    }
    return {};
  }
  RollReader reader(pin.size, options.threads, proved_before, findings);
  const record::LogScan scan =
      record::ScanLog(*log, options.threads, [&](record::ScannedBundle bundle) {
        for (size_t i = 0; i < bundle.entries.size(); ++i) {
          reader.Take(bundle.first + i, bundle.leaf_hashes[i], std::move(bundle.entries[i]));
        }
      });
  ReportFiles(scan, name, findings);
  const roll::RollState* roll = reader.Finish();
  if (!scan.read.ok()) {
    findings.NotRun(Check::kS3, "the roll's entries cannot be read");
    findings.NotRun(Check::kS4, "the roll's entries cannot be read");
  }
  if (roll == nullptr) {
    findings.NotRun(Check::kL1, absl::StrCat(name, " has no header"));
    for (Check check : {Check::kS4, Check::kS15, Check::kS16}) {
      findings.NotRun(check, absl::StrCat(name, " has no header"));
    }
    return {};
  }
  CheckLogCheckpoint(*log, name, roll->header().origin, roll->header().log_key, options.policy,
                     findings);
  if (roll->roll_id() != pin.roll_id) {
    findings.FailBeside(
        Check::kL2, name,
        absl::DataLossError("the directory's name is not the roll id of its header"));
  }
  if (roll->epoch() == 0) {
    findings.FailBeside(Check::kS3, name, absl::FailedPreconditionError("the roll has no seal"));
  }
  findings.Ran(Check::kS3);
  findings.Ran(Check::kS4);
  return reader.TakeAudit();
}

}  // namespace urna::audit
