// Many calls under way at once, from one thread: rehearsals and load.
#include <grpcpp/alarm.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/remote/client_impl.h"
#include "core/remote/grpc_status.h"

namespace urna::remote {
namespace {

constexpr int kMaxTries = 10;
constexpr int kDefaultRetryMs = 500;

// One entry on its way; a try ends either with the answer or with an alarm for the next.
template <typename Request>
struct Call {
  uint64_t index = 0;
  Request request;
  int tries = 0;
  bool waiting = false;  // for `alarm`
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::ClientAsyncResponseReader<v1::Receipt>> reader;
  v1::Receipt receipt;
  grpc::Status status;
  grpc::Alarm alarm;
};

int RetryMs(const grpc::ClientContext& context) {
  const int said = RetryAfterMs(context);
  return said == 0 ? kDefaultRetryMs : said;
}

template <typename Request>
class Sender {
 public:
  // Starts one asynchronous call.
  using Start = std::function<std::unique_ptr<grpc::ClientAsyncResponseReader<v1::Receipt>>(
      grpc::ClientContext*, const Request&, grpc::CompletionQueue*)>;
  using Prepare = std::function<void(grpc::ClientContext&)>;

  Sender(Start start, Prepare prepare, const BoardClient::Done& done)
      : start_(std::move(start)), prepare_(std::move(prepare)), done_(done) {}

  void Run(absl::string_view origin, const BoardClient::Next& next, int in_flight) {
    uint64_t index = 0;
    int under_way = 0;
    bool more = true;
    while (more || under_way > 0) {
      while (more && under_way < std::max(1, in_flight)) {
        std::optional<Bytes> entry = next();
        if (!entry.has_value()) {
          more = false;
          break;
        }
        auto* call = new Call<Request>();  // lives until its tag has come back for the last time
        call->index = index++;
        call->request.set_origin(std::string(origin));
        call->request.set_entry(ToText(*entry));
        Try(*call);
        ++under_way;
      }
      if (under_way > 0 && Wait()) --under_way;
    }
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) continue;
  }

 private:
  void Try(Call<Request>& call) {
    ++call.tries;
    call.waiting = false;
    call.context = std::make_unique<grpc::ClientContext>();
    prepare_(*call.context);
    call.receipt.Clear();
    call.reader = start_(call.context.get(), call.request, &queue_);
    call.reader->Finish(&call.receipt, &call.status, &call);
  }

  // Waits for one event; whether a call is done for good.
  bool Wait() {
    void* tag = nullptr;
    bool ok = false;
    if (!queue_.Next(&tag, &ok)) return false;
    auto* call = static_cast<Call<Request>*>(tag);
    if (call->waiting) {
      Try(*call);
      return false;
    }
    if (call->status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED &&
        call->tries < kMaxTries) {
      call->waiting = true;
      call->alarm.Set(
          &queue_,
          std::chrono::system_clock::now() + std::chrono::milliseconds(RetryMs(*call->context)),
          call);
      return false;
    }
    const std::unique_ptr<Call<Request>> owned(call);
    if (call->status.ok()) {
      done_(call->index, FromMessage(call->receipt));
    } else {
      done_(call->index, FromGrpc(call->status));
    }
    return true;
  }

  Start start_;
  Prepare prepare_;
  const BoardClient::Done& done_;
  grpc::CompletionQueue queue_;
};

}  // namespace

void BoardClient::CastMany(absl::string_view origin, const Next& next, int in_flight,
                           const Done& done) {
  Sender<v1::CastRequest>(
      [this](grpc::ClientContext* context, const v1::CastRequest& request,
             grpc::CompletionQueue* queue) {
        return impl_->voting->AsyncCast(context, request, queue);
      },
      [this](grpc::ClientContext& context) { impl_->SetDeadline(context); }, done)
      .Run(origin, next, in_flight);
}

void BoardClient::ActMany(absl::string_view origin, const Next& next, int in_flight,
                          const Done& done) {
  Sender<v1::ActRequest>(
      [this](grpc::ClientContext* context, const v1::ActRequest& request,
             grpc::CompletionQueue* queue) {
        return impl_->petitions->AsyncAct(context, request, queue);
      },
      [this](grpc::ClientContext& context) { impl_->SetDeadline(context); }, done)
      .Run(origin, next, in_flight);
}

}  // namespace urna::remote
