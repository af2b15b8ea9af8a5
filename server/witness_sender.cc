#include "server/witness_sender.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/http/poster.h"
#include "core/merkle/proof.h"
#include "server/checkpoint_files.h"
#include "server/witness_setup.h"

namespace urna::server {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kLongestSleep{60};
constexpr std::chrono::seconds kStoreAgain{1};

// The request for the task, whose proof leads from our own tree of the old size: what comes back
// then says something about the witness.
absl::StatusOr<merkle::AddCheckpointRequest> MakeRequest(const Ledger& ledger,
                                                         const WitnessTask& task) {
  const LogView& view = *task.view;
  const merkle::NodeReader nodes = ledger.Nodes(view.number);
  URNA_ASSIGN_OR_RETURN(std::vector<merkle::Hash> proof,
                        merkle::ConsistencyProof(task.old_size, view.size, nodes));
  URNA_ASSIGN_OR_RETURN(const merkle::Hash old_root, merkle::RootAt(task.old_size, nodes));
  URNA_ASSIGN_OR_RETURN(
      merkle::AddCheckpointRequest request,
      merkle::AddCheckpointRequest::Create(task.old_size, std::move(proof), view.checkpoint));
  URNA_RETURN_IF_ERROR(request.VerifyProof(old_root));
  return request;
}

// Whether the witness could not do it at all, whatever the log.
bool IsAway(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsOutOfRange(status) ||
         absl::IsDeadlineExceeded(status);
}

}  // namespace

struct WitnessSender::Threads {
  std::mutex mutex;  // over the next; the book has its own
  uint64_t events = 0;
  std::condition_variable happened;
  std::atomic<bool> stopping{false};
  std::vector<std::thread> all;

  void Notify() {
    {
      std::lock_guard lock(mutex);
      ++events;
    }
    happened.notify_all();
  }
  uint64_t Events() {
    std::lock_guard lock(mutex);
    return events;
  }
  // Until then, or until something happens that had not when `seen` was read.
  void Sleep(uint64_t seen, WitnessTime until) {
    std::unique_lock lock(mutex);
    happened.wait_until(lock, until, [&] { return stopping || events != seen; });
  }
};

WitnessSender::WitnessSender(std::string data, const Ledger& ledger, const Clock& clock,
                             crypto::Rng& rng, merkle::WitnessPolicy policy,
                             WitnessSenderOptions options)
    : data_(std::move(data)),
      ledger_(ledger),
      clock_(clock),
      rng_(rng),
      options_(std::move(options)),
      book_(std::move(policy), options_.book),
      threads_(std::make_unique<Threads>()) {}

WitnessSender::~WitnessSender() { Stop(); }

absl::StatusOr<std::unique_ptr<WitnessSender>> WitnessSender::Open(
    const std::string& data, const BoardIdentity& board, const Ledger& ledger, const Clock& clock,
    crypto::Rng& rng, WitnessSenderOptions options) {
  URNA_ASSIGN_OR_RETURN(merkle::WitnessPolicy policy,
                        LoadWitnessPolicy(options.policy_file, board));
  URNA_ASSIGN_OR_RETURN(const std::vector<std::string> alarms, ReadAlarms(data, policy));
  URNA_RETURN_IF_ERROR(MakeDirectories(CosignedPath(data)));
  URNA_ASSIGN_OR_RETURN(const auto cosigned, ReadCosigned(data));
  std::unique_ptr<WitnessSender> sender(
      new WitnessSender(data, ledger, clock, rng, std::move(policy), std::move(options)));
  for (const auto& [origin, note] : cosigned) {
    URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier key,
                          merkle::NoteVerifier::Create(origin, board.log_key));
    const absl::StatusOr<merkle::WitnessedCheckpoint> opened =
        sender->policy().Open(AsBytes(note), key);
    // Another policy may have let it in; under this one it is not final.
    if (opened.ok() && opened->witnessing.newest_at.has_value()) {
      sender->book_.Restore(note, *opened);
    }
  }
  for (const std::string& sentence : alarms) {
    spdlog::error("{}", sentence);
    sender->book_.Alarm(sentence);
  }
  return sender;
}

