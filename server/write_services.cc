#include <spdlog/spdlog.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/peer.h"
#include "server/refusals.h"
#include "server/services.h"

namespace urna::server {
namespace {

constexpr int kMaxEntriesInMessage = 1000;

Bytes ToBytesOf(const std::string& text) { return Bytes(text.begin(), text.end()); }

bool IsAdministrator(const Board& board, const grpc::CallbackServerContext& context) {
  const auto found = context.client_metadata().find(kTokenMetadata);
  return found != context.client_metadata().end() &&
         board.IsToken(absl::string_view(found->second.data(), found->second.size()));
}

void Hint(grpc::CallbackServerContext& context, const absl::Status& status) {
  const int64_t wait = RetryAfterMs(status);
  if (wait > 0) context.AddTrailingMetadata(kRetryMetadata, absl::StrCat(wait));
}

// Sends one entry in and answers the call when it is decided.
grpc::ServerUnaryReactor* SubmitOne(Board& board, grpc::CallbackServerContext* context, Door door,
                                    const std::string& origin, const std::string& entry,
                                    v1::Receipt* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  AdmissionRequest request;
  request.door = door;
  request.administrator = IsAdministrator(board, *context);
  request.origin = origin;
  request.peer = PeerNetwork(context->peer());
  request.entries.push_back(ToBytesOf(entry));
  request.done = [context, reactor, response](absl::StatusOr<Receipt> receipt) {
    if (receipt.ok()) FillReceipt(*receipt, *response);
    Hint(*context, receipt.status());
    reactor->Finish(ToGrpc(receipt.status()));
  };
  board.Submit(std::move(request));
  return reactor;
}

// Reads a message, sends its entries in, and reads the next when they are logged.
class AppendManyReactor final : public grpc::ServerReadReactor<v1::AppendManyRequest> {
 public:
  AppendManyReactor(Board& board, grpc::CallbackServerContext* context, v1::Receipt* response)
      : board_(board),
        context_(context),
        response_(response),
        administrator_(IsAdministrator(board, *context)) {
    StartRead(&message_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      End();
      return;
    }
    if (!message_.origin().empty()) {
      if (!origin_.empty() && origin_ != message_.origin()) {
        Fail(absl::InvalidArgumentError("all entries of one stream go to one log"));
        return;
      }
      origin_ = message_.origin();
    }
    if (message_.entries_size() > kMaxEntriesInMessage) {
      Fail(absl::InvalidArgumentError(
          absl::StrCat("at most ", kMaxEntriesInMessage, " entries go into one message")));
      return;
    }
    AdmissionRequest request;
    request.door = Door::kAppend;
    request.administrator = administrator_;
    request.origin = origin_;
    for (const std::string& entry : message_.entries()) {
      request.entries.push_back(ToBytesOf(entry));
    }
    request.done = [this](absl::StatusOr<Receipt> receipt) {
      if (!receipt.ok()) {
        Fail(receipt.status());
        return;
      }
      last_ = *std::move(receipt);
      StartRead(&message_);
    };
    board_.Submit(std::move(request));
  }

  void OnDone() override { delete this; }

 private:
  void End() {
    if (!last_.has_value()) {
      Fail(absl::InvalidArgumentError("there is no entry to log"));
      return;
    }
    FillReceipt(*last_, *response_);
    Finish(grpc::Status::OK);
  }
  void Fail(const absl::Status& status) {
    Hint(*context_, status);
    Finish(ToGrpc(status));
  }

  Board& board_;
  grpc::CallbackServerContext* context_;
  v1::Receipt* response_;
  const bool administrator_;
  std::string origin_;
  v1::AppendManyRequest message_;
  std::optional<Receipt> last_;
};

absl::Status FillCount(const Board& board, const std::string& origin,
                       v1::GetCountResponse& response) {
  const absl::StatusOr<std::shared_ptr<const LogView>> found = board.Find(origin);
  if (!found.ok()) return found.status();
  const LogView& view = **found;
  if (view.facts->kind != LogKind::kPetition) {
    return absl::FailedPreconditionError(absl::StrCat("'", origin, "' is no petition"));
  }
  response.set_signatures(view.signatures);
  response.set_tree_size(view.size);
  for (const poll::DistrictCount& district : view.districts) {
    v1::GetCountResponse::District& message = *response.add_districts();
    message.set_number(district.district);
    message.set_signatures(district.signatures);
  }
  for (const poll::ThresholdReached& threshold : view.thresholds) {
    v1::GetCountResponse::Threshold& message = *response.add_thresholds();
    message.set_threshold(threshold.threshold);
    message.set_reached(threshold.reached);
    message.set_index(threshold.index);
  }
  return absl::OkStatus();
}

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const std::string sentence(status.message().data(), status.message().size());
  switch (status.code()) {
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
      spdlog::error("answering an error of ours: {}", status.ToString());
      return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                          "the board has an error of its own; its operator can see which");
    default:
      return grpc::Status(static_cast<grpc::StatusCode>(status.code()), sentence);
  }
}

void FillReceipt(const Receipt& receipt, v1::Receipt& message) {
  message.set_index(receipt.index);
  message.set_leaf_hash(ToText(receipt.leaf_hash));
  message.set_proof(receipt.proof);
}

grpc::ServerUnaryReactor* VotingService::Cast(grpc::CallbackServerContext* context,
                                              const v1::CastRequest* request,
                                              v1::Receipt* response) {
  return SubmitOne(board_, context, Door::kCast, request->origin(), request->entry(), response);
}

grpc::ServerUnaryReactor* PetitionsService::Act(grpc::CallbackServerContext* context,
                                                const v1::ActRequest* request,
                                                v1::Receipt* response) {
  return SubmitOne(board_, context, Door::kAct, request->origin(), request->entry(), response);
}

grpc::ServerUnaryReactor* PetitionsService::GetCount(grpc::CallbackServerContext* context,
                                                     const v1::GetCountRequest* request,
                                                     v1::GetCountResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(ToGrpc(FillCount(board_, request->origin(), *response)));
  return reactor;
}

grpc::ServerUnaryReactor* AdministrationService::CreateLog(grpc::CallbackServerContext* context,
                                                           const v1::CreateLogRequest* request,
                                                           v1::Receipt* response) {
  return SubmitOne(board_, context, Door::kCreateLog, "", request->first_entry(), response);
}

grpc::ServerUnaryReactor* AdministrationService::Append(grpc::CallbackServerContext* context,
                                                        const v1::AppendRequest* request,
                                                        v1::Receipt* response) {
  return SubmitOne(board_, context, Door::kAppend, request->origin(), request->entry(), response);
}

grpc::ServerReadReactor<v1::AppendManyRequest>* AdministrationService::AppendMany(
    grpc::CallbackServerContext* context, v1::Receipt* response) {
  return new AppendManyReactor(board_, context, response);  // deletes itself when done
}

}  // namespace urna::server
