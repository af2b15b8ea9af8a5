#include "core/audit/report.h"

#include <algorithm>
#include <functional>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/check.h"
#include "core/base/utf8.h"

namespace urna::audit {

absl::string_view OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass:
      return "PASS";
    case Outcome::kFail:
      return "FAIL";
    case Outcome::kNotRun:
      return "NOT RUN";
    case Outcome::kNotDue:
      return "NOT DUE";
  }
  return "NOT RUN";
}

void Findings::Looked(Check check, uint64_t count, absl::string_view what) {
  if (count == 0) return;
  Finding& finding = at(check);
  finding.looked += count;
  if (finding.what != what) finding.what = std::string(what);
}

void Findings::Fail(Check check, absl::string_view where, const absl::Status& status) {
  ++at(check).wrong;
  FailBeside(check, where, status);
}

void Findings::FailBeside(Check check, absl::string_view where, const absl::Status& status) {
  Finding& finding = at(check);
  ++finding.failed;
  if (finding.failures.size() >= kMaxFailures) return;
  const std::string sentence(status.message());
  finding.failures.push_back(where.empty() ? sentence : absl::StrCat(where, ": ", sentence));
}

void Findings::Ran(Check check) { at(check).ran = true; }

void Findings::NotRun(Check check, absl::string_view reason) {
  if (at(check).not_run.empty()) at(check).not_run = std::string(reason);
}

void Findings::NotDue(Check check, absl::string_view reason) {
  at(check).not_due = std::string(reason);
}

void Findings::NotAbout(Check check, absl::string_view reason) {
  at(check).not_about = std::string(reason);
}

bool Findings::Failed(Check check) const { return at(check).failed > 0; }

namespace {

bool Applies(PollKind check, PollKind record) {
  return (static_cast<int>(check) & static_cast<int>(record)) != 0;
}

}  // namespace

Report Report::Make(const Findings& findings, PollKind kind, std::optional<Stage> reached,
                    Stage asked) {
  Report report;
  report.kind_ = kind;
  report.reached_ = reached;
  report.asked_ = asked;
  std::map<Check, Outcome> outcomes;
  // A check comes after those that it depends on in the work, not always in the table.
  const std::function<Outcome(Check)> decide = [&](Check check) -> Outcome {
    if (const auto known = outcomes.find(check); known != outcomes.end()) return known->second;
    const CheckInfo& info = InfoOf(check);
    const Findings::Finding& finding = findings.at(check);
    CheckResult result;
    result.check = check;
    result.looked = finding.looked;
    result.what = finding.what;
    std::string broken;
    for (Check needed : info.depends_on) {
      if (!Applies(InfoOf(needed).applies, kind)) continue;
      const Outcome outcome = decide(needed);
      if (outcome == Outcome::kFail || outcome == Outcome::kNotRun) {
        absl::StrAppend(&broken, broken.empty() ? "" : ", ", InfoOf(needed).number, " is ",
                        OutcomeName(outcome));
      }
    }
    const bool stage_come = reached.has_value() && *reached >= info.stage;
    if (!finding.not_about.empty()) {
      result.outcome = Outcome::kNotDue;
      result.reason = finding.not_about;
    } else if (!broken.empty()) {
      result.outcome = Outcome::kNotRun;
      result.reason = broken;
    } else if (!finding.not_run.empty()) {
      result.outcome = Outcome::kNotRun;
      result.reason = finding.not_run;
    } else if (finding.failed > 0) {
      result.outcome = Outcome::kFail;
      result.failed = finding.failed;
      result.failures = finding.failures;
    } else if (!finding.not_due.empty()) {
      result.outcome = Outcome::kNotDue;
      result.reason = finding.not_due;
    } else if (reached.has_value() && !stage_come) {
      result.outcome = asked >= info.stage ? Outcome::kNotRun : Outcome::kNotDue;
      result.reason = absl::StrCat("the record ends in stage '", StageName(*reached), "'");
    } else if (finding.ran) {
      result.outcome = Outcome::kPass;
    } else {
      result.outcome = Outcome::kNotRun;
      result.reason = "the record could not be read so far";
    }
    result.passed = result.outcome == Outcome::kPass ? finding.looked
                    : finding.looked > finding.wrong ? finding.looked - finding.wrong
                                                     : 0;
    outcomes[check] = result.outcome;
    report.results_.push_back(std::move(result));
    return outcomes[check];
  };
  for (const CheckInfo& info : AllChecks()) {
    if (Applies(info.applies, kind)) decide(info.check);
  }
  std::sort(report.results_.begin(), report.results_.end(),
            [](const CheckResult& a, const CheckResult& b) { return a.check < b.check; });
  return report;
}

const CheckResult* Report::Find(Check check) const {
  for (const CheckResult& result : results_) {
    if (result.check == check) return &result;
  }
  return nullptr;
}

int Report::ExitStatus() const {
  URNA_CHECK(!results_.empty(), "a report has results");
  bool not_run = !reached_.has_value() || *reached_ < asked_;
  for (const CheckResult& result : results_) {
    if (result.outcome == Outcome::kFail) return 1;
    if (result.outcome == Outcome::kNotRun) not_run = true;
  }
  return not_run ? 2 : 0;
}

std::string Report::ToText() const {
  std::string text;
  for (const CheckResult& result : results_) {
    const CheckInfo& info = InfoOf(result.check);
    absl::StrAppendFormat(&text, "%-4s %-8s %s", std::string(info.number),
                          std::string(OutcomeName(result.outcome)), std::string(info.title));
    if (result.outcome == Outcome::kPass || result.outcome == Outcome::kFail) {
      if (!result.what.empty()) {
        absl::StrAppend(&text, ": ", result.passed, " of ", result.looked, " ", result.what);
      }
    } else {
      absl::StrAppend(&text, " (", Printable(result.reason), ")");
    }
    absl::StrAppend(&text, "\n");
    for (const std::string& failure : result.failures) {
      absl::StrAppend(&text, "       - ", Printable(failure), "\n");
    }
    if (result.failed > result.failures.size()) {
      absl::StrAppend(&text, "       - and ", result.failed - result.failures.size(), " more\n");
    }
  }
  return text;
}

}  // namespace urna::audit
