#include "server/recovery.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/base/status.h"
#include "server/checkpoint_files.h"
#include "server/sums.h"

namespace urna::server {
namespace {

constexpr absl::string_view kWhatToDo =
    "The board must not go on signing. Keep the data directory as it is and restore a backup "
    "together with a mirror's record that contains the published checkpoint: `urna-server fsck` "
    "says what is left, docs/operations.md how to go on";

absl::Status Lost(absl::string_view origin, absl::string_view what) {
  return absl::DataLossError(absl::StrCat("log '", origin, "': ", what, ". ", kWhatToDo, "."));
}

// The published checkpoint of a log, verified; nothing for a log that broke off before its first.
absl::StatusOr<std::optional<merkle::Checkpoint>> Published(
    const LogInfo& info, const std::map<std::string, std::string>& files,
    const merkle::NoteVerifier& key) {
  const auto found = files.find(info.origin);
  if (found == files.end()) {
    // A new log is written by itself, so only its first entry can be there without a checkpoint.
    if (info.head.size == 1) return std::nullopt;
    return Lost(info.origin, absl::StrCat("there are ", info.head.size,
                                          " entries but the file of its checkpoint is missing"));
  }
  absl::StatusOr<merkle::Checkpoint> checkpoint =
      merkle::OpenCheckpoint(AsBytes(found->second), key, merkle::OtherSignatures::kIgnored);
  if (!checkpoint.ok()) {
    return Lost(info.origin, absl::StrCat("the file of its checkpoint is not this board's: ",
                                          checkpoint.status().message()));
  }
  if (checkpoint->size() > info.head.size) {
    return Lost(info.origin,
                absl::StrCat("a checkpoint of ", checkpoint->size(),
                             " entries was published, but the ledger has only ", info.head.size));
  }
  return *std::move(checkpoint);
}

// Whether the log ends with a result; nothing is logged after that.
absl::StatusOr<bool> IsFinal(const Ledger& ledger, const LogInfo& info) {
  URNA_ASSIGN_OR_RETURN(const Bytes last, ledger.ReadEntry(info.number, info.head.size - 1));
  URNA_ASSIGN_OR_RETURN(const record::Entry entry, record::DecodeEntry(last));
  const auto* order = std::get_if<poll::SignedOrder>(&entry);
  return order != nullptr && order->order.kind() == poll::OrderKind::kElectionResult;
}

// Takes one stored entry into the log's state. Without the sums, shares and results are not
// compared with them.
absl::Status ApplyStored(const Ledger& ledger, const OpenLogs& logs, bool sums_wanted, Replay how,
                         ByteSpan bytes, OpenLog& log) {
  URNA_ASSIGN_OR_RETURN(const record::Entry entry, record::DecodeEntry(bytes));
  Surroundings surroundings;
  surroundings.find_roll = [&logs](const roll::RollPin& pin) { return FindPinnedRoll(logs, pin); };
  surroundings.tree = &log.tree;
  surroundings.leaf_hash = merkle::LeafHash(bytes);
  surroundings.nodes = ledger.Nodes(log.number);
  std::optional<election::PartSums> sums;
  const auto* order = std::get_if<poll::SignedOrder>(&entry);
  if (order != nullptr) log.latest_order_time = std::max(log.latest_order_time, order->order.time);
  if (sums_wanted && order != nullptr && order->order.kind() == poll::OrderKind::kSum &&
      log.state.election() != nullptr) {
    const election::ElectionState& election = *log.state.election();
    URNA_ASSIGN_OR_RETURN(sums, ComputeSums(ledger, log.number, election.manifest(),
                                            election.CountedBallots(), election.Parts()));
    surroundings.sums = &*sums;
  }
  if (how == Replay::kCheckingRules) {
    URNA_RETURN_IF_ERROR(log.state.Check(entry, surroundings));
  }
  URNA_RETURN_IF_ERROR(log.state.Apply(entry, surroundings));
  log.tree.Append(surroundings.leaf_hash);
  return absl::OkStatus();
}

absl::StatusOr<OpenLog> ReplayLog(const Ledger& ledger, const OpenLogs& logs, const LogInfo& info,
                                  LogState state, const crypto::VerifyKey& log_key,
                                  const std::map<std::string, std::string>& files, Replay how,
                                  const std::function<void()>& taken) {
  URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier key,
                        merkle::NoteVerifier::Create(info.origin, log_key));
  URNA_ASSIGN_OR_RETURN(const std::optional<merkle::Checkpoint> published,
                        Published(info, files, key));
  // The sums are for checking shares and result, of which a final log gets no more.
  const absl::StatusOr<bool> final = IsFinal(ledger, info);
  if (!final.ok()) return Lost(info.origin, final.status().message());
  const bool sums_wanted = !*final || how == Replay::kCheckingRules;
  OpenLog log{info.number, std::move(state), merkle::CompactTree(), std::nullopt, ""};
  const auto contained = [&]() -> absl::Status {
    if (published.has_value() && log.tree.size() == published->size() &&
        log.tree.root() != published->root()) {
      return Lost(info.origin, absl::StrCat("its first ", published->size(),
                                            " entries are not those of the published checkpoint"));
    }
    return absl::OkStatus();
  };
  absl::Status lost;
  const absl::Status read = ledger.ReadEntries(
      info.number, 0, info.head.size, [&](uint64_t index, ByteSpan bytes) -> absl::Status {
        if (index == 0) {
          log.tree.Append(merkle::LeafHash(bytes));
        } else {
          const absl::Status applied = ApplyStored(ledger, logs, sums_wanted, how, bytes, log);
          if (!applied.ok()) {
            lost = Lost(info.origin, absl::StrCat("entry ", index, " is not what can have been ",
                                                  "logged: ", applied.message()));
          }
        }
        if (lost.ok()) lost = contained();
        taken();
        return lost;
      });
  URNA_RETURN_IF_ERROR(lost);
  if (!read.ok()) return Lost(info.origin, read.message());
  if (log.tree.root() != info.head.root) {
    return Lost(info.origin, "its entries do not give its tree head");
  }
  return log;
}

absl::StatusOr<LogState> BeginStored(const Ledger& ledger, const LogInfo& info) {
  URNA_ASSIGN_OR_RETURN(const Bytes bytes, ledger.ReadEntry(info.number, 0));
  URNA_ASSIGN_OR_RETURN(const record::Entry first, record::DecodeEntry(bytes));
  return LogState::Begin(first);
}

}  // namespace

