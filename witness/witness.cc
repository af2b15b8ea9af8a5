#include "witness/witness.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/fork_evidence.h"

namespace urna::witness {
namespace {

using merkle::AddCheckpointReply;
using merkle::AddCheckpointRequest;

constexpr char kText[] = "text/plain; charset=utf-8";

AddCheckpointReply Refuse(int code, absl::string_view sentence) {
  return {code, kText, absl::StrCat(sentence, "\n")};
}

AddCheckpointReply Signed(const State& state) { return {200, kText, state.line.Line()}; }

merkle::TreeHead HeadOf(const std::optional<State>& state) {
  return state ? state->head : merkle::TreeHead();
}

}  // namespace

Witness::Witness(merkle::CosignatureSigner signer, WitnessOptions options, const Clock& clock)
    : signer_(std::move(signer)), options_(std::move(options)), clock_(clock) {}

absl::StatusOr<std::unique_ptr<Witness>> Witness::Open(merkle::CosignatureSigner signer,
                                                       WitnessOptions options, const Clock& clock) {
  std::unique_ptr<Witness> witness(new Witness(std::move(signer), std::move(options), clock));
  URNA_RETURN_IF_ERROR(witness->ReadStates());
  return witness;
}

absl::Status Witness::ReadStates() {
  struct stat info {};
  if (::stat(options_.state_directory.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return absl::NotFoundError(absl::StrCat(
        "there is no directory '", options_.state_directory,
        "': without its state a witness would sign again what it has signed; make a new witness"));
  }
  for (const merkle::NoteVerifier& key : options_.logs) logs_[key.name()].keys.push_back(key);
  for (auto& [origin, log] : logs_) {
    URNA_ASSIGN_OR_RETURN(log.state, ReadState(options_.state_directory, origin, verifier()));
    if (log.state) last_time_ = std::max(last_time_, log.state->time);
  }
  return absl::OkStatus();
}

std::vector<WatchedLog> Witness::Logs() const {
  std::vector<WatchedLog> logs;
  for (const auto& [origin, log] : logs_) {
    const std::lock_guard lock(log.mutex);
    logs.push_back({origin, log.state});
  }
  return logs;
}

AddCheckpointReply Witness::AddCheckpoint(ByteSpan body) {
  const absl::StatusOr<AddCheckpointRequest> request = AddCheckpointRequest::Parse(body);
  if (!request.ok()) {
    return Refuse(absl::IsFailedPrecondition(request.status()) ? 422 : 400,
                  request.status().message());
  }
  const std::string& origin = request->unverified_checkpoint().origin();
  const auto found = logs_.find(origin);
  if (found == logs_.end()) {
    return Refuse(404, absl::StrCat("this witness does not watch the log '", origin, "'"));
  }
  const auto opened = merkle::OpenNote(AsBytes(request->checkpoint_note()), found->second.keys);
  if (!opened.ok()) {
    return Refuse(absl::IsPermissionDenied(opened.status()) ? 403 : 400, opened.status().message());
  }
  const std::lock_guard lock(found->second.mutex);
  return Continue(found->second, *request, *opened);
}

AddCheckpointReply Witness::Continue(Log& log, const AddCheckpointRequest& request,
                                     const merkle::OpenedNote& opened) {
  if (log.unsure) {
    return Refuse(500, "this witness could not store what it signed last; its operator is told");
  }
  const merkle::TreeHead head = HeadOf(log.state);
  if (request.old_size() != head.size) {
    return {409, std::string(merkle::kTreeSizeType), absl::StrCat(head.size, "\n")};
  }
  const merkle::Checkpoint& checkpoint = request.unverified_checkpoint();
  if (const absl::Status proved = request.VerifyProof(head.root); !proved.ok()) {
    if (checkpoint.size() == head.size && checkpoint.root() != head.root) {
      AccuseOf(log, request.checkpoint_note());
    }
    return Refuse(422, proved.message());
  }
  return Cosign(log, request, opened);
}

void Witness::AccuseOf(const Log& log, const std::string& other_note) {
  const std::string known_note = log.state->note.Serialize();
  for (const merkle::NoteVerifier& key : log.keys) {
    const auto evidence =
        merkle::ForkEvidence::OfOneSize(AsBytes(known_note), AsBytes(other_note), key);
    if (!evidence.ok()) continue;  // not both signed by this key
    const std::string file =
        absl::StrCat(StateFile(options_.state_directory, key.name()), ".evidence");
    const absl::Status stored = options_.store(file, AsBytes(evidence->Serialize()));
    options_.alarm(absl::StrCat("the log '", key.name(), "' has signed two trees of ",
                                log.state->head.size, " leaves; the proof ",
                                stored.ok() ? "is in " : "could not be stored in ", file));
  }
}

absl::StatusOr<uint64_t> Witness::NextTime() {
  const int64_t clock = clock_.NowSeconds();
  const std::lock_guard lock(time_mutex_);
  const uint64_t now = clock > 0 ? static_cast<uint64_t>(clock) : 0;
  if (now == 0 || now < last_time_) {
    return absl::UnavailableError(absl::StrCat("this witness's clock says ", clock,
                                               ", but it has cosigned at ", last_time_,
                                               " already: its clock was set back"));
  }
  last_time_ = now;
  return now;
}

AddCheckpointReply Witness::Cosign(Log& log, const AddCheckpointRequest& request,
                                   const merkle::OpenedNote& opened) {
  const absl::StatusOr<uint64_t> time = NextTime();
  if (!time.ok()) {
    options_.alarm(std::string(time.status().message()));
    return Refuse(503, time.status().message());
  }
  const merkle::Checkpoint& checkpoint = request.unverified_checkpoint();
  const merkle::TreeHead head{checkpoint.size(), checkpoint.root()};
  if (log.state && log.state->head == head && log.state->time == *time) return Signed(*log.state);
  const auto line = signer_.Sign(opened.note.text(), *time);
  if (!line.ok()) return Refuse(500, line.status().message());
  std::vector<merkle::NoteSignature> lines = opened.verified;
  lines.push_back(*line);
  const auto note = merkle::Note::Create(opened.note.text(), std::move(lines));
  if (!note.ok()) return Refuse(500, note.status().message());
  const std::string file = StateFile(options_.state_directory, checkpoint.origin());
  const absl::Status stored = options_.store(file, AsBytes(note->Serialize()));
  if (!stored.ok()) {
    log.unsure = true;
    options_.alarm(absl::StrCat("the state of log '", checkpoint.origin(),
                                "' could not be stored, and it is cosigned no more until the "
                                "witness is started again: ",
                                stored.message()));
    return Refuse(500, "this witness could not store what it would sign; its operator is told");
  }
  log.state = State{*note, head, *line, *time};
  return Signed(*log.state);
}

}  // namespace urna::witness
