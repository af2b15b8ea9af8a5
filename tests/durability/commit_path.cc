#include "tests/durability/commit_path.h"

#include <rocksdb/options.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/tlog_proof.h"
#include "server/checkpoint_files.h"
#include "tests/durability/forgetful_disk.h"

namespace urna::testing {
namespace {

constexpr size_t kMembers = 3;

// Small enough that a few acts fill a table.
void WriteTablesSoon(rocksdb::Options& options) {
  options.db_write_buffer_size = size_t{8} << 10;
  options.arena_block_size = 4096;
}

// Compaction of a damaged table takes RocksDB a second's rest, and looking at what is left needs
// none.
void DoNotCompact(rocksdb::Options& options) { options.disable_auto_compactions = true; }

bool IsThere(const server::Ledger& ledger, const server::LogInfo& log, const Given& given) {
  const auto index = ledger.FindLeaf(log.number, given.receipt.leaf_hash);
  const auto entry = ledger.ReadEntry(log.number, given.receipt.index);
  const auto root = log.head.size < given.size
                        ? absl::StatusOr<merkle::Hash>(absl::NotFoundError("too short"))
                        : merkle::RootAt(given.size, ledger.Nodes(log.number));
  return index.ok() && *index == given.receipt.index && entry.ok() &&
         merkle::LeafHash(*entry) == given.receipt.leaf_hash && root.ok() && *root == given.root;
}

size_t CountLost(const server::Ledger& ledger, const std::vector<Given>& given) {
  const auto log = ledger.Find(kPollOrigin);
  if (!log.has_value()) return given.size();
  return static_cast<size_t>(std::count_if(
      given.begin(), given.end(), [&](const Given& one) { return !IsThere(ledger, *log, one); }));
}

bool GuardIsBehind(const std::string& data, const std::vector<Given>& given) {
  const auto files = server::ReadCheckpoints(server::CheckpointsPath(data));
  if (!files.ok() || files->count(kPollOrigin) == 0) return true;
  const auto note = merkle::Note::Parse(AsBytes(files->at(kPollOrigin)));
  const auto checkpoint = merkle::Checkpoint::Parse(note.value().text());
  return std::any_of(given.begin(), given.end(),
                     [&](const Given& one) { return checkpoint->size() < one.size; });
}

}  // namespace

bool Long() {
  const char* value = ::getenv("URNA_LONG");
  return value != nullptr && *value != '\0';
}

Prepared::Prepared(size_t acts) {
  TestPetition petition(board_, kMembers);
  URNA_CHECK(board_.Open().ok() && petition.SetUp(board_).ok(), "a board with a petition");
  for (size_t i = 0; i < acts; ++i) {
    const auto act = i / kMembers % 2 == 0 ? petition::Act::kSign : petition::Act::kWithdraw;
    acts_.push_back(petition.Act(i % kMembers, act, i / kMembers + 1));
  }
  board_.Stop();
}

RunningBoard::RunningBoard(std::string data, const Prepared& prepared)
    : data_(std::move(data)), prepared_(prepared) {}

absl::Status RunningBoard::Open(Compacting compacting) {
  board_.reset();
  server::BoardOptions options;
  options.data = data_;
  options.admission.threads = 1;
  options.adjust_ledger = [compacting](rocksdb::Options& rocks) {
    WriteTablesSoon(rocks);
    if (compacting == Compacting::kOff) DoNotCompact(rocks);
  };
  options.fatal = [this](const absl::Status& status) { fatal_ = status; };
  auto board = server::Board::Open(options, clock_);
  if (!board.ok()) return board.status();
  board_ = *std::move(board);
  return absl::OkStatus();
}

absl::StatusOr<Given> RunningBoard::Send(size_t i) {
  std::promise<absl::StatusOr<server::Receipt>> answer;
  server::AdmissionRequest request;
  request.door = server::Door::kAct;
  request.origin = kPollOrigin;
  request.entries = {prepared_.acts().at(i)};
  request.done = [&answer](absl::StatusOr<server::Receipt> receipt) {
    answer.set_value(std::move(receipt));
  };
  board_->Submit(std::move(request));
  const absl::StatusOr<server::Receipt> receipt = answer.get_future().get();
  if (!receipt.ok()) return receipt.status();
  const auto proof = merkle::TlogProof::Parse(AsBytes(receipt->proof));
  const auto checkpoint = merkle::OpenCheckpoint(
      AsBytes(proof.value().checkpoint_note()), prepared_.key(), merkle::OtherSignatures::kRefused);
  return Given{*receipt, checkpoint.value().size(), checkpoint->root()};
}

bool Judgement::SaysWhatToDo() const { return absl::StrContains(refused, "docs/operations.md"); }

std::string Judgement::ToString() const {
  return absl::StrCat(refused.empty() ? "serves" : absl::StrCat("refused: ", refused), "; ", lost,
                      " receipts lost", guard_behind ? "; the checkpoint file is behind" : "");
}

Judgement Judge(const std::string& data, const std::vector<Given>& given,
                const Prepared& prepared) {
  const WithoutSyncs without_syncs;
  Judgement judgement;
  judgement.guard_behind = GuardIsBehind(data, given);
  RunningBoard board(data, prepared);
  if (const absl::Status opened = board.Open(RunningBoard::Compacting::kOff); !opened.ok()) {
    judgement.refused = std::string(opened.message());
    server::LedgerOptions options;
    options.adjust = DoNotCompact;
    const auto ledger = server::Ledger::Open(server::LedgerPath(data), options);
    judgement.lost = ledger.ok() ? CountLost(**ledger, given) : given.size();
  } else {
    judgement.lost = CountLost(board.board().ledger(), given);
  }
  return judgement;
}

}  // namespace urna::testing
