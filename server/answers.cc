#include "server/answers.h"

#include "core/base/status.h"
#include "core/merkle/proof.h"
#include "core/merkle/tlog_proof.h"

namespace urna::server {
namespace {

// Rounds that may wait to be answered: more would only let the committer run ahead.
constexpr size_t kMostRounds = 4;

// The receipts of one log under one checkpoint. What proofs have in common is read once.
class Receipts {
 public:
  Receipts(AnsweredLog& log, merkle::NodeReader stored) : log_(log), stored_(std::move(stored)) {}

  absl::StatusOr<Receipt> Make(const Outcome& outcome) {
    URNA_ASSIGN_OR_RETURN(
        std::vector<merkle::Hash> hashes,
        merkle::InclusionProof(log_.size, outcome.index,
                               [this](int level, uint64_t index) { return Read(level, index); }));
    URNA_ASSIGN_OR_RETURN(
        const merkle::TlogProof proof,
        merkle::TlogProof::Create(outcome.index, std::move(hashes), log_.checkpoint));
    return Receipt{outcome.index, outcome.leaf_hash, proof.Serialize()};
  }

 private:
  absl::StatusOr<merkle::Hash> Read(int level, uint64_t index) {
    const auto found = log_.nodes.find({level, index});
    if (found != log_.nodes.end()) return found->second;
    URNA_ASSIGN_OR_RETURN(const merkle::Hash hash, stored_(level, index));
    log_.nodes.emplace(std::make_pair(level, index), hash);
    return hash;
  }

  AnsweredLog& log_;
  merkle::NodeReader stored_;
};

}  // namespace

Answers::Answers(const Ledger& ledger) : ledger_(ledger), thread_([this] { Run(); }) {}

Answers::~Answers() { Stop(); }

void Answers::Push(RoundOfAnswers round) {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return rounds_.size() < kMostRounds; });
    rounds_.push_back(std::move(round));
  }
  changed_.notify_all();
}

void Answers::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Answers::Run() {
  while (true) {
    RoundOfAnswers round;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !rounds_.empty(); });
      if (rounds_.empty()) return;
      round = std::move(rounds_.front());
      rounds_.pop_front();
    }
    changed_.notify_all();
    Answer(round);
  }
}

void Answers::Answer(RoundOfAnswers& round) const {
  std::map<std::string, Receipts> receipts;
  for (Outcome& outcome : round.outcomes) {
    if (!outcome.status.ok()) {
      outcome.done(outcome.status);
      continue;
    }
    AnsweredLog& log = round.logs.at(outcome.origin);
    Receipts& of_log =
        receipts.try_emplace(outcome.origin, log, ledger_.Nodes(log.number)).first->second;
    absl::StatusOr<Receipt> receipt = of_log.Make(outcome);
    if (!receipt.ok()) receipt = Annotate(receipt.status(), "the entry is logged, but its receipt");
    outcome.done(std::move(receipt));
  }
}

}  // namespace urna::server
