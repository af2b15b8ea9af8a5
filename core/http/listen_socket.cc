#include "core/http/listen_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/host.h"
#include "core/base/status.h"

namespace urna::http {
namespace {

constexpr uint32_t kMaxPort = 65'535;

absl::Status CannotListen(const std::string& address, int error) {
  return absl::UnavailableError(
      absl::StrCat("cannot listen on '", address, "': ", std::strerror(error),
                   error == EADDRINUSE ? "; is something else using the port?" : ""));
}

absl::StatusOr<int> Bind(const std::string& address, const addrinfo& found) {
  const int file = ::socket(found.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (file < 0) return CannotListen(address, errno);
  const int on = 1;  // a server that was just stopped may be started again at once
  ::setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (::bind(file, found.ai_addr, found.ai_addrlen) != 0 || ::listen(file, SOMAXCONN) != 0) {
    const absl::Status status = CannotListen(address, errno);
    ::close(file);
    return status;
  }
  return file;
}

int PortOf(int file) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  if (::getsockname(file, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return 0;
  in_port_t port = 0;
  if (storage.ss_family == AF_INET6) {
    port = reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port;
  } else {
    port = reinterpret_cast<const sockaddr_in*>(&storage)->sin_port;
  }
  return ntohs(port);
}

}  // namespace

absl::StatusOr<ListenSocket> ListenOn(const std::string& address) {
  URNA_ASSIGN_OR_RETURN(const std::string host, HostOf(address));
  const size_t colon = address.rfind(':');
  const std::string port = address.substr(colon + 1);
  uint32_t number = 0;
  if (!absl::SimpleAtoi(port, &number) || number > kMaxPort) {
    return absl::InvalidArgumentError(absl::StrCat("'", port, "' in '", address, "' is no port"));
  }
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", host, "' in '", address, "' is no host: ", ::gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, ::freeaddrinfo);
  ListenSocket socket;
  URNA_ASSIGN_OR_RETURN(socket.file, Bind(address, *found));
  socket.port = PortOf(socket.file);
  socket.address = absl::StrCat(address.substr(0, colon), ":", socket.port);
  return socket;
}

}  // namespace urna::http
