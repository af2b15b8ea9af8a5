#include "witness/http_server.h"

#include <microhttpd.h>

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/status.h"

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

bool Send(MHD_Connection* connection, const AddCheckpointReply& reply) {
  MHD_Response* response = MHD_create_response_from_buffer(
      reply.body.size(), const_cast<char*>(reply.body.data()), MHD_RESPMEM_MUST_COPY);
  if (response == nullptr) return false;
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
  return queued == MHD_YES;
}

// Whether the head already says that the body is too long.
bool StatesTooMuch(MHD_Connection* connection) {
  const char* length =
      MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
  uint64_t bytes = 0;
  return length != nullptr && (!absl::SimpleAtoi(length, &bytes) || bytes > kMaxAddCheckpointSize);
}

}  // namespace

struct HttpServer::Impl final : http::RequestHandler {
  explicit Impl(Witness& the_witness) : witness(the_witness) {}

  bool Answer(MHD_Connection* connection, const AddCheckpointReply& reply) {
    AnswerBegins(connection);
    return Send(connection, reply);
  }
  bool OnRequest(MHD_Connection* connection, const char* path, const char* method,
                 const char* upload, size_t* upload_size, void** context) override;
  void OnEnd(void* context) override { delete static_cast<Request*>(context); }

  Witness& witness;
  std::unique_ptr<http::Daemon> daemon;  // last: it calls all of this
};

// An answer to the head alone ends the connection of a request with a body, which is never read.
bool HttpServer::Impl::OnRequest(MHD_Connection* connection, const char* path, const char* method,
                                 const char* upload, size_t* upload_size, void** context) {
  auto* request = static_cast<Request*>(*context);
  if (request == nullptr) {
    if (absl::string_view(path) != "/add-checkpoint") {
      return Answer(connection, {404, kText, "a witness has /add-checkpoint alone\n"});
    }
    if (absl::string_view(method) != MHD_HTTP_METHOD_POST) {
      return Answer(connection, {405, kText, "checkpoints are added with POST\n"});
    }
    if (StatesTooMuch(connection)) return Answer(connection, TooLong());
    *context = new Request;
    return true;
  }
  if (*upload_size > 0) {
    request->too_long |= *upload_size > kMaxAddCheckpointSize - request->body.size();
    if (!request->too_long) request->body.append(upload, *upload_size);
    *upload_size = 0;
    return true;
  }
  if (request->too_long) return Answer(connection, TooLong());
  AnswerBegins(connection);
  return Answer(connection, witness.AddCheckpoint(AsBytes(request->body)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() = default;

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(Witness& witness,
                                                              const HttpOptions& options) {
  auto impl = std::make_unique<Impl>(witness);
  URNA_ASSIGN_OR_RETURN(impl->daemon, http::Daemon::Start(*impl, options));
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

int HttpServer::port() const { return impl_->daemon->port(); }
const std::string& HttpServer::address() const { return impl_->daemon->address(); }

}  // namespace urna::witness
