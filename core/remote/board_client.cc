#include "core/remote/board_client.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/merkle/checkpoint.h"
#include "core/remote/client_impl.h"
#include "core/remote/credentials.h"
#include "core/remote/grpc_status.h"

namespace urna::remote {
namespace {

constexpr int kMaxMessage = 4 << 20;  // bytes of one answer
constexpr std::chrono::seconds kConnecting{2};
constexpr int kPatientTries = 4;
constexpr int kAppendTries = 20;
constexpr std::chrono::seconds kLongestWait{2};
constexpr int kMostRetryMs = 600'000;
constexpr char kRetryMetadata[] = "urna-retry-after-ms";
constexpr int kEntriesInMessage = 500;
constexpr size_t kBytesInMessage = 1 << 18;

template <typename Answer>
absl::Status Malformed(const Answer& answer, absl::string_view what) {
  return absl::DataLossError(
      absl::StrCat("the board's answer ", answer.GetTypeName(), " is malformed: ", what));
}

absl::StatusOr<PollSummary> SummaryOf(const v1::PollSummary& message) {
  PollSummary summary;
  summary.origin = message.origin();
  if (message.kind() < v1::LOG_KIND_ELECTION || message.kind() > v1::LOG_KIND_ROLL ||
      message.phase() < v1::PHASE_SETUP || message.phase() > v1::PHASE_SEALED) {
    return Malformed(message, "kind or phase");
  }
  summary.kind = static_cast<LogKind>(message.kind());
  summary.phase = static_cast<LogPhase>(message.phase());
  for (const v1::LocalizedText& title : message.title()) {
    summary.title.push_back(LocalizedText{title.language(), title.text()});
  }
  summary.schedule = poll::Schedule{message.schedule().opens(), message.schedule().closes(),
                                    message.schedule().tolerance()};
  summary.tree_size = message.tree_size();
  summary.awaits_witnesses = message.awaits_witnesses();
  summary.later_orders.assign(message.later_orders().begin(), message.later_orders().end());
  URNA_ASSIGN_OR_RETURN(summary.id, ToArray<32>(AsBytes(message.id())));
  if (!message.pinned_roll_id().empty()) {
    roll::RollPin pin;
    URNA_ASSIGN_OR_RETURN(pin.roll_id, ToArray<32>(AsBytes(message.pinned_roll_id())));
    pin.size = message.pinned_roll_size();
    summary.roll = pin;
    summary.roll_origin = message.pinned_roll_origin();
  }
  return summary;
}

template <typename Field>
absl::StatusOr<std::vector<merkle::Hash>> FromHashes(const Field& field) {
  std::vector<merkle::Hash> hashes;
  for (const std::string& text : field) {
    URNA_ASSIGN_OR_RETURN(const merkle::Hash hash, ToArray<32>(AsBytes(text)));
    hashes.push_back(hash);
  }
  return hashes;
}

}  // namespace

absl::StatusOr<Receipt> FromMessage(const v1::Receipt& message) {
  Receipt receipt;
  receipt.index = message.index();
  absl::StatusOr<merkle::Hash> leaf = ToArray<32>(AsBytes(message.leaf_hash()));
  if (!leaf.ok()) return Malformed(message, leaf.status().message());
  receipt.leaf_hash = *leaf;
  receipt.proof = message.proof();
  return receipt;
}

absl::Status CheckReceipt(const Receipt& receipt, ByteSpan entry, const merkle::NoteVerifier& log) {
  const merkle::Hash leaf = merkle::LeafHash(entry);
  URNA_ASSIGN_OR_RETURN(const merkle::TlogProof proof,
                        merkle::TlogProof::Parse(AsBytes(receipt.proof)));
  URNA_RETURN_IF_ERROR(merkle::VerifyReceipt(leaf, proof, log, log.name()).status());
  if (receipt.leaf_hash != leaf || receipt.index != proof.index()) {
    return absl::DataLossError("the receipt's index or leaf hash is not that of its proof");
  }
  return absl::OkStatus();
}

int RetryAfterMs(const grpc::ClientContext& context) {
  const auto& metadata = context.GetServerTrailingMetadata();
  const auto found = metadata.find(kRetryMetadata);
  int value = 0;
  if (found == metadata.end() ||
      !absl::SimpleAtoi(absl::string_view(found->second.data(), found->second.size()), &value)) {
    return 0;
  }
  return std::clamp(value, 0, kMostRetryMs);
}

void BoardClient::Impl::Prepare(grpc::ClientContext& context, int64_t factor) const {
  // A call fails at once if the first attempt to connect does, so attempts are made for a while
  // before. Whether they succeed the call itself will say.
  channel->WaitForConnected(std::chrono::system_clock::now() + kConnecting);
  SetDeadline(context, factor);
}

namespace {

grpc::Status Patiently(const std::function<void(grpc::ClientContext&)>& prepare,
                       const std::function<grpc::Status(grpc::ClientContext&)>& call,
                       int most_tries) {
  for (int tries = 1;; ++tries) {
    grpc::ClientContext context;
    prepare(context);
    grpc::Status status = call(context);
    if (status.error_code() != grpc::StatusCode::RESOURCE_EXHAUSTED || tries == most_tries) {
      return status;
    }
    const std::chrono::milliseconds wait(RetryAfterMs(context));
    if (wait.count() == 0 || wait > kLongestWait) return status;
    std::this_thread::sleep_for(wait);
  }
}

}  // namespace

grpc::Status BoardClient::Impl::CallPatiently(const Call& call) const {
  return Patiently([this](grpc::ClientContext& context) { Prepare(context); }, call, kPatientTries);
}

grpc::Status BoardClient::Impl::AppendPatiently(const Call& call) const {
  // The board computes the sums of a whole election before it answers the order for them.
  return Patiently([this](grpc::ClientContext& context) { PrepareAdministration(context, 10); },
                   call, kAppendTries);
}

void BoardClient::Impl::SetDeadline(grpc::ClientContext& context, int64_t factor) const {
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::seconds(deadline_seconds * factor));
}

