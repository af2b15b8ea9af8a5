#include "verifier/fetch_log_files.h"

#include <filesystem>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/remote/http_reader.h"
#include "core/remote/mirror.h"

namespace urna::verifier {

absl::StatusOr<LogFiles> OpenLogFiles(const std::string& source, const std::string& tls_roots) {
  const std::string base(absl::StripSuffix(source, "/"));
  if (remote::IsWebUrl(source)) {
    remote::HttpOptions options;
    options.root_certificates_file = tls_roots;
    URNA_ASSIGN_OR_RETURN(remote::HttpReader reader, remote::HttpReader::Create(options));
    const auto shared = std::make_shared<remote::HttpReader>(std::move(reader));
    return LogFiles([shared, base](const std::string& path, size_t max_bytes) {
      return shared->Get(absl::StrCat(base, "/", path), max_bytes);
    });
  }
  if (!std::filesystem::is_directory(source)) {
    return absl::NotFoundError(absl::StrCat("there is no directory '", source, "'"));
  }
  return LogFiles([base](const std::string& path, size_t max_bytes) {
    return ReadFile(absl::StrCat(base, "/", path), max_bytes);
  });
}

}  // namespace urna::verifier
