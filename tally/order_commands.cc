// order open, close, attempt, revoke, restore, sum, result.
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/audit/audit.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/record/directory.h"
#include "tally/commands.h"
#include "tally/count_step.h"
#include "tally/describe.h"
#include "tally/draft_order.h"
#include "tally/message_file.h"
#include "tally/officer_signing.h"
#include "tally/poll_source.h"
#include "tally/revocations.h"
#include "tally/roll_log.h"
#include "tally/spec_reader.h"

namespace urna::tally {
namespace {

constexpr size_t kMaxPolicy = 1 << 20;
constexpr size_t kMaxCredentials = 64 << 20;  // bytes of a list
constexpr int kLooks = 80;                    // for the witnesses' time
constexpr std::chrono::milliseconds kBetweenLooks{250};

struct OrderOptions {
  PollOptions poll;
  console::PassphraseSource passphrase;
  std::string reason, time, out, roll, roll_record, beacon, policy, credentials;
  std::vector<std::string> keys;
  bool submit = false;
};

// An order being made: what it says, and what it is checked against.
class OrderMaker {
 public:
  OrderMaker(const OrderOptions& options, const Context& context)
      : options_(options), context_(context) {}

  absl::Status Open();
  absl::Status Close();
  absl::Status Attempt();
  absl::Status Revoke() { return Name(RevocationKind::kRevoke); }
  absl::Status Restore() { return Name(RevocationKind::kRestore); }
  absl::Status Sum();
  absl::Status Result();

 private:
  absl::Status CheckOptions() const;
  absl::StatusOr<std::unique_ptr<PollReader>> Read() const;
  absl::StatusOr<std::shared_ptr<const roll::RollState>> ReadRoll() const;
  absl::StatusOr<std::shared_ptr<const roll::RollState>> ReadRollDirectory() const;
  absl::StatusOr<RecordOnDisk> ReadForCount() const;
  absl::StatusOr<audit::AuditResult> Audit(const RecordOnDisk& record) const;
  absl::Status Name(RevocationKind kind);
  absl::StatusOr<RevocationReport> Report(const PollReplay& replay, RevocationKind kind);

  // The poll as far as it has come.
  struct Poll {
    PollState state;
    uint64_t size = 0;  // of the log
    Bytes manifest;     // its first entry
  };
  static Poll PollOf(const PollReplay& replay);
  absl::Status Finish(const Poll& poll, OrderAct act, const roll::RollState* roll,
                      const election::PartSums* sums);
  absl::Status Post(const Message& message, Json& answer, std::string& said) const;