void BoardClient::Impl::PrepareAdministration(grpc::ClientContext& context, int64_t factor) const {
  Prepare(context, factor);
  if (!token.empty()) context.AddMetadata(kTokenMetadata, token);
}

absl::Status BoardClient::Impl::Result(const grpc::Status& status) const {
  return FromGrpc(status, certificate_hint);
}

BoardClient::BoardClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BoardClient::BoardClient(BoardClient&&) noexcept = default;
BoardClient& BoardClient::operator=(BoardClient&&) noexcept = default;
BoardClient::~BoardClient() = default;

absl::StatusOr<BoardClient> BoardClient::Connect(absl::string_view address,
                                                 const ConnectOptions& options) {
  URNA_ASSIGN_OR_RETURN(const auto credentials, MakeCredentials(address, options));
  auto impl = std::make_unique<Impl>();
  URNA_ASSIGN_OR_RETURN(impl->certificate_hint, CertificateHint(options));
  if (!options.admin_token_file.empty()) {
    URNA_ASSIGN_OR_RETURN(const Bytes token, ReadFile(options.admin_token_file, 1024));
    impl->token = std::string(absl::StripSuffix(AsText(token), "\n"));
  }
  impl->deadline_seconds = options.deadline_seconds;
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessage);
  // Every client has a connection of its own, so that several share a machine's load as people do.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // A board that was restarted is to be found again at once; gRPC's own waits grow to two minutes.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  impl->channel = grpc::CreateCustomChannel(std::string(address), credentials, arguments);
  impl->board = v1::Board::NewStub(impl->channel);
  impl->voting = v1::Voting::NewStub(impl->channel);
  impl->petitions = v1::Petitions::NewStub(impl->channel);
  impl->administration = v1::Administration::NewStub(impl->channel);
  return BoardClient(std::move(impl));
}

absl::StatusOr<BoardInfo> BoardClient::GetBoard() {
  grpc::ClientContext context;
  impl_->Prepare(context);
  v1::GetBoardResponse answer;
  URNA_RETURN_IF_ERROR(
      impl_->Result(impl_->board->GetBoard(&context, v1::GetBoardRequest(), &answer)));
  BoardInfo info;
  info.name = answer.name();
  URNA_ASSIGN_OR_RETURN(info.log_key, ToArray<32>(AsBytes(answer.log_key())));
  info.version = answer.version();
  return info;
}

absl::StatusOr<std::vector<PollSummary>> BoardClient::ListPolls(bool rolls) {
  v1::ListPollsRequest request;
  request.add_kinds(v1::LOG_KIND_ELECTION);
  request.add_kinds(v1::LOG_KIND_PETITION);
  if (rolls) request.add_kinds(v1::LOG_KIND_ROLL);
  std::vector<PollSummary> polls;
  while (true) {
    grpc::ClientContext context;
    impl_->Prepare(context);
    v1::ListPollsResponse answer;
    URNA_RETURN_IF_ERROR(impl_->Result(impl_->board->ListPolls(&context, request, &answer)));
    for (const v1::PollSummary& message : answer.polls()) {
      URNA_ASSIGN_OR_RETURN(PollSummary summary, SummaryOf(message));
      // Otherwise a board could keep us asking.
      if (summary.origin <= request.after()) return Malformed(answer, "origins do not rise");
      request.set_after(summary.origin);
      polls.push_back(std::move(summary));
    }
    if (!answer.more() || answer.polls().empty()) return polls;
  }
}

