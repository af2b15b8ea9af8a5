#include "server/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <map>
#include <sstream>

#include "server/refusals.h"

namespace urna::server {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::array<Door, 4> kDoors = {Door::kCast, Door::kAct, Door::kCreateLog, Door::kAppend};

const char* LabelOf(Door door) {
  switch (door) {
    case Door::kCast:
      return "cast";
    case Door::kAct:
      return "act";
    case Door::kCreateLog:
      return "create_log";
    case Door::kAppend:
      return "append";
  }
  return "";
}

// Seconds, each twice to two and a half times the one before.
const prometheus::Histogram::BucketBoundaries kTimes = {
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.5, 1, 2, 5, 10};
const prometheus::Histogram::BucketBoundaries kEntries = {1,   2,   5,   10,   20,  50,
                                                          100, 200, 500, 1000, 2000};

uint64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  uint64_t total = 0;
  uint64_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

prometheus::MetricFamily GaugeFamily(std::string name, std::string help) {
  return {std::move(name), std::move(help), prometheus::MetricType::Gauge, {}};
}

void AddGauge(prometheus::MetricFamily& family, double value, std::string label = "",
              std::string of = "") {
  prometheus::ClientMetric metric;
  if (!label.empty()) metric.label.push_back({std::move(label), std::move(of)});
  metric.gauge.value = value;
  family.metric.push_back(std::move(metric));
}

void AddWitnesses(const WitnessStatus& status, std::vector<prometheus::MetricFamily>& families) {
  const auto family = [&families](const char* name, const char* help) -> prometheus::MetricFamily& {
    return families.emplace_back(GaugeFamily(name, help));
  };
  AddGauge(family("urna_witness_alarm",
                  "1 while nothing new is taken since a witness knows another history"),
           status.alarm.empty() ? 0 : 1);
  auto& away = family("urna_witness_away", "1 if the last attempt to ask this witness failed");
  for (const WitnessStatus::Witness& witness : status.witnesses) {
    AddGauge(away, witness.away ? 1 : 0, "witness", witness.name);
  }
  if (!status.has_quorum) return;
  auto& entries = family("urna_final_entries", "Entries of the largest tree that met the quorum");
  for (const WitnessStatus::Log& log : status.logs) {
    AddGauge(entries, static_cast<double>(log.final_entries), "log", log.origin);
  }
  auto& lag = family("urna_witness_lag_entries", "Published entries that are not final yet");
  for (const WitnessStatus::Log& log : status.logs) {
    AddGauge(lag, static_cast<double>(log.entries - log.final_entries), "log", log.origin);
  }
  auto& seconds =
      family("urna_witness_lag_seconds", "Since more became final, or since all was; 0 if all is");
  for (const WitnessStatus::Log& log : status.logs) {
    AddGauge(seconds, static_cast<double>(log.behind_seconds), "log", log.origin);
  }
}

}  // namespace

absl::string_view ReasonOf(const absl::Status& refusal) {
  if (IsFalseProof(refusal)) return "false_proof";
  switch (refusal.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return "malformed";
    case absl::StatusCode::kPermissionDenied:
      return "not_entitled";
    case absl::StatusCode::kFailedPrecondition:
      return "out_of_turn";
    case absl::StatusCode::kAlreadyExists:
      return "exists";
    case absl::StatusCode::kNotFound:
      return "no_log";
    case absl::StatusCode::kResourceExhausted:
      if (WaitsForWitnesses(refusal)) return "witnesses";
      return IsTooOften(refusal) ? "too_often" : "busy";
    case absl::StatusCode::kUnavailable:
      return "stopping";
    default:
      return "error";
  }
}

struct Metrics::Impl {
  Impl()
      : accepted(prometheus::BuildCounter()
                     .Name("urna_accepted_total")
                     .Help("Requests that got a receipt, duplicates included")
                     .Register(registry)),
        refused(prometheus::BuildCounter()
                    .Name("urna_refused_total")
                    .Help("Requests that were refused")
                    .Register(registry)),
        answers(prometheus::BuildHistogram()
                    .Name("urna_answer_seconds")
                    .Help("From a request's arrival to its receipt")
                    .Register(registry)),
        commit_seconds(
            MakeHistogram("urna_commit_seconds",
                          "One round of the committer: rules, synced write, hashing anew, "
                          "checkpoints, receipts",
                          kTimes)),
        commit_entries(
            MakeHistogram("urna_commit_entries", "Entries in one synced write", kEntries)),
        sync_seconds(MakeHistogram("urna_fsync_seconds",
                                   "One fsync of the ledger's write-ahead log", kTimes)) {
    for (Door door : kDoors) {
      const prometheus::Labels labels = {{"door", LabelOf(door)}};
      of_door.emplace(door, OfDoor{accepted.Add(labels), answers.Add(labels, kTimes)});
    }
    auto& acts = prometheus::BuildCounter()
                     .Name("urna_acts_total")
                     .Help("Petition acts by how far they came before the committer")
                     .Register(registry);
    for (size_t i = 0; i < kVerdicts; ++i) {
      const absl::string_view name = VerdictName(static_cast<Verdict>(i));
      of_verdict[i] = &acts.Add({{"verdict", std::string(name.data(), name.size())}});
    }
  }