void WitnessSender::Published(std::shared_ptr<const LogView> view) {
  book_.Published(std::move(view), clock_.NowSeconds());
  threads_->Notify();
}

void WitnessSender::Want(const std::string& origin, uint64_t not_before) {
  book_.Want(origin, not_before, steady_clock::now());
  threads_->Notify();
}

void WitnessSender::Start(Committer& committer) {
  for (size_t i = 0; i < policy().witnesses().size(); ++i) {
    threads_->all.emplace_back([this, i] { AskWitness(i); });
  }
  threads_->all.emplace_back([this, &committer] { Keep(committer); });
}

void WitnessSender::Stop() {
  threads_->stopping = true;
  threads_->Notify();
  for (std::thread& thread : threads_->all) {
    if (thread.joinable()) thread.join();
  }
}

double WitnessSender::Jitter() const { return static_cast<double>(rng_.Array<1>()[0]) / 255.0; }

absl::StatusOr<WitnessTransport> WitnessSender::Connect() {
  if (options_.connect) return options_.connect();
  http::PostOptions post;
  post.root_certificates_file = options_.root_certificates_file;
  post.reply_bytes = merkle::kMaxAddCheckpointReplySize;
  post.give_up = [threads = threads_.get()] { return threads->stopping.load(); };
  URNA_ASSIGN_OR_RETURN(http::Poster made, http::Poster::Create(post));
  const auto poster = std::make_shared<http::Poster>(std::move(made));
  return WitnessTransport(
      [poster](const std::string& url,
               const std::string& body) -> absl::StatusOr<merkle::AddCheckpointReply> {
        URNA_ASSIGN_OR_RETURN(http::PostReply reply, poster->Post(url, body));
        return merkle::AddCheckpointReply{reply.code, std::move(reply.content_type),
                                          std::move(reply.body)};
      });
}

void WitnessSender::AskWitness(size_t witness) {
  absl::StatusOr<WitnessTransport> transport = Connect();
  if (!transport.ok()) {
    spdlog::error("witness '{}' cannot be asked: {}", policy().witnesses()[witness].name,
                  std::string(transport.status().message()));
    const absl::Status status = transport.status();
    transport = WitnessTransport([status](const std::string&, const std::string&) {
      return absl::StatusOr<merkle::AddCheckpointReply>(status);
    });
  }
  while (!threads_->stopping) {
    const uint64_t seen = threads_->Events();
    WitnessTime wake = steady_clock::now() + kLongestSleep;
    const std::optional<WitnessTask> task = book_.Next(witness, steady_clock::now(), wake);
    if (!task.has_value()) {
      threads_->Sleep(seen, wake);
      continue;
    }
    Ask(witness, *task, *transport);
    threads_->Notify();
  }
}

void WitnessSender::Ask(size_t witness, const WitnessTask& task,
                        const WitnessTransport& transport) {
  const merkle::WitnessPolicy::Witness& asked = policy().witnesses()[witness];
  const std::string& origin = task.view->facts->origin;
  const auto fail = [&](const absl::Status& status, bool whole) {
    if (threads_->stopping) return;  // we gave it up ourselves
    spdlog::warn("witness '{}' has not cosigned '{}' at {} entries: {}", asked.name, origin,
                 task.view->size, std::string(status.message()));
    book_.Failed(witness, task, status, whole, steady_clock::now(), Jitter());
  };
  const absl::StatusOr<merkle::AddCheckpointRequest> request = MakeRequest(ledger_, task);
  if (!request.ok()) {
    spdlog::error("log '{}': no proof for its witnesses: {}", origin,
                  std::string(request.status().message()));
    fail(request.status(), false);
    return;
  }
  const absl::StatusOr<merkle::AddCheckpointReply> reply =
      transport(merkle::AddCheckpointUrl(*asked.url), request->Serialize());
  if (!reply.ok()) {
    fail(reply.status(), true);
    return;
  }
  absl::StatusOr<merkle::WitnessAnswer> answer =
      merkle::ReadAddCheckpointReply(*reply, *request, asked.key);
  if (!answer.ok()) {
    fail(answer.status(), IsAway(answer.status()));
  } else if (auto* cosigned = std::get_if<merkle::Cosigned>(&*answer)) {
    book_.Cosigned(witness, task, std::move(*cosigned));
  } else if (const auto* other = std::get_if<merkle::KnowsOtherSize>(&*answer)) {
    if (!book_.KnowsSize(witness, task, other->size, steady_clock::now(), Jitter())) {
      Raise(witness, task,
            absl::StrCat("it has cosigned ", other->size, " entries, which is more than we have"),
            *request, *reply);
    }
  } else {
    Raise(witness, task,
          absl::StrCat("it has cosigned another tree of ", task.old_size, " entries"), *request,
          *reply);
  }
}