absl::StatusOr<PollSummary> BoardClient::GetPoll(absl::string_view origin) {
  v1::ListPollsRequest request;
  request.add_kinds(v1::LOG_KIND_ELECTION);
  request.add_kinds(v1::LOG_KIND_PETITION);
  request.add_kinds(v1::LOG_KIND_ROLL);
  request.set_origin(std::string(origin));
  grpc::ClientContext context;
  impl_->Prepare(context);
  v1::ListPollsResponse answer;
  URNA_RETURN_IF_ERROR(impl_->Result(impl_->board->ListPolls(&context, request, &answer)));
  if (answer.polls().empty()) {
    return absl::NotFoundError(absl::StrCat("there is no log '", origin, "' on this board"));
  }
  if (answer.polls(0).origin() != origin) return Malformed(answer, "another origin");
  return SummaryOf(answer.polls(0));
}

absl::StatusOr<std::string> BoardClient::GetCheckpoint(absl::string_view origin) {
  URNA_ASSIGN_OR_RETURN(ShownCheckpoints checkpoints, GetCheckpoints(origin));
  return std::move(checkpoints.newest);
}

absl::StatusOr<ShownCheckpoints> BoardClient::GetCheckpoints(absl::string_view origin) {
  grpc::ClientContext context;
  impl_->Prepare(context);
  v1::GetCheckpointRequest request;
  request.set_origin(std::string(origin));
  v1::GetCheckpointResponse answer;
  URNA_RETURN_IF_ERROR(impl_->Result(impl_->board->GetCheckpoint(&context, request, &answer)));
  ShownCheckpoints checkpoints{answer.checkpoint(), answer.has_quorum(), std::nullopt};
  if (!answer.final_checkpoint().empty()) checkpoints.final = answer.final_checkpoint();
  return checkpoints;
}

absl::Status BoardClient::StreamEntries(
    absl::string_view origin, uint64_t from, uint64_t to,
    const std::function<absl::Status(uint64_t index, Bytes entry)>& entry) {
  grpc::ClientContext context;
  impl_->Prepare(context, 10);
  v1::StreamEntriesRequest request;
  request.set_origin(std::string(origin));
  request.set_from(from);
  request.set_to(to);
  const auto stream = impl_->board->StreamEntries(&context, request);
  v1::StreamEntriesResponse message;
  uint64_t next = from;
  absl::Status status;
  while (status.ok() && stream->Read(&message)) {
    if (message.first() != next) status = Malformed(message, "entries are missing");
    for (const std::string& bytes : message.entries()) {
      if (status.ok() && to != 0 && next >= to) status = Malformed(message, "too many entries");
      if (status.ok()) status = entry(next++, ToBytes(AsBytes(bytes)));
    }
  }
  if (!status.ok()) context.TryCancel();
  const grpc::Status finished = stream->Finish();
  return status.ok() ? impl_->Result(finished) : status;
}

absl::StatusOr<std::vector<Bytes>> BoardClient::GetEntries(absl::string_view origin, uint64_t from,
                                                           uint64_t to) {
  std::vector<Bytes> entries;
  URNA_RETURN_IF_ERROR(StreamEntries(origin, from, to, [&entries](uint64_t, Bytes entry) {
    entries.push_back(std::move(entry));
    return absl::OkStatus();
  }));
  return entries;
}

namespace {

absl::StatusOr<BoardClient::Inclusion> AskInclusion(v1::Board::Stub& board,
                                                    grpc::ClientContext& context,
                                                    const v1::GetInclusionProofRequest& request) {
  v1::GetInclusionProofResponse answer;
  URNA_RETURN_IF_ERROR(FromGrpc(board.GetInclusionProof(&context, request, &answer)));
  BoardClient::Inclusion inclusion;
  inclusion.index = answer.index();
  inclusion.tree_size = answer.tree_size();
  URNA_ASSIGN_OR_RETURN(inclusion.hashes, FromHashes(answer.hashes()));
  if (answer.has_receipt()) {
    URNA_ASSIGN_OR_RETURN(inclusion.receipt, FromMessage(answer.receipt()));
  }
  return inclusion;
}

}  // namespace

absl::StatusOr<BoardClient::Inclusion> BoardClient::GetInclusionProof(absl::string_view origin,
                                                                      uint64_t index,
                                                                      uint64_t tree_size) {
  grpc::ClientContext context;
  impl_->Prepare(context);
  v1::GetInclusionProofRequest request;
  request.set_origin(std::string(origin));
  request.set_index(index);
  request.set_tree_size(tree_size);
  return AskInclusion(*impl_->board, context, request);
}

absl::StatusOr<BoardClient::Inclusion> BoardClient::GetInclusionProof(absl::string_view origin,
                                                                      const merkle::Hash& leaf_hash,
                                                                      uint64_t tree_size) {
  grpc::ClientContext context;
  impl_->Prepare(context);
  v1::GetInclusionProofRequest request;
  request.set_origin(std::string(origin));
  request.set_leaf_hash(ToText(leaf_hash));
  request.set_tree_size(tree_size);
  return AskInclusion(*impl_->board, context, request);
}

