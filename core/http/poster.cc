#include "core/http/poster.h"

#include <curl/curl.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace urna::http {
namespace {

struct FreeEasy {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// What is coming, up to its limit.
struct Receiver {
  std::string body;
  size_t most = 0;
  bool too_long = false;
};

size_t Receive(char* data, size_t size, size_t count, void* receiver_pointer) {
  auto* receiver = static_cast<Receiver*>(receiver_pointer);
  const size_t length = size * count;
  if (length > receiver->most - receiver->body.size()) {
    receiver->too_long = true;
    return CURL_WRITEFUNC_ERROR;
  }
  receiver->body.append(data, length);
  return length;
}

int Progress(void* options_pointer, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto* options = static_cast<const PostOptions*>(options_pointer);
  return options->give_up && options->give_up() ? 1 : 0;
}

}  // namespace

struct Poster::Impl {
  ~Impl() {
    curl.reset();
    headers.reset();
    if (initialized) curl_global_cleanup();
  }

  PostOptions options;
  bool initialized = false;
  std::unique_ptr<CURL, FreeEasy> curl;
  std::unique_ptr<curl_slist, FreeList> headers;
};

Poster::Poster(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Poster::Poster(Poster&&) noexcept = default;
Poster& Poster::operator=(Poster&&) noexcept = default;
Poster::~Poster() = default;

absl::StatusOr<Poster> Poster::Create(const PostOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  impl->initialized = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  if (impl->initialized) impl->curl.reset(curl_easy_init());
  CURL* const curl = impl->curl.get();
  // No 'Expect: 100-continue', which would cost a round trip.
  if (curl != nullptr) {
    impl->headers.reset(curl_slist_append(nullptr, "Content-Type: text/plain; charset=utf-8"));
    curl_slist_append(impl->headers.get(), "Expect:");
  }
  if (curl == nullptr || impl->headers == nullptr) {
    return absl::UnavailableError("libcurl cannot be used");
  }
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, static_cast<long>(options.connect_seconds));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, static_cast<long>(options.total_seconds));
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "urna");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, impl->headers.get());
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &Progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &impl->options);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Receive);
  if (!options.root_certificates_file.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, options.root_certificates_file.c_str());
  }
  return Poster(std::move(impl));
}

absl::StatusOr<PostReply> Poster::Post(const std::string& url, absl::string_view body) {
  CURL* const curl = impl_->curl.get();
  Receiver receiver;
  receiver.most = impl_->options.reply_bytes;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_POST, 1L);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &receiver);
  const CURLcode result = curl_easy_perform(curl);
  if (receiver.too_long) {
    return absl::OutOfRangeError(
        absl::StrCat(url, ": the answer is longer than ", receiver.most, " bytes"));
  }
  if (result != CURLE_OK) {
    return absl::UnavailableError(absl::StrCat(url, ": ", curl_easy_strerror(result)));
  }
  PostReply reply;
  long code = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
  reply.code = static_cast<int>(code);
  const char* type = nullptr;
  curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
  if (type != nullptr) reply.content_type = type;
  reply.body = std::move(receiver.body);
  return reply;
}

}  // namespace urna::http
