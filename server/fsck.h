// Whether a data directory is whole: every log's tree, indexes and state are made anew from the
// stored entries and compared with what lies beside them. docs/operations.md says when to ask.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/progress.h"
#include "server/data_directory.h"
#include "server/ledger.h"

namespace urna::server {

struct FsckOptions {
  std::string data;
  std::string log_key_file;  // empty: the data directory's
  bool repair = false;
  ProgressOf progress = {};
};

// What has to be done about a finding.
enum class Cure {
  kRepair,   // --repair: it follows from the entries, which are all there
  kRestore,  // entries are lost: a backup and a mirror's record have them
  kByHand,   // a file beside the ledger: the finding says what to do with it
};

struct FsckFinding {
  Cure cure = Cure::kByHand;
  std::string sentence;
};

struct FsckLog {
  LogInfo info;                       // as the entries say it
  std::optional<uint64_t> published;  // the size of its published checkpoint
};

struct FsckReport {
  BoardIdentity board;
  std::vector<FsckLog> logs;
  uint64_t rows = 0;                  // of the database that were compared
  bool key_seen = false;              // whether the log's key was there to be looked at
  bool rules_checked = false;         // whether all entries were put to the rules again
  std::vector<FsckFinding> findings;  // after a repair: those that are left
  std::vector<FsckFinding> repaired;
  std::string kept;  // after a repair: where the ledger that was there lies now

  bool Whole() const { return findings.empty(); }
};

// Reads everything; changes nothing unless asked to repair, and then only if no entry is lost and
// every published checkpoint is there and in its log: a new ledger is made of the entries, put to
// the same tests, and exchanged for the old one, which is kept. Entries are never changed.
//
// FailedPrecondition if a server has the ledger open; NotFound if there is no board; otherwise the
// system's error. Proofs of ballots are not verified: that is the verifier's work.
absl::StatusOr<FsckReport> Fsck(const FsckOptions& options);

}  // namespace urna::server
