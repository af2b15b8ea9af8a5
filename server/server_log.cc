#include "server/server_log.h"

#include <grpc/support/log.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "core/base/utf8.h"

namespace urna::server {
namespace {

constexpr size_t kLongHex = 32;
constexpr int64_t kSecondsBetween = 10;  // two warnings of gRPC's

void Append(spdlog::memory_buf_t& line, absl::string_view text) {
  line.append(text.data(), text.data() + text.size());
}

// The sentence of a line, without what it must not say; as a JSON string if that is wanted.
class Sentence final : public spdlog::custom_flag_formatter {
 public:
  explicit Sentence(bool json) : json_(json) {}

  void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
              spdlog::memory_buf_t& line) override {
    std::string text =
        LeaveOutHex(absl::string_view(message.payload.data(), message.payload.size()));
    using Json = nlohmann::json;
    text =
        json_ ? Json(text).dump(-1, ' ', false, Json::error_handler_t::replace) : Printable(text);
    Append(line, text);
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<Sentence>(json_);
  }

 private:
  bool json_;
};

const char* FileName(const char* path) {
  const absl::string_view text(path);
  const size_t slash = text.rfind('/');
  return slash == absl::string_view::npos ? path : path + slash + 1;
}

// Whether it is time for another warning: who opens bad connections cannot fill the disk.
bool IsTime() {
  static std::atomic<int64_t> next{0};
  const int64_t now = std::chrono::duration_cast<std::chrono::seconds>(
                          std::chrono::steady_clock::now().time_since_epoch())
                          .count();
  int64_t expected = next;
  return now >= expected && next.compare_exchange_strong(expected, now + kSecondsBetween);
}

void LogForGrpc(gpr_log_func_args* said) {
  const bool warn = said->severity == GPR_LOG_SEVERITY_ERROR && IsTime();
  spdlog::log(warn ? spdlog::level::warn : spdlog::level::debug,
              "gRPC's library has something to say at {}:{}", FileName(said->file), said->line);
}

}  // namespace

std::string LeaveOutHex(absl::string_view sentence) {
  std::string out;
  size_t begin = 0;
  while (begin < sentence.size()) {
    size_t end = begin;
    while (end < sentence.size() &&
           absl::ascii_isxdigit(static_cast<unsigned char>(sentence[end])) != 0) {
      ++end;
    }
    if (end - begin >= kLongHex) {
      out += "(left out)";
    } else {
      end = std::max(end, begin + 1);
      out.append(sentence.data() + begin, end - begin);
    }
    begin = end;
  }
  return out;
}

void StartLog(const LogOptions& options) {
  auto logger = spdlog::stderr_color_mt("urna-server");
  auto formatter = std::make_unique<spdlog::pattern_formatter>(
      options.json ? spdlog::pattern_time_type::utc : spdlog::pattern_time_type::local);
  formatter->add_flag<Sentence>('*', options.json);
  formatter->set_pattern(options.json
                             ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":%*})"
                             : "[%Y-%m-%d %H:%M:%S.%e] [%^%l%$] %*");
  logger->set_formatter(std::move(formatter));
  spdlog::set_default_logger(std::move(logger));
  spdlog::set_level(spdlog::level::from_str(options.level));
  gpr_set_log_function(&LogForGrpc);
}

}  // namespace urna::server
