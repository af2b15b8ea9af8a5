#include "server/witness_book.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace urna::server {
namespace {

constexpr int kMostRebases = 5;

bool IsOf(const LogView& view, uint64_t size, const merkle::Hash& root) {
  return view.size == size && view.root == root;
}

}  // namespace

WitnessBook::Log& WitnessBook::LogOf(const std::string& origin) {
  Log& log = logs_[origin];
  if (log.of.empty()) log.of.resize(policy_.witnesses().size());
  return log;
}

void WitnessBook::Restore(const std::string& note, const merkle::WitnessedCheckpoint& opened) {
  const auto& [checkpoint, witnessing] = opened;
  std::lock_guard lock(mutex_);
  Log& log = LogOf(checkpoint.origin());
  log.final = FinalCheckpoint{checkpoint.origin(), checkpoint.size(), note,
                              witnessing.newest_at.value_or(0)};
  for (size_t i = 0; i < witnessing.times.size(); ++i) {
    if (witnessing.times[i].has_value()) log.of[i].known = checkpoint.size();
  }
}

void WitnessBook::Published(std::shared_ptr<const LogView> view, int64_t seconds) {
  std::lock_guard lock(mutex_);
  Log& log = LogOf(view->facts->origin);
  log.view = std::move(view);
  const WitnessStanding& standing = log.view->witnesses;
  if (log.wanted.has_value() && standing.newest_at.has_value() &&
      *standing.newest_at >= *log.wanted) {
    log.wanted.reset();
  }
  const bool behind = !log.final.has_value() || log.final->size < log.view->size;
  if (behind && !log.behind_since.has_value()) log.behind_since = seconds;
  if (!behind) log.behind_since.reset();
}

void WitnessBook::Want(const std::string& origin, uint64_t not_before, WitnessTime now) {
  std::lock_guard lock(mutex_);
  Log& log = LogOf(origin);
  log.wanted = std::max(log.wanted.value_or(0), not_before);
  log.wanted_until = now + options_.want;
}

void WitnessBook::Alarm(const std::string& sentence) {
  std::lock_guard lock(mutex_);
  if (alarm_.empty()) alarm_ = sentence;
}

absl::Status WitnessBook::CheckNoAlarm() const {
  std::lock_guard lock(mutex_);
  return alarm_.empty() ? absl::OkStatus() : absl::FailedPreconditionError(alarm_);
}

void WitnessBook::Back(std::chrono::milliseconds& backoff, WitnessTime& next, WitnessTime now,
                       double jitter) const {
  backoff =
      backoff.count() == 0 ? options_.first_backoff : std::min(2 * backoff, options_.most_backoff);
  const double part = (1 + std::clamp(jitter, 0.0, 1.0)) / 2;
  next = now + std::chrono::milliseconds(
                   static_cast<int64_t>(static_cast<double>(backoff.count()) * part));
}

bool WitnessBook::IsPending(const Log& log, size_t witness, WitnessTime now) const {
  const PerWitness& of = log.of[witness];
  if (of.state == State::kAsking) return !of.moved;
  return of.state == State::kToAsk && now >= of.next && now >= witnesses_[witness].next;
}

// Whether an order waits for a newer time than the log's final checkpoint has.
bool WitnessBook::WantsTime(const Log& log) const {
  if (!log.wanted.has_value()) return false;
  const uint64_t have = log.final.has_value() ? log.final->newest_at : 0;
  const uint64_t soon = log.met.has_value() ? log.met->newest_at : 0;
  return std::max(have, soon) < *log.wanted;
}

void WitnessBook::ChooseTarget(Log& log, WitnessTime now, WitnessTime& wake) {
  if (log.view == nullptr || log.view->size == 0) return;
  if (log.wanted.has_value() && now >= log.wanted_until) log.wanted.reset();
  const bool first = log.target == nullptr;
  const bool larger = first || log.view->size > log.target->size;
  if (!larger && !WantsTime(log)) return;
  if (!first) {
    const WitnessTime due = log.chosen + (larger ? options_.pause : options_.renew);
    if (now < due) {
      wake = std::min(wake, due);
      return;
    }
    const FinalCheckpoint* newest = log.met.has_value()     ? &*log.met
                                    : log.final.has_value() ? &*log.final
                                                            : nullptr;
    const bool met = newest != nullptr && newest->size >= log.target->size && larger;
    for (size_t i = 0; !met && i < log.of.size(); ++i) {
      if (IsPending(log, i, now)) return;  // whatever comes of that will wake us
    }
  }
  SetTarget(log, now);
}

