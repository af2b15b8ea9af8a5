#include "server/http_server.h"

#include <microhttpd.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/crypto/hash.h"

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

}  // namespace

struct HttpServer::Impl final : http::RequestHandler {
  Impl(ReadFile the_read, size_t the_answer_bytes)
      : read(std::move(the_read)), answer_bytes(the_answer_bytes) {}

  MHD_Result Answer(MHD_Connection* connection, absl::string_view path, absl::string_view method);
  MHD_Result AnswerFile(MHD_Connection* connection, absl::string_view path);
  MHD_Result Send(MHD_Connection* connection, StaticFile file);

  bool OnRequest(MHD_Connection* connection, const char* path, const char* method,
                 const char* upload, size_t* upload_size, void** context) override;
  void OnEnd(void* /*context*/) override {}

  const ReadFile read;
  const size_t answer_bytes;
  std::atomic<size_t> under_way{0};      // bytes of answers
  std::unique_ptr<http::Daemon> daemon;  // last: it calls all of this
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
  if (under_way > answer_bytes) {
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

// An answer to the head alone ends the connection: that is for requests with a body, which is never
// read.
bool HttpServer::Impl::OnRequest(MHD_Connection* connection, const char* path, const char* method,
                                 const char* /*upload*/, size_t* /*upload_size*/, void** context) {
  if (*context == nullptr && !HasBody(connection)) {
    *context = this;
    return true;
  }
  AnswerBegins(connection);
  return Answer(connection, path, method) == MHD_YES;
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
  auto impl = std::make_unique<Impl>(std::move(read), options.answer_bytes);
  URNA_ASSIGN_OR_RETURN(impl->daemon, http::Daemon::Start(*impl, options));
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

int HttpServer::port() const { return impl_->daemon->port(); }
const std::string& HttpServer::address() const { return impl_->daemon->address(); }
unsigned HttpServer::connections() const { return impl_->daemon->connections(); }

void HttpServer::Stop() { impl_->daemon->Stop(); }

}  // namespace urna::server