  prometheus::Histogram& MakeHistogram(const char* name, const char* help,
                                       const prometheus::Histogram::BucketBoundaries& buckets) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add({}, buckets);
  }

  struct OfDoor {
    prometheus::Counter& accepted;
    prometheus::Histogram& answers;
  };

  const Steady::time_point started = Steady::now();
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& accepted;
  prometheus::Family<prometheus::Counter>& refused;
  prometheus::Family<prometheus::Histogram>& answers;
  prometheus::Histogram& commit_seconds;
  prometheus::Histogram& commit_entries;
  prometheus::Histogram& sync_seconds;
  std::map<Door, OfDoor> of_door;  // unchanged once made
  std::array<prometheus::Counter*, kVerdicts> of_verdict{};
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::Answered(Door door, const absl::Status& status, double seconds) {
  if (!status.ok()) {
    const absl::string_view reason = ReasonOf(status);
    impl_->refused
        .Add({{"door", LabelOf(door)}, {"reason", std::string(reason.data(), reason.size())}})
        .Increment();
    return;
  }
  const Impl::OfDoor& of = impl_->of_door.at(door);
  of.accepted.Increment();
  of.answers.Observe(seconds);
}

void Metrics::Committed(const CommitReport& report) {
  if (report.entries == 0) return;
  impl_->commit_seconds.Observe(report.seconds);
  impl_->commit_entries.Observe(static_cast<double>(report.entries));
}

void Metrics::Judged(Verdict verdict) {
  impl_->of_verdict[static_cast<size_t>(verdict)]->Increment();
}

void Metrics::Synced(double seconds) { impl_->sync_seconds.Observe(seconds); }

Metrics::Totals Metrics::totals() const {
  Totals totals;
  const auto age = Steady::now() - impl_->started;
  totals.seconds =
      static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(age).count());
  for (const auto& [door, of] : impl_->of_door) {
    totals.accepted += static_cast<uint64_t>(of.accepted.Value());
  }
  std::map<std::string, uint64_t> refused;
  for (const prometheus::MetricFamily& family : impl_->refused.Collect()) {
    for (const prometheus::ClientMetric& metric : family.metric) {
      for (const auto& label : metric.label) {
        if (label.name != "reason") continue;
        refused[label.value] += static_cast<uint64_t>(metric.counter.value);
      }
    }
  }
  totals.refused.assign(refused.begin(), refused.end());
  for (size_t i = 0; i < kVerdicts; ++i) {
    const auto count = static_cast<uint64_t>(impl_->of_verdict[i]->Value());
    if (count != 0) totals.acts.emplace_back(VerdictName(static_cast<Verdict>(i)), count);
  }
  const auto commits = impl_->commit_seconds.Collect().histogram;
  totals.commits = commits.sample_count;
  totals.commit_seconds = commits.sample_sum;
  const auto entries = impl_->commit_entries.Collect().histogram;
  totals.committed = static_cast<uint64_t>(entries.sample_sum);
  const auto syncs = impl_->sync_seconds.Collect().histogram;
  totals.syncs = syncs.sample_count;
  totals.sync_seconds = syncs.sample_sum;
  totals.memory_bytes = ResidentBytes();
  return totals;
}

std::string Metrics::Text(const Activity& activity) const {
  std::vector<prometheus::MetricFamily> families = impl_->registry.Collect();
  auto& queues = families.emplace_back(GaugeFamily("urna_queue", "Requests that wait"));
  AddGauge(queues, static_cast<double>(activity.waiting), "for", "verification");
  AddGauge(queues, static_cast<double>(activity.uncommitted), "for", "commit");
  auto& sizes =
      families.emplace_back(GaugeFamily("urna_log_entries", "Published entries of a log"));
  for (const auto& [origin, size] : activity.sizes) {
    AddGauge(sizes, static_cast<double>(size), "log", origin);
  }
  if (activity.witnesses.has_value()) AddWitnesses(*activity.witnesses, families);
  auto& memory = families.emplace_back(
      GaugeFamily("process_resident_memory_bytes", "Memory that the process has"));
  AddGauge(memory, static_cast<double>(ResidentBytes()));
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families);
  return out.str();
}

}  // namespace urna::server
