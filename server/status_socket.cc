#include "server/status_socket.h"

#include <grpcpp/grpcpp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/base/version.h"
#include "proto/urna.grpc.pb.h"
#include "server/services.h"

namespace urna::server {
namespace {

constexpr size_t kMaxPath = 107;  // bytes, of a Unix socket

absl::Status CheckPath(const std::string& path) {
  if (path.size() <= kMaxPath) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("'", path, "' is longer than the ", kMaxPath, " bytes of a socket's path"));
}

class OperationService final : public v1::Operation::CallbackService {
 public:
  explicit OperationService(const Board& board) : board_(board) {}

  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context,
                                      const v1::GetStatusRequest* /*request*/,
                                      v1::GetStatusResponse* response) override {
    Fill(*response);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  void Fill(v1::GetStatusResponse& response) const {
    const Metrics::Totals totals = board_.metrics().totals();
    const Activity activity = board_.activity();
    response.set_name(board_.identity().name);
    response.set_version(WithVersion("urna-server"));
    response.set_seconds(totals.seconds);
    response.set_memory_bytes(totals.memory_bytes);
    response.set_accepted(totals.accepted);
    for (const auto& [reason, count] : totals.refused) {
      v1::GetStatusResponse::Refused& refused = *response.add_refused();
      refused.set_reason(reason);
      refused.set_count(count);
    }
    response.set_waiting(activity.waiting);
    response.set_uncommitted(activity.uncommitted);
    response.set_commits(totals.commits);
    response.set_committed(totals.committed);
    response.set_commit_seconds(totals.commit_seconds);
    response.set_syncs(totals.syncs);
    response.set_sync_seconds(totals.sync_seconds);
    for (const std::shared_ptr<const LogView>& view : board_.views().All()) {
      v1::GetStatusResponse::Log& log = *response.add_logs();
      log.set_origin(view->facts->origin);
      log.set_kind(static_cast<v1::LogKind>(view->facts->kind));
      log.set_phase(static_cast<v1::Phase>(view->phase));
      log.set_entries(view->size);
      AddFinal(activity, log);
    }
    if (!activity.witnesses.has_value()) return;
    response.set_has_quorum(activity.witnesses->has_quorum);
    response.set_alarm(activity.witnesses->alarm);
    for (const WitnessStatus::Witness& witness : activity.witnesses->witnesses) {
      v1::GetStatusResponse::Witness& message = *response.add_witnesses();
      message.set_name(witness.name);
      message.set_away(witness.away);
      message.set_sentence(witness.sentence);
    }
  }

  static void AddFinal(const Activity& activity, v1::GetStatusResponse::Log& log) {
    if (!activity.witnesses.has_value()) return;
    for (const WitnessStatus::Log& witnessed : activity.witnesses->logs) {
      if (witnessed.origin != log.origin()) continue;
      log.set_final_entries(witnessed.final_entries);
      log.set_behind_seconds(static_cast<uint64_t>(witnessed.behind_seconds));
    }
  }

  const Board& board_;
};

BoardStatus FromMessage(const v1::GetStatusResponse& message) {
  BoardStatus status;
  status.name = message.name();
  status.version = message.version();
  status.totals.seconds = message.seconds();
  status.totals.memory_bytes = message.memory_bytes();
  status.totals.accepted = message.accepted();
  for (const auto& refused : message.refused()) {
    status.totals.refused.emplace_back(refused.reason(), refused.count());
  }
  status.waiting = message.waiting();
  status.uncommitted = message.uncommitted();
  status.totals.commits = message.commits();
  status.totals.committed = message.committed();
  status.totals.commit_seconds = message.commit_seconds();
  status.totals.syncs = message.syncs();
  status.totals.sync_seconds = message.sync_seconds();
  for (const auto& log : message.logs()) {
    status.logs.push_back({log.origin(), static_cast<LogKind>(log.kind()),
                           static_cast<LogPhase>(log.phase()), log.entries(), log.final_entries(),
                           log.behind_seconds()});
  }
  for (const auto& witness : message.witnesses()) {
    status.witnesses.push_back({witness.name(), witness.away(), witness.sentence()});
  }
  status.has_quorum = message.has_quorum();
  status.alarm = message.alarm();
  return status;
}

}  // namespace

std::string StatusSocketPath(const std::string& data) { return data + "/status.sock"; }

struct StatusSocket::Impl {
  explicit Impl(const Board& board) : service(board) {}

  OperationService service;
  std::string path;
  std::unique_ptr<grpc::Server> server;
};

StatusSocket::StatusSocket(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

StatusSocket::~StatusSocket() {
  if (impl_->server == nullptr) return;
  impl_->server->Shutdown(std::chrono::system_clock::now());
  impl_->server->Wait();
  ::unlink(impl_->path.c_str());
}

absl::StatusOr<std::unique_ptr<StatusSocket>> StatusSocket::Start(const Board& board,
                                                                  const std::string& path) {
  URNA_RETURN_IF_ERROR(CheckPath(path));
  auto impl = std::make_unique<Impl>(board);
  impl->path = path;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("unix:" + path, grpc::InsecureServerCredentials());
  builder.RegisterService(&impl->service);
  // Nobody else's from its first moment. What other threads make meanwhile is their owner's alone
  // too.
  const mode_t before = ::umask(S_IRWXG | S_IRWXO);
  impl->server = builder.BuildAndStart();
  ::umask(before);
  if (impl->server == nullptr) {
    return absl::UnavailableError(absl::StrCat("cannot listen on the socket '", path, "'"));
  }
  return std::unique_ptr<StatusSocket>(new StatusSocket(std::move(impl)));
}

absl::StatusOr<BoardStatus> AskStatus(const std::string& path, std::chrono::milliseconds patience) {
  URNA_RETURN_IF_ERROR(CheckPath(path));
  const auto channel = grpc::CreateChannel("unix:" + path, grpc::InsecureChannelCredentials());
  const auto stub = v1::Operation::NewStub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + patience);
  v1::GetStatusResponse answer;
  const grpc::Status status = stub->GetStatus(&context, v1::GetStatusRequest(), &answer);
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
    return absl::DeadlineExceededError(absl::StrCat(
        "the board on '", path, "' has not answered within ", patience.count(),
        " ms: it is too busy, as when thousands of connections end at once, or is stuck"));
  }
  if (!status.ok()) {
    return absl::UnavailableError(
        absl::StrCat("no board answers on '", path, "': is one serving from there?"));
  }
  return FromMessage(answer);
}

}  // namespace urna::server
