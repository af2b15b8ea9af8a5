#include "core/audit/poll_audit.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "core/base/parallel.h"
#include "core/base/status.h"
#include "core/election/contest_plan.h"
#include "core/record/log_scan.h"

namespace urna::audit {
namespace {

constexpr size_t kThreadBytes = size_t{8} << 20;  // of entries that wait, for every thread
constexpr size_t kMostBytes = size_t{256} << 20;  // for all of them
// Of acts that are sorted by ring: so many that a ring has some hundred.
constexpr size_t kRingWindow = size_t{32} << 20;

std::string Place(uint64_t index, absl::string_view name) {
  return absl::StrCat("entry ", index, " (", name, ")");
}

constexpr Check kBallotChecks[] = {Check::kB1, Check::kB2,  Check::kB3, Check::kB4,
                                   Check::kB5, Check::kB6,  Check::kB7, Check::kB8,
                                   Check::kB9, Check::kB10, Check::kB11};
constexpr Check kActChecks[] = {Check::kP2, Check::kP3, Check::kP4, Check::kP5};

// Whether the things that the check counts are smaller than entries: each violation is of another.
bool CountsPieces(Check check) {
  switch (check) {
    case Check::kS15:
    case Check::kB4:
    case Check::kB5:
    case Check::kB9:
    case Check::kC6:
    case Check::kC7:
    case Check::kC8:
    case Check::kC9:
      return true;
    default:
      return false;
  }
}

bool IsDecryptionShare(const record::Entry& entry) {
  const auto* message = std::get_if<election::SignedTrusteeMessage>(&entry);
  return message != nullptr && std::holds_alternative<election::DecryptionShare>(message->message);
}

// The root over the first `size` entries, as the log's tiles have it.
absl::StatusOr<merkle::Hash> RootFromTiles(const record::LogReader& log, uint64_t size) {
  URNA_ASSIGN_OR_RETURN(const merkle::CompactTree tree,
                        merkle::CompactTree::Resume(size, log.nodes()));
  return tree.root();
}

// Reads ballots of a log on its own; empty if it cannot be opened.
election::ElectionState::BallotReader BallotReaderOf(const std::string& directory) {
  absl::StatusOr<record::LogReader> opened = record::LogReader::Open(directory);
  if (!opened.ok()) return nullptr;
  const auto log = std::make_shared<const record::LogReader>(*std::move(opened));
  return [log](uint64_t index) -> absl::StatusOr<election::Ballot> {
    URNA_ASSIGN_OR_RETURN(const Bytes bytes, log->ReadEntry(index));
    URNA_ASSIGN_OR_RETURN(record::Entry entry, record::DecodeEntry(bytes));
    auto* ballot = std::get_if<election::Ballot>(&entry);
    if (ballot != nullptr) return std::move(*ballot);
    return absl::DataLossError(absl::StrCat("entry ", index, " has changed and is no ballot"));
  };
}

}  // namespace

PollAudit::PollAudit(const std::string& record, const record::LogReader& log,
                     const AuditOptions& options, Findings& findings)
    : record_(record),
      log_(log),
      options_(options),
      findings_(findings),
      witnesses_(log, options.policy, findings),
      threads_(ThreadsFor(options.threads)) {
  if (options.verified_prefix.has_value()) {
    const VerifiedPrefix& prefix = *options.verified_prefix;
    if (prefix.size > 0 && prefix.size <= log.checkpoint().size()) {
      const absl::StatusOr<merkle::Hash> root = RootFromTiles(log, prefix.size);
      prefix_good_ = root.ok() && *root == prefix.root;
      WantRoot(prefix.size);
    }
  }
}

void PollAudit::Flush() {
  FinishProving();
  if (waiting_.entries.empty()) return;
  if (petition_ != nullptr) {
    FlushActs();
  } else if (IsDecryptionShare(waiting_.entries.front().entry)) {
    FlushShares();
  } else {
    StartProving();
    FinishProving();
  }
  waiting_ = Chunk();
}

void PollAudit::WantRoot(uint64_t size) { roots_.emplace(size, std::nullopt); }
void PollAudit::WantLeaf(uint64_t index) { leaves_.emplace(index, std::nullopt); }

std::optional<merkle::Hash> PollAudit::RootAtSize(uint64_t size) const {
  const auto found = roots_.find(size);
  return found == roots_.end() ? std::nullopt : found->second;
}

std::optional<merkle::Hash> PollAudit::LeafAt(uint64_t index) const {
  const auto found = leaves_.find(index);
  return found == leaves_.end() ? std::nullopt : found->second;
}

PollKind PollAudit::kind() const {
  if (election_ != nullptr) return PollKind::kElection;
  if (petition_ != nullptr) return PollKind::kPetition;
  return PollKind::kBoth;
}

std::optional<Stage> PollAudit::stage() const {
  if (election_ != nullptr) return election_->stage();
  if (petition_ != nullptr) return petition_->stage();
  return std::nullopt;
}

bool PollAudit::VerifiedBefore(uint64_t index) const {
  return prefix_good_ && index < options_.verified_prefix->size;
}

void PollAudit::Run() {
  const uint64_t total = log_.checkpoint().size();
  if (const auto wanted = roots_.find(0); wanted != roots_.end()) wanted->second = tree_.root();
  const record::LogScan scan =
      record::ScanLog(log_, options_.threads, [&](record::ScannedBundle bundle) {
        if (options_.progress) options_.progress(bundle.first, total);
        for (size_t i = 0; i < bundle.entries.size(); ++i) {
          Take(bundle.first + i, bundle.leaf_hashes[i], bundle.sizes[i],
               std::move(bundle.entries[i]));
        }
      });
  Flush();
  ReportFiles(scan, "poll", findings_);
  CheckPrefix();
  if (total == 0) {
    findings_.Fail(Check::kS1, "poll", absl::FailedPreconditionError("the log is empty"));
  }
  if (election_ != nullptr || petition_ != nullptr) {
    const bool marks = petition_ != nullptr && petition_->manifest().anonymous.has_value();
    witnesses_.Finish(log_key_, tolerance_, marks);
  }
  if (!scan.read.ok()) {
    findings_.NotRun(Check::kL3, absl::StrCat("entries cannot be read: ", scan.read.message()));
    return;
  }
  findings_.Ran(Check::kL3);
  findings_.Ran(Check::kS1);
  if (election_ != nullptr || petition_ != nullptr) MarkRan();
  if (options_.progress) options_.progress(total, total);
}

std::optional<election::PartSums> PollAudit::SumsOfClosed() {
  if (election_ == nullptr || election_->phase() != election::Phase::kClosed) return std::nullopt;
  absl::StatusOr<election::PartSums> sums = sums_->Total(log_, *election_, threads_);
  return sums.ok() ? std::optional(*std::move(sums)) : std::nullopt;
}

// Only what the states have really been asked; checks of the roll are marked where it is read.
void PollAudit::MarkRan() {
  for (Check check : {Check::kS2, Check::kS5, Check::kS6, Check::kS7, Check::kS8}) {
    findings_.Ran(check);
  }
  const Stage reached = petition_ != nullptr ? petition_->came_to() : *stage();
  if (reached >= Stage::kVoting) findings_.Ran(Check::kS14);
  if (election_ != nullptr) {
    findings_.Ran(Check::kS9);
    findings_.Ran(Check::kS10);
    if (reached >= Stage::kVoting) {
      for (Check check : {Check::kS11, Check::kS12, Check::kS13, Check::kS15, Check::kS16}) {
        findings_.Ran(check);
      }
      for (Check check : kBallotChecks) findings_.Ran(check);
      if (roll_ != nullptr) findings_.Ran(Check::kB12);
    }
    if (reached == Stage::kFinal && election_->summed().has_value()) {
      for (Check check : {Check::kC1, Check::kC2, Check::kC8, Check::kC9}) findings_.Ran(check);
      if (election_->summed()->sums.has_value()) {
        for (Check check : {Check::kC3, Check::kC4, Check::kC5, Check::kC6, Check::kC7}) {
          findings_.Ran(check);
        }
      }
    }
  } else {
    MarkPetitionRan();
  }
}

void PollAudit::MarkPetitionRan() {
  const Stage came_to = petition_->came_to();
  findings_.Ran(Check::kP9);
  findings_.Ran(Check::kP12);
  if (came_to >= Stage::kVoting) {
    findings_.Ran(Check::kP1);
    findings_.Ran(Check::kP10);
    for (Check check : kActChecks) findings_.Ran(check);
    if (roll_ != nullptr) findings_.Ran(Check::kP8);
    if (came_to == Stage::kFinal) {
      for (Check check : {Check::kP6, Check::kP7, Check::kP11}) findings_.Ran(check);
    }
  }
  if (!petition::IsEnd(petition_->phase())) return;
  // It never came to what these are about.
  for (const CheckInfo& info : AllChecks()) {
    if (info.stage > came_to && !findings_.Failed(info.check)) {
      findings_.NotAbout(info.check,
                         absl::StrCat("the petition was ", petition::PhaseWord(petition_->phase()),
                                      " before it came so far"));
    }
  }
}

// Proofs were skipped because of what the tiles say, so the entries must say the same. (If they do
// not, some tile is not what the entries give, and L2 has failed already.)
void PollAudit::CheckPrefix() {
  if (!prefix_good_ ||
      RootAtSize(options_.verified_prefix->size) == options_.verified_prefix->root) {
    return;
  }
  findings_.FailBeside(Check::kL2, "poll",
                       absl::DataLossError("its tiles are of a log that was verified before, its "
                                           "entries are not"));
}

void PollAudit::Grow(const merkle::Hash& leaf) {
  if (const auto wanted = leaves_.find(tree_.size()); wanted != leaves_.end()) {
    wanted->second = leaf;
  }
  tree_.Append(leaf);
  if (const auto wanted = roots_.find(tree_.size()); wanted != roots_.end()) {
    wanted->second = tree_.root();
  }
}

void PollAudit::Take(uint64_t index, const merkle::Hash& leaf, size_t bytes,
                     absl::StatusOr<record::Entry> entry) {
  Grow(leaf);
  findings_.Looked(Check::kL3, 1, "entries");
  if (!entry.ok()) {
    findings_.Fail(Check::kL3, absl::StrCat("entry ", index), entry.status());
    if (index == 0) findings_.NotRun(Check::kS1, "the first entry is not canonical");
  } else if (index == 0) {
    TakeManifest(*entry);
  } else if (election_ != nullptr) {
    TakeElectionEntry(index, bytes, *std::move(entry));
  } else if (petition_ != nullptr) {
    TakePetitionEntry(index, bytes, *std::move(entry));
  }
}

void PollAudit::Add(const std::vector<Violation>& violations, uint64_t index,
                    absl::string_view name) {
  std::set<Check> seen;
  for (const Violation& v : violations) {
    if (CountsPieces(v.check) || seen.insert(v.check).second) {
      findings_.Fail(v.check, Place(index, name), v.status);
    } else {
      findings_.FailBeside(v.check, Place(index, name), v.status);
    }
  }
}

void PollAudit::TakeManifest(const record::Entry& entry) {
  findings_.Looked(Check::kS1, 1, "manifests");
  findings_.Looked(Check::kS2, 1, "manifests");
  const std::string name = record::EntryName(entry);
  std::vector<Violation> violations;
  if (const auto* election = std::get_if<election::SignedManifest>(&entry)) {
    violations = election::ElectionState::CheckManifestEntry(*election);
  } else if (const auto* petition = std::get_if<petition::SignedManifest>(&entry)) {
    violations = petition::PetitionState::CheckManifestEntry(*petition);
  } else {
    violations = {{Check::kS1, absl::InvalidArgumentError("a manifest belongs here")}};
  }
  Add(violations, 0, name);
  // A manifest that breaks the rules has no meaning to go on with.
  if (findings_.Failed(Check::kS1)) return;
  if (const auto* election = std::get_if<election::SignedManifest>(&entry)) {
    election_ =
        std::make_unique<election::ElectionState>(*election, BallotReaderOf(log_.directory()));
    sums_.emplace(election_->manifest());
    if (!election_->manifest().anonymous.has_value()) {
      findings_.NotAbout(Check::kB12, "the election is pseudonymous");
    }
    for (const election::Style& style : election->manifest.styles) {
      for (uint16_t contest : style.contests) {
        const election::ContestPlan plan(*election->manifest.FindContest(contest));
        for (const auto& proof : plan.proofs()) ++proofs_[style.number][proof.claim->check];
      }
    }
  } else {
    petition_ =
        std::make_unique<petition::PetitionState>(std::get<petition::SignedManifest>(entry));
    if (!petition_->manifest().anonymous.has_value()) {
      for (Check check : {Check::kP8, Check::kP9, Check::kP10, Check::kP11, Check::kP12}) {
        findings_.NotAbout(check, "the petition is pseudonymous");
      }
    }
  }
  const auto keep = [this](const auto& manifest) {
    log_key_ = VerifierOf(manifest.origin, manifest.log_key);
    tolerance_ = manifest.schedule.tolerance;
  };
  if (election_ != nullptr) {
    keep(election_->manifest());
  } else {
    keep(petition_->manifest());
  }
}

// Entries whose proofs are verified together with those of others.
void PollAudit::Wait(uint64_t index, size_t bytes, record::Entry entry) {
  const bool share = IsDecryptionShare(entry);
  if (!waiting_.entries.empty() && IsDecryptionShare(waiting_.entries.front().entry) != share) {
    Flush();
  }
  waiting_.entries.push_back({index, bytes, std::move(entry)});
  waiting_.bytes += bytes;
  const size_t enough = rings_ != nullptr ? kRingWindow : kThreadBytes * threads_;
  if (waiting_.bytes < std::min(kMostBytes, enough)) return;
  if (petition_ != nullptr || share) {
    Flush();
  } else {
    StartProving();
  }
}

void PollAudit::TakeElectionEntry(uint64_t index, size_t bytes, record::Entry entry) {
  if (IsDecryptionShare(entry) || IsVotersEntryHere(entry)) {
    Wait(index, bytes, std::move(entry));
    return;
  }
  Flush();
  if (const auto* order = std::get_if<poll::SignedOrder>(&entry)) {
    TakeElectionOrder(index, *order);
  } else if (std::holds_alternative<election::SignedTrusteeMessage>(entry)) {
    TakeMessage(index, entry, false);
  } else {
    TakeStranger(index, entry);
  }
}

// Of the board, or one that polls of this kind do not have.
void PollAudit::TakeStranger(uint64_t index, const record::Entry& entry) {
  const std::string name = record::EntryName(entry);
  if (const auto* witnessed = std::get_if<poll::WitnessedCheckpoint>(&entry)) {
    witnesses_.TakeCheckpoint(index, *witnessed, log_key_);
    if (const auto misplaced = poll::CheckWitnessedPlace(stage() == Stage::kFinal)) {
      findings_.FailBeside(misplaced->check, Place(index, name), misplaced->status);
    }
    return;
  }
  if (std::holds_alternative<election::SignedManifest>(entry) ||
      std::holds_alternative<petition::SignedManifest>(entry)) {
    findings_.FailBeside(Check::kS1, Place(index, name),
                         absl::InvalidArgumentError("a second manifest"));
  } else if (election_ != nullptr && record::IsVotersEntry(record::TypeOf(entry))) {
    Add(CanonicalVotersEntry(entry), index, name);
    findings_.FailBeside(
        Check::kS8, Place(index, name),
        absl::InvalidArgumentError(election_->manifest().anonymous.has_value()
                                       ? "it names its credential, and the election is anonymous"
                                       : "it is anonymous, and the election is pseudonymous"));
  } else if (petition_ != nullptr && record::IsPetitionAct(record::TypeOf(entry))) {
    Add(CanonicalAct(entry), index, name);
    findings_.FailBeside(
        Check::kS8, Place(index, name),
        absl::InvalidArgumentError(petition_->manifest().anonymous.has_value()
                                       ? "it names its credential, and the petition is anonymous"
                                       : "it is anonymous, and the petition is pseudonymous"));
  } else {
    const Violation violation = poll::EntryOutOfPlace(name, kind());
    findings_.FailBeside(violation.check, Place(index, name), violation.status);
  }
}

void PollAudit::TakePetitionEntry(uint64_t index, size_t bytes, record::Entry entry) {
  if (IsActHere(entry)) {
    Wait(index, bytes, std::move(entry));
    return;
  }
  Flush();
  if (const auto* order = std::get_if<poll::SignedOrder>(&entry)) {
    TakePetitionOrder(index, *order);
  } else {
    TakeStranger(index, entry);
  }
}

}  // namespace urna::audit
