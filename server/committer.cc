#include "server/committer.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "server/checkpoint_files.h"
#include "server/new_log.h"
#include "server/witness_rules.h"

namespace urna::server {
namespace {

absl::Status Stopped() {
  return absl::UnavailableError("the board is shutting down; send the same again to its successor");
}
absl::Status Broken() {
  return absl::UnavailableError(
      "the board has stopped after a failed write; whether the entry was logged will show when it "
      "is back: send the same bytes again then");
}

void LogAndAbort(const absl::Status& status) {
  const char* const full =
      absl::IsResourceExhausted(status) ? " The disk is full: make room on it first." : "";
  spdlog::critical(
      "{}.{} Nothing more can be signed; stopping. What was accepted is on the disk: start again "
      "when the disk is well (docs/operations.md).",
      status.ToString(), full);
  spdlog::default_logger()->flush();
  std::abort();
}

// A submission of a round that is not decided yet, and how it comes out.
struct Decision {
  Submission submission;
  Outcome outcome;
};

// What one round writes.
struct Round {
  std::vector<LogAppend> appends;           // by log
  std::map<std::string, size_t> append_of;  // origin -> position in `appends`
  std::map<std::string, absl::flat_hash_map<merkle::Hash, uint64_t>> fresh;  // indices by leaf hash
  std::map<std::string, KnownNodes> nodes;

  void Add(const std::string& origin, Bytes bytes, const merkle::Hash& leaf, uint64_t index) {
    const auto [place, added] = append_of.try_emplace(origin, appends.size());
    if (added) appends.push_back(LogAppend{origin, {}});
    appends[place->second].entries.push_back(std::move(bytes));
    fresh[origin].emplace(leaf, index);
  }
};

}  // namespace

struct Committer::Impl {
  using Job = std::variant<Submission, std::function<void()>>;

  Impl(Ledger& the_ledger, const crypto::SigningKey& key, LogViews& the_views,
       CommitterOptions the_options)
      : ledger(the_ledger),
        board_key(key),
        views(the_views),
        options(std::move(the_options)),
        answers(the_ledger) {}

  Ledger& ledger;
  const crypto::SigningKey& board_key;
  LogViews& views;
  const CommitterOptions options;

  OpenLogs logs;        // the thread's alone once it runs
  bool broken = false;  // the thread's alone

  mutable std::mutex mutex;  // over the next two
  std::deque<Job> queue;
  bool stopping = false;
  std::condition_variable not_empty;
  std::condition_variable not_full;
  std::atomic<uint64_t> batches{0};
  Answers answers;
  std::thread thread;