void WitnessBook::SetTarget(Log& log, WitnessTime now) {
  log.target = log.view;
  log.chosen = now;
  for (PerWitness& of : log.of) {
    if (of.state == State::kDone) of.state = State::kToAsk;
    if (of.state == State::kAsking) of.moved = true;
  }
}

std::optional<WitnessTask> WitnessBook::Next(size_t witness, WitnessTime now, WitnessTime& wake) {
  std::lock_guard lock(mutex_);
  // Those that an order waits for come first.
  Log* chosen = nullptr;
  for (auto& [origin, log] : logs_) {
    ChooseTarget(log, now, wake);
    PerWitness& of = log.of[witness];
    if (log.target == nullptr || of.state != State::kToAsk) continue;
    const WitnessTime due = std::max(of.next, witnesses_[witness].next);
    if (now < due) {
      wake = std::min(wake, due);
      continue;
    }
    const bool urgent = log.wanted.has_value() || log.view->witnesses.owed.has_value();
    if (chosen == nullptr || urgent) chosen = &log;
    if (urgent) break;
  }
  if (chosen == nullptr) return std::nullopt;
  PerWitness& of = chosen->of[witness];
  of.state = State::kAsking;
  of.moved = false;
  return WitnessTask{chosen->target, std::min(of.known, chosen->target->size)};
}

void WitnessBook::Cosigned(size_t witness, const WitnessTask& task, merkle::Cosigned cosigned) {
  std::lock_guard lock(mutex_);
  Log& log = LogOf(task.view->facts->origin);
  PerWitness& of = log.of[witness];
  of.state = of.moved ? State::kToAsk : State::kDone;
  of.known = task.view->size;
  of.rebased = 0;
  of.backoff = witnesses_[witness].backoff = std::chrono::milliseconds(0);
  of.sentence.clear();
  witnesses_[witness].sentence.clear();
  of.line = Line{task.view->size, task.view->root, std::move(cosigned.line), cosigned.time};
  Weigh(log);
}

bool WitnessBook::KnowsSize(size_t witness, const WitnessTask& task, uint64_t size, WitnessTime now,
                            double jitter) {
  std::lock_guard lock(mutex_);
  Log& log = LogOf(task.view->facts->origin);
  if (size > log.view->size) return false;
  PerWitness& of = log.of[witness];
  of.known = size;
  of.state = State::kToAsk;
  // It may have seen a tree between the target and the newest, before we were started.
  if (size > log.target->size) SetTarget(log, now);
  if (++of.rebased > kMostRebases) {
    of.rebased = 0;
    of.sentence = "it keeps saying that it knows another size";
    Back(of.backoff, of.next, now, jitter);
  }
  return true;
}

void WitnessBook::Failed(size_t witness, const WitnessTask& task, const absl::Status& status,
                         bool whole, WitnessTime now, double jitter) {
  std::lock_guard lock(mutex_);
  PerWitness& of = LogOf(task.view->facts->origin).of[witness];
  of.state = State::kToAsk;
  of.rebased = 0;
  const std::string sentence(status.message());
  if (whole) {
    witnesses_[witness].sentence = sentence;
    Back(witnesses_[witness].backoff, witnesses_[witness].next, now, jitter);
  } else {
    of.sentence = sentence;
    witnesses_[witness].sentence.clear();
    witnesses_[witness].backoff = std::chrono::milliseconds(0);
    Back(of.backoff, of.next, now, jitter);
  }
}

void WitnessBook::Silenced(size_t witness, const WitnessTask& task) {
  std::lock_guard lock(mutex_);
  LogOf(task.view->facts->origin).of[witness].state = State::kSilenced;
}

std::string WitnessBook::NoteOf(const LogView& view, const Log& log,
                                merkle::Witnessing* witnessing) const {
  std::vector<std::optional<uint64_t>> times(log.of.size());
  std::string note = view.checkpoint;
  for (size_t i = 0; i < log.of.size(); ++i) {
    const std::optional<Line>& line = log.of[i].line;
    if (!line.has_value() || !IsOf(view, line->size, line->root)) continue;
    times[i] = line->time;
    absl::StrAppend(&note, line->line.Line());
  }
  *witnessing = policy_.Weigh(std::move(times));
  return note;
}

