#include "server/grpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>

#include <algorithm>
#include <limits>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/host.h"
#include "core/base/status.h"
#include "server/services.h"
#include "server/tls.h"

namespace urna::server {
namespace {

// `client_roots` empty: anybody may connect.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(
    const ListenOptions& options, const std::string& address, const std::string& client_roots) {
  URNA_ASSIGN_OR_RETURN(const std::string host, HostOf(address));
  if (!options.tls_certificate_file.empty() || !options.tls_key_file.empty()) {
    return MakeTls({options.tls_certificate_file, options.tls_key_file, client_roots},
                   options.tls_refresh_seconds);
  }
  if (!client_roots.empty()) {
    return absl::InvalidArgumentError(
        "clients show certificates in TLS only; give --tls-cert and --tls-key");
  }
  if (!IsLoopbackHost(host) && !options.insecure_anywhere) {
    return absl::FailedPreconditionError(
        absl::StrCat("without TLS the board listens on this machine only, not on '", host,
                     "'; give --tls-cert and --tls-key"));
  }
  return grpc::InsecureServerCredentials();
}

int Milliseconds(std::chrono::milliseconds time) {
  constexpr int64_t kMost = std::numeric_limits<int>::max();
  return static_cast<int>(std::min<int64_t>(time.count(), kMost));
}

void Apply(const ConnectionLimits& limits, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(limits.message_bytes);
  builder.SetResourceQuota(grpc::ResourceQuota("urna").Resize(limits.memory_bytes));
  const std::pair<const char*, int> arguments[] = {
      {GRPC_ARG_ALLOW_REUSEPORT, 0},  // two servers on one port: an error
      {GRPC_ARG_MAX_METADATA_SIZE, limits.header_bytes},
      {GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.streams},
      {GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Milliseconds(limits.handshake)},
      {GRPC_ARG_MAX_CONNECTION_IDLE_MS, Milliseconds(limits.idle)},
      {GRPC_ARG_MAX_CONNECTION_AGE_MS, Milliseconds(limits.age)},
      {GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, Milliseconds(limits.grace)},
      {GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(limits.keepalive)},
      {GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(limits.keepalive_answer)},
      {GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, Milliseconds(limits.least_ping)},
  };
  for (const auto& [name, value] : arguments) builder.AddChannelArgument(name, value);
}

// One listener. The credentials live as long as the server: see MakeTls.
struct Listener {
  std::shared_ptr<grpc::ServerCredentials> credentials;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
  std::string address;

  absl::Status Start(const std::string& wanted, const ConnectionLimits& limits,
                     const std::vector<grpc::Service*>& services) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(wanted, credentials, &port);
    Apply(limits, builder);
    for (grpc::Service* service : services) builder.RegisterService(service);
    server = builder.BuildAndStart();
    if (server == nullptr || port == 0) {
      return absl::UnavailableError(
          absl::StrCat("cannot listen on '", wanted, "'; is something else using the port?"));
    }
    address = absl::StrCat(wanted.substr(0, wanted.rfind(':')), ":", port);
    return absl::OkStatus();
  }
  void Shutdown(std::chrono::system_clock::time_point until) {
    if (server == nullptr) return;
    server->Shutdown(until);
    server->Wait();
    server.reset();
  }
};

}  // namespace

struct GrpcServer::Impl {
  explicit Impl(urna::server::Board& board)
      : board_service(board), voting(board), petitions(board), administration(board) {}

  BoardService board_service;
  VotingService voting;
  PetitionsService petitions;
  AdministrationService administration;
  Listener everybody;
  Listener officials;
};

GrpcServer::GrpcServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

GrpcServer::~GrpcServer() { Shutdown(0); }

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(Board& board,
                                                              const ListenOptions& options) {
  const bool apart = !options.administration_address.empty();
  if (!apart && !options.client_roots_file.empty()) {
    return absl::InvalidArgumentError(
        "certificates are asked of those who administer alone; give --admin-listen");
  }
  auto impl = std::make_unique<Impl>(board);
  URNA_ASSIGN_OR_RETURN(impl->everybody.credentials, MakeCredentials(options, options.address, ""));
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  std::vector<grpc::Service*> services = {&impl->board_service, &impl->voting, &impl->petitions};
  if (apart) {
    URNA_ASSIGN_OR_RETURN(
        impl->officials.credentials,
        MakeCredentials(options, options.administration_address, options.client_roots_file));
    URNA_RETURN_IF_ERROR(impl->officials.Start(options.administration_address, options.limits,
                                               {&impl->administration, &impl->board_service}));
  } else {
    services.push_back(&impl->administration);
  }
  std::unique_ptr<GrpcServer> server(new GrpcServer(std::move(impl)));
  URNA_RETURN_IF_ERROR(server->impl_->everybody.Start(options.address, options.limits, services));
  return server;
}

int GrpcServer::port() const { return impl_->everybody.port; }
const std::string& GrpcServer::address() const { return impl_->everybody.address; }
const std::string& GrpcServer::administration_address() const { return impl_->officials.address; }

void GrpcServer::Shutdown(int64_t grace_seconds) {
  const auto until = std::chrono::system_clock::now() + std::chrono::seconds(grace_seconds);
  std::thread officials([this, until] { impl_->officials.Shutdown(until); });
  impl_->everybody.Shutdown(until);
  officials.join();
}

}  // namespace urna::server
