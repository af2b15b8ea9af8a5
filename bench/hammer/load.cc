#include "bench/hammer/load.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bench/hammer/bystanders.h"
#include "bench/hammer/idle.h"
#include "bench/hammer/prepared.h"
#include "core/base/status.h"
#include "core/merkle/hash.h"
#include "voter/receipt_verifier.h"

namespace urna::bench {
namespace {

using Steady = std::chrono::steady_clock;

double MillisecondsSince(Steady::time_point start) {
  return std::chrono::duration<double, std::milli>(Steady::now() - start).count();
}

// Whether an act of the same credential or tag with this number or a higher one came before.
bool IsOvertaken(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) && absl::StrContains(status.message(), "is not above");
}

enum class Kind { kNew, kDuplicate, kGarbage };

struct Sent {
  Kind kind = Kind::kNew;
  size_t ballot = 0;
  Steady::time_point at;
};

// What all voters share.
struct Shared {
  Shared(const std::vector<Bytes>& all, const merkle::NoteVerifier& log, const LoadOptions& how)
      : ballots(all), options(how), verifier(log) {}

  const std::vector<Bytes>& ballots;
  const LoadOptions& options;
  std::atomic<size_t> next{0};
  std::atomic<bool> ending{false};

  // One for all, so that a checkpoint's signature is verified once.
  absl::Status Verify(const remote::Receipt& receipt, const Bytes& ballot) {
    const merkle::Hash leaf = merkle::LeafHash(ballot);
    const std::lock_guard lock(mutex);
    return verifier.Verify(receipt, leaf).status();
  }

 private:
  std::mutex mutex;
  voter::ReceiptVerifier verifier;
};

// One connection's calls, on one thread.
class Voters {
 public:
  Voters(Shared& shared, unsigned number) : shared_(shared), random_(number) {}

  LoadReport& report() { return report_; }

  std::optional<Bytes> Next() {
    if (shared_.ending) return std::nullopt;
    const uint32_t draw = static_cast<uint32_t>(random_() % 100);
    const LoadOptions& options = shared_.options;
    if (draw < options.duplicates && !accepted_.empty()) {
      return Send(Kind::kDuplicate, accepted_[random_() % accepted_.size()]);
    }
    if (draw >= options.duplicates && draw < options.duplicates + options.garbage) {
      // Of those still to come: what is changed of a logged one is refused by its number.
      const size_t next = std::min<size_t>(shared_.next, shared_.ballots.size() - 1);
      return Send(Kind::kGarbage, next + random_() % (shared_.ballots.size() - next));
    }
    const size_t ballot = shared_.next++;
    if (ballot >= shared_.ballots.size()) {
      shared_.ending = true;
      return std::nullopt;
    }
    return Send(Kind::kNew, ballot);
  }

  void Answer(uint64_t index, const absl::StatusOr<remote::Receipt>& receipt) {
    const Sent& sent = sent_[index];
    const double took = MillisecondsSince(sent.at);
    if (absl::IsResourceExhausted(receipt.status())) {
      report_.busy.Add(took);
      return;
    }
    if (sent.kind == Kind::kGarbage) {
      // That of a credential or tag that has acted meanwhile need not be looked at.
      if (absl::IsInvalidArgument(receipt.status()) || absl::IsPermissionDenied(receipt.status()) ||
          absl::IsAlreadyExists(receipt.status()) || IsOvertaken(receipt.status())) {
        report_.refused_garbage.Add(took);
      } else {
        Fail(absl::StrCat("garbage was answered: ", receipt.status().ToString()));
      }
      return;
    }
    if (IsOvertaken(receipt.status())) {
      ++report_.overtaken;
      return;
    }
    if (!receipt.ok()) {
      Fail(receipt.status().ToString());
      return;
    }
    const absl::Status verified = shared_.Verify(*receipt, shared_.ballots[sent.ballot]);
    if (!verified.ok()) {
      Fail(absl::StrCat("a false receipt: ", verified.ToString()));
    } else if (sent.kind == Kind::kDuplicate) {
      report_.again.Add(took);
    } else {
      report_.accepted.Add(took);
      accepted_.push_back(sent.ballot);
    }
  }

  void Fail(std::string sentence) { ++report_.failures[std::move(sentence)]; }

 private:
  Bytes Send(Kind kind, size_t ballot) {
    sent_.push_back({kind, ballot, Steady::now()});
    Bytes bytes = shared_.ballots[ballot];
    // The last byte is a response's highest; with its lowest bit the other way it stays canonical
    // as a rule, and wrong.
    if (kind == Kind::kGarbage) bytes[bytes.size() - 2] ^= 1;
    return bytes;
  }

