#include "core/remote/http_reader.h"

#include <curl/curl.h>

#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace urna::remote {
namespace {

constexpr long kMaxRedirects = 3;
constexpr long kStalledBytesPerSecond = 100;
constexpr long kOk = 200;
constexpr long kNotFound = 404;
constexpr long kBusy = 503;

struct FreeEasy {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};

// What is coming, up to its limit.
struct Receiver {
  Bytes bytes;
  size_t max_bytes = 0;
  bool too_long = false;
};

size_t Receive(char* data, size_t size, size_t count, void* receiver_pointer) {
  auto* receiver = static_cast<Receiver*>(receiver_pointer);
  const size_t length = size * count;
  if (length > receiver->max_bytes - receiver->bytes.size()) {
    receiver->too_long = true;
    return CURL_WRITEFUNC_ERROR;
  }
  receiver->bytes.insert(receiver->bytes.end(), data, data + length);
  return length;
}

}  // namespace

struct HttpReader::Impl {
  ~Impl() {
    curl.reset();
    if (initialized) curl_global_cleanup();
  }

  // The answer's code; `receiver` has the body.
  absl::StatusOr<long> GetOnce(const std::string& url, Receiver& receiver) const;

  HttpOptions options;
  bool initialized = false;
  std::unique_ptr<CURL, FreeEasy> curl;
};

HttpReader::HttpReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpReader::HttpReader(HttpReader&&) noexcept = default;
HttpReader& HttpReader::operator=(HttpReader&&) noexcept = default;
HttpReader::~HttpReader() = default;

absl::StatusOr<HttpReader> HttpReader::Create(const HttpOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  impl->initialized = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  if (impl->initialized) impl->curl.reset(curl_easy_init());
  CURL* const curl = impl->curl.get();
  if (curl == nullptr) return absl::UnavailableError("libcurl cannot be used");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, kMaxRedirects);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, static_cast<long>(options.connect_seconds));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.stalled_seconds));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, kStalledBytesPerSecond);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "urna");
  if (!options.root_certificates_file.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, options.root_certificates_file.c_str());
  }
  return HttpReader(std::move(impl));
}

absl::StatusOr<long> HttpReader::Impl::GetOnce(const std::string& url, Receiver& receiver) const {
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &Receive);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &receiver);
  const CURLcode result = curl_easy_perform(curl.get());
  if (receiver.too_long) {
    return absl::OutOfRangeError(
        absl::StrCat(url, ": is longer than the ", receiver.max_bytes, " bytes it may have"));
  }
  if (result != CURLE_OK) {
    return absl::UnavailableError(absl::StrCat(url, ": ", curl_easy_strerror(result), " after ",
                                               receiver.bytes.size(), " bytes"));
  }
  long code = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &code);
  return code;
}

absl::StatusOr<Bytes> HttpReader::Get(const std::string& url, size_t max_bytes) {
  for (int64_t tries = 0;; ++tries) {
    Receiver receiver;
    receiver.max_bytes = max_bytes;
    URNA_ASSIGN_OR_RETURN(const long code, impl_->GetOnce(url, receiver));
    if (code == kOk) return std::move(receiver.bytes);
    if (code == kNotFound) return absl::NotFoundError(absl::StrCat(url, ": there is no such file"));
    if (code != kBusy || tries == impl_->options.busy_retries) {
      return absl::UnavailableError(absl::StrCat(url, ": the server answered ", code));
    }
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
}

}  // namespace urna::remote
