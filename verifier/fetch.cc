#include "verifier/fetch.h"

#include <iostream>
#include <nlohmann/json.hpp>

#include "core/record/directory.h"
#include "core/remote/board_client.h"

namespace urna::verifier {
namespace {

absl::Status FetchTo(const FetchOptions& options) {
  remote::ConnectOptions connect;
  connect.tls = options.tls || !options.tls_roots.empty();
  connect.root_certificates_file = options.tls_roots;
  connect.allow_plain_anywhere = options.plain_anywhere;
  absl::StatusOr<remote::BoardClient> client =
      remote::BoardClient::Connect(options.server, connect);
  if (!client.ok()) return client.status();
  return client->FetchRecord(options.poll, options.record);
}

}  // namespace

int Fetch(const FetchOptions& options) {
  if (absl::Status status = FetchTo(options); !status.ok()) {
    std::cerr << "urna-verifier fetch: " << status.message() << "\n";
    return status.code() == absl::StatusCode::kDataLoss ? 1 : 3;
  }
  const absl::StatusOr<record::LogReader> log =
      record::LogReader::Open(record::PollDirectory(options.record));
  if (!log.ok()) {
    std::cerr << "urna-verifier fetch: " << log.status().message() << "\n";
    return 3;
  }
  const merkle::Checkpoint& checkpoint = log->checkpoint();
  if (options.json) {
    nlohmann::ordered_json json;
    json["record"] = options.record;
    json["origin"] = checkpoint.origin();
    json["size"] = checkpoint.size();
    json["root"] = ToHex(checkpoint.root());
    std::cout << json.dump(2) << "\n";
  } else {
    std::cout << options.record << ": " << checkpoint.origin() << " with " << checkpoint.size()
              << " entries. Not verified yet: urna-verifier " << options.record
              << " --policy FILE\n";
  }
  return 0;
}

}  // namespace urna::verifier
