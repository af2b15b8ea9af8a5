#include "server/http_server.h"

#include <microhttpd.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/crypto/hash.h"
#include "core/http/connection_deadlines.h"
#include "core/http/listen_socket.h"

namespace urna::server {
namespace {

constexpr char kMethods[] = "GET, HEAD, OPTIONS";
constexpr size_t kETagBytes = 16;

struct FreeResponse {
  void operator()(MHD_Response* response) const { MHD_destroy_response(response); }
};
using Response = std::unique_ptr<MHD_Response, FreeResponse>;

// What an answer keeps until it has gone; counts its bytes meanwhile.
class Body {
 public:
  Body(Bytes contents, std::atomic<size_t>& under_way)
      : contents_(std::move(contents)), under_way_(under_way) {
    under_way_ += contents_.size();
  }
  ~Body() { under_way_ -= contents_.size(); }
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;

  Bytes& contents() { return contents_; }

 private:
  Bytes contents_;
  std::atomic<size_t>& under_way_;
};

void Add(const Response& response, const char* name, const std::string& value) {
  MHD_add_response_header(response.get(), name, value.c_str());
}

// What every answer says: pages of any origin may read it, and nobody should guess at its type.
void AddCommon(const Response& response) {
  Add(response, "Access-Control-Allow-Origin", "*");
  Add(response, "X-Content-Type-Options", "nosniff");
}

Response Empty() {
  Response response(MHD_create_response_from_buffer(0, nullptr, MHD_RESPMEM_PERSISTENT));
  AddCommon(response);
  return response;
}

// An answer that may be another the next moment.
Response Sentence(absl::string_view sentence) {
  std::string text = absl::StrCat(sentence, "\n");
  Response response(
      MHD_create_response_from_buffer(text.size(), text.data(), MHD_RESPMEM_MUST_COPY));
  AddCommon(response);
  Add(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain; charset=utf-8");
  Add(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
  return response;
}

const char* CacheControl(StaticKind kind) {
  switch (kind) {
    case StaticKind::kCheckpoint:
      return "no-cache";  // kept, but asked for anew each time
    case StaticKind::kFullTile:
      return "public, max-age=31536000, immutable";
    case StaticKind::kFleeting:
      return "no-store";
    default:
      return "public, max-age=3600, immutable";
  }
}

const char* ContentType(StaticKind kind) {
  switch (kind) {
    case StaticKind::kCheckpoint:
      return "text/plain; charset=utf-8";
    case StaticKind::kFleeting:
      return "text/plain; version=0.0.4; charset=utf-8";  // as Prometheus calls its format
    default:
      return "application/octet-stream";
  }
}

unsigned CodeOf(const absl::Status& status) {
  if (absl::IsNotFound(status)) return MHD_HTTP_NOT_FOUND;
  if (absl::IsInvalidArgument(status)) return MHD_HTTP_BAD_REQUEST;
  return MHD_HTTP_INTERNAL_SERVER_ERROR;
}

std::string ETagOf(ByteSpan contents) {
  const crypto::Hash32 hash = crypto::Sha256(contents);
  return absl::StrCat("\"", ToHex(ByteSpan(hash).first(kETagBytes)), "\"");
}

bool HasBody(MHD_Connection* connection) {
  return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH) !=
             nullptr ||
         MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
                                     MHD_HTTP_HEADER_TRANSFER_ENCODING) != nullptr;
}

unsigned AllowedConnections(unsigned wanted) {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) return wanted;
  return static_cast<unsigned>(std::min<rlim_t>(wanted, std::max<rlim_t>(files.rlim_cur / 2, 1)));
}

}  // namespace

struct HttpServer::Impl {
  Impl(ReadFile read_in, const HttpOptions& options_in)
      : read(std::move(read_in)),
        options(options_in),
        connections(AllowedConnections(options.connections)),
        deadlines(std::min(options.request_time / 4, std::chrono::milliseconds(1000))) {}
  ~Impl() { Stop(); }

