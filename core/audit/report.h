// What an audit found: one line for every numbered check. docs/protocol.md §12.
//
// A check is PASS only if somebody said that it was made (Ran) and nothing speaks against it; a
// check that nobody made is NOT RUN.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/numbered_checks.h"

namespace urna::audit {

enum class Outcome : uint8_t { kPass, kFail, kNotRun, kNotDue };
absl::string_view OutcomeName(Outcome outcome);  // "PASS", "FAIL", "NOT RUN", "NOT DUE"

// Gathers while the record is read. Not for several threads at once.
class Findings {
 public:
  // `count` more things were looked at by the check; `what` names them in the plural.
  void Looked(Check check, uint64_t count, absl::string_view what);
  // One of them breaks the rule. `where` as "entry 17 (ballot)"; may be empty.
  void Fail(Check check, absl::string_view where, const absl::Status& status);
  // A failure that is none of the things looked at, or one more of a thing that has failed already.
  void FailBeside(Check check, absl::string_view where, const absl::Status& status);
  // The check was made to its end.
  void Ran(Check check);
  // The check could not be made.
  void NotRun(Check check, absl::string_view reason);
  // Nothing was given for the check to look at.
  void NotDue(Check check, absl::string_view reason);
  // The check is not about such a poll: NOT DUE, whatever it depends on.
  void NotAbout(Check check, absl::string_view reason);

  bool Failed(Check check) const;

 private:
  friend class Report;
  struct Finding {
    uint64_t looked = 0;
    uint64_t wrong = 0;   // of those looked at
    uint64_t failed = 0;  // all failures
    std::string what;
    std::vector<std::string> failures;  // the first kMaxFailures sentences
    bool ran = false;
    std::string not_run;
    std::string not_due;
    std::string not_about;
  };
  static constexpr size_t kMaxFailures = 20;
  Finding& at(Check check) { return findings_[static_cast<size_t>(check)]; }
  const Finding& at(Check check) const { return findings_[static_cast<size_t>(check)]; }
  std::array<Finding, 96> findings_;
};

struct CheckResult {
  Check check = Check::kL1;
  Outcome outcome = Outcome::kNotRun;
  uint64_t looked = 0;
  uint64_t passed = 0;                // of those looked at
  std::string what;                   // "ballots"
  std::vector<std::string> failures;  // the first of them
  uint64_t failed = 0;                // how many there are
  std::string reason;                 // of NOT RUN or NOT DUE
};

class Report {
 public:
  // `kind`: kBoth if the record doesn't say. `reached`: the record's stage; none if unknown.
  static Report Make(const Findings& findings, PollKind kind, std::optional<Stage> reached,
                     Stage asked);

  const std::vector<CheckResult>& results() const { return results_; }
  const CheckResult* Find(Check check) const;
  PollKind kind() const { return kind_; }
  std::optional<Stage> reached() const { return reached_; }
  Stage asked() const { return asked_; }

  // 0: all that is due is PASS; 1: a FAIL; 2: no FAIL, but something was not run.
  int ExitStatus() const;
  bool verified() const { return ExitStatus() == 0; }

  // One line a check, failures below it.
  std::string ToText() const;

 private:
  PollKind kind_ = PollKind::kBoth;
  std::optional<Stage> reached_;
  Stage asked_ = Stage::kFinal;
  std::vector<CheckResult> results_;
};

}  // namespace urna::audit
