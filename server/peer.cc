#include "server/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace urna::server {
namespace {

constexpr size_t kHousehold = 8;  // bytes of an IPv6 address
constexpr char kLoopback4 = 127;

std::string Network4(const char* bytes) {
  return bytes[0] == kLoopback4 ? "" : std::string(bytes, sizeof(in_addr));
}

std::string Network6(const in6_addr& address) {
  const char* bytes = reinterpret_cast<const char*>(&address);
  if (IN6_IS_ADDR_LOOPBACK(&address)) return "";
  if (IN6_IS_ADDR_V4MAPPED(&address)) return Network4(bytes + 12);
  return std::string(bytes, kHousehold);
}

}  // namespace

std::string PeerNetwork(absl::string_view peer) {
  if (absl::ConsumePrefix(&peer, "ipv4:")) {
    const std::string host(peer.substr(0, peer.rfind(':')));
    in_addr address{};
    if (::inet_pton(AF_INET, host.c_str(), &address) != 1) return "";
    return Network4(reinterpret_cast<const char*>(&address));
  }
  if (absl::ConsumePrefix(&peer, "ipv6:")) {
    std::string host = absl::StrReplaceAll(peer, {{"%5B", "["}, {"%5D", "]"}, {"%25", "%"}});
    host = host.substr(0, host.rfind(']'));
    if (absl::StartsWith(host, "[")) host.erase(0, 1);
    host = host.substr(0, host.find('%'));  // an interface's name
    in6_addr address{};
    if (::inet_pton(AF_INET6, host.c_str(), &address) != 1) return "";
    return Network6(address);
  }
  return "";
}

}  // namespace urna::server
