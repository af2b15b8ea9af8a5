#include "bench/hammer/bystanders.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <random>

#include "absl/strings/string_view.h"
#include "bench/hammer/prepared.h"
#include "core/base/status.h"

namespace urna::bench {
namespace {

constexpr uint64_t kEntriesRead = 256;
constexpr auto kBetweenReads = std::chrono::milliseconds(2);
constexpr auto kBetweenBytes = std::chrono::milliseconds(500);

// A TCP connection, or -1.
int ConnectPlainly(const std::string& server) {
  const size_t colon = server.rfind(':');
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(server.substr(0, colon).c_str(), server.substr(colon + 1).c_str(), &hints,
                    &found) != 0) {
    return -1;
  }
  const int file = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected = ::connect(file, found->ai_addr, found->ai_addrlen) == 0;
  ::freeaddrinfo(found);
  if (connected) return file;
  ::close(file);
  return -1;
}

// What a reader asks for: a checkpoint, an entry's receipt, a bundle's worth of entries.
absl::StatusOr<int> ReadOnce(remote::BoardClient& client, std::mt19937_64& random) {
  URNA_ASSIGN_OR_RETURN(const remote::PollSummary poll, client.GetPoll(kPreparedOrigin));
  URNA_RETURN_IF_ERROR(client.GetCheckpoint(kPreparedOrigin).status());
  const uint64_t index = random() % poll.tree_size;
  URNA_RETURN_IF_ERROR(client.GetInclusionProof(kPreparedOrigin, index).status());
  URNA_RETURN_IF_ERROR(
      client.GetEntries(kPreparedOrigin, index, std::min(poll.tree_size, index + kEntriesRead))
          .status());
  return 4;
}

}  // namespace

Bystanders::Bystanders(const LoadOptions& options) : options_(options) {
  for (int i = 0; i < options.readers; ++i) threads_.emplace_back([this] { Read(); });
  if (options.slow > 0) threads_.emplace_back([this] { BeSlow(); });
}

Bystanders::~Bystanders() { Join(); }

void Bystanders::Join() {
  ending_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Bystanders::Read() {
  std::mt19937_64 random(std::hash<std::thread::id>()(std::this_thread::get_id()));
  auto client = remote::BoardClient::Connect(options_.server, options_.connect);
  absl::Status status = client.status();
  while (!ending_ && status.ok()) {
    const absl::StatusOr<int> calls = ReadOnce(*client, random);
    status = calls.status();
    if (calls.ok()) reads_ += static_cast<uint64_t>(*calls);
    std::this_thread::sleep_for(kBetweenReads);
  }
  if (status.ok()) return;
  const std::lock_guard lock(mutex_);
  ++failures_[status.ToString()];
}

// Each connection sends a byte now and then; who is cut off comes again.
void Bystanders::BeSlow() {
  std::vector<int> files(static_cast<size_t>(options_.slow), -1);
  while (!ending_) {
    for (int& file : files) {
      if (file < 0) file = ConnectPlainly(options_.server);
      pollfd ended{file, POLLIN, 0};
      char byte = 0;
      const bool gone = ::poll(&ended, 1, 0) > 0 && ::recv(file, &byte, 1, MSG_DONTWAIT) <= 0;
      if (gone || ::send(file, "P", 1, MSG_NOSIGNAL) < 0) {
        ::close(file);
        file = -1;
        ++cut_off_;
      }
    }
    std::this_thread::sleep_for(kBetweenBytes);
  }
  for (int file : files) {
    if (file >= 0) ::close(file);
  }
}

void Bystanders::Stop(LoadReport& report) {
  Join();
  report.reads += reads_;
  report.cut_off += cut_off_;
  for (const auto& [sentence, count] : failures_) report.failures["reader: " + sentence] += count;
}

}  // namespace urna::bench