  Shared& shared_;
  std::mt19937_64 random_;
  std::vector<Sent> sent_;
  std::vector<size_t> accepted_;
  LoadReport report_;
};

absl::StatusOr<remote::BoardClient> Connected(const LoadOptions& options) {
  URNA_ASSIGN_OR_RETURN(remote::BoardClient client,
                        remote::BoardClient::Connect(options.server, options.connect));
  URNA_RETURN_IF_ERROR(client.GetBoard().status());
  return client;
}

// As many idle connections as are wanted, of gRPC and of HTTP.
absl::StatusOr<std::vector<std::unique_ptr<IdleConnections>>> OpenIdle(const LoadOptions& options) {
  constexpr double kSecondsToOpen = 180;
  const bool tls = !options.connect.root_certificates_file.empty();
  std::vector<IdleOptions> wanted;
  wanted.push_back({options.idle, options.server,
                    tls ? IdleOptions::Kind::kGrpcTls : IdleOptions::Kind::kGrpcPlain, ""});
  wanted.push_back(
      {options.idle_http, options.http_server, IdleOptions::Kind::kHttp, "/poll/checkpoint"});
  std::vector<std::unique_ptr<IdleConnections>> all;
  for (const IdleOptions& each : wanted) {
    if (each.count == 0) continue;
    URNA_ASSIGN_OR_RETURN(auto opened, IdleConnections::Open(each, kSecondsToOpen));
    all.push_back(std::move(opened));
  }
  return all;
}

void CastOverOneConnection(remote::BoardClient& client, Voters& voters,
                           const LoadOptions& options) {
  const auto next = [&voters] { return voters.Next(); };
  const auto done = [&voters](uint64_t index, const absl::StatusOr<remote::Receipt>& receipt) {
    voters.Answer(index, receipt);
  };
  if (options.petition) {
    client.ActMany(kPreparedOrigin, next, options.in_flight, done);
  } else {
    client.CastMany(kPreparedOrigin, next, options.in_flight, done);
  }
}

void CastEachOverANewConnection(Voters& voters, const LoadOptions& options) {
  for (uint64_t index = 0;; ++index) {
    const std::optional<Bytes> ballot = voters.Next();
    if (!ballot.has_value()) return;
    auto client = remote::BoardClient::Connect(options.server, options.connect);
    if (!client.ok()) {
      voters.Fail(client.status().ToString());
      continue;
    }
    voters.Answer(index, options.petition ? client->Act(kPreparedOrigin, *ballot)
                                          : client->Cast(kPreparedOrigin, *ballot));
  }
}

}  // namespace

double Times::Quantile(double part) const {
  if (all_.empty()) return 0;
  std::vector<float> sorted = all_;
  const auto place =
      std::min(sorted.size() - 1, static_cast<size_t>(part * static_cast<double>(sorted.size())));
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<ptrdiff_t>(place), sorted.end());
  return static_cast<double>(sorted[place]);
}

void LoadReport::Add(const LoadReport& other) {
  accepted.Add(other.accepted);
  again.Add(other.again);
  busy.Add(other.busy);
  refused_garbage.Add(other.refused_garbage);
  overtaken += other.overtaken;
  for (const auto& [sentence, count] : other.failures) failures[sentence] += count;
}

absl::StatusOr<LoadReport> RunLoad(const std::vector<Bytes>& ballots,
                                   const merkle::NoteVerifier& log, const LoadOptions& options) {
  Shared shared(ballots, log, options);
  std::vector<remote::BoardClient> clients;
  for (int i = 0; i < options.connections && !options.newcomers; ++i) {
    URNA_ASSIGN_OR_RETURN(remote::BoardClient client, Connected(options));
    clients.push_back(std::move(client));
  }
  URNA_ASSIGN_OR_RETURN(const auto idle, OpenIdle(options));
  Bystanders bystanders(options);
  std::vector<Voters> voters;
  for (int i = 0; i < options.connections; ++i) voters.emplace_back(shared, i);
  const Steady::time_point started = Steady::now();
  std::vector<std::thread> threads;
  for (size_t i = 0; i < voters.size(); ++i) {
    threads.emplace_back([&, i] {
      if (options.newcomers) {
        CastEachOverANewConnection(voters[i], options);
      } else {
        CastOverOneConnection(clients[i], voters[i], options);
      }
    });
  }
  while (!shared.ending && MillisecondsSince(started) < options.seconds * 1000) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  shared.ending = true;
  for (std::thread& thread : threads) thread.join();
  LoadReport report;
  report.seconds = MillisecondsSince(started) / 1000;
  for (Voters& each : voters) report.Add(each.report());
  bystanders.Stop(report);
  for (const auto& each : idle) {
    report.idle += each->open();
    report.idle_again += each->came_again();
  }
  return report;
}

}  // namespace urna::bench