  void Run();
  // What waits, up to a batch; a job that only looks comes alone. Nothing once all is done.
  std::vector<Job> Take();
  void RunRound(std::vector<Job> jobs);
  void Decide(Round& round, Decision& decision);
  absl::StatusOr<OpenLog*> Begin(const Submission& submission, const AdmittedEntry& first);
  absl::Status DecideEntry(Round& round, Decision& decision, AdmittedEntry& admitted);
  absl::StatusOr<std::optional<uint64_t>> FindDuplicate(const Round& round, const OpenLog& log,
                                                        const merkle::Hash& leaf_hash) const;
  absl::Status Write(const Round& round);
  absl::Status Publish(OpenLog& log);
  void TakeStanding(OpenLog& log) const;
  void Answer(Round& round, std::vector<Outcome> outcomes);
  Surroundings SurroundingsOf(const OpenLog& log, const Submission& submission,
                              const AdmittedEntry& admitted) const;
};

std::vector<Committer::Impl::Job> Committer::Impl::Take() {
  std::unique_lock lock(mutex);
  not_empty.wait(lock, [this] { return stopping || !queue.empty(); });
  std::vector<Job> taken;
  size_t entries = 0;
  while (!queue.empty()) {
    const auto* next = std::get_if<Submission>(&queue.front());
    const size_t more = next == nullptr ? 0 : next->entries.size();
    if (!taken.empty() && (next == nullptr || entries + more > options.batch_entries)) break;
    // A log is created by a write of its own: recovery relies on that.
    const bool alone = next == nullptr || next->creates_log;
    if (alone && !taken.empty()) break;
    entries += more;
    taken.push_back(std::move(queue.front()));
    queue.pop_front();
    if (alone) break;
  }
  lock.unlock();
  not_full.notify_all();
  return taken;
}

void Committer::Impl::Run() {
  while (true) {
    std::vector<Job> jobs = Take();
    if (jobs.empty()) return;
    if (auto* look = std::get_if<std::function<void()>>(&jobs.front())) {
      (*look)();
    } else {
      RunRound(std::move(jobs));
    }
  }
}

Surroundings Committer::Impl::SurroundingsOf(const OpenLog& log, const Submission& submission,
                                             const AdmittedEntry& admitted) const {
  Surroundings surroundings;
  surroundings.find_roll = [this](const roll::RollPin& pin) { return FindPinnedRoll(logs, pin); };
  surroundings.tree = &log.tree;
  surroundings.leaf_hash = admitted.leaf_hash;
  surroundings.nodes = ledger.Nodes(log.number);
  surroundings.opened = admitted.opened.has_value() ? &*admitted.opened : nullptr;
  surroundings.sums = submission.sums.get();
  return surroundings;
}

absl::StatusOr<std::optional<uint64_t>> Committer::Impl::FindDuplicate(
    const Round& round, const OpenLog& log, const merkle::Hash& leaf_hash) const {
  const auto fresh = round.fresh.find(log.state.facts()->origin);
  if (fresh != round.fresh.end()) {
    const auto found = fresh->second.find(leaf_hash);
    if (found != fresh->second.end()) return found->second;
  }
  if (log.number == 0) return std::nullopt;  // not written yet
  return ledger.FindLeaf(log.number, leaf_hash);
}

absl::StatusOr<OpenLog*> Committer::Impl::Begin(const Submission& submission,
                                                const AdmittedEntry& first) {
  if (submission.entries.size() != 1) {
    return absl::InvalidArgumentError("a log is created by its first entry alone");
  }
  URNA_ASSIGN_OR_RETURN(OpenLog log, BeginLog(first.entry, options.board_name, board_key, logs));
  std::string origin = log.state.facts()->origin;
  return &logs.emplace(std::move(origin), std::move(log)).first->second;
}

absl::Status Committer::Impl::DecideEntry(Round& round, Decision& decision,
                                          AdmittedEntry& admitted) {
  const Submission& submission = decision.submission;
  Outcome& outcome = decision.outcome;
  const std::string& origin = submission.origin;
  const auto found = logs.find(origin);
  OpenLog* log = found == logs.end() ? nullptr : &found->second;
  if (log == nullptr && !submission.creates_log) {
    return absl::NotFoundError(absl::StrCat("there is no log '", origin, "' on this board"));
  }
  outcome.leaf_hash = admitted.leaf_hash;
  if (log != nullptr) {
    URNA_ASSIGN_OR_RETURN(const std::optional<uint64_t> duplicate,
                          FindDuplicate(round, *log, admitted.leaf_hash));
    if (duplicate.has_value()) {
      outcome.index = *duplicate;
      return absl::OkStatus();
    }
    if (submission.creates_log) {
      return absl::AlreadyExistsError(
          absl::StrCat("the log '", origin, "' exists and begins with another entry"));
    }
    if (options.witnesses != nullptr) URNA_RETURN_IF_ERROR(options.witnesses->CheckNoAlarm());
    const Surroundings surroundings = SurroundingsOf(*log, submission, admitted);
    URNA_RETURN_IF_ERROR(log->state.Check(admitted.entry, surroundings));
    URNA_RETURN_IF_ERROR(CheckWitnessRules(*log, admitted.entry, options.witnesses, options.clock));
    URNA_RETURN_IF_ERROR(log->state.Apply(admitted.entry, surroundings));
    if (MovesStanding(admitted.entry)) TakeStanding(*log);
  } else {
    if (options.witnesses != nullptr) URNA_RETURN_IF_ERROR(options.witnesses->CheckNoAlarm());
    URNA_ASSIGN_OR_RETURN(log, Begin(submission, admitted));
  }
  outcome.index = log->tree.size();
  KnownNodes& nodes = round.nodes[origin];
  log->tree.Append(admitted.leaf_hash, [&](int level, uint64_t index, const merkle::Hash& hash) {
    nodes.emplace(std::make_pair(level, index), hash);
  });
  round.Add(origin, std::move(admitted.bytes), admitted.leaf_hash, outcome.index);
  return absl::OkStatus();
}

void Committer::Impl::Decide(Round& round, Decision& decision) {
  absl::Status& status = decision.outcome.status;
  if (broken) {
    status = Broken();
    return;
  }
  status = absl::InvalidArgumentError("there is no entry to log");
  for (AdmittedEntry& admitted : decision.submission.entries) {
    status = DecideEntry(round, decision, admitted);
    if (!status.ok()) return;
  }
}

void Committer::Impl::TakeStanding(OpenLog& log) const {
  if (options.witnesses != nullptr)
    log.standing = StandingOf(log.state, options.witnesses->policy());
}

absl::Status Committer::Impl::Publish(OpenLog& log) {
  const std::string& origin = log.state.facts()->origin;
  URNA_ASSIGN_OR_RETURN(std::string note, SignHead(log));
  if (note != log.checkpoint) {
    URNA_RETURN_IF_ERROR(PublishCheckpoint(options.checkpoint_directory, origin, note));
    log.checkpoint = std::move(note);
  }
  auto view = std::make_shared<LogView>(log.state.View());
  view->number = log.number;
  view->size = log.tree.size();
  view->root = log.tree.root();
  view->checkpoint = log.checkpoint;
  view->witnesses = log.standing;
  views.Publish(view);
  if (options.witnesses != nullptr) options.witnesses->Published(std::move(view));
  return absl::OkStatus();
}

absl::Status Committer::Impl::Write(const Round& round) {
  if (round.appends.empty()) return absl::OkStatus();
  URNA_ASSIGN_OR_RETURN(const std::vector<TreeHead> heads, ledger.AppendBatch(round.appends));
  for (size_t i = 0; i < heads.size(); ++i) {
    OpenLog& log = logs.at(round.appends[i].origin);
    if (heads[i] != TreeHead{log.tree.size(), log.tree.root()}) {
      return absl::DataLossError(absl::StrCat("log '", round.appends[i].origin,
                                              "': the stored tree is not the one to be signed"));
    }
    if (log.number == 0) log.number = ledger.Find(round.appends[i].origin)->number;
  }
  for (const LogAppend& append : round.appends) {
    URNA_RETURN_IF_ERROR(Publish(logs.at(append.origin)));
  }
  ++batches;
  return absl::OkStatus();
}

void Committer::Impl::Answer(Round& round, std::vector<Outcome> outcomes) {
  RoundOfAnswers answered;
  for (const Outcome& outcome : outcomes) {
    if (!outcome.status.ok() || answered.logs.contains(outcome.origin)) continue;
    const OpenLog& log = logs.at(outcome.origin);
    answered.logs.emplace(outcome.origin, AnsweredLog{log.number, log.tree.size(), log.checkpoint,
                                                      std::move(round.nodes[outcome.origin])});
  }
  answered.outcomes = std::move(outcomes);
  answers.Push(std::move(answered));
}

void Committer::Impl::RunRound(std::vector<Job> jobs) {
  const auto started = std::chrono::steady_clock::now();
  Round round;
  std::vector<Outcome> outcomes;
  outcomes.reserve(jobs.size());
  for (Job& job : jobs) {
    Decision decision{std::get<Submission>(std::move(job)), {}};
    decision.outcome.origin = decision.submission.origin;
    decision.outcome.done = std::move(decision.submission.done);
    Decide(round, decision);
    outcomes.push_back(std::move(decision.outcome));
  }
  const absl::Status written = Write(round);
  if (!written.ok()) {
    broken = true;
    options.fatal(written);
    for (Outcome& outcome : outcomes) {
      if (outcome.status.ok()) outcome.status = Broken();
    }
  }
  CommitReport report;
  for (const LogAppend& append : round.appends) report.entries += append.entries.size();
  const auto took = std::chrono::steady_clock::now() - started;
  report.seconds = std::chrono::duration<double>(took).count();
  if (options.observe) options.observe(report);
  Answer(round, std::move(outcomes));
}

Committer::Committer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Committer::~Committer() { Stop(); }

absl::StatusOr<std::unique_ptr<Committer>> Committer::Start(Ledger& ledger,
                                                            const crypto::SigningKey& board_key,
                                                            LogViews& views,
                                                            CommitterOptions options) {
  if (!options.fatal) options.fatal = LogAndAbort;
  auto impl = std::make_unique<Impl>(ledger, board_key, views, std::move(options));
  URNA_ASSIGN_OR_RETURN(impl->logs,
                        RecoverLogs(ledger, impl->options.checkpoint_directory, board_key));
  if (impl->options.latest_order_time.has_value()) {
    URNA_RETURN_IF_ERROR(CheckClock(impl->logs, *impl->options.latest_order_time));
  }
  for (auto& [origin, log] : impl->logs) {
    impl->TakeStanding(log);
    URNA_RETURN_IF_ERROR(impl->Publish(log));
  }
  Impl* raw = impl.get();
  impl->thread = std::thread([raw] { raw->Run(); });
  return std::unique_ptr<Committer>(new Committer(std::move(impl)));
}

void Committer::Submit(Submission submission) {
  {
    std::unique_lock lock(impl_->mutex);
    impl_->not_full.wait(lock, [this] {
      return impl_->stopping || impl_->queue.size() < impl_->options.queue_capacity;
    });
    if (!impl_->stopping) {
      impl_->queue.push_back(std::move(submission));
      lock.unlock();
      impl_->not_empty.notify_one();
      return;
    }
  }
  submission.done(Stopped());
}

absl::Status Committer::Inspect(const std::string& origin,
                                const std::function<void(const OpenLog*)>& look) {
  std::promise<void> looked;
  {
    std::lock_guard lock(impl_->mutex);
    if (impl_->stopping) return Stopped();
    impl_->queue.push_back([&] {
      const auto found = impl_->logs.find(origin);
      look(found == impl_->logs.end() ? nullptr : &found->second);
      looked.set_value();
    });
  }
  impl_->not_empty.notify_one();
  looked.get_future().wait();
  return absl::OkStatus();
}

void Committer::Stop() {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->not_empty.notify_all();
  impl_->not_full.notify_all();
  if (impl_->thread.joinable()) impl_->thread.join();
  impl_->answers.Stop();
}

uint64_t Committer::batches() const { return impl_->batches; }

size_t Committer::waiting() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->queue.size();
}

}  // namespace urna::server
