#include "bench/hammer/idle.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace urna::bench {
namespace {

using Kind = IdleOptions::Kind;

constexpr size_t kComing = 64;  // on their way at once
constexpr size_t kFrameHeader = 9;
constexpr uint8_t kSettings = 4;
constexpr uint8_t kPing = 6;
constexpr uint8_t kAck = 1;

std::string Frame(uint8_t type, uint8_t flags, absl::string_view payload) {
  std::string frame(kFrameHeader, '\0');
  frame[2] = static_cast<char>(payload.size());  // all of ours are short
  frame[3] = static_cast<char>(type);
  frame[4] = static_cast<char>(flags);
  return absl::StrCat(frame, payload);
}

// What one side of HTTP/2 says that does nothing: the first words, and answers to settings and
// pings. True once the other side's settings have come.
class StillHttp2 {
 public:
  static std::string FirstWords() {
    return absl::StrCat("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Frame(kSettings, 0, ""));
  }
  // Takes what came; adds what is to be said to `out`.
  bool Take(absl::string_view bytes, std::string& out) {
    in_.append(bytes.data(), bytes.size());
    bool settings = false;
    while (in_.size() >= kFrameHeader) {
      const auto byte = [this](size_t i) { return static_cast<uint8_t>(in_[i]); };
      const size_t size = size_t{byte(0)} << 16 | size_t{byte(1)} << 8 | byte(2);
      if (in_.size() < kFrameHeader + size) break;
      const bool answer = (byte(4) & kAck) != 0;
      if (byte(3) == kSettings && !answer) {
        settings = true;
        out += Frame(kSettings, kAck, "");
      } else if (byte(3) == kPing && !answer) {
        out += Frame(kPing, kAck, in_.substr(kFrameHeader, size));
      }
      in_.erase(0, kFrameHeader + size);
    }
    return settings;
  }

 private:
  std::string in_;
};

struct Connection {
  int file = -1;
  SSL* tls = nullptr;
  bool connected = false;  // TCP
  bool shaken = false;     // TLS, or none is wanted
  bool open = false;
  StillHttp2 http2;
  std::string out;
};

absl::StatusOr<std::pair<sockaddr_storage, socklen_t>> Resolve(const std::string& server) {
  const size_t colon = server.rfind(':');
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (colon == std::string::npos ||
      ::getaddrinfo(server.substr(0, colon).c_str(), server.substr(colon + 1).c_str(), &hints,
                    &found) != 0) {
    return absl::InvalidArgumentError(absl::StrCat("'", server, "' is no host:port"));
  }
  std::pair<sockaddr_storage, socklen_t> address{{}, found->ai_addrlen};
  std::memcpy(&address.first, found->ai_addr, found->ai_addrlen);
  ::freeaddrinfo(found);
  return address;
}

}  // namespace

struct IdleConnections::Impl {
  explicit Impl(const IdleOptions& how) : options(how), connections(how.count) {}
  ~Impl() {
    ending = true;
    if (thread.joinable()) thread.join();
    for (Connection& connection : connections) Close(connection);
    if (poll >= 0) ::close(poll);
    SSL_CTX_free(context);
  }

  const IdleOptions options;
  sockaddr_storage address{};
  socklen_t address_size = 0;
  SSL_CTX* context = nullptr;
  int poll = -1;
  std::vector<Connection> connections;
  size_t coming = 0;
  std::atomic<size_t> open{0};
  std::atomic<uint64_t> came_again{0};
  std::atomic<bool> ending{false};
  std::thread thread;