absl::StatusOr<std::vector<merkle::Hash>> BoardClient::GetConsistencyProof(absl::string_view origin,
                                                                           uint64_t old_size,
                                                                           uint64_t new_size) {
  grpc::ClientContext context;
  impl_->Prepare(context);
  v1::GetConsistencyProofRequest request;
  request.set_origin(std::string(origin));
  request.set_old_size(old_size);
  request.set_new_size(new_size);
  v1::GetConsistencyProofResponse answer;
  URNA_RETURN_IF_ERROR(
      impl_->Result(impl_->board->GetConsistencyProof(&context, request, &answer)));
  return FromHashes(answer.hashes());
}

absl::StatusOr<Receipt> BoardClient::Cast(absl::string_view origin, ByteSpan ballot) {
  v1::CastRequest request;
  request.set_origin(std::string(origin));
  request.set_entry(ToText(ballot));
  v1::Receipt answer;
  URNA_RETURN_IF_ERROR(impl_->Result(impl_->CallPatiently([&](grpc::ClientContext& context) {
    return impl_->voting->Cast(&context, request, &answer);
  })));
  return FromMessage(answer);
}

absl::StatusOr<Receipt> BoardClient::Act(absl::string_view origin, ByteSpan act) {
  v1::ActRequest request;
  request.set_origin(std::string(origin));
  request.set_entry(ToText(act));
  v1::Receipt answer;
  URNA_RETURN_IF_ERROR(impl_->Result(impl_->CallPatiently([&](grpc::ClientContext& context) {
    return impl_->petitions->Act(&context, request, &answer);
  })));
  return FromMessage(answer);
}

absl::StatusOr<PetitionCount> BoardClient::GetCount(absl::string_view origin) {
  grpc::ClientContext context;
  impl_->Prepare(context);
  v1::GetCountRequest request;
  request.set_origin(std::string(origin));
  v1::GetCountResponse answer;
  URNA_RETURN_IF_ERROR(impl_->Result(impl_->petitions->GetCount(&context, request, &answer)));
  PetitionCount count;
  count.signatures = answer.signatures();
  count.tree_size = answer.tree_size();
  for (const auto& district : answer.districts()) {
    if (district.number() > 65535) return Malformed(answer, "district number");
    count.districts.push_back(
        poll::DistrictCount{static_cast<uint16_t>(district.number()), district.signatures()});
  }
  for (const auto& threshold : answer.thresholds()) {
    count.thresholds.push_back(
        poll::ThresholdReached{threshold.threshold(), threshold.reached(), threshold.index()});
  }
  return count;
}

absl::StatusOr<Receipt> BoardClient::CreateLog(ByteSpan first_entry) {
  grpc::ClientContext context;
  impl_->PrepareAdministration(context);
  v1::CreateLogRequest request;
  request.set_first_entry(ToText(first_entry));
  v1::Receipt answer;
  URNA_RETURN_IF_ERROR(impl_->Result(impl_->administration->CreateLog(&context, request, &answer)));
  return FromMessage(answer);
}

absl::StatusOr<Receipt> BoardClient::Append(absl::string_view origin, ByteSpan entry) {
  v1::AppendRequest request;
  request.set_origin(std::string(origin));
  request.set_entry(ToText(entry));
  v1::Receipt answer;
  URNA_RETURN_IF_ERROR(impl_->Result(impl_->AppendPatiently([&](grpc::ClientContext& context) {
    return impl_->administration->Append(&context, request, &answer);
  })));
  return FromMessage(answer);
}

absl::StatusOr<Receipt> BoardClient::AppendMany(absl::string_view origin,
                                                const std::function<std::optional<Bytes>()>& next) {
  grpc::ClientContext context;
  impl_->PrepareAdministration(context, 100);
  v1::Receipt answer;
  const auto stream = impl_->administration->AppendMany(&context, &answer);
  v1::AppendManyRequest message;
  message.set_origin(std::string(origin));
  size_t size = 0;
  bool open = true;
  const auto send = [&] {
    if (message.entries_size() > 0) open = stream->Write(message);
    message.clear_entries();
    size = 0;
  };
  while (open) {
    std::optional<Bytes> entry = next();
    if (!entry.has_value()) break;
    message.add_entries(entry->data(), entry->size());
    size += entry->size();
    if (message.entries_size() >= kEntriesInMessage || size >= kBytesInMessage) send();
  }
  if (open) send();
  stream->WritesDone();  // the status of the stream says what is wrong, if anything
  URNA_RETURN_IF_ERROR(impl_->Result(stream->Finish()));
  return FromMessage(answer);
}

}  // namespace urna::remote
