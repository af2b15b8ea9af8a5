// Forged records, and the check that must find each: docs/protocol.md §12. A cheat makes them who
// holds all the keys that such a cheat could hold.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/audit/audit.h"
#include "core/base/numbered_checks.h"
#include "tests/support/election_fixture.h"

namespace urna::forgery {

// A record on disk with what its auditor knows and asks: all that a verifier is given.
struct Case {
  std::string directory;  // holds `record`, and the files named below
  std::string policy;     // its text
  Stage stage = Stage::kFinal;
  std::vector<audit::NamedBytes> receipts;
  std::optional<audit::NamedBytes> older_checkpoint;
  bool has_older_record = false;  // `older_checkpoint` is that of the record `older` beside

  explicit Case(std::string where) : directory(std::move(where)) {}
  std::string record() const { return directory + "/record"; }

  // Writes a poll's log as it is, and the roll's beside it.
  void Write(const testing::ElectionFixture& election);
  void Write(const testing::TestPeople& people, uint16_t threshold,
             const std::vector<Bytes>& entries, const testing::TestRoll& roll, bool with_roll);
  // Writes the record `older`, of which the log was then, and asks whether the other has grown.
  void WriteOlder(const testing::ElectionFixture& election, size_t size);

  audit::AuditOptions Options() const;
  // Writes policy, receipts and checkpoint into files, and `arguments`, one a line, which after
  // RECORD are those of both verifiers; paths are relative to the directory.
  void WriteArguments() const;
};

enum class Cheat { kOperator, kRegistrar, kOfficers, kFewTrustees, kAllTrustees, kVoter };
absl::string_view CheatName(Cheat cheat);  // "operator", "all trustees", …

struct Forgery {
  std::vector<Check> checks;  // exactly these FAIL
  std::string name;           // "OverVoteWithCompensatingNegative"
  Cheat cheat;
  std::function<void(Case&)> make;

  // "B4_OverVoteWithCompensatingNegative"
  std::string Title() const;
};

// By group of checks.
std::vector<Forgery> LogForgeries();
std::vector<Forgery> IdentityForgeries();
std::vector<Forgery> EncodingForgeries();
std::vector<Forgery> SetUpForgeries();
std::vector<Forgery> OrderForgeries();
std::vector<Forgery> BallotForgeries();
std::vector<Forgery> ProofForgeries();
std::vector<Forgery> ChallengeForgeries();
std::vector<Forgery> CountForgeries();
std::vector<Forgery> PetitionForgeries();
std::vector<Forgery> AnonymousForgeries();
std::vector<Forgery> EpochForgeries();
std::vector<Forgery> AnonymousElectionForgeries();
std::vector<Forgery> LifeForgeries();
std::vector<Forgery> WitnessForgeries();
std::vector<Forgery> AllForgeries();

// Records without fault: no check FAILs.
struct Honest {
  std::string name;
  int exit_status = 0;  // 2 where a stage that was asked for has not come
  std::function<void(Case&)> make;
};
std::vector<Honest> HonestRecords();

}  // namespace urna::forgery