  absl::Status Start();
  void Stop() {
    if (daemon != nullptr) MHD_stop_daemon(std::exchange(daemon, nullptr));
  }

  http::ConnectionDeadlines::Handle* HandleOf(MHD_Connection* connection) const {
    const MHD_ConnectionInfo* info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == nullptr ? nullptr
                           : static_cast<http::ConnectionDeadlines::Handle*>(info->socket_context);
  }

  MHD_Result Answer(MHD_Connection* connection, absl::string_view path, absl::string_view method);
  MHD_Result AnswerFile(MHD_Connection* connection, absl::string_view path);
  MHD_Result Send(MHD_Connection* connection, StaticFile file);

  // What libmicrohttpd calls, on its threads.
  static MHD_Result OnRequest(void* self, MHD_Connection* connection, const char* url,
                              const char* method, const char* version, const char* upload,
                              size_t* upload_size, void** context);
  static void OnAnswered(void* self, MHD_Connection* connection, void** context,
                         MHD_RequestTerminationCode code);
  static void OnConnection(void* self, MHD_Connection* connection, void** context,
                           MHD_ConnectionNotificationCode code);

  const ReadFile read;
  const HttpOptions options;
  const unsigned connections;
  std::atomic<size_t> under_way{0};  // bytes of answers
  http::ConnectionDeadlines deadlines;
  MHD_Daemon* daemon = nullptr;
  int port = 0;
  std::string address;
};

MHD_Result HttpServer::Impl::Send(MHD_Connection* connection, StaticFile file) {
  const bool checkpoint = file.kind == StaticKind::kCheckpoint;
  const std::string tag = checkpoint ? ETagOf(file.contents) : "";
  const char* known =
      MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_IF_NONE_MATCH);
  const bool unchanged = checkpoint && known != nullptr && absl::StrContains(known, tag);
  Response response;
  if (unchanged) {
    response = Empty();
  } else {
    auto* body = new Body(std::move(file.contents), under_way);
    response.reset(MHD_create_response_from_buffer_with_free_callback_cls(
        body->contents().size(), body->contents().data(),
        [](void* owned) { delete static_cast<Body*>(owned); }, body));
    if (response == nullptr) {
      delete body;
      return MHD_NO;
    }
    AddCommon(response);
    Add(response, MHD_HTTP_HEADER_CONTENT_TYPE, ContentType(file.kind));
  }
  Add(response, MHD_HTTP_HEADER_CACHE_CONTROL, CacheControl(file.kind));
  if (checkpoint) Add(response, MHD_HTTP_HEADER_ETAG, tag);
  return MHD_queue_response(connection, unchanged ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK,
                            response.get());
}

MHD_Result HttpServer::Impl::AnswerFile(MHD_Connection* connection, absl::string_view path) {
  if (path.size() > kMaxStaticPath) {
    return MHD_queue_response(connection, MHD_HTTP_URI_TOO_LONG,
                              Sentence("no file has such a long path").get());
  }
  if (under_way > options.answer_bytes) {
    const Response busy = Sentence("too much is being sent already; try again in a second");
    Add(busy, MHD_HTTP_HEADER_RETRY_AFTER, "1");
    return MHD_queue_response(connection, MHD_HTTP_SERVICE_UNAVAILABLE, busy.get());
  }
  absl::StatusOr<StaticFile> file = read(path);
  if (file.ok()) return Send(connection, *std::move(file));
  const unsigned code = CodeOf(file.status());
  if (code != MHD_HTTP_INTERNAL_SERVER_ERROR) {
    return MHD_queue_response(connection, code, Sentence(file.status().message()).get());
  }
  spdlog::error("a file could not be read: {}", std::string(file.status().message()));
  return MHD_queue_response(connection, code,
                            Sentence("the board could not read this; its log says why").get());
}