void WitnessSender::Raise(size_t witness, const WitnessTask& task, const std::string& what,
                          const merkle::AddCheckpointRequest& request,
                          const merkle::AddCheckpointReply& reply) {
  const merkle::WitnessPolicy::Witness& asked = policy().witnesses()[witness];
  const std::string& origin = task.view->facts->origin;
  book_.Silenced(witness, task);
  const WitnessAlarm alarm{origin, asked.key,           *asked.url, clock_.NowSeconds(),
                           what,   request.Serialize(), reply};
  absl::StatusOr<std::string> path = WriteAlarm(data_, alarm);
  if (!path.ok()) {
    spdlog::error("a fork alarm could not be written down: {}",
                  std::string(path.status().message()));
    path = std::string("this board's log alone");
  }
  const std::string sentence = AlarmSentence(asked.name, origin, what, *path);
  spdlog::critical("{}", sentence);
  book_.Alarm(sentence);
}

void WitnessSender::Keep(Committer& committer) {
  while (!threads_->stopping) {
    const uint64_t seen = threads_->Events();
    if (const auto checkpoint = book_.NextToStore()) {
      Store(*checkpoint);
    } else if (const auto final = book_.NextToLog()) {
      LogIt(committer, *final);
    } else {
      threads_->Sleep(seen, steady_clock::now() + kLongestSleep);
    }
  }
}

void WitnessSender::Store(const FinalCheckpoint& checkpoint) {
  const absl::Status stored =
      PublishCheckpoint(CosignedPath(data_), checkpoint.origin, checkpoint.note);
  if (stored.ok()) {
    book_.Stored(checkpoint, clock_.NowSeconds());
    threads_->Notify();
    return;
  }
  // It is not final then; what was accepted does not depend on it.
  spdlog::error("a cosigned checkpoint could not be stored: {}", std::string(stored.message()));
  threads_->Sleep(threads_->Events(), steady_clock::now() + kStoreAgain);
}

void WitnessSender::LogIt(Committer& committer, const FinalCheckpoint& checkpoint) {
  record::Entry entry = poll::WitnessedCheckpoint{ToBytes(AsBytes(checkpoint.note))};
  absl::StatusOr<Bytes> bytes = record::EncodeEntry(entry);
  if (!bytes.ok()) {  // more witnesses than fit into an entry
    spdlog::error("log '{}': its cosigned checkpoint cannot be logged: {}", checkpoint.origin,
                  std::string(bytes.status().message()));
    book_.Logged(checkpoint, bytes.status());
    return;
  }
  Submission submission;
  submission.origin = checkpoint.origin;
  const merkle::Hash leaf = merkle::LeafHash(*bytes);
  submission.entries.push_back(AdmittedEntry{*std::move(bytes), leaf, std::move(entry), {}});
  submission.done = [this, checkpoint](const absl::StatusOr<Receipt>& receipt) {
    if (receipt.ok()) {
      spdlog::info("log '{}': entry {} has the witnesses' time of its first {} entries",
                   checkpoint.origin, receipt->index, checkpoint.size);
    } else {
      spdlog::warn("log '{}': the witnesses' time was not logged: {}", checkpoint.origin,
                   std::string(receipt.status().message()));
    }
    book_.Logged(checkpoint, receipt.status());
    threads_->Notify();
  };
  committer.Submit(std::move(submission));
}

}  // namespace urna::server
