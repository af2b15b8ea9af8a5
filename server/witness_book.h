// What the board knows of its witnesses: whom to ask about which checkpoint, what they have
// cosigned, and what has thereby become final. docs/protocol.md §10.2, §10.4. No threads and no I/O
// in here; witness_sender.h has them.
//
// The cosignatures of a quorum must be on one tree, and a log under load has another one every few
// milliseconds. So all witnesses are asked about the same tree, the log's *target*: the newest
// checkpoint when it was chosen. The next target is the newest checkpoint then, and is chosen when
// the quorum has cosigned this one, or when nobody is left to be asked about it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/merkle/add_checkpoint.h"
#include "core/merkle/witness_policy.h"
#include "server/log_state.h"

namespace urna::server {

using WitnessTime = std::chrono::steady_clock::time_point;

struct WitnessBookOptions {
  std::chrono::milliseconds pause{100};   // from one target to the next
  std::chrono::milliseconds renew{1000};  // between two targets of one tree, for a newer time
  std::chrono::seconds want{300};         // so long a time is asked for, for an order
  // After an attempt that failed; doubled each time. What is waited is half of it to all of it.
  std::chrono::milliseconds first_backoff{500};
  std::chrono::milliseconds most_backoff{60'000};
};

// What one witness is to be asked.
struct WitnessTask {
  std::shared_ptr<const LogView> view;  // the target
  uint64_t old_size = 0;                // what it has cosigned last, as far as we know
};

// A checkpoint that met the quorum.
struct FinalCheckpoint {
  std::string origin;
  uint64_t size = 0;
  std::string note;  // with the cosignatures
  uint64_t newest_at = 0;
};

struct WitnessStatus {
  struct Witness {
    std::string name;
    bool away = false;     // the last attempt failed
    std::string sentence;  // why
  };
  struct Log {
    std::string origin;
    uint64_t entries = 0;        // published
    uint64_t final_entries = 0;  // of the largest tree that met the quorum
    int64_t behind_seconds = 0;  // since more was final, or since all was
  };
  bool has_quorum = false;
  std::string alarm;               // why the board takes nothing new; empty if it does
  std::vector<Witness> witnesses;  // in the policy's order
  std::vector<Log> logs;           // by origin
};

// Thread-safe. A time that is asked for may not go back.
class WitnessBook {
 public:
  WitnessBook(merkle::WitnessPolicy policy, const WitnessBookOptions& options)
      : policy_(std::move(policy)), options_(options), witnesses_(policy_.witnesses().size()) {}

  const merkle::WitnessPolicy& policy() const { return policy_; }

  // What was final before, once; its log's first view comes after it.
  void Restore(const std::string& note, const merkle::WitnessedCheckpoint& opened);
  // `seconds`: since 1970, as everywhere here.
  void Published(std::shared_ptr<const LogView> view, int64_t seconds);
  void Want(const std::string& origin, uint64_t not_before, WitnessTime now);
  // The first alarm stays.
  void Alarm(const std::string& sentence);
  absl::Status CheckNoAlarm() const;

  // What the witness of this place in the policy is to be asked now; then exactly one of the four
  // below is to be called. Nothing if it is to be left alone until `wake`, or until something else
  // happens.
  std::optional<WitnessTask> Next(size_t witness, WitnessTime now, WitnessTime& wake);
  void Cosigned(size_t witness, const WitnessTask& task, merkle::Cosigned cosigned);
  // Returns false if that is more than the log has.
  bool KnowsSize(size_t witness, const WitnessTask& task, uint64_t size, WitnessTime now,
                 double jitter);
  // `jitter`: 0 to 1. `whole`: it can't be reached at all, not just for this log.
  void Failed(size_t witness, const WitnessTask& task, const absl::Status& status, bool whole,
              WitnessTime now, double jitter);
  void Silenced(size_t witness, const WitnessTask& task);  // it raised an alarm: never ask again

  // A checkpoint that met the quorum and is to be stored; then Stored is to be called, after which
  // it is final. One at a time.
  std::optional<FinalCheckpoint> NextToStore();
  void Stored(const FinalCheckpoint& checkpoint, int64_t seconds);
  // A final checkpoint that is to be logged; then Logged is to be called.
  std::optional<FinalCheckpoint> NextToLog();
  void Logged(const FinalCheckpoint& checkpoint, const absl::Status& status);

  // The largest final checkpoint of the log, nothing if there is none.
  std::optional<FinalCheckpoint> Final(const std::string& origin) const;
  // The view's checkpoint with the cosignatures that its very tree has.
  std::string WithCosignatures(const LogView& view) const;

  WitnessStatus Status(int64_t seconds) const;

 private:
  struct Line {  // a cosignature of some tree
    uint64_t size = 0;
    merkle::Hash root{};
    merkle::NoteSignature line;
    uint64_t time = 0;
  };
  enum class State { kToAsk, kAsking, kDone, kSilenced };
  struct PerWitness {
    State state = State::kToAsk;  // about the target
    bool moved = false;           // the target has changed while it was being asked
    uint64_t known = 0;           // entries that it has cosigned last
    int rebased = 0;              // times in a row
    std::optional<Line> line;
    std::chrono::milliseconds backoff{0};
    WitnessTime next{};
    std::string sentence;  // why the last attempt failed; empty if it did not
  };
  struct Log {
    std::shared_ptr<const LogView> view;    // the newest
    std::shared_ptr<const LogView> target;  // null before the first
    WitnessTime chosen{};                   // when the target was
    std::vector<PerWitness> of;             // each witness
    std::optional<FinalCheckpoint> met;     // to be stored
    std::optional<FinalCheckpoint> final;   // stored
    std::optional<uint64_t> wanted;         // a newest-at from this time on
    WitnessTime wanted_until{};
    bool logging = false;
    std::string logged;                   // the note that was handed to the committer last
    std::optional<int64_t> behind_since;  // seconds since 1970
  };
  struct Whole {
    std::chrono::milliseconds backoff{0};
    WitnessTime next{};
    std::string sentence;
  };

  Log& LogOf(const std::string& origin);
  void Back(std::chrono::milliseconds& backoff, WitnessTime& next, WitnessTime now,
            double jitter) const;
  bool IsPending(const Log& log, size_t witness, WitnessTime now) const;
  bool WantsTime(const Log& log) const;
  // Chooses a new target if it is time; else when it will be, if that is known.
  void ChooseTarget(Log& log, WitnessTime now, WitnessTime& wake);
  static void SetTarget(Log& log, WitnessTime now);
  void Weigh(Log& log);
  // The view's note with the lines that its tree has.
  std::string NoteOf(const LogView& view, const Log& log, merkle::Witnessing* witnessing) const;

  const merkle::WitnessPolicy policy_;
  const WitnessBookOptions options_;
  mutable std::mutex mutex_;  // over the rest
  std::vector<Whole> witnesses_;
  std::map<std::string, Log> logs_;
  std::string alarm_;
};

}  // namespace urna::server