  const OrderOptions& options_;
  const Context& context_;
  Json credentials_;  // what becomes of those that are revoked or restored
};

absl::Status OrderMaker::CheckOptions() const {
  URNA_RETURN_IF_ERROR(options_.poll.Check());
  if (options_.out.empty() && !options_.poll.board.given()) {
    return absl::InvalidArgumentError("give --out, or --server to post the order");
  }
  if (options_.submit && !options_.poll.board.given()) {
    return absl::InvalidArgumentError("--submit needs --server");
  }
  return absl::OkStatus();
}

// The record that an order is about which states its index. A board with witnesses logs one entry
// behind the closing before it takes such an order.
absl::StatusOr<RecordOnDisk> OrderMaker::ReadForCount() const {
  if (options_.poll.board.given()) {
    URNA_ASSIGN_OR_RETURN(remote::BoardClient board, options_.poll.board.Connect());
    for (int looks = 0; looks < kLooks; ++looks) {
      URNA_ASSIGN_OR_RETURN(const remote::PollSummary summary, board.GetPoll(options_.poll.poll));
      if (!summary.awaits_witnesses) break;
      if (looks == 0) context_.Say("waiting for the witnesses' time of the closing");
      std::this_thread::sleep_for(kBetweenLooks);
    }
  }
  // An order is drafted behind the newest entry; with a policy its witnesses are asked about, too.
  return RecordOnDisk::Open(
      options_.poll, context_,
      options_.policy.empty() ? remote::FetchAt::kNewest : remote::FetchAt::kFinal);
}

OrderMaker::Poll OrderMaker::PollOf(const PollReplay& replay) {
  return {{replay.election(), replay.petition()}, replay.size(), replay.manifest_bytes()};
}

absl::StatusOr<std::unique_ptr<PollReader>> OrderMaker::Read() const {
  URNA_RETURN_IF_ERROR(CheckOptions());
  URNA_ASSIGN_OR_RETURN(std::unique_ptr<PollReader> reader, PollReader::Open(options_.poll));
  URNA_RETURN_IF_ERROR(reader->replay().CheckNoProblems());
  return reader;
}

absl::StatusOr<std::shared_ptr<const roll::RollState>> OrderMaker::ReadRollDirectory() const {
  URNA_ASSIGN_OR_RETURN(const record::LogReader log, record::LogReader::Open(options_.roll_record));
  RollReplay replay(true, context_.threads, context_.ShowProgress("enrolments verified"),
                    log.size());
  URNA_RETURN_IF_ERROR(log.ForEachEntry(
      0, log.size(), [&](uint64_t, ByteSpan bytes) { return replay.Take(bytes); }));
  URNA_RETURN_IF_ERROR(replay.Finish());
  if (replay.state() == nullptr) return absl::DataLossError("the roll's log is empty");
  if (replay.root() != log.checkpoint().root()) {
    return absl::DataLossError("the roll's entries are not those of its checkpoint");
  }
  return std::shared_ptr<const roll::RollState>(replay.state());
}

absl::StatusOr<std::shared_ptr<const roll::RollState>> OrderMaker::ReadRoll() const {
  if (!options_.roll_record.empty()) return ReadRollDirectory();
  if (options_.roll.empty() || !options_.poll.board.given()) {
    return absl::InvalidArgumentError(
        "an opening pins a roll: give --roll ORIGIN with --server, or --roll-record DIR");
  }
  URNA_ASSIGN_OR_RETURN(remote::BoardClient board, options_.poll.board.Connect());
  URNA_ASSIGN_OR_RETURN(const remote::PollSummary summary, board.GetPoll(options_.roll));
  RollReplay replay(true, context_.threads, context_.ShowProgress("enrolments verified"),
                    summary.tree_size);
  URNA_RETURN_IF_ERROR(ReadRollFromBoard(board, options_.roll, replay));
  return std::shared_ptr<const roll::RollState>(replay.state());
}

absl::Status OrderMaker::Open() {
  URNA_ASSIGN_OR_RETURN(const std::unique_ptr<PollReader> reader, Read());
  URNA_ASSIGN_OR_RETURN(const auto roll, ReadRoll());
  if (!roll->sealed()) {
    return absl::FailedPreconditionError("the roll is not sealed: `urna-tally roll publish` first");
  }
  const Poll poll = PollOf(reader->replay());
  std::optional<crypto::Hash32> beacon;
  if (!options_.beacon.empty()) {
    const absl::StatusOr<Bytes> bytes = FromHex(options_.beacon);
    if (!bytes.ok() || bytes->size() != 32) {
      return absl::InvalidArgumentError("--beacon is not 64 hex digits");
    }
    URNA_ASSIGN_OR_RETURN(beacon, ToArray<32>(*bytes));
  }
  URNA_ASSIGN_OR_RETURN(OrderAct act, DraftOpening(poll.state, roll, beacon));
  return Finish(poll, std::move(act), roll.get(), nullptr);
}

absl::Status OrderMaker::Close() {
  URNA_ASSIGN_OR_RETURN(const std::unique_ptr<PollReader> reader, Read());
  return Finish(PollOf(reader->replay()), poll::Close{}, nullptr, nullptr);
}

absl::Status OrderMaker::Attempt() {
  URNA_ASSIGN_OR_RETURN(const std::unique_ptr<PollReader> reader, Read());
  const Poll poll = PollOf(reader->replay());
  URNA_ASSIGN_OR_RETURN(OrderAct act, DraftNewAttempt(poll.state));
  return Finish(poll, std::move(act), nullptr, nullptr);
}

// A line for each credential, also when some are refused.
absl::StatusOr<RevocationReport> OrderMaker::Report(const PollReplay& replay, RevocationKind kind) {
  if (replay.election() == nullptr) {
    return absl::FailedPreconditionError("a petition has no such order");
  }
  if (replay.roll() == nullptr) {
    return absl::FailedPreconditionError("the election is not open: no roll is pinned yet");
  }
  URNA_ASSIGN_OR_RETURN(const Bytes text, ReadFile(options_.credentials, kMaxCredentials));
  URNA_ASSIGN_OR_RETURN(const std::vector<ListedCredential> listed,
                        ParseCredentials(AsText(text), options_.credentials));
  RevocationReport report = ReportCredentials(*replay.election(), *replay.roll(), kind, listed);
  std::string said;
  credentials_ = Json::array();
  for (const RevocationReport::Line& line : report.lines) {
    const std::string credential = ToHex(line.listed.credential);
    credentials_.push_back({{"line", line.listed.line},
                            {"credential", credential},
                            {"state", line.state},
                            {"what", line.what}});
    absl::StrAppend(&said, "line ", line.listed.line, ": ", credential, " ", Printable(line.what),
                    "\n");
  }
  context_.Say(said);
  if (!report.refused.empty()) {
    return absl::PermissionDeniedError(
        absl::StrCat(options_.credentials, ": not on the roll: line ",
                     absl::StrJoin(report.refused, ", "), "; no order was made"));
  }
  return report;
}

absl::Status OrderMaker::Name(RevocationKind kind) {
  URNA_RETURN_IF_ERROR(CheckOptions());
  URNA_ASSIGN_OR_RETURN(const RecordOnDisk record,
                        RecordOnDisk::Open(options_.poll, context_, remote::FetchAt::kNewest));
  URNA_ASSIGN_OR_RETURN(const PollReplay replay, record.Replay(context_));
  URNA_RETURN_IF_ERROR(replay.CheckNoProblems());
  URNA_ASSIGN_OR_RETURN(RevocationReport report, Report(replay, kind));
  const size_t most =
      MostCredentials(options_.reason.size(), replay.election()->manifest().officers.size());
  if (report.credentials.size() > most) {
    return absl::FailedPreconditionError(
        absl::StrCat(options_.credentials, ": ", report.credentials.size(),
                     " credentials, of which one order holds ", most, ": split the list"));
  }
  OrderAct act = kind == RevocationKind::kRevoke
                     ? OrderAct(poll::Revoke{std::move(report.credentials)})
                     : OrderAct(poll::Restore{std::move(report.credentials)});
  return Finish(PollOf(replay), std::move(act), replay.roll().get(), nullptr);
}

// The whole verifier's report; without a policy the identities stay open, which is for the officers
// to know.
absl::StatusOr<audit::AuditResult> OrderMaker::Audit(const RecordOnDisk& record) const {
  audit::AuditOptions options;
  options.stage = Stage::kClosed;
  options.sum_closed = true;
  options.threads = context_.threads;
  options.progress = context_.ShowProgress("entries verified");
  if (!options_.policy.empty()) {
    URNA_ASSIGN_OR_RETURN(const Bytes text, ReadFile(options_.policy, kMaxPolicy));
    URNA_ASSIGN_OR_RETURN(options.policy, audit::Policy::Parse(AsText(text)));
  }
  return audit::AuditRecord(record.path(), options);
}

absl::Status OrderMaker::Sum() {
  URNA_RETURN_IF_ERROR(CheckOptions());
  URNA_ASSIGN_OR_RETURN(const RecordOnDisk record, ReadForCount());
  URNA_ASSIGN_OR_RETURN(const audit::AuditResult audited, Audit(record));
  if (audited.election == nullptr) {
    return absl::FailedPreconditionError("a petition has no order 'sum': `order result` counts it");
  }
  const election::ElectionState& election = *audited.election;
  if (election.phase() != election::Phase::kClosed) {
    return absl::FailedPreconditionError("the election is not closed, or has its order 'sum'");
  }
  URNA_RETURN_IF_ERROR(CheckVerified(audited.report, !options_.policy.empty()));
  URNA_ASSIGN_OR_RETURN(const record::LogReader log,
                        record::LogReader::Open(record::PollDirectory(record.path())));
  if (!audited.sums.has_value()) {
    return absl::DataLossError("the ballots of the record cannot be added up");
  }
  URNA_ASSIGN_OR_RETURN(Bytes manifest, log.ReadEntry(0));
  const Poll poll{{&election, nullptr}, audited.size, std::move(manifest)};
  URNA_ASSIGN_OR_RETURN(OrderAct act, DraftSum(poll.state, poll.size, *audited.sums));
  return Finish(poll, std::move(act), audited.roll.get(), &*audited.sums);
}

absl::Status OrderMaker::Result() {
  URNA_RETURN_IF_ERROR(CheckOptions());
  URNA_ASSIGN_OR_RETURN(const RecordOnDisk record, ReadForCount());
  URNA_ASSIGN_OR_RETURN(const PollReplay replay, record.Replay(context_));
  URNA_RETURN_IF_ERROR(replay.CheckNoProblems());
  const Poll poll = PollOf(replay);
  URNA_ASSIGN_OR_RETURN(OrderAct act, DraftResult(poll.state, poll.size));
  if (poll.state.petition != nullptr) {
    // A petition is counted from its acts alone, so that their proofs matter here; an election's
    // ballots were verified for its order 'sum', whose sums were recomputed just now.
    URNA_ASSIGN_OR_RETURN(const audit::AuditResult audited, Audit(record));
    URNA_RETURN_IF_ERROR(CheckVerified(audited.report, !options_.policy.empty()));
  }
  return Finish(poll, std::move(act), replay.roll().get(), nullptr);
}

absl::Status OrderMaker::Finish(const Poll& poll, OrderAct act, const roll::RollState* roll,
                                const election::PartSums* sums) {
  uint64_t time = 0;
  if (!options_.time.empty()) {
    URNA_ASSIGN_OR_RETURN(time, ParseTimeText(options_.time));
  }
  URNA_ASSIGN_OR_RETURN(
      const poll::SignedOrder order,
      DraftOrder(poll.state, std::move(act), time,
                 static_cast<uint64_t>(context_.clock.NowSeconds()), options_.reason));
  URNA_RETURN_IF_ERROR(CheckDraft(poll.state, order, poll.size, roll, sums, false));

  URNA_ASSIGN_OR_RETURN(const record::Entry manifest, record::DecodeEntry(poll.manifest));
  URNA_ASSIGN_OR_RETURN(const PollOfficers officers, OfficersOf(manifest));
  Message message{*OriginOf(manifest), order, poll.manifest};
  context_.Say(Describe(message.entry, &manifest, context_.language));
  for (const std::string& path : options_.keys) {
    URNA_ASSIGN_OR_RETURN(const crypto::SigningKey key,
                          OpenSigningKey(path, "officer", options_.passphrase));
    URNA_RETURN_IF_ERROR(Annotate(AddSignature(officers, key, message.entry), path));
  }
  URNA_ASSIGN_OR_RETURN(const std::vector<std::string> signers,
                        CheckedSigners(officers, message.entry));
  Json answer;
  answer["order"] = std::string(poll::OrderName(order.order.kind()));
  answer["number"] = order.order.number;
  answer["time"] = order.order.time;
  answer["poll"] = ToHex(officers.poll);
  answer["order_hash"] = ToHex(poll::OrderHash(officers.poll, order.signed_body.body));
  answer["signed_by"] = signers;
  answer["quorum"] = officers.officers.quorum;
  if (!credentials_.is_null()) answer["credentials"] = credentials_;
  std::string said = absl::StrCat(
      "order ", order.order.number, " '", poll::OrderName(order.order.kind()), "', signed by ",
      signers.size(), " of the ", officers.officers.quorum, " that are needed\n");
  if (!options_.out.empty()) {
    URNA_RETURN_IF_ERROR(WriteMessageFile(options_.out, message));
    answer["out"] = options_.out;
    absl::StrAppend(&said, "written to ", options_.out, "\n");
  }
  if (options_.submit || options_.out.empty()) {
    URNA_RETURN_IF_ERROR(CheckDraft(poll.state, std::get<poll::SignedOrder>(message.entry),
                                    poll.size, roll, sums, true));
    URNA_RETURN_IF_ERROR(Post(message, answer, said));
  }
  context_.Answer(said, answer);
  return absl::OkStatus();
}

absl::Status OrderMaker::Post(const Message& message, Json& answer, std::string& said) const {
  URNA_ASSIGN_OR_RETURN(remote::BoardClient board, options_.poll.board.Connect());
  URNA_ASSIGN_OR_RETURN(const Bytes bytes, record::EncodeEntry(message.entry));
  PollReplay replay;
  URNA_RETURN_IF_ERROR(replay.Take(*message.manifest));
  URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier log, replay.log());
  URNA_ASSIGN_OR_RETURN(const remote::Receipt receipt, PostEntry(board, log, bytes));
  answer["index"] = receipt.index;
  absl::StrAppend(&said, "posted: entry ", receipt.index, "\n");
  return absl::OkStatus();
}

}  // namespace

