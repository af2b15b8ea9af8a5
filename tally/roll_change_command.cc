// roll change: the next epoch of a roll.
#include <iterator>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/console/key_file.h"
#include "core/merkle/hash.h"
#include "tally/commands.h"
#include "tally/poll_replay.h"
#include "tally/poll_source.h"
#include "tally/roll_changes.h"
#include "tally/roll_log.h"

namespace urna::tally {
namespace {

constexpr size_t kMaxChangesFile = size_t{1} << 30;

struct ChangeOptions {
  console::BoardOptions board;
  console::PassphraseSource passphrase;
  std::string roll, changes, nonces, registrar;
  uint32_t epoch = 0;
};

// The roll's log as it should be with this epoch, of which a first part may be on the board.
class EpochPublisher {
 public:
  EpochPublisher(remote::BoardClient& board, const ChangeOptions& options, const Context& context)
      : board_(board), options_(options), context_(context), replay_(false, context.threads) {}

  absl::Status Run();

 private:
  absl::Status ReadBoard();
  absl::StatusOr<SignedChanges> ReadChanges(const crypto::SigningKey& key) const;
  absl::StatusOr<Bytes> Seal(const crypto::SigningKey& key, uint64_t members,
                             const merkle::Hash& root) const;
  absl::Status Append(const std::vector<Bytes>& epoch);

