#include "verifier/fetch.h"

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "core/base/status.h"
#include "core/base/utf8.h"
#include "core/record/directory.h"
#include "core/remote/board_client.h"
#include "core/remote/mirror.h"

namespace urna::verifier {
namespace {

absl::Status FetchFromWeb(const std::string& url, const std::string& record,
                          const std::string& tls_roots, remote::FetchAt at,
                          const ProgressOf& progress) {
  remote::HttpOptions http;
  http.root_certificates_file = tls_roots;
  return remote::MirrorRecord(url, record, http, at, progress);
}

remote::FetchAt At(bool newest) {
  return newest ? remote::FetchAt::kNewest : remote::FetchAt::kFinal;
}

absl::Status FetchTo(const FetchOptions& options) {
  const remote::FetchAt at = At(options.newest);
  const ProgressOf progress =
      options.json || options.quiet ? ProgressOf() : ShowEachProgress(ProgressTo::kTerminalOrFile);
  if (!options.url.empty()) {
    return FetchFromWeb(options.url, options.record, options.tls_roots, at, progress);
  }
  if (options.server.empty() || options.poll.empty()) {
    return absl::InvalidArgumentError("give --url, or --server and --poll");
  }
  remote::ConnectOptions connect;
  connect.tls = options.tls || !options.tls_roots.empty();
  connect.root_certificates_file = options.tls_roots;
  connect.allow_plain_anywhere = options.plain_anywhere;
  absl::StatusOr<remote::BoardClient> client =
      remote::BoardClient::Connect(options.server, connect);
  if (!client.ok()) return client.status();
  return client->FetchRecord(options.poll, options.record, at, progress);
}

}  // namespace

int Fetch(const FetchOptions& options) {
  if (absl::Status status = FetchTo(options); !status.ok()) {
    std::cerr << "urna-verifier fetch: " << Printable(status.message()) << "\n";
    return FetchExitStatus(status);
  }
  const absl::StatusOr<record::LogReader> log =
      record::LogReader::Open(record::PollDirectory(options.record));
  if (!log.ok()) {
    std::cerr << "urna-verifier fetch: " << Printable(log.status().message()) << "\n";
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

int FetchExitStatus(const absl::Status& status) { return absl::IsDataLoss(status) ? 1 : 3; }

bool IsWebUrl(const std::string& record) { return remote::IsWebUrl(record); }

WebRecord::WebRecord(std::string directory, bool temporary)
    : directory_(std::move(directory)), temporary_(temporary) {}

WebRecord::WebRecord(WebRecord&& other) noexcept
    : directory_(std::move(other.directory_)), temporary_(std::exchange(other.temporary_, false)) {}

WebRecord::~WebRecord() {
  if (!temporary_) return;
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

absl::StatusOr<WebRecord> WebRecord::Fetch(const std::string& url, const std::string& keep,
                                           const std::string& tls_roots, bool newest,
                                           const ProgressOf& progress) {
  std::string directory = keep;
  if (keep.empty()) {
    std::error_code ignored;
    directory = (std::filesystem::temp_directory_path(ignored) / "urna-record-XXXXXX").string();
    if (mkdtemp(directory.data()) == nullptr) {
      return absl::ErrnoToStatus(errno, "cannot make a directory for the record");
    }
  }
  WebRecord record(std::move(directory), keep.empty());
  URNA_RETURN_IF_ERROR(FetchFromWeb(url, record.directory(), tls_roots, At(newest), progress));
  return record;
}

}  // namespace urna::verifier