absl::StatusOr<merkle::NoteSigner> MakeLogSigner(const crypto::SigningKey& board_key,
                                                 absl::string_view origin) {
  const crypto::SecretBytes seed = board_key.ExposeSeedForKeyFile();
  URNA_ASSIGN_OR_RETURN(crypto::SigningKey key, crypto::SigningKey::FromSeed(seed.ExposeSpan()));
  return merkle::NoteSigner::Create(origin, std::move(key));
}

absl::StatusOr<std::string> SignHead(const OpenLog& log) {
  URNA_ASSIGN_OR_RETURN(
      const merkle::Checkpoint checkpoint,
      merkle::Checkpoint::Create(log.state.facts()->origin, log.tree.size(), log.tree.root()));
  return merkle::SignCheckpoint(checkpoint, *log.signer);
}

std::shared_ptr<const roll::RollState> FindPinnedRoll(const OpenLogs& logs,
                                                      const roll::RollPin& pin) {
  for (const auto& [origin, log] : logs) {
    if (log.state.facts()->kind == LogKind::kRoll && log.state.facts()->id == pin.roll_id) {
      return log.state.sealed_roll(pin.size);
    }
  }
  return nullptr;
}

absl::StatusOr<OpenLogs> ReplayLogs(const Ledger& ledger, const std::string& checkpoint_directory,
                                    const crypto::VerifyKey& log_key, Replay how,
                                    const Progress& progress) {
  URNA_ASSIGN_OR_RETURN(const auto files, ReadCheckpoints(checkpoint_directory));
  for (const auto& [origin, file] : files) {
    if (!ledger.Find(origin).has_value()) {
      return Lost(origin, "a checkpoint was published, but the ledger has no such log");
    }
  }
  OpenLogs logs;
  uint64_t done = 0;
  uint64_t total = 0;
  for (const LogInfo& info : ledger.Logs()) total += info.head.size;
  const auto taken = [&] {
    if (progress) progress(++done, total);
  };
  std::vector<std::pair<LogInfo, LogState>> polls;
  // Polls need their rolls, so rolls come first.
  for (const LogInfo& info : ledger.Logs()) {
    absl::StatusOr<LogState> state = BeginStored(ledger, info);
    if (!state.ok() || state->facts()->origin != info.origin) {
      return Lost(info.origin,
                  absl::StrCat("its first entry is not what began it: ", state.status().message()));
    }
    if (state->facts()->kind != LogKind::kRoll) {
      polls.emplace_back(info, *std::move(state));
      continue;
    }
    URNA_ASSIGN_OR_RETURN(
        OpenLog log, ReplayLog(ledger, logs, info, *std::move(state), log_key, files, how, taken));
    logs.emplace(info.origin, std::move(log));
  }
  for (auto& [info, state] : polls) {
    URNA_ASSIGN_OR_RETURN(
        OpenLog log, ReplayLog(ledger, logs, info, std::move(state), log_key, files, how, taken));
    logs.emplace(info.origin, std::move(log));
  }
  return logs;
}

absl::StatusOr<OpenLogs> RecoverLogs(const Ledger& ledger, const std::string& checkpoint_directory,
                                     const crypto::SigningKey& board_key) {
  URNA_ASSIGN_OR_RETURN(OpenLogs logs, ReplayLogs(ledger, checkpoint_directory,
                                                  board_key.public_key(), Replay::kForServing));
  for (auto& [origin, log] : logs) {
    URNA_ASSIGN_OR_RETURN(log.signer, MakeLogSigner(board_key, origin));
  }
  return logs;
}

absl::Status CheckClock(const OpenLogs& logs, uint64_t latest) {
  for (const auto& [origin, log] : logs) {
    if (log.latest_order_time <= latest) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "the clock of this machine seems to have been set back: log '", origin,
        "' has an order of ",
        absl::FormatTime(absl::FromUnixSeconds(static_cast<int64_t>(log.latest_order_time)),
                         absl::UTCTimeZone()),
        ", which the clock then allowed and now does not. Set the clock (timedatectl) and start "
        "again; if it is right now and was wrong then, start with --clock-is-right"));
  }
  return absl::OkStatus();
}

}  // namespace urna::server
