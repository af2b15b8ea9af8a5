#include "verifier/follow.h"

#include <chrono>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/audit/policy.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/base/utf8.h"
#include "core/merkle/witness_policy.h"
#include "verifier/fetch_log_files.h"
#include "verifier/log_follower.h"

namespace urna::verifier {
namespace {

enum ExitStatus : int { kFine = 0, kWrong = 1, kNotRun = 2, kUsage = 3 };

struct FollowOptions {
  std::string source;
  std::string policy;
  std::string key;
  std::string state;
  std::string evidence;
  std::string tls_roots;
  int64_t interval_seconds = 60;
  bool once = false;
  bool json = false;
};

int Refuse(const absl::Status& status) {
  std::cerr << "urna-verifier: " << Printable(status.message()) << "\n";
  return kUsage;
}

// The log's key, from --log or from a policy: a poll's (docs/protocol.md §11) or a witness policy
// of one log.
absl::StatusOr<merkle::NoteVerifier> LogKey(const FollowOptions& options) {
  if (!options.key.empty()) return merkle::NoteVerifier::Parse(options.key);
  if (options.policy.empty()) return absl::InvalidArgumentError("give --log or --policy");
  URNA_ASSIGN_OR_RETURN(const Bytes text, ReadFile(options.policy, merkle::kMaxPolicySize));
  if (const auto poll = audit::Policy::Parse(AsText(text)); poll.ok()) return poll->log;
  const auto policy = merkle::WitnessPolicy::Parse(AsText(text));
  if (!policy.ok()) return Annotate(policy.status(), options.policy);
  if (policy->logs().size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(options.policy, " names ", policy->logs().size(),
                                                   " logs; say which one with --log"));
  }
  return policy->logs().front().key;
}

absl::StatusOr<LogFollower> Begin(const FollowOptions& options, const merkle::NoteVerifier& log) {
  const absl::StatusOr<Bytes> state = ReadFile(options.state, merkle::kMaxNoteSize);
  if (absl::IsNotFound(state.status())) return LogFollower::Create(log, std::nullopt);
  if (!state.ok()) return state.status();
  absl::StatusOr<LogFollower> follower = LogFollower::Create(log, std::string(AsText(*state)));
  if (!follower.ok()) return Annotate(follower.status(), options.state);
  return follower;
}

// What a look has shown, in a word for programs and a sentence for people.
struct Said {
  std::string word;
  std::string sentence;
  int status = kFine;
};

Said Describe(const FollowStep& step, const std::string& evidence_file) {
  switch (step.outcome) {
    case FollowOutcome::kFirst:
      return {"first", absl::StrCat("seen first with ", step.size, " entries"), kFine};
    case FollowOutcome::kUnchanged:
      return {"unchanged", absl::StrCat("still has ", step.size, " entries"), kFine};
    case FollowOutcome::kGrown:
      return {"grown",
              absl::StrCat("has grown from ", step.known_size, " to ", step.size,
                           " entries and kept the earlier ones"),
              kFine};
    case FollowOutcome::kSmaller:
      return {"smaller",
              absl::StrCat("shows ", step.size, " entries, and had ", step.known_size,
                           " before: entries are lost or withheld"),
              kWrong};
    case FollowOutcome::kForked:
      break;
  }
  return {"forked",
          absl::StrCat("HAS TWO HISTORIES: it has signed trees of ",
                       step.evidence->smaller().size(), " and ", step.evidence->larger().size(),
                       " entries that contradict each other; the proof is in ", evidence_file),
          kWrong};
}

void Print(const FollowOptions& options, const std::string& origin, const Said& said,
           const FollowStep* step) {
  if (!options.json) {
    (said.status == kFine ? std::cout : std::cerr)
        << Printable(origin) << ": " << Printable(said.sentence) << std::endl;
    return;
  }
  nlohmann::ordered_json json{{"origin", origin}, {"outcome", said.word}};
  if (step != nullptr) json["size"] = step->size;
  if (said.word == "forked") json["evidence"] = options.evidence;
  if (said.status != kFine) json["says"] = said.sentence;
  std::cout << json.dump() << std::endl;
}

// Evidence that is there already says the same of the log, and is left alone.
absl::Status Keep(const FollowStep& step, const FollowOptions& options) {
  const absl::Status written =
      WriteNewFileDurably(options.evidence, AsBytes(step.evidence->Serialize()), 0644);
  return absl::IsAlreadyExists(written) ? absl::OkStatus() : written;
}

// One look; the exit status that it comes to.
int LookOnce(LogFollower& follower, const LogFiles& files, const FollowOptions& options,
             const std::string& origin) {
  const absl::StatusOr<FollowStep> step = follower.Look(files);
  if (!step.ok()) {
    const bool wrong = absl::IsDataLoss(step.status()) || absl::IsOutOfRange(step.status()) ||
                       absl::IsResourceExhausted(step.status());
    const Said said{wrong ? "wrong" : "unavailable", std::string(step.status().message()),
                    wrong ? kWrong : kNotRun};
    Print(options, origin, said, nullptr);
    return said.status;
  }
  absl::Status stored;
  if (step->outcome == FollowOutcome::kForked) {
    stored = Keep(*step, options);
  } else if (step->outcome == FollowOutcome::kFirst || step->outcome == FollowOutcome::kGrown) {
    stored = WriteFileDurably(options.state, AsBytes(*follower.state()));
  }
  const Said said = Describe(*step, options.evidence);
  Print(options, origin, said, &*step);
  return stored.ok() ? said.status : Refuse(stored);
}

int Follow(FollowOptions options) {
  if (options.evidence.empty()) options.evidence = options.state + ".evidence";
  const auto log = LogKey(options);
  if (!log.ok()) return Refuse(log.status());
  auto follower = Begin(options, *log);
  if (!follower.ok()) return Refuse(follower.status());
  const auto files = OpenLogFiles(options.source, options.tls_roots);
  if (!files.ok()) return Refuse(files.status());
  while (true) {
    const int status = LookOnce(*follower, *files, options, log->name());
    if (options.once || status == kWrong || status == kUsage) return status;
    std::this_thread::sleep_for(std::chrono::seconds(options.interval_seconds));
  }
}

int Judge(const FollowOptions& options) {
  const auto log = LogKey(options);
  if (!log.ok()) return Refuse(log.status());
  const absl::StatusOr<Bytes> bytes = ReadFile(options.evidence, merkle::kMaxForkEvidenceSize);
  if (!bytes.ok()) return Refuse(bytes.status());
  const auto evidence = merkle::ForkEvidence::Parse(*bytes);
  const absl::Status proved = evidence.ok() ? evidence->Verify(*log) : evidence.status();
  if (options.json) {
    nlohmann::ordered_json json{{"origin", log->name()}, {"proved", proved.ok()}};
    if (evidence.ok()) {
      json["sizes"] = {evidence->smaller().size(), evidence->larger().size()};
    }
    if (!proved.ok()) json["says"] = std::string(proved.message());
    std::cout << json.dump(2) << "\n";
  } else if (proved.ok()) {
    std::cout << "PROVED: " << Printable(log->name())
              << " has two histories. Its key has signed trees of " << evidence->smaller().size()
              << " and " << evidence->larger().size()
              << " entries, and the one is not what the other begins with.\n";
  } else {
    std::cout << "NOT PROVED: " << Printable(proved.message()) << "\n";
  }
  return proved.ok() ? kFine : kWrong;
}

void AddKeyOptions(CLI::App& command, FollowOptions& options) {
  CLI::Option* key = command.add_option("--log", options.key, "The log's vkey; or:");
  command
      .add_option(
          "--policy", options.policy,
          "File whose log line has it: a poll's policy (docs/protocol.md §11), or a witness "
          "policy of one log (§10.2)")
      ->excludes(key);
  command.add_flag("--json", options.json, "Machine-readable output");
}

}  // namespace

