#include "core/audit/roll_audit.h"

#include <filesystem>
#include <future>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/audit/witness_audit.h"
#include "core/base/parallel.h"
#include "core/crypto/rng.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/hash.h"
#include "core/merkle/tree.h"
#include "core/roll/enrolment_batch.h"

namespace urna::audit {
namespace {

constexpr size_t kChunk = 8192;  // members and changes verified side by side

std::string Place(uint64_t index) { return absl::StrCat("roll, entry ", index); }

}  // namespace

// Takes a roll's entries in order, and keeps the state that they add up to.
class RollAudit::Reader {
 public:
  Reader(unsigned threads, Findings& findings) : threads_(threads), findings_(findings) {}

  // From here on takes what comes, up to a seal at this size; all if there is none.
  void TakeUpTo(uint64_t size, bool proved_before) {
    size_ = size;
    proved_before_ = proved_before;
    stopped_ = false;
  }

  void Take(uint64_t index, const merkle::Hash& leaf, absl::StatusOr<record::Entry> entry) {
    if (stopped_) return;
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

  // After the last entry.
  void Finish() { Flush(); }

  // Null before a readable header.
  const roll::RollState* state() const { return state_.get(); }
  // How many entries it has taken.
  uint64_t position() const { return tree_.size(); }
  // Whether the last of them is the seal that was to be found.
  bool stopped() const { return stopped_; }

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

  // Members and changes that are proved side by side, and their proofs.
  struct Chunk {
    std::vector<Waiting> entries;
    std::future<std::vector<std::vector<Violation>>> proofs;
  };

  void Wait(Waiting waiting) {
    waiting_.push_back(std::move(waiting));
    if (waiting_.size() >= kChunk) StartProving();
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

  // Has what waits proved, while this thread takes what was proved before and reads on.
  void StartProving() {
    const std::unique_ptr<Chunk> before = std::move(proving_);
    if (before != nullptr) before->proofs.wait();
    proving_ = std::make_unique<Chunk>();
    proving_->entries = std::exchange(waiting_, {});
    proving_->proofs = StartAsync([this, roll_id = state_->roll_id(), chunk = proving_.get()] {
      return Prove(roll_id, chunk->entries);
    });
    if (before != nullptr) TakeChunk(*before);
  }

  void Flush() {
    if (!waiting_.empty()) StartProving();
    if (const std::unique_ptr<Chunk> last = std::move(proving_)) TakeChunk(*last);
  }

  // In the order of the log.
  void TakeChunk(Chunk& chunk) {
    const std::vector<std::vector<Violation>> proofs = chunk.proofs.get();
    for (size_t i = 0; i < chunk.entries.size(); ++i) {
      const Waiting& waiting = chunk.entries[i];
      findings_.Looked(Check::kS3, 1, "members");
      if (waiting.change.change.enrols()) findings_.Looked(Check::kS4, 1, "enrolments");
      Report(proofs[i], waiting.index);
      if (waiting.is_member) {
        TakeMember(waiting.index, waiting.change.change.member);
      } else {
        TakeChange(waiting.index, waiting.change);
      }
    }
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

  // In their order; nothing of what enrols nobody. Beside everything that entries change.
  std::vector<std::vector<Violation>> Prove(const crypto::Hash32& roll_id,
                                            std::span<const Waiting> entries) const {
    std::vector<std::vector<Violation>> out(entries.size());
    std::vector<const roll::RollMember*> members;
    std::vector<size_t> places;
    for (size_t i = 0; i < entries.size(); ++i) {
      if (proved_before_ || !entries[i].change.change.enrols()) continue;
      members.push_back(&entries[i].change.change.member);
      places.push_back(i);
    }
    // The weights must be nobody's choice, so their source is not the caller's either.
    crypto::SystemRng rng;
    std::vector<std::vector<Violation>> proofs =
        roll::VerifyEnrolments(roll_id, members, threads_, rng);
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
    stopped_ = after.size() == size_;
  }

  const unsigned threads_;
  Findings& findings_;
  uint64_t size_ = 0;
  bool proved_before_ = false;
  bool stopped_ = false;
  std::unique_ptr<roll::RollState> state_;
  std::vector<Waiting> waiting_;
  std::unique_ptr<Chunk> proving_;
  merkle::CompactTree tree_;
};

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

RollAudit::RollAudit(const std::string& directory, const roll::RollPin& pin,
                     const AuditOptions& options, bool proved_before, Findings& findings)
    : options_(options),
      findings_(findings),
      reader_(std::make_unique<Reader>(options.threads, findings)) {
  const std::string name = std::filesystem::path(directory).filename().string();
  absl::StatusOr<record::LogReader> log = record::LogReader::Open(directory);
  if (!log.ok()) {
    findings.Looked(Check::kL1, 1, "checkpoints");
    findings.Fail(Check::kL1, name, log.status());
    for (Check check : {Check::kS3, Check::kS4, Check::kS15, Check::kS16}) {
      findings.NotRun(check, "the roll cannot be read");
    }
    return;
  }
  log_ = std::make_unique<record::LogReader>(*std::move(log));
  reader_->TakeUpTo(pin.size, proved_before);
  const record::LogScan scan =
      record::ScanLog(*log_, options.threads, [&](record::ScannedBundle bundle) {
        for (size_t i = 0; i < bundle.entries.size(); ++i) {
          reader_->Take(bundle.first + i, bundle.leaf_hashes[i], std::move(bundle.entries[i]));
        }
      });
  reader_->Finish();
  Keep(pin.size);
  ReportRoll(name, pin, scan);
}

RollAudit::~RollAudit() = default;

void RollAudit::ReportRoll(const std::string& name, const roll::RollPin& pin,
                           const record::LogScan& scan) {
  ReportFiles(scan, name, findings_);
  const roll::RollState* roll = reader_->state();
  if (!scan.read.ok()) {
    findings_.NotRun(Check::kS3, "the roll's entries cannot be read");
    findings_.NotRun(Check::kS4, "the roll's entries cannot be read");
  }
  if (roll == nullptr) {
    findings_.NotRun(Check::kL1, absl::StrCat(name, " has no header"));
    for (Check check : {Check::kS4, Check::kS15, Check::kS16}) {
      findings_.NotRun(check, absl::StrCat(name, " has no header"));
    }
    return;
  }
  CheckLogCheckpoint(*log_, name, roll->header().origin, roll->header().log_key, options_.policy,
                     findings_);
  if (roll->roll_id() != pin.roll_id) {
    findings_.FailBeside(
        Check::kL2, name,
        absl::DataLossError("the directory's name is not the roll id of its header"));
  }
  if (roll->epoch() == 0) {
    findings_.FailBeside(Check::kS3, name, absl::FailedPreconditionError("the roll has no seal"));
  }
  findings_.Ran(Check::kS3);
  findings_.Ran(Check::kS4);
}

// What was read, if it ends at this size with a seal.
void RollAudit::Keep(uint64_t size) {
  if (reader_->state() == nullptr || !reader_->stopped()) return;
  epochs_[size] = std::make_shared<const roll::RollState>(*reader_->state());
}

// Where the reader stands.
void RollAudit::ReadOn(uint64_t size, bool proved_before) {
  reader_->TakeUpTo(size, proved_before);
  const absl::Status read = log_->ForEachEntry(
      reader_->position(), log_->size(), [&](uint64_t index, ByteSpan entry) -> absl::Status {
        reader_->Take(index, merkle::LeafHash(entry), record::DecodeEntry(entry));
        // The rest need not be read.
        return reader_->stopped() ? absl::CancelledError() : absl::OkStatus();
      });
  reader_->Finish();
  Keep(size);
  if (read.ok() || absl::IsCancelled(read)) return;
  findings_.NotRun(Check::kS3, "the roll's entries cannot be read");
  findings_.NotRun(Check::kS4, "the roll's entries cannot be read");
}

// An epoch that ends before the reader's place, with nothing said of it anew; null if none does.
RollAudit::State RollAudit::ReadAgain(uint64_t size) const {
  Findings unsaid;
  Reader reader(options_.threads, unsaid);
  reader.TakeUpTo(size, true);
  const absl::Status read =
      log_->ForEachEntry(0, size, [&](uint64_t index, ByteSpan entry) -> absl::Status {
        reader.Take(index, merkle::LeafHash(entry), record::DecodeEntry(entry));
        return absl::OkStatus();
      });
  if (!read.ok() || !reader.stopped() || reader.state() == nullptr) return nullptr;
  return std::make_shared<const roll::RollState>(*reader.state());
}

RollAudit::State RollAudit::At(uint64_t size, bool proved_before) {
  if (reader_->state() == nullptr) return nullptr;
  const auto kept = [&]() -> State {
    const auto found = epochs_.find(size);
    return found == epochs_.end() ? nullptr : found->second;
  };
  if (State here = kept()) return here;
  const bool ahead = size > reader_->position();
  if (!ahead) {
    if (State earlier = ReadAgain(size)) return epochs_[size] = earlier;
  }
  if (reader_->position() < log_->size()) ReadOn(ahead ? size : 0, proved_before);
  if (State here = kept()) return here;
  // No epoch ends there (§12).
  if (whole_ == nullptr) {
    whole_ = std::make_shared<const roll::RollState>(reader_->state()->Unsealed());
  }
  return whole_;
}

}  // namespace urna::audit
