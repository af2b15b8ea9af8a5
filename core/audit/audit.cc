#include "core/audit/audit.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/audit/poll_audit.h"
#include "core/audit/roll_audit.h"
#include "core/audit/running_sums.h"
#include "core/merkle/proof.h"
#include "core/merkle/tlog_proof.h"

namespace urna::audit {
namespace {

using merkle::NoteVerifier;

// Compares one key of the manifest with the policy's.
void CompareKey(Check check, absl::string_view what, const NoteVerifier& wanted,
                absl::string_view name, const std::array<uint8_t, 32>& key, Findings& findings) {
  findings.Looked(check, 1, "keys");
  const absl::StatusOr<NoteVerifier> found = VerifierOf(name, key);
  if (found.ok() && *found == wanted) return;
  findings.Fail(check, what,
                absl::PermissionDeniedError(
                    absl::StrCat("the record has '", found.ok() ? found->vkey() : std::string(name),
                                 "', the policy has '", wanted.vkey(), "'")));
}

void CompareKeys(Check check, absl::string_view what, const std::vector<NoteVerifier>& wanted,
                 uint16_t wanted_quorum, const std::vector<roll::NamedKey>& keys, uint16_t quorum,
                 Findings& findings) {
  if (wanted.size() != keys.size() || wanted_quorum != quorum) {
    findings.FailBeside(check, "",
                        absl::PermissionDeniedError(absl::StrCat(
                            "the record has ", quorum, " of ", keys.size(), " ", what,
                            "s, the policy has ", wanted_quorum, " of ", wanted.size())));
  }
  for (size_t i = 0; i < wanted.size(); ++i) {
    const std::string which = absl::StrCat(what, " ", i);
    if (i < keys.size()) {
      CompareKey(check, which, wanted[i], keys[i].name, keys[i].key, findings);
    } else {
      findings.Looked(check, 1, "keys");
      findings.Fail(check, which, absl::PermissionDeniedError("the record does not have it"));
    }
  }
}

// I1 to I4.
void CheckIdentities(const PollAudit& poll, const std::optional<Policy>& policy,
                     Findings& findings) {
  const std::vector<Check> checks = {Check::kI1, Check::kI2, Check::kI3, Check::kI4};
  if (!policy.has_value()) {
    for (Check check : checks) findings.NotRun(check, "no policy was given");
    return;
  }
  if (poll.election() == nullptr && poll.petition() == nullptr) return;
  const auto compare = [&](const auto& manifest) {
    CompareKey(Check::kI1, "poll log", policy->log, manifest.origin, manifest.log_key, findings);
    CompareKeys(Check::kI2, "officer", policy->officers, policy->officer_quorum, manifest.officers,
                manifest.officer_quorum, findings);
    CompareKey(Check::kI3, "registrar", policy->registrar, manifest.registrar.name,
               manifest.registrar.key, findings);
  };
  if (poll.election() != nullptr) {
    const election::Manifest& manifest = poll.election()->manifest();
    compare(manifest);
    CompareKeys(Check::kI4, "trustee", policy->trustees, policy->trustee_threshold,
                manifest.trustees, manifest.trustee_threshold, findings);
  } else {
    compare(poll.petition()->manifest());
  }
  if (poll.roll() != nullptr) {
    const roll::RollHeader& header = poll.roll()->header();
    CompareKey(Check::kI1, "roll log", policy->roll, header.origin, header.log_key, findings);
    CompareKey(Check::kI3, "registrar of the roll", policy->registrar, header.registrar.name,
               header.registrar.key, findings);
  }
  for (Check check : checks) findings.Ran(check);
}

// I5. The stage is the report's business.
void CheckBeacon(const PollAudit& poll, const std::optional<Policy>& policy, Findings& findings) {
  const petition::PetitionState* petition = poll.petition();
  const election::ElectionState* election = poll.election();
  if (petition == nullptr && election == nullptr) return;
  const bool anonymous = petition != nullptr ? petition->manifest().anonymous.has_value()
                                             : election->manifest().anonymous.has_value();
  if (!anonymous) {
    findings.NotAbout(
        Check::kI5,
        absl::StrCat("the ", petition != nullptr ? "petition" : "election", " is pseudonymous"));
    return;
  }
  if (!policy.has_value()) {
    findings.NotRun(Check::kI5, "no policy was given");
    return;
  }
  std::string missing;
  const auto compare = [&](const std::string& order, const crypto::Hash32& said,
                           const std::array<uint8_t, 32>* wanted, const std::string& line) {
    findings.Looked(Check::kI5, 1, "beacons");
    if (wanted == nullptr) {
      if (missing.empty()) missing = absl::StrCat("the policy has no line '", line, "'");
    } else if (said != *wanted) {
      findings.Fail(Check::kI5, "",
                    absl::PermissionDeniedError(absl::StrCat(order, " has the beacon ", ToHex(said),
                                                             ", the policy has ", ToHex(*wanted))));
    }
  };
  if (const std::optional<crypto::Hash32>& beacon =
          petition != nullptr ? petition->beacon() : election->beacon()) {
    compare("the opening order", *beacon, policy->beacon.has_value() ? &*policy->beacon : nullptr,
            "beacon");
  }
  for (const PollAudit::EpochBeacon& one : poll.epoch_beacons()) {
    const auto wanted = policy->epoch_beacons.find(one.epoch);
    compare(absl::StrCat("the roll epoch ", one.epoch, " of entry ", one.index), one.beacon,
            wanted == policy->epoch_beacons.end() ? nullptr : &wanted->second,
            absl::StrCat("epoch-beacon ", one.epoch));
  }
  if (missing.empty() || findings.Failed(Check::kI5)) {
    findings.Ran(Check::kI5);
  } else {
    findings.NotRun(Check::kI5, missing);
  }
}

// A signed checkpoint of another time against what the entries give at its size.
absl::Status CheckContained(const PollAudit& poll, const merkle::Checkpoint& other) {
  if (other.size() > poll.size()) {
    return absl::DataLossError(absl::StrCat("its checkpoint has ", other.size(),
                                            " entries, the record only ", poll.size()));
  }
  const std::optional<merkle::Hash> root = poll.RootAtSize(other.size());
  if (root.has_value() && *root == other.root()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("its checkpoint and the record have different first ",
                                          other.size(), " entries: two histories"));
}

// L4.
void CheckGrowth(const PollAudit& poll, const AuditOptions& options, Findings& findings) {
  if (options.older_checkpoints.empty()) {
    findings.NotDue(Check::kL4, "no older checkpoint was given");
    return;
  }
  const absl::StatusOr<NoteVerifier>& log = poll.log_key();
  if (!log.ok()) return;
  for (const NamedBytes& note : options.older_checkpoints) {
    findings.Looked(Check::kL4, 1, "older checkpoints");
    const absl::StatusOr<merkle::Checkpoint> older =
        merkle::OpenCheckpoint(note.bytes, *log, merkle::OtherSignatures::kIgnored);
    const absl::Status status = older.ok() ? CheckContained(poll, *older) : older.status();
    if (!status.ok()) findings.Fail(Check::kL4, note.name, status);
  }
  findings.Ran(Check::kL4);
}

absl::Status CheckReceipt(const PollAudit& poll, const NoteVerifier& log, ByteSpan bytes) {
  absl::StatusOr<merkle::TlogProof> receipt = merkle::TlogProof::Parse(bytes);
  if (!receipt.ok()) return receipt.status();
  const std::optional<merkle::Hash> leaf = poll.LeafAt(receipt->index());
  if (!leaf.has_value()) {
    return absl::DataLossError(absl::StrCat("it is for entry ", receipt->index(),
                                            ", the record has only ", poll.size(), " entries"));
  }
  absl::StatusOr<merkle::Checkpoint> checkpoint =
      merkle::VerifyReceipt(*leaf, *receipt, log, log.name());
  if (!checkpoint.ok()) return checkpoint.status();
  return CheckContained(poll, *checkpoint);
}

// L5.
void CheckReceipts(const PollAudit& poll, const AuditOptions& options, Findings& findings) {
  if (options.receipts.empty()) {
    findings.NotDue(Check::kL5, "no receipt was given");
    return;
  }
  const absl::StatusOr<NoteVerifier>& log = poll.log_key();
  if (!log.ok()) return;
  for (const NamedBytes& receipt : options.receipts) {
    findings.Looked(Check::kL5, 1, "receipts");
    const absl::Status status = CheckReceipt(poll, *log, receipt.bytes);
    if (!status.ok()) findings.Fail(Check::kL5, receipt.name, status);
  }
  findings.Ran(Check::kL5);
}

// Tells the replay which roots and leaves will be asked for.
void WantProofs(const AuditOptions& options, PollAudit& poll) {
  for (const NamedBytes& receipt : options.receipts) {
    const absl::StatusOr<merkle::TlogProof> parsed = merkle::TlogProof::Parse(receipt.bytes);
    if (!parsed.ok()) continue;
    poll.WantLeaf(parsed->index());
    poll.WantRoot(parsed->unverified_checkpoint().size());
  }
  for (const NamedBytes& older : options.older_checkpoints) {
    const absl::StatusOr<merkle::Note> note = merkle::Note::Parse(older.bytes);
    if (!note.ok()) continue;
    const absl::StatusOr<merkle::Checkpoint> body = merkle::Checkpoint::Parse(note->text());
    if (body.ok()) poll.WantRoot(body->size());
  }
}

// L2 for the record's own directory: the poll, the roll that is pinned, nothing else.
void CheckTopLevel(const std::string& record, const PollAudit& poll, Findings& findings) {
  findings.Looked(Check::kL2, 1, "directories");
  bool first = true;
  const auto fail = [&](absl::string_view problem) {
    if (first) {
      findings.Fail(Check::kL2, "record", absl::DataLossError(problem));
    } else {
      findings.FailBeside(Check::kL2, "record", absl::DataLossError(problem));
    }
    first = false;
  };
  const absl::StatusOr<record::RecordListing> listing = record::ListRecord(record);
  if (!listing.ok()) return fail(listing.status().message());
  for (const std::string& problem : listing->problems) fail(problem);
  std::optional<crypto::Hash32> pinned;
  if (poll.election() != nullptr && poll.election()->opening().has_value()) {
    pinned = poll.election()->opening()->roll.roll_id;
  } else if (poll.petition() != nullptr && poll.petition()->roll_pin().has_value()) {
    pinned = poll.petition()->roll_pin()->roll_id;
  }
  for (const crypto::Hash32& roll : listing->rolls) {
    if (pinned == roll) continue;
    fail(absl::StrCat("the roll ", ToHex(roll), " is not one that the poll's opening pins"));
  }
}

// Why nothing else can be said about a record without a readable poll log.
AuditResult Unreadable(Findings& findings, const absl::Status& why, Stage asked) {
  findings.Looked(Check::kL1, 1, "checkpoints");
  findings.Fail(Check::kL1, "poll", why);
  AuditResult result;
  result.report = Report::Make(findings, PollKind::kBoth, std::nullopt, asked);
  return result;
}

}  // namespace

AuditResult AuditRecord(const std::string& record, const AuditOptions& options) {
  Findings findings;
  const std::string directory = record::PollDirectory(record);
  absl::StatusOr<record::LogReader> log = record::LogReader::Open(directory);
  if (!log.ok()) return Unreadable(findings, log.status(), options.stage);

  PollAudit poll(record, *log, options, findings);
  WantProofs(options, poll);
  poll.Run();

  const auto check_checkpoint = [&](const auto& manifest) {
    CheckLogCheckpoint(*log, "poll", manifest.origin, manifest.log_key, options.policy, findings);
    findings.Ran(Check::kL1);
  };
  if (poll.election() != nullptr) {
    check_checkpoint(poll.election()->manifest());
  } else if (poll.petition() != nullptr) {
    check_checkpoint(poll.petition()->manifest());
  } else {
    findings.NotRun(Check::kL1, "the record has no manifest that says who signs the log");
  }
  CheckTopLevel(record, poll, findings);
  findings.Ran(Check::kL2);
  CheckIdentities(poll, options.policy, findings);
  CheckBeacon(poll, options.policy, findings);
  CheckGrowth(poll, options, findings);
  CheckReceipts(poll, options, findings);

  AuditResult result;
  if (options.sum_closed) result.sums = poll.SumsOfClosed();
  result.report = Report::Make(findings, poll.kind(), poll.stage(), options.stage);
  result.series = poll.SignatureSeries();
  result.roll = poll.roll();
  result.size = poll.size();
  result.root = poll.root();
  result.checkpoint_note = log->checkpoint_note();
  result.election = poll.TakeElection();
  result.petition = poll.TakePetition();
  return result;
}

absl::StatusOr<election::PartSums> SumBallots(const record::LogReader& log,
                                              const election::ElectionState& election,
                                              unsigned threads) {
  return RunningSums(election.manifest()).Total(log, election, threads);
}

}  // namespace urna::audit
