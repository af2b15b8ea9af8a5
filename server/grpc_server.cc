#include "server/grpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/base/host.h"
#include "core/base/status.h"
#include "server/services.h"

namespace urna::server {
namespace {

constexpr int kMaxMessage = 1 << 20;  // bytes; an entry has at most 65,535
constexpr size_t kMaxPemFile = 1 << 20;

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(
    const ListenOptions& options) {
  URNA_ASSIGN_OR_RETURN(const std::string host, HostOf(options.address));
  if (options.tls_certificate_file.empty() != options.tls_key_file.empty()) {
    return absl::InvalidArgumentError("TLS needs a certificate and its key");
  }
  if (options.tls_key_file.empty()) {
    if (!IsLoopbackHost(host) && !options.insecure_anywhere) {
      return absl::FailedPreconditionError(
          absl::StrCat("without TLS the board listens on this machine only, not on '", host,
                       "'; give --tls-cert and --tls-key"));
    }
    return grpc::InsecureServerCredentials();
  }
  URNA_ASSIGN_OR_RETURN(const Bytes certificate,
                        ReadFile(options.tls_certificate_file, kMaxPemFile));
  URNA_ASSIGN_OR_RETURN(const Bytes key, ReadFile(options.tls_key_file, kMaxPemFile));
  grpc::SslServerCredentialsOptions tls;
  tls.pem_key_cert_pairs.push_back({std::string(AsText(key)), std::string(AsText(certificate))});
  return grpc::SslServerCredentials(tls);
}

}  // namespace

struct GrpcServer::Impl {
  explicit Impl(urna::server::Board& board)
      : board_service(board), voting(board), petitions(board), administration(board) {}

  BoardService board_service;
  VotingService voting;
  PetitionsService petitions;
  AdministrationService administration;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
  std::string address;
};

GrpcServer::GrpcServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

GrpcServer::~GrpcServer() { Shutdown(0); }

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(Board& board,
                                                              const ListenOptions& options) {
  URNA_ASSIGN_OR_RETURN(auto credentials, MakeCredentials(options));
  auto impl = std::make_unique<Impl>(board);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  builder.AddListeningPort(options.address, credentials, &impl->port);
  builder.SetMaxReceiveMessageSize(kMaxMessage);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // two servers on one port: an error
  builder.RegisterService(&impl->board_service);
  builder.RegisterService(&impl->voting);
  builder.RegisterService(&impl->petitions);
  builder.RegisterService(&impl->administration);
  impl->server = builder.BuildAndStart();
  if (impl->server == nullptr || impl->port == 0) {
    return absl::UnavailableError(absl::StrCat("cannot listen on '", options.address,
                                               "'; is something else using the port?"));
  }
  impl->address =
      absl::StrCat(options.address.substr(0, options.address.rfind(':')), ":", impl->port);
  return std::unique_ptr<GrpcServer>(new GrpcServer(std::move(impl)));
}

int GrpcServer::port() const { return impl_->port; }
const std::string& GrpcServer::address() const { return impl_->address; }

void GrpcServer::Shutdown(int64_t grace_seconds) {
  if (impl_->server == nullptr) return;
  impl_->server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(grace_seconds));
  impl_->server->Wait();
  impl_->server.reset();
}

}  // namespace urna::server