MHD_Result HttpServer::Impl::Answer(MHD_Connection* connection, absl::string_view path,
                                    absl::string_view method) {
  if (method == MHD_HTTP_METHOD_GET || method == MHD_HTTP_METHOD_HEAD) {
    return AnswerFile(connection, path);
  }
  if (method == MHD_HTTP_METHOD_OPTIONS) {
    const Response response = Empty();
    Add(response, MHD_HTTP_HEADER_ALLOW, kMethods);
    Add(response, "Access-Control-Allow-Methods", kMethods);
    Add(response, "Access-Control-Allow-Headers", "*");
    Add(response, "Access-Control-Max-Age", "86400");
    return MHD_queue_response(connection, MHD_HTTP_NO_CONTENT, response.get());
  }
  const Response response = Sentence("files can only be read: GET or HEAD");
  Add(response, MHD_HTTP_HEADER_ALLOW, kMethods);
  return MHD_queue_response(connection, MHD_HTTP_METHOD_NOT_ALLOWED, response.get());
}

// Called when the request's head has come and, unless that was answered already, when all of it
// has. An answer to the head alone ends the connection: that is for requests with a body, which is
// never read.
MHD_Result HttpServer::Impl::OnRequest(void* self, MHD_Connection* connection, const char* url,
                                       const char* method, const char* /*version*/,
                                       const char* /*upload*/, size_t* /*upload_size*/,
                                       void** context) {
  auto* server = static_cast<Impl*>(self);
  if (*context == nullptr && !HasBody(connection)) {
    *context = server;
    return MHD_YES;
  }
  if (auto* handle = server->HandleOf(connection)) handle->Set(server->options.answer_time);
  return server->Answer(connection, url, method);
}

void HttpServer::Impl::OnAnswered(void* self, MHD_Connection* connection, void** /*context*/,
                                  MHD_RequestTerminationCode /*code*/) {
  auto* server = static_cast<Impl*>(self);
  if (auto* handle = server->HandleOf(connection)) handle->Set(server->options.request_time);
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
  // Paths are unescaped by static_files.h, which refuses what C strings cannot hold.
  constexpr auto kAsItCame = [](void*, MHD_Connection*, char* text) { return std::strlen(text); };
  size_t (*const unescape)(void*, MHD_Connection*, char*) = kAsItCame;
  daemon = MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, nullptr, nullptr, &OnRequest, this,
      MHD_OPTION_LISTEN_SOCKET, socket.file, MHD_OPTION_THREAD_POOL_SIZE,
      std::max(options.threads, 2U), MHD_OPTION_CONNECTION_LIMIT, connections,
      MHD_OPTION_CONNECTION_TIMEOUT, options.idle_seconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
      options.head_bytes, MHD_OPTION_NOTIFY_COMPLETED, &OnAnswered, this,
      MHD_OPTION_NOTIFY_CONNECTION, &OnConnection, this, MHD_OPTION_UNESCAPE_CALLBACK, unescape,
      nullptr, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
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

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const Board& board,
                                                              const HttpOptions& options) {
  return Start([&board](absl::string_view path) { return ReadStaticFile(board, path); }, options);
}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::StartMetrics(const Board& board,
                                                                     const HttpOptions& options) {
  const auto read = [&board](absl::string_view path) -> absl::StatusOr<StaticFile> {
    if (path != "/metrics") return absl::NotFoundError("there is only /metrics here");
    const std::string text = board.metrics().Text(board.activity());
    return StaticFile{StaticKind::kFleeting, ToBytes(AsBytes(text))};
  };
  return Start(read, options);
}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(ReadFile read,
                                                              const HttpOptions& options) {
  auto impl = std::make_unique<Impl>(std::move(read), options);
  URNA_RETURN_IF_ERROR(impl->Start());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

int HttpServer::port() const { return impl_->port; }
const std::string& HttpServer::address() const { return impl_->address; }
unsigned HttpServer::connections() const { return impl_->connections; }

void HttpServer::Stop() { impl_->Stop(); }

}  // namespace urna::server
