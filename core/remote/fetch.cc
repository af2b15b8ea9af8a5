// Downloading logs and records. docs/protocol.md §10.
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/merkle/checkpoint.h"
#include "core/record/directory.h"
#include "core/record/fetched_log.h"
#include "core/remote/client_impl.h"
#include "core/remote/grpc_status.h"

namespace urna::remote {
namespace {

// Entries from..to-1 of a log, pulled one by one from one streaming call.
class EntryStream {
 public:
  EntryStream(v1::Board::Stub& board, std::unique_ptr<grpc::ClientContext> context,
              absl::string_view origin, uint64_t from, uint64_t to)
      : context_(std::move(context)), next_(from) {
    v1::StreamEntriesRequest request;
    request.set_origin(std::string(origin));
    request.set_from(from);
    request.set_to(to);
    reader_ = board.StreamEntries(context_.get(), request);
  }
  ~EntryStream() {
    if (finished_) return;
    context_->TryCancel();
    static_cast<void>(reader_->Finish());
  }
  EntryStream(const EntryStream&) = delete;
  EntryStream& operator=(const EntryStream&) = delete;

  uint64_t next() const { return next_; }

  absl::StatusOr<Bytes> Next() {
    while (position_ == message_.entries_size()) {
      if (!reader_->Read(&message_)) {
        finished_ = true;
        URNA_RETURN_IF_ERROR(FromGrpc(reader_->Finish()));
        return absl::DataLossError(absl::StrCat("the board ended before entry ", next_));
      }
      position_ = 0;
      if (message_.first() != next_) {
        return absl::DataLossError(
            absl::StrCat("the board sent entry ", message_.first(), " where ", next_, " was due"));
      }
    }
    ++next_;
    return ToBytes(AsBytes(message_.entries(position_++)));
  }

 private:
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReader<v1::StreamEntriesResponse>> reader_;
  v1::StreamEntriesResponse message_;
  int position_ = 0;
  uint64_t next_;
  bool finished_ = false;
};

}  // namespace

absl::StatusOr<uint64_t> BoardClient::FetchLog(absl::string_view origin,
                                               const std::string& directory, FetchAt at,
                                               const ProgressOf& progress_of) {
  URNA_ASSIGN_OR_RETURN(const std::string note,
                        ChooseCheckpoint(at, [&] { return GetCheckpoints(origin); }));
  URNA_ASSIGN_OR_RETURN(const std::vector<Bytes> first, GetEntries(origin, 0, 1));
  if (first.size() != 1) return absl::DataLossError("the board's log is empty");
  URNA_ASSIGN_OR_RETURN(const merkle::Checkpoint checkpoint,
                        record::OpenFetchedCheckpoint(origin, AsBytes(note), first.front()));
  std::optional<EntryStream> stream;
  const Progress progress = Begin(progress_of, FetchedOf(origin));
  const auto source = [&](uint64_t index) -> absl::StatusOr<Bytes> {
    if (!stream.has_value() || stream->next() != index) {
      auto context = std::make_unique<grpc::ClientContext>();
      impl_->SetDeadline(*context, 100);
      stream.emplace(*impl_->board, std::move(context), origin, index, checkpoint.size());
    }
    if (progress) progress(index + 1, checkpoint.size());
    return stream->Next();
  };
  URNA_RETURN_IF_ERROR(Annotate(record::WriteLog(directory, AsBytes(note), source),
                                absl::StrCat("log '", origin, "'")));
  return checkpoint.size();
}

absl::Status BoardClient::FetchRecord(absl::string_view origin, const std::string& directory,
                                      FetchAt at, const ProgressOf& progress) {
  const std::string poll = record::PollDirectory(directory);
  URNA_RETURN_IF_ERROR(FetchLog(origin, poll, at, progress).status());
  URNA_ASSIGN_OR_RETURN(const std::optional<roll::RollPin> pin, record::FindPin(poll));
  if (!pin.has_value()) return absl::OkStatus();
  URNA_ASSIGN_OR_RETURN(const PollSummary summary, GetPoll(origin));
  if (summary.roll_origin.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the board has no log of the roll that '", origin, "' was opened with"));
  }
  const std::string roll = record::RollDirectory(directory, pin->roll_id);
  URNA_RETURN_IF_ERROR(FetchLog(summary.roll_origin, roll, FetchAt::kNewest, progress).status());
  return record::CheckPinnedRoll(roll, *pin);
}

}  // namespace urna::remote