void AddOrderCommands(Commands& commands) {
  Context& context = commands.context();
  CLI::App* group = commands.AddGroup(
      "order", "Officers' orders, drafted from the record; signed here, or later with `sign`");
  const auto add = [&](const char* name, const char* description,
                       absl::Status (OrderMaker::*make)()) {
    auto options = std::make_shared<OrderOptions>();
    CLI::App* command =
        commands.Add(*group, name, description, [options, make, &context]() -> absl::Status {
          OrderMaker maker(*options, context);
          return (maker.*make)();
        });
    options->poll.AddTo(*command);
    options->passphrase.AddTo(*command);
    command->add_option("--reason", options->reason,
                        "Why; needed for an opening or closing off the schedule");
    command->add_option("--time", options->time, "Time of the order; without it: now");
    command->add_option("--out", options->out, "Message file to write");
    command->add_option("--key", options->keys, "Officer's key file; may be given several times");
    command->add_flag("--submit", options->submit,
                      "Post it (without --out it is posted in any case)");
    return std::make_pair(command, options);
  };
  auto [open, open_options] =
      add("open", "Open the poll with the keys made and a roll", &OrderMaker::Open);
  open->add_option("--roll", open_options->roll, "Origin of the roll's log on the board");
  open->add_option("--roll-record", open_options->roll_record,
                   "The roll's log on disk, instead of --roll");
  open->add_option("--beacon", open_options->beacon,
                   "Of an anonymous petition: the beacon's value, 64 hex digits, as its source "
                   "gives it");
  add("close", "Close the poll", &OrderMaker::Close);
  add("attempt", "Begin the key ceremony anew", &OrderMaker::Attempt);
  const auto add_list = [&](const char* name, const char* description,
                            absl::Status (OrderMaker::*make)()) {
    auto [command, options] = add(name, description, make);
    command
        ->add_option("--credentials", options->credentials,
                     "File with one credential in hex a line; '#' begins a comment")
        ->required();
    command->get_option("--reason")->required();
  };
  add_list("revoke", "Take credentials out of the count: their voters voted elsewhere, say",
           &OrderMaker::Revoke);
  add_list("restore", "Take revoked credentials into the count again", &OrderMaker::Restore);
  auto [sum, sum_options] =
      add("sum", "Verify everything, fix the counted set and the sums", &OrderMaker::Sum);
  sum->add_option("--policy", sum_options->policy, "Policy with the keys known beforehand");
  auto [result, result_options] =
      add("result", "Publish the totals that the shares decrypt, or a petition's count",
          &OrderMaker::Result);
  result->add_option("--policy", result_options->policy,
                     "Policy with the keys known beforehand (petitions)");
}

}  // namespace urna::tally
