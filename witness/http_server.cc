#include "witness/http_server.h"

#include <microhttpd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/http/connection_deadlines.h"
#include "core/http/listen_socket.h"

namespace urna::witness {
namespace {

using merkle::AddCheckpointReply;
using merkle::kMaxAddCheckpointSize;

constexpr char kText[] = "text/plain; charset=utf-8";

// A request whose body is on its way.
struct Request {
  std::string body;
  bool too_long = false;
};

AddCheckpointReply TooLong() {
  return {413, kText, absl::StrCat("a request has at most ", kMaxAddCheckpointSize, " bytes\n")};
}

MHD_Result Send(MHD_Connection* connection, const AddCheckpointReply& reply) {
  MHD_Response* response = MHD_create_response_from_buffer(
      reply.body.size(), const_cast<char*>(reply.body.data()), MHD_RESPMEM_MUST_COPY);
  if (response == nullptr) return MHD_NO;
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply.content_type.c_str());
  MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
  MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
  if (reply.code == MHD_HTTP_METHOD_NOT_ALLOWED) {
    MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, MHD_HTTP_METHOD_POST);
  }
  if (reply.code == MHD_HTTP_SERVICE_UNAVAILABLE) {
    MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "10");
  }
  const MHD_Result queued =
      MHD_queue_response(connection, static_cast<unsigned>(reply.code), response);
  MHD_destroy_response(response);
  return queued;
}

// Whether the head already says that the body is too long.
bool StatesTooMuch(MHD_Connection* connection) {
  const char* length =
      MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
  uint64_t bytes = 0;
  return length != nullptr && (!absl::SimpleAtoi(length, &bytes) || bytes > kMaxAddCheckpointSize);
}

}  // namespace

struct HttpServer::Impl {
  Impl(Witness& witness_in, const HttpOptions& options_in)
      : witness(witness_in),
        options(options_in),
        deadlines(std::min(options.request_time / 4, std::chrono::milliseconds(1000))) {}
  ~Impl() {
    if (daemon != nullptr) MHD_stop_daemon(daemon);
  }

  absl::Status Start();

  void SetDeadline(MHD_Connection* connection, std::chrono::milliseconds from_now) const {
    const MHD_ConnectionInfo* info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    if (info == nullptr || info->socket_context == nullptr) return;
    static_cast<http::ConnectionDeadlines::Handle*>(info->socket_context)->Set(from_now);
  }
  MHD_Result Answer(MHD_Connection* connection, const AddCheckpointReply& reply) {
    SetDeadline(connection, options.answer_time);
    return Send(connection, reply);
  }

  // What libmicrohttpd calls, on its threads.
  static MHD_Result OnRequest(void* self, MHD_Connection* connection, const char* url,
                              const char* method, const char* version, const char* upload,
                              size_t* upload_size, void** context);
  static void OnAnswered(void* self, MHD_Connection* connection, void** context,
                         MHD_RequestTerminationCode code);
  static void OnConnection(void* self, MHD_Connection* connection, void** context,
                           MHD_ConnectionNotificationCode code);

  Witness& witness;
  const HttpOptions options;
  http::ConnectionDeadlines deadlines;
  MHD_Daemon* daemon = nullptr;
  int port = 0;
  std::string address;
};

// Called when the head has come, for each part of the body, and when all has come. An answer to
// the head alone ends the connection of a request with a body, which is never read.
MHD_Result HttpServer::Impl::OnRequest(void* self, MHD_Connection* connection, const char* url,
                                       const char* method, const char* /*version*/,
                                       const char* upload, size_t* upload_size, void** context) {
  auto* server = static_cast<Impl*>(self);
  auto* request = static_cast<Request*>(*context);
  if (request == nullptr) {
    if (absl::string_view(url) != "/add-checkpoint") {
      return server->Answer(connection, {404, kText, "a witness has /add-checkpoint alone\n"});
    }
    if (absl::string_view(method) != MHD_HTTP_METHOD_POST) {
      return server->Answer(connection, {405, kText, "checkpoints are added with POST\n"});
    }
    if (StatesTooMuch(connection)) return server->Answer(connection, TooLong());
    *context = new Request;
    return MHD_YES;
  }
  if (*upload_size > 0) {
    request->too_long |= *upload_size > kMaxAddCheckpointSize - request->body.size();
    if (!request->too_long) request->body.append(upload, *upload_size);
    *upload_size = 0;
    return MHD_YES;
  }
  if (request->too_long) return server->Answer(connection, TooLong());
  server->SetDeadline(connection, server->options.answer_time);
  return server->Answer(connection, server->witness.AddCheckpoint(AsBytes(request->body)));
}

void HttpServer::Impl::OnAnswered(void* self, MHD_Connection* connection, void** context,
                                  MHD_RequestTerminationCode /*code*/) {
  auto* server = static_cast<Impl*>(self);
  delete static_cast<Request*>(std::exchange(*context, nullptr));
  server->SetDeadline(connection, server->options.request_time);
}

void HttpServer::Impl::OnConnection(void* self, MHD_Connection* connection, void** context,
                                    MHD_ConnectionNotificationCode code) {
  auto* server = static_cast<Impl*>(self);
  if (code == MHD_CONNECTION_NOTIFY_STARTED) {
    const MHD_ConnectionInfo* info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info != nullptr) {
      *context = server->deadlines.Add(info->connect_fd, server->options.request_time);
    }
  } else if (*context != nullptr) {
    server->deadlines.Remove(static_cast<http::ConnectionDeadlines::Handle*>(*context));
    *context = nullptr;
  }
}

absl::Status HttpServer::Impl::Start() {
  URNA_ASSIGN_OR_RETURN(const http::ListenSocket socket, http::ListenOn(options.address));
  const unsigned threads = std::max(options.threads, 2U);
  daemon =
      MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, nullptr, nullptr, &OnRequest,
                       this, MHD_OPTION_LISTEN_SOCKET, socket.file, MHD_OPTION_THREAD_POOL_SIZE,
                       threads, MHD_OPTION_CONNECTION_LIMIT, std::max(options.connections, threads),
                       MHD_OPTION_CONNECTION_TIMEOUT, options.idle_seconds,
                       MHD_OPTION_CONNECTION_MEMORY_LIMIT, options.head_bytes,
                       MHD_OPTION_NOTIFY_COMPLETED, &OnAnswered, this, MHD_OPTION_NOTIFY_CONNECTION,
                       &OnConnection, this, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
  if (daemon == nullptr) {
    return absl::UnavailableError(
        absl::StrCat("cannot serve HTTP on '", options.address, "': no threads, or no memory"));
  }
  port = socket.port;
  address = socket.address;
  return absl::OkStatus();
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() = default;

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(Witness& witness,
                                                              const HttpOptions& options) {
  auto impl = std::make_unique<Impl>(witness, options);
  URNA_RETURN_IF_ERROR(impl->Start());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

int HttpServer::port() const { return impl_->port; }
const std::string& HttpServer::address() const { return impl_->address; }

}  // namespace urna::witness
