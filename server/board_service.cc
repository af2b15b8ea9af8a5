#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/base/version.h"
#include "core/merkle/proof.h"
#include "server/services.h"

namespace urna::server {
namespace {

constexpr size_t kMaxPage = 500;                 // logs in one answer
constexpr size_t kChunkBytes = size_t{1} << 18;  // of entries in one message
constexpr int kChunkEntries = 2000;

static_assert(static_cast<int>(LogKind::kRoll) == v1::LOG_KIND_ROLL);
static_assert(static_cast<int>(LogPhase::kSetup) == v1::PHASE_SETUP);
static_assert(static_cast<int>(LogPhase::kFinal) == v1::PHASE_FINAL);
static_assert(static_cast<int>(LogPhase::kSealed) == v1::PHASE_SEALED);

grpc::ServerUnaryReactor* Finish(grpc::CallbackServerContext* context, const absl::Status& status) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(ToGrpc(status));
  return reactor;
}

std::string RollOrigin(const LogViews& views, const roll::RollPin& pin) {
  for (const std::shared_ptr<const LogView>& view : views.All()) {
    if (view->facts->kind == LogKind::kRoll && view->facts->id == pin.roll_id) {
      return view->facts->origin;
    }
  }
  return "";
}

void FillSummary(const LogViews& views, const LogView& view, v1::PollSummary& summary) {
  const LogFacts& facts = *view.facts;
  summary.set_origin(facts.origin);
  summary.set_kind(static_cast<v1::LogKind>(facts.kind));
  summary.set_phase(static_cast<v1::Phase>(view.phase));
  for (const LocalizedText& title : facts.title) {
    v1::LocalizedText& message = *summary.add_title();
    message.set_language(title.language);
    message.set_text(title.text);
  }
  if (facts.kind != LogKind::kRoll) {
    summary.mutable_schedule()->set_opens(facts.schedule.opens);
    summary.mutable_schedule()->set_closes(facts.schedule.closes);
    summary.mutable_schedule()->set_tolerance(facts.schedule.tolerance);
  }
  summary.set_tree_size(view.size);
  summary.set_awaits_witnesses(view.witnesses.owed.has_value());
  for (uint64_t index : view.later_orders) summary.add_later_orders(index);
  summary.set_id(ToText(facts.id));
  if (view.pin.has_value()) {
    summary.set_pinned_roll_id(ToText(view.pin->roll_id));
    summary.set_pinned_roll_size(view.pin->size);
    summary.set_pinned_roll_origin(RollOrigin(views, *view.pin));
  }
}

template <typename List>
bool Contains(const List& list, int value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool IsWanted(const v1::ListPollsRequest& request, const LogView& view) {
  const LogFacts& facts = *view.facts;
  const bool kind = request.kinds().empty()
                        ? facts.kind != LogKind::kRoll
                        : Contains(request.kinds(), static_cast<int>(facts.kind));
  const bool phase =
      request.phases().empty() || Contains(request.phases(), static_cast<int>(view.phase));
  const bool origin = request.origin().empty() || request.origin() == facts.origin;
  return kind && phase && origin && facts.origin > request.after();
}

void FillHashes(const std::vector<merkle::Hash>& hashes,
                google::protobuf::RepeatedPtrField<std::string>& field) {
  for (const merkle::Hash& hash : hashes) *field.Add() = ToText(hash);
}

absl::Status FillInclusion(const Board& board, const v1::GetInclusionProofRequest& request,
                           v1::GetInclusionProofResponse& response) {
  URNA_ASSIGN_OR_RETURN(const auto view, board.Find(request.origin()));
  absl::StatusOr<InclusionAnswer> answer =
      absl::InvalidArgumentError("name the entry by its index or its leaf hash");
  if (request.entry_case() == v1::GetInclusionProofRequest::kIndex) {
    answer = board.ProveInclusion(*view, request.index(), request.tree_size());
  } else if (request.entry_case() == v1::GetInclusionProofRequest::kLeafHash) {
    URNA_ASSIGN_OR_RETURN(const merkle::Hash leaf, ToArray<32>(AsBytes(request.leaf_hash())));
    answer = board.ProveInclusion(*view, leaf, request.tree_size());
  }
  URNA_RETURN_IF_ERROR(answer.status());
  response.set_index(answer->index);
  response.set_tree_size(answer->tree_size);
  FillHashes(answer->hashes, *response.mutable_hashes());
  if (request.tree_size() == 0) FillReceipt(*answer->receipt, *response.mutable_receipt());
  return absl::OkStatus();
}

absl::Status FillConsistency(const Board& board, const v1::GetConsistencyProofRequest& request,
                             v1::GetConsistencyProofResponse& response) {
  URNA_ASSIGN_OR_RETURN(const auto view, board.Find(request.origin()));
  const uint64_t size = request.new_size() == 0 ? view->size : request.new_size();
  if (size > view->size || request.old_size() > size) {
    return absl::InvalidArgumentError(absl::StrCat(
        "sizes ", request.old_size(), " and ", size, " do not follow each other within the ",
        view->size, " entries of '", request.origin(), "'"));
  }
  URNA_ASSIGN_OR_RETURN(
      const std::vector<merkle::Hash> hashes,
      merkle::ConsistencyProof(request.old_size(), size, board.ledger().Nodes(view->number)));
  response.set_new_size(size);
  FillHashes(hashes, *response.mutable_hashes());
  return absl::OkStatus();
}

// Writes published entries, a chunk a message.
class EntriesReactor final : public grpc::ServerWriteReactor<v1::StreamEntriesResponse> {
 public:
  EntriesReactor(const Board& board, const v1::StreamEntriesRequest& request) : board_(board) {
    const absl::StatusOr<std::shared_ptr<const LogView>> view = board.Find(request.origin());
    if (!view.ok()) {
      Finish(ToGrpc(view.status()));
      return;
    }
    view_ = *view;
    next_ = request.from();
    end_ = request.to() == 0 ? view_->size : std::min(request.to(), view_->size);
    if (next_ > end_) {
      Finish(ToGrpc(absl::InvalidArgumentError(absl::StrCat(
          "entry ", next_, " is not among the first ", end_, " of '", request.origin(), "'"))));
      return;
    }
    WriteNext();
  }

  void OnWriteDone(bool ok) override {
    if (ok) {
      WriteNext();
    } else {
      Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the reader has gone"));
    }
  }
  void OnDone() override { delete this; }

 private:
  void WriteNext() {
    if (next_ == end_) {
      Finish(grpc::Status::OK);
      return;
    }
    message_.Clear();
    message_.set_first(next_);
    size_t size = 0;
    // The visitor says OutOfRange when the message is full.
    const absl::Status read = board_.ledger().ReadEntries(
        view_->number, next_, end_, [&](uint64_t index, ByteSpan entry) -> absl::Status {
          if (size >= kChunkBytes || message_.entries_size() >= kChunkEntries) {
            return absl::OutOfRangeError("");
          }
          message_.add_entries(entry.data(), entry.size());
          size += entry.size();
          next_ = index + 1;
          return absl::OkStatus();
        });
    if (!read.ok() && !absl::IsOutOfRange(read)) {
      Finish(ToGrpc(read));
      return;
    }
    StartWrite(&message_);
  }

  const Board& board_;
  std::shared_ptr<const LogView> view_;
  uint64_t next_ = 0;
  uint64_t end_ = 0;
  v1::StreamEntriesResponse message_;
};

}  // namespace

grpc::ServerUnaryReactor* BoardService::GetBoard(grpc::CallbackServerContext* context,
                                                 const v1::GetBoardRequest* /*request*/,
                                                 v1::GetBoardResponse* response) {
  response->set_name(board_.identity().name);
  response->set_log_key(ToText(board_.identity().log_key.bytes()));
  response->set_version(WithVersion("urna-server"));
  return Finish(context, absl::OkStatus());
}

grpc::ServerUnaryReactor* BoardService::ListPolls(grpc::CallbackServerContext* context,
                                                  const v1::ListPollsRequest* request,
                                                  v1::ListPollsResponse* response) {
  const size_t page =
      request->page_size() == 0 ? kMaxPage : std::min<size_t>(kMaxPage, request->page_size());
  for (const std::shared_ptr<const LogView>& view : board_.views().All()) {
    if (!IsWanted(*request, *view)) continue;
    if (static_cast<size_t>(response->polls_size()) == page) {
      response->set_more(true);
      break;
    }
    FillSummary(board_.views(), *view, *response->add_polls());
  }
  return Finish(context, absl::OkStatus());
}

grpc::ServerUnaryReactor* BoardService::GetCheckpoint(grpc::CallbackServerContext* context,
                                                      const v1::GetCheckpointRequest* request,
                                                      v1::GetCheckpointResponse* response) {
  const absl::StatusOr<std::shared_ptr<const LogView>> view = board_.Find(request->origin());
  if (view.ok()) {
    response->set_checkpoint(board_.CheckpointOf(**view));
    response->set_has_quorum(board_.has_witness_quorum());
    const std::optional<std::string> final = board_.FinalCheckpointOf(**view);
    if (final.has_value()) response->set_final_checkpoint(*final);
  }
  return Finish(context, view.status());
}

grpc::ServerWriteReactor<v1::StreamEntriesResponse>* BoardService::StreamEntries(
    grpc::CallbackServerContext* /*context*/, const v1::StreamEntriesRequest* request) {
  return new EntriesReactor(board_, *request);  // deletes itself when done
}

grpc::ServerUnaryReactor* BoardService::GetInclusionProof(
    grpc::CallbackServerContext* context, const v1::GetInclusionProofRequest* request,
    v1::GetInclusionProofResponse* response) {
  return Finish(context, FillInclusion(board_, *request, *response));
}

grpc::ServerUnaryReactor* BoardService::GetConsistencyProof(
    grpc::CallbackServerContext* context, const v1::GetConsistencyProofRequest* request,
    v1::GetConsistencyProofResponse* response) {
  return Finish(context, FillConsistency(board_, *request, *response));
}

}  // namespace urna::server
