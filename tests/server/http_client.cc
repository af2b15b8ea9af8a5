#include "tests/server/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/status.h"

namespace urna::testing {
namespace {

using Clock = std::chrono::steady_clock;

constexpr absl::string_view kEndOfHead = "\r\n\r\n";

absl::StatusOr<HttpAnswer> ParseHead(absl::string_view head) {
  const std::vector<absl::string_view> lines = absl::StrSplit(head, "\r\n");
  HttpAnswer answer;
  const std::vector<absl::string_view> first = absl::StrSplit(lines[0], ' ');
  if (first.size() < 2 || !absl::SimpleAtoi(first[1], &answer.code)) {
    return absl::DataLossError(absl::StrCat("no status line: ", lines[0]));
  }
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::pair<absl::string_view, absl::string_view> field =
        absl::StrSplit(lines[i], absl::MaxSplits(": ", 1));
    answer.headers[absl::AsciiStrToLower(field.first)] = std::string(field.second);
  }
  return answer;
}

}  // namespace

HttpConnection::HttpConnection(int port) : file_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(file_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    ::close(std::exchange(file_, -1));
  }
}

HttpConnection::~HttpConnection() {
  if (file_ >= 0) ::close(file_);
}

HttpConnection::HttpConnection(HttpConnection&& other) noexcept
    : file_(std::exchange(other.file_, -1)), read_(std::move(other.read_)) {}

void HttpConnection::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(file_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

void HttpConnection::Request(absl::string_view method, absl::string_view path,
                             absl::string_view headers) {
  Send(absl::StrCat(method, " ", path, " HTTP/1.1\r\nHost: localhost\r\n", headers, "\r\n"));
}

absl::Status HttpConnection::More(Clock::time_point until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
  pollfd wanted{file_, POLLIN, 0};
  if (left.count() <= 0 || ::poll(&wanted, 1, static_cast<int>(left.count())) <= 0) {
    return absl::DeadlineExceededError("nothing came");
  }
  char buffer[65536];
  const ssize_t size = ::recv(file_, buffer, sizeof(buffer), 0);
  if (size <= 0) return absl::UnavailableError("the connection has ended");
  read_.append(buffer, static_cast<size_t>(size));
  return absl::OkStatus();
}

absl::StatusOr<HttpAnswer> HttpConnection::Read(bool head, std::chrono::milliseconds wait) {
  const Clock::time_point until = Clock::now() + wait;
  size_t end = 0;
  while ((end = read_.find(std::string(kEndOfHead))) == std::string::npos) {
    URNA_RETURN_IF_ERROR(More(until));
  }
  URNA_ASSIGN_OR_RETURN(HttpAnswer answer, ParseHead(absl::string_view(read_).substr(0, end)));
  read_.erase(0, end + kEndOfHead.size());
  size_t length = 0;
  const auto field = answer.headers.find("content-length");
  if (!head && field != answer.headers.end() && !absl::SimpleAtoi(field->second, &length)) {
    return absl::DataLossError(absl::StrCat("no length: ", field->second));
  }
  while (read_.size() < length) URNA_RETURN_IF_ERROR(More(until));
  answer.body = read_.substr(0, length);
  read_.erase(0, length);
  return answer;
}

bool HttpConnection::Ends(std::chrono::milliseconds wait) {
  const Clock::time_point until = Clock::now() + wait;
  absl::Status status;
  while (status.ok()) status = More(until);
  return absl::IsUnavailable(status);
}

absl::StatusOr<HttpAnswer> HttpRequest(int port, absl::string_view method, absl::string_view path,
                                       absl::string_view headers) {
  HttpConnection connection(port);
  if (!connection.connected()) return absl::UnavailableError("no connection");
  connection.Request(method, path, headers);
  return connection.Read(method == "HEAD");
}

}  // namespace urna::testing
