#include "core/http/daemon.h"

#include <microhttpd.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/http/connection_deadlines.h"
#include "core/http/listen_socket.h"

namespace urna::http {
namespace {

constexpr std::chrono::milliseconds kLookEvery{1000};
constexpr unsigned kFewestThreads = 2;

unsigned AllowedConnections(unsigned wanted) {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) return wanted;
  return static_cast<unsigned>(std::min<rlim_t>(wanted, std::max<rlim_t>(files.rlim_cur / 2, 1)));
}

void SetDeadline(MHD_Connection* connection, std::chrono::milliseconds from_now) {
  const MHD_ConnectionInfo* info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  if (info == nullptr || info->socket_context == nullptr) return;
  static_cast<ConnectionDeadlines::Handle*>(info->socket_context)->Set(from_now);
}

}  // namespace

void RequestHandler::AnswerBegins(MHD_Connection* connection) const {
  SetDeadline(connection, answer_time_);
}

struct Daemon::Impl {
  Impl(RequestHandler& the_handler, const DaemonOptions& the_options)
      : handler(the_handler),
        options(the_options),
        threads(std::max(options.threads, kFewestThreads)),
        connections(std::max(AllowedConnections(options.connections), threads)),
        deadlines(std::min(options.request_time / 4, kLookEvery)) {}
  ~Impl() { Stop(); }

  absl::Status Start();
  void Stop() {
    if (daemon != nullptr) MHD_stop_daemon(std::exchange(daemon, nullptr));
  }

  // What libmicrohttpd calls, on its threads.
  static MHD_Result OnRequest(void* self, MHD_Connection* connection, const char* path,
                              const char* method, const char* /*version*/, const char* upload,
                              size_t* upload_size, void** context) {
    return static_cast<Impl*>(self)->handler.OnRequest(connection, path, method, upload,
                                                       upload_size, context)
               ? MHD_YES
               : MHD_NO;
  }
  static void OnEnd(void* self, MHD_Connection* connection, void** context,
                    MHD_RequestTerminationCode /*code*/) {
    const Impl& daemon = *static_cast<Impl*>(self);
    daemon.handler.OnEnd(std::exchange(*context, nullptr));
    SetDeadline(connection, daemon.options.request_time);
  }
  static void OnConnection(void* self, MHD_Connection* connection, void** context,
                           MHD_ConnectionNotificationCode code);

  RequestHandler& handler;
  const DaemonOptions options;
  const unsigned threads;
  const unsigned connections;
  ConnectionDeadlines deadlines;
  MHD_Daemon* daemon = nullptr;
  int port = 0;
  std::string address;
};

void Daemon::Impl::OnConnection(void* self, MHD_Connection* connection, void** context,
                                MHD_ConnectionNotificationCode code) {
  auto* daemon = static_cast<Impl*>(self);
  if (code == MHD_CONNECTION_NOTIFY_STARTED) {
    const MHD_ConnectionInfo* info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info != nullptr) {
      *context = daemon->deadlines.Add(info->connect_fd, daemon->options.request_time);
    }
  } else if (*context != nullptr) {
    daemon->deadlines.Remove(static_cast<ConnectionDeadlines::Handle*>(*context));
    *context = nullptr;
  }
}

absl::Status Daemon::Impl::Start() {
  URNA_ASSIGN_OR_RETURN(const ListenSocket socket, ListenOn(options.address));
  handler.answer_time_ = options.answer_time;
  // Paths are the handler's to unescape, or to refuse: C strings cannot hold all of them.
  constexpr auto kAsItCame = [](void*, MHD_Connection*, char* text) { return std::strlen(text); };
  size_t (*const unescape)(void*, MHD_Connection*, char*) = kAsItCame;
  daemon = MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, nullptr, nullptr, &OnRequest, this,
      MHD_OPTION_LISTEN_SOCKET, socket.file, MHD_OPTION_THREAD_POOL_SIZE, threads,
      MHD_OPTION_CONNECTION_LIMIT, connections, MHD_OPTION_CONNECTION_TIMEOUT, options.idle_seconds,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, options.head_bytes, MHD_OPTION_NOTIFY_COMPLETED, &OnEnd,
      this, MHD_OPTION_NOTIFY_CONNECTION, &OnConnection, this, MHD_OPTION_UNESCAPE_CALLBACK,
      unescape, nullptr, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
  if (daemon == nullptr) {
    return absl::UnavailableError(
        absl::StrCat("cannot serve HTTP on '", options.address, "': no threads, or no memory"));
  }
  port = socket.port;
  address = socket.address;
  return absl::OkStatus();
}

Daemon::Daemon(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Daemon::~Daemon() = default;

absl::StatusOr<std::unique_ptr<Daemon>> Daemon::Start(RequestHandler& handler,
                                                      const DaemonOptions& options) {
  auto impl = std::make_unique<Impl>(handler, options);
  URNA_RETURN_IF_ERROR(impl->Start());
  return std::unique_ptr<Daemon>(new Daemon(std::move(impl)));
}

int Daemon::port() const { return impl_->port; }
const std::string& Daemon::address() const { return impl_->address; }
unsigned Daemon::connections() const { return impl_->connections; }

void Daemon::Stop() { impl_->Stop(); }

}  // namespace urna::http