  remote::BoardClient& board_;
  const ChangeOptions& options_;
  const Context& context_;
  RollReplay replay_;
  std::vector<Bytes> there_;                     // entries on the board
  uint64_t before_ = 0;                          // how many of them are of the epochs before
  std::shared_ptr<const roll::RollState> roll_;  // at their end
};

absl::Status EpochPublisher::ReadBoard() {
  URNA_ASSIGN_OR_RETURN(there_, board_.GetEntries(options_.roll, 0, 0));
  for (const Bytes& entry : there_) URNA_RETURN_IF_ERROR(replay_.Take(entry));
  URNA_RETURN_IF_ERROR(replay_.Finish());
  if (replay_.state() == nullptr) {
    return absl::FailedPreconditionError(absl::StrCat("'", options_.roll, "' is no roll's log"));
  }
  const auto& epochs = replay_.epochs();
  if (epochs.size() + 1 < options_.epoch) {
    return absl::FailedPreconditionError(
        epochs.empty() ? "the roll has no seal yet: `urna-tally roll publish` first"
                       : absl::StrCat("the roll has ", epochs.size(), " epochs, so the next is ",
                                      epochs.size() + 1, ", not ", options_.epoch));
  }
  const auto last = std::next(epochs.begin(), options_.epoch - 2);
  before_ = last->first;
  roll_ = last->second;
  return absl::OkStatus();
}

absl::StatusOr<SignedChanges> EpochPublisher::ReadChanges(const crypto::SigningKey& key) const {
  URNA_ASSIGN_OR_RETURN(const Bytes text, ReadFile(options_.changes, kMaxChangesFile));
  URNA_ASSIGN_OR_RETURN(std::vector<ListedChange> listed,
                        ParseChanges(AsText(text), options_.changes));
  std::optional<Nonces> nonces;
  if (!options_.nonces.empty()) {
    URNA_ASSIGN_OR_RETURN(const Bytes list, ReadFile(options_.nonces, kMaxChangesFile));
    URNA_ASSIGN_OR_RETURN(nonces, ParseNonces(AsText(list), options_.nonces));
  }
  absl::StatusOr<SignedChanges> out =
      SignChanges(std::move(listed), nonces ? &*nonces : nullptr, *roll_, key, context_.threads);
  if (!out.ok()) return Annotate(out.status(), options_.changes);
  return out;
}

absl::StatusOr<Bytes> EpochPublisher::Seal(const crypto::SigningKey& key, uint64_t members,
                                           const merkle::Hash& root) const {
  roll::SignedRollSeal entry;
  entry.seal = {options_.epoch, members, root};
  URNA_ASSIGN_OR_RETURN(entry.body, record::EncodeBody(entry.seal));
  entry.signature = key.Sign(roll::RollSealSignatureMessage(roll_->roll_id(), entry.body));
  return record::EncodeEntry(entry);
}

// What of the epoch is not on the board yet: its changes and its seal.
absl::Status EpochPublisher::Append(const std::vector<Bytes>& epoch) {
  const auto& header = roll_->header();
  URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier log, LogVerifier(header.origin, header.log_key));
  std::vector<Bytes> missing;
  for (size_t i = 0; i < epoch.size(); ++i) {
    if (before_ + i >= there_.size()) {
      missing.push_back(epoch[i]);
    } else if (there_[before_ + i] != epoch[i]) {
      return absl::FailedPreconditionError(
          absl::StrCat("entry ", before_ + i,
                       " on the board is another one than this list gives; it cannot be "
                       "replaced, so begin with the list that it came from"));
    }
  }
  if (missing.empty()) return absl::OkStatus();
  const Bytes seal = std::move(missing.back());
  missing.pop_back();
  URNA_RETURN_IF_ERROR(AppendEntries(board_, log, missing, context_.ShowProgress("changes sent")));
  return PostEntry(board_, log, seal).status();
}

absl::Status EpochPublisher::Run() {
  URNA_RETURN_IF_ERROR(ReadBoard());
  URNA_ASSIGN_OR_RETURN(const crypto::SigningKey key,
                        OpenSigningKey(options_.registrar, "registrar", options_.passphrase));
  if (key.public_key().bytes() != roll_->header().registrar.key) {
    return absl::PermissionDeniedError("this key is not that of the roll's registrar");
  }
  URNA_ASSIGN_OR_RETURN(const SignedChanges epoch, ReadChanges(key));
  merkle::CompactTree tree;
  for (uint64_t i = 0; i < before_; ++i) tree.Append(merkle::LeafHash(there_[i]));
  std::vector<Bytes> entries;
  std::map<roll::ChangeKind, uint64_t> counts;
  for (const roll::SignedRollChange& change : epoch.changes) {
    URNA_ASSIGN_OR_RETURN(Bytes entry, record::EncodeEntry(change));
    tree.Append(merkle::LeafHash(entry));
    entries.push_back(std::move(entry));
    ++counts[change.change.kind];
  }
  URNA_ASSIGN_OR_RETURN(Bytes seal, Seal(key, epoch.roll.members(), tree.root()));
  entries.push_back(std::move(seal));
  URNA_RETURN_IF_ERROR(Append(entries));

  Json answer;
  answer["roll"] = ToHex(roll_->roll_id());
  answer["origin"] = options_.roll;
  answer["epoch"] = options_.epoch;
  answer["added"] = counts[roll::ChangeKind::kAdd];
  answer["removed"] = counts[roll::ChangeKind::kRemove];
  answer["moved"] = counts[roll::ChangeKind::kMove];
  answer["rekeyed"] = counts[roll::ChangeKind::kRekey];
  answer["members"] = epoch.roll.members();
  answer["size"] = before_ + entries.size();
  context_.Answer(
      absl::StrCat("roll ", options_.roll, ": epoch ", options_.epoch,
                   " published and sealed: ", counts[roll::ChangeKind::kAdd], " added, ",
                   counts[roll::ChangeKind::kRemove], " removed, ", counts[roll::ChangeKind::kMove],
                   " moved, ", counts[roll::ChangeKind::kRekey], " re-keyed; ",
                   epoch.roll.members(), " members"),
      answer);
  return absl::OkStatus();
}

absl::Status ChangeRoll(const ChangeOptions& options, const Context& context) {
  URNA_ASSIGN_OR_RETURN(remote::BoardClient board, options.board.Connect());
  return EpochPublisher(board, options, context).Run();
}

}  // namespace

void AddRollChangeCommand(Commands& commands, CLI::App& group) {
  Context& context = commands.context();
  auto change = std::make_shared<ChangeOptions>();
  CLI::App* command =
      commands.Add(group, "change", "Log what changes on a roll, and seal its next epoch",
                   [change, &context] { return ChangeRoll(*change, context); });
  command->add_option("--roll", change->roll, "Origin of the roll's log")->required();
  command->add_option("--epoch", change->epoch, "The epoch that these changes make: 2 or above")
      ->required()
      ->check(CLI::Range(uint32_t{2}, UINT32_MAX));
  command->add_option("--changes", change->changes, "Changes, one JSON a line")->required();
  command->add_option("--nonces", change->nonces, "The nonces that were given out");
  command->add_option("--registrar", change->registrar, "The registrar's key file")->required();
  change->board.AddTo(*command, true);
  change->passphrase.AddTo(*command);
}

}  // namespace urna::tally