void AddFollowCommands(CLI::App& app, std::function<int()>& run) {
  auto options = std::make_shared<FollowOptions>();
  CLI::App* follow = app.add_subcommand(
      "follow",
      "Watch a log: that it keeps growing and never changes what it has shown.\n"
      "Exit status: 0 (with --once) all is well, 1 two histories, lost entries or wrong files, 2 "
      "(with --once) the log could not be read, 3 usage or input.");
  follow->add_option("source", options->source, "URL or directory of the log's files")->required();
  AddKeyOptions(*follow, *options);
  follow
      ->add_option("--state", options->state,
                   "File with the checkpoint seen last; made when there is none")
      ->required();
  follow->add_option("--evidence", options->evidence,
                     "File for the proof if there are two histories (default: STATE.evidence)");
  follow->add_option("--interval", options->interval_seconds, "Seconds between looks")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
  follow->add_flag("--once", options->once, "Look once");
  follow->add_option("--tls-roots", options->tls_roots, "PEM file of root certificates");
  follow->callback([&run, options] { run = [options] { return Follow(*options); }; });

  CLI::App* evidence =
      app.add_subcommand("evidence",
                         "Judge the proof that a log has two histories.\n"
                         "Exit status: 0 it is proved, 1 it is not, 3 usage or input.");
  evidence->add_option("file", options->evidence, "What `follow` has written")->required();
  AddKeyOptions(*evidence, *options);
  evidence->callback([&run, options] { run = [options] { return Judge(*options); }; });
}

}  // namespace urna::verifier
