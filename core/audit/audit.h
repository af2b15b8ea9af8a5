// The whole verification of a record, from its files alone: every check of docs/protocol.md §12
// that the record's kind has. The auditor's program prints what this returns; a trustee's tool runs
// it before it gives a share.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/audit/policy.h"
#include "core/audit/report.h"
#include "core/audit/series.h"
#include "core/base/bytes.h"
#include "core/election/state.h"
#include "core/petition/state.h"
#include "core/record/directory.h"
#include "core/roll/roll.h"

namespace urna::audit {

// A tree of which every ballot's proofs were verified before by the same person: ballots below
// `size` are not proved again if the record has this root at that size. All other checks are made
// as ever.
struct VerifiedPrefix {
  uint64_t size = 0;
  merkle::Hash root{};
};

struct NamedBytes {
  std::string name;  // for the report
  Bytes bytes;
};

struct AuditOptions {
  std::optional<Policy> policy;
  Stage stage = Stage::kFinal;
  std::vector<NamedBytes> receipts;           // tlog-proofs
  std::vector<NamedBytes> older_checkpoints;  // signed notes
  std::optional<VerifiedPrefix> verified_prefix;
  // Whether the sums are wanted of an election that is closed and has no order sum yet.
  bool sum_closed = false;
  unsigned threads = 0;  // 0: one a core
  // Told now and then how many of the poll's entries are done. May be empty.
  std::function<void(uint64_t done, uint64_t total)> progress;
};

// The report, and the states that the entries add up to (null where the record doesn't say).
struct AuditResult {
  Report report;
  std::shared_ptr<const roll::RollState> roll;
  std::unique_ptr<election::ElectionState> election;
  std::unique_ptr<petition::PetitionState> petition;
  std::vector<SeriesPoint> series;         // of an anonymous petition that was opened
  std::optional<election::PartSums> sums;  // if they were wanted and can be had
  uint64_t size = 0;                       // entries of the poll's log
  merkle::Hash root{};                     // recomputed from the entries
  Bytes checkpoint_note;                   // of the poll's log, as it stands in the record
};

// Never fails: whatever is wrong with the record is in the report.
AuditResult AuditRecord(const std::string& record, const AuditOptions& options);

// Machine-readable form of the report: checks, counts, result.
std::string ToJson(const AuditResult& result);
// The published result as people read it; empty if there is none.
std::string ResultText(const AuditResult& result, absl::string_view language);

// The sums of the parts of the counted set, from the ballots in a poll's log.
absl::StatusOr<election::PartSums> SumBallots(const record::LogReader& log,
                                              const election::ElectionState& election,
                                              unsigned threads);

}  // namespace urna::audit