  absl::Status Prepare();
  void Run();
  void Begin(Connection& connection);
  void Close(Connection& connection);
  // One connection has something to read, or may be written to.
  void Go(Connection& connection);
  bool Advance(Connection& connection);
  bool Flush(Connection& connection);
  // False once the other side has ended it.
  bool Receive(Connection& connection);
  // More than 0: so many bytes; 0: nothing now; less: it has ended.
  static long Result(const Connection& connection, long result);
};

absl::Status IdleConnections::Impl::Prepare() {
  URNA_ASSIGN_OR_RETURN(const auto resolved, Resolve(options.server));
  address = resolved.first;
  address_size = resolved.second;
  poll = ::epoll_create1(EPOLL_CLOEXEC);
  if (options.kind == Kind::kGrpcTls) {
    context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    const std::array<unsigned char, 3> protocol = {2, 'h', '2'};
    SSL_CTX_set_alpn_protos(context, protocol.data(), protocol.size());
  }
  return poll < 0 ? absl::ErrnoToStatus(errno, "epoll") : absl::OkStatus();
}

void IdleConnections::Impl::Begin(Connection& connection) {
  connection.file =
      ::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
  if (connection.file < 0) return;
  ++coming;
  ::connect(connection.file, reinterpret_cast<const sockaddr*>(&address), address_size);
  if (context != nullptr) {
    connection.tls = SSL_new(context);
    SSL_set_fd(connection.tls, connection.file);
    SSL_set_connect_state(connection.tls);
  }
  connection.shaken = context == nullptr;
  connection.out = options.kind == Kind::kHttp
                       ? absl::StrCat("GET ", options.path, " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                       : StillHttp2::FirstWords();
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLET;
  event.data.ptr = &connection;
  ::epoll_ctl(poll, EPOLL_CTL_ADD, connection.file, &event);
}

void IdleConnections::Impl::Close(Connection& connection) {
  if (connection.file < 0) return;
  SSL_free(connection.tls);
  ::close(connection.file);
  if (connection.open) {
    --open;
    ++came_again;
  } else {
    --coming;
  }
  connection = Connection();
}

long IdleConnections::Impl::Result(const Connection& connection, long result) {
  if (result > 0) return result;
  if (connection.tls == nullptr) {
    return result < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
  }
  const int error = SSL_get_error(connection.tls, static_cast<int>(result));
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

bool IdleConnections::Impl::Flush(Connection& connection) {
  while (!connection.out.empty()) {
    const std::string& out = connection.out;
    const long sent =
        Result(connection, connection.tls != nullptr
                               ? SSL_write(connection.tls, out.data(), static_cast<int>(out.size()))
                               : ::send(connection.file, out.data(), out.size(), MSG_NOSIGNAL));
    if (sent <= 0) return sent == 0;
    connection.out.erase(0, static_cast<size_t>(sent));
  }
  return true;
}

bool IdleConnections::Impl::Receive(Connection& connection) {
  std::array<char, 16384> buffer;
  while (true) {
    const long got = Result(
        connection, connection.tls != nullptr
                        ? SSL_read(connection.tls, buffer.data(), static_cast<int>(buffer.size()))
                        : ::recv(connection.file, buffer.data(), buffer.size(), 0));
    if (got <= 0) return got == 0;
    const bool there =
        options.kind == Kind::kHttp ||
        connection.http2.Take({buffer.data(), static_cast<size_t>(got)}, connection.out);
    if (there && !connection.open) {
      connection.open = true;
      --coming;
      ++open;
    }
  }
}

bool IdleConnections::Impl::Advance(Connection& connection) {
  if (!connection.shaken) {
    const int shaken = SSL_do_handshake(connection.tls);
    if (shaken != 1) return Result(connection, shaken) == 0;
    connection.shaken = true;
  }
  return Flush(connection) && Receive(connection) && Flush(connection);
}

void IdleConnections::Impl::Go(Connection& connection) {
  if (!connection.connected) {
    int error = 0;
    socklen_t size = sizeof(error);
    ::getsockopt(connection.file, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return Close(connection);
    connection.connected = true;
  }
  if (!Advance(connection)) Close(connection);
}

void IdleConnections::Impl::Run() {
  std::array<epoll_event, 256> events;
  size_t look_at = 0;
  while (!ending) {
    // Who is not there begins, round about, as long as few are on their way.
    for (size_t i = 0; i < connections.size() && coming < kComing && open + coming < options.count;
         ++i) {
      Connection& connection = connections[look_at++ % connections.size()];
      if (connection.file < 0) Begin(connection);
    }
    const int count = ::epoll_wait(poll, events.data(), events.size(), 20);
    for (int i = 0; i < count; ++i) {
      auto* connection = static_cast<Connection*>(events[static_cast<size_t>(i)].data.ptr);
      if (connection->file >= 0) Go(*connection);
    }
  }
}

IdleConnections::IdleConnections(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
IdleConnections::~IdleConnections() = default;

absl::StatusOr<std::unique_ptr<IdleConnections>> IdleConnections::Open(const IdleOptions& options,
                                                                       double seconds) {
  auto impl = std::make_unique<Impl>(options);
  URNA_RETURN_IF_ERROR(impl->Prepare());
  Impl* raw = impl.get();
  impl->thread = std::thread([raw] { raw->Run(); });
  const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (raw->open < options.count) {
    if (std::chrono::steady_clock::now() > until) {
      return absl::DeadlineExceededError(absl::StrCat(
          "only ", raw->open.load(), " of ", options.count, " idle connections could be opened"));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return std::unique_ptr<IdleConnections>(new IdleConnections(std::move(impl)));
}

size_t IdleConnections::open() const { return impl_->open; }
uint64_t IdleConnections::came_again() const { return impl_->came_again; }

}  // namespace urna::bench
