#include "server/board.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/merkle/proof.h"
#include "core/merkle/tlog_proof.h"
#include "server/sync_times.h"
#include "server/witness_setup.h"

namespace urna::server {
namespace {

// Nothing signs the name in board.json, but every origin begins with it.
absl::Status CheckName(const BoardIdentity& identity, const Ledger& ledger) {
  for (const LogInfo& log : ledger.Logs()) {
    if (absl::StartsWith(log.origin, absl::StrCat(identity.name, "/"))) continue;
    return absl::DataLossError(absl::StrCat(
        "log '", log.origin, "' is not of board '", identity.name,
        "': board.json has been changed. The same file is in each backup: put it there "
        "(docs/operations.md)"));
  }
  return absl::OkStatus();
}

// Takes away what a board that was killed has left of files half written; the ledger is ours, so
// that nobody is writing.
absl::Status TidyUp(const std::string& data) {
  for (const std::string& directory :
       {CheckpointsPath(data), CosignedPath(data), AlarmsPath(data)}) {
    const absl::StatusOr<size_t> removed = RemoveTemporaries(directory);
    // Only boards with witnesses have all three.
    if (!removed.ok() && !absl::IsNotFound(removed.status())) return removed.status();
  }
  return absl::OkStatus();
}

}  // namespace

Board::Board(BoardIdentity identity, crypto::SigningKey key, crypto::SecretBytes token,
             std::unique_ptr<Metrics> metrics, std::unique_ptr<Ledger> ledger)
    : identity_(std::move(identity)),
      key_(std::move(key)),
      token_(std::move(token)),
      metrics_(std::move(metrics)),
      ledger_(std::move(ledger)) {}

Board::~Board() { Stop(); }

absl::StatusOr<std::unique_ptr<Board>> Board::Open(const BoardOptions& options,
                                                   const Clock& clock) {
  URNA_ASSIGN_OR_RETURN(BoardIdentity identity, LoadIdentity(options.data));
  URNA_ASSIGN_OR_RETURN(
      crypto::SigningKey key,
      LoadLogKey(options.log_key_file.empty() ? LogKeyPath(options.data) : options.log_key_file,
                 identity));
  URNA_ASSIGN_OR_RETURN(
      crypto::SecretBytes token,
      LoadToken(options.token_file.empty() ? TokenPath(options.data) : options.token_file));
  auto metrics = std::make_unique<Metrics>();
  LedgerOptions ledger_options;
  ledger_options.before_write = options.before_write;
  ledger_options.adjust = [&metrics, &options](rocksdb::Options& rocks) {
    if (options.adjust_ledger) options.adjust_ledger(rocks);
    TimeSyncs(rocks, [counts = metrics.get()](double seconds) { counts->Synced(seconds); });
  };
  URNA_ASSIGN_OR_RETURN(std::unique_ptr<Ledger> ledger,
                        Ledger::Open(LedgerPath(options.data), ledger_options));
  URNA_RETURN_IF_ERROR(CheckName(identity, *ledger));
  URNA_RETURN_IF_ERROR(TidyUp(options.data));
  std::unique_ptr<Board> board(new Board(std::move(identity), std::move(key), std::move(token),
                                         std::move(metrics), std::move(ledger)));
  URNA_ASSIGN_OR_RETURN(const auto cosigned, ReadCosigned(options.data));
  URNA_RETURN_IF_ERROR(CheckCosigned(cosigned, *board->ledger_, board->identity_));
  if (!options.witnesses.policy_file.empty()) {
    URNA_ASSIGN_OR_RETURN(board->witnesses_,
                          WitnessSender::Open(options.data, board->identity_, *board->ledger_,
                                              clock, board->rng_, options.witnesses));
  }
  CommitterOptions committer;
  committer.board_name = board->identity_.name;
  committer.checkpoint_directory = CheckpointsPath(options.data);
  committer.batch_entries = options.batch_entries;
  committer.queue_capacity = options.commit_queue;
  committer.fatal = options.fatal;
  committer.observe = [counts = board->metrics_.get()](const CommitReport& report) {
    counts->Committed(report);
  };
  committer.witnesses = board->witnesses_.get();
  committer.clock = &clock;
  if (!options.clock_is_right) {
    const int64_t latest = clock.NowSeconds() + options.admission.order_tolerance_seconds;
    committer.latest_order_time = static_cast<uint64_t>(std::max<int64_t>(latest, 0));
  }
  URNA_ASSIGN_OR_RETURN(board->committer_, Committer::Start(*board->ledger_, board->key_,
                                                            board->views_, std::move(committer)));
  AdmissionOptions admission = options.admission;
  admission.judged_act = [counts = board->metrics_.get()](Verdict verdict) {
    counts->Judged(verdict);
  };
  board->admission_ = std::make_unique<Admission>(
      *board->ledger_, board->views_, *board->committer_, clock, board->rng_, std::move(admission));
  if (board->witnesses_ != nullptr) board->witnesses_->Start(*board->committer_);
  return board;
}

void Board::Submit(AdmissionRequest request) {
  const auto came = std::chrono::steady_clock::now();
  request.done = [this, came, door = request.door,
                  done = std::move(request.done)](absl::StatusOr<Receipt> receipt) {
    const auto took = std::chrono::steady_clock::now() - came;
    metrics_->Answered(door, receipt.status(), std::chrono::duration<double>(took).count());
    done(std::move(receipt));
  };
  admission_->Submit(std::move(request));
}

Activity Board::activity() const {
  Activity activity;
  activity.waiting = admission_->waiting();
  activity.uncommitted = committer_->waiting();
  for (const std::shared_ptr<const LogView>& view : views_.All()) {
    activity.sizes.emplace_back(view->facts->origin, view->size);
  }
  if (witnesses_ != nullptr) activity.witnesses = witnesses_->Status();
  return activity;
}

bool Board::IsToken(absl::string_view hex) const {
  const absl::StatusOr<Bytes> bytes = FromHex(hex);
  return bytes.ok() && crypto::ConstantTimeEqual(*bytes, token_.ExposeSpan());
}

absl::StatusOr<std::shared_ptr<const LogView>> Board::Find(absl::string_view origin) const {
  std::shared_ptr<const LogView> view = views_.Find(origin);
  if (view == nullptr) {
    return absl::NotFoundError(absl::StrCat("there is no log '", origin, "' on this board"));
  }
  return view;
}

absl::StatusOr<InclusionAnswer> Board::ProveInclusion(const LogView& view, uint64_t index,
                                                      uint64_t tree_size) const {
  InclusionAnswer answer;
  answer.index = index;
  answer.tree_size = tree_size == 0 ? view.size : tree_size;
  if (answer.tree_size > view.size || index >= answer.tree_size) {
    return absl::InvalidArgumentError(absl::StrCat("entry ", index, " is not in a tree of ",
                                                   answer.tree_size, " of the ", view.size,
                                                   " entries of '", view.facts->origin, "'"));
  }
  const merkle::NodeReader nodes = ledger_->Nodes(view.number);
  URNA_ASSIGN_OR_RETURN(answer.hashes, merkle::InclusionProof(answer.tree_size, index, nodes));
  if (answer.tree_size == view.size) {
    URNA_ASSIGN_OR_RETURN(const merkle::Hash leaf, nodes(0, index));
    URNA_ASSIGN_OR_RETURN(const merkle::TlogProof proof,
                          merkle::TlogProof::Create(index, answer.hashes, view.checkpoint));
    answer.receipt = Receipt{index, leaf, proof.Serialize()};
  }
  return answer;
}

absl::StatusOr<InclusionAnswer> Board::ProveInclusion(const LogView& view,
                                                      const merkle::Hash& leaf_hash,
                                                      uint64_t tree_size) const {
  URNA_ASSIGN_OR_RETURN(const std::optional<uint64_t> index,
                        ledger_->FindLeaf(view.number, leaf_hash));
  // What is written but not yet published is not there yet.
  if (!index.has_value() || *index >= view.size) {
    return absl::NotFoundError(absl::StrCat("no entry of '", view.facts->origin,
                                            "' has the leaf hash ", ToHex(leaf_hash)));
  }
  return ProveInclusion(view, *index, tree_size);
}

std::string Board::CheckpointOf(const LogView& view) const {
  return witnesses_ == nullptr ? view.checkpoint : witnesses_->book().WithCosignatures(view);
}

bool Board::has_witness_quorum() const {
  return witnesses_ != nullptr && witnesses_->policy().has_quorum();
}

std::optional<std::string> Board::FinalCheckpointOf(const LogView& view) const {
  if (witnesses_ == nullptr) return std::nullopt;
  const std::optional<FinalCheckpoint> final = witnesses_->book().Final(view.facts->origin);
  if (!final.has_value()) return std::nullopt;
  return final->note;
}

void Board::Stop() {
  if (witnesses_ != nullptr) witnesses_->Stop();
  if (admission_ != nullptr) admission_->Stop();
  if (committer_ != nullptr) committer_->Stop();
}

}  // namespace urna::server
