// Bringing a poll's public record to disk: `urna-verifier fetch`, and records that a URL names.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "core/base/progress.h"

namespace urna::verifier {

struct FetchOptions {
  std::string url;     // of the poll on the web; else:
  std::string server;  // host:port
  std::string poll;    // origin
  std::string record;  // directory to make
  std::string tls_roots;
  bool tls = false;
  bool plain_anywhere = false;
  bool newest = false;  // not the newest that is final
  bool json = false;
  bool quiet = false;  // nor progress
};

// Prints what was fetched; the exit status.
int Fetch(const FetchOptions& options);

// The exit status that says why a record could not be fetched: 1 if its files contradict each
// other, else 3.
int FetchExitStatus(const absl::Status& status);

bool IsWebUrl(const std::string& record);

// The record of the poll at a URL, as a directory on disk. Move-only.
class WebRecord {
 public:
  // Brings it to `keep`, or if that is empty to a directory that goes with this. `tls_roots`: PEM
  // file, empty for the system's. `newest`: not the newest that is final.
  static absl::StatusOr<WebRecord> Fetch(const std::string& url, const std::string& keep,
                                         const std::string& tls_roots, bool newest,
                                         const ProgressOf& progress);
  WebRecord(WebRecord&& other) noexcept;
  WebRecord& operator=(WebRecord&&) = delete;
  ~WebRecord();

  const std::string& directory() const { return directory_; }

 private:
  WebRecord(std::string directory, bool temporary);

  std::string directory_;
  bool temporary_;
};

}  // namespace urna::verifier