// Whether the newest cosignature has made a checkpoint final, or added to one that is.
void WitnessBook::Weigh(Log& log) {
  if (!policy_.has_quorum() || log.target == nullptr) return;
  merkle::Witnessing witnessing;
  const std::string note = NoteOf(*log.target, log, &witnessing);
  if (!witnessing.quorum_met) return;
  if (log.final.has_value() && (log.final->size > log.target->size || log.final->note == note)) {
    return;
  }
  log.met = FinalCheckpoint{log.target->facts->origin, log.target->size, note,
                            witnessing.newest_at.value_or(0)};
}

std::optional<FinalCheckpoint> WitnessBook::NextToStore() {
  std::lock_guard lock(mutex_);
  for (const auto& [origin, log] : logs_) {
    if (log.met.has_value()) return log.met;
  }
  return std::nullopt;
}

void WitnessBook::Stored(const FinalCheckpoint& checkpoint, int64_t seconds) {
  std::lock_guard lock(mutex_);
  Log& log = LogOf(checkpoint.origin);
  log.final = checkpoint;
  if (log.met.has_value() && log.met->note == checkpoint.note) log.met.reset();
  if (log.view == nullptr) return;
  log.behind_since = seconds;
  if (checkpoint.size >= log.view->size) log.behind_since.reset();
}

std::optional<FinalCheckpoint> WitnessBook::NextToLog() {
  std::lock_guard lock(mutex_);
  for (auto& [origin, log] : logs_) {
    if (log.logging || !log.final.has_value() || log.view == nullptr) continue;
    const auto& owed = log.view->witnesses.owed;
    const bool pays = owed.has_value() && log.final->size > owed->index;
    const bool fresh = log.wanted.has_value() && log.final->newest_at >= *log.wanted;
    if ((!pays && !fresh) || log.final->note == log.logged) continue;
    log.logging = true;
    log.logged = log.final->note;
    return log.final;
  }
  return std::nullopt;
}

void WitnessBook::Logged(const FinalCheckpoint& checkpoint, const absl::Status& status) {
  std::lock_guard lock(mutex_);
  Log& log = LogOf(checkpoint.origin);
  log.logging = false;
  const bool answered = log.wanted.has_value() && checkpoint.newest_at >= *log.wanted;
  // What was wanted while an earlier time was on its way into the log is wanted still.
  if (answered && (status.ok() || absl::IsFailedPrecondition(status))) log.wanted.reset();
}

std::optional<FinalCheckpoint> WitnessBook::Final(const std::string& origin) const {
  std::lock_guard lock(mutex_);
  const auto found = logs_.find(origin);
  return found == logs_.end() ? std::nullopt : found->second.final;
}

std::string WitnessBook::WithCosignatures(const LogView& view) const {
  std::lock_guard lock(mutex_);
  const auto found = logs_.find(view.facts->origin);
  if (found == logs_.end()) return view.checkpoint;
  const Log& log = found->second;
  if (log.final.has_value() && log.final->size == view.size) return log.final->note;
  merkle::Witnessing witnessing;
  std::string note = NoteOf(view, log, &witnessing);
  // What meets the quorum is shown once it is stored.
  return policy_.has_quorum() && witnessing.quorum_met ? view.checkpoint : note;
}

WitnessStatus WitnessBook::Status(int64_t seconds) const {
  std::lock_guard lock(mutex_);
  WitnessStatus status;
  status.has_quorum = policy_.has_quorum();
  status.alarm = alarm_;
  for (size_t i = 0; i < witnesses_.size(); ++i) {
    WitnessStatus::Witness witness{policy_.witnesses()[i].name, false, witnesses_[i].sentence};
    for (const auto& [origin, log] : logs_) {
      if (!witness.sentence.empty()) break;
      if (log.of[i].state == State::kSilenced) {
        witness.sentence = absl::StrCat("it has raised an alarm about '", origin, "'");
      } else if (!log.of[i].sentence.empty()) {
        witness.sentence = absl::StrCat("'", origin, "': ", log.of[i].sentence);
      }
    }
    witness.away = !witness.sentence.empty();
    status.witnesses.push_back(std::move(witness));
  }
  for (const auto& [origin, log] : logs_) {
    if (log.view == nullptr) continue;
    status.logs.push_back(
        {origin, log.view->size, log.final.has_value() ? log.final->size : 0,
         log.behind_since.has_value() ? std::max<int64_t>(seconds - *log.behind_since, 0) : 0});
  }
  return status;
}

}  // namespace urna::server
