// order open, epoch, close, attempt, revoke, restore, sum, result.
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
#include "tally/epoch_report.h"
#include "tally/order_maker.h"
#include "tally/poll_source.h"
#include "tally/revocations.h"
#include "tally/roll_source.h"
#include "tally/spec_reader.h"

namespace urna::tally {
namespace {

constexpr size_t kMaxPolicy = 1 << 20;
constexpr size_t kMaxCredentials = 64 << 20;  // bytes of a list
constexpr int kLooks = 80;                    // for the witnesses' time
constexpr std::chrono::milliseconds kBetweenLooks{250};

struct PollOrderOptions : OrderOptions {
  RollOptions rolls;
  std::string beacon, policy, credentials;
  uint32_t earliest = 0;  // 0: not given
};

absl::StatusOr<std::optional<crypto::Hash32>> ParseBeacon(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const absl::StatusOr<Bytes> bytes = FromHex(text);
  if (!bytes.ok() || bytes->size() != 32) {
    return absl::InvalidArgumentError("--beacon is not 64 hex digits");
  }
  URNA_ASSIGN_OR_RETURN(const crypto::Hash32 beacon, ToArray<32>(*bytes));
  return beacon;
}

// The orders that polls of both kinds have, and those of elections.
class PollOrders : public OrderMaker {
 public:
  PollOrders(const PollOrderOptions& options, const Context& context)
      : OrderMaker(options, context), options_(options) {}

  absl::Status Open();
  absl::Status Epoch();
  absl::Status Close();
  absl::Status Attempt();
  absl::Status Revoke() { return Name(RevocationKind::kRevoke); }
  absl::Status Restore() { return Name(RevocationKind::kRestore); }
  absl::Status Sum();
  absl::Status Result();

 private:
  absl::StatusOr<RecordOnDisk> ReadForCount() const;
  absl::StatusOr<audit::AuditResult> Audit(const RecordOnDisk& record) const;
  absl::Status Name(RevocationKind kind);
  absl::StatusOr<RevocationReport> Report(const PollReplay& replay, RevocationKind kind);

  const PollOrderOptions& options_;
  Json more_;  // of credentials that are revoked or restored, or of an epoch
};

// The record that an order is about which states its index. A board with witnesses logs one entry
// behind the closing before it takes such an order.
absl::StatusOr<RecordOnDisk> PollOrders::ReadForCount() const {
  if (options_.poll.board.given()) {
    URNA_ASSIGN_OR_RETURN(remote::BoardClient board, options_.poll.board.Connect());
    for (int looks = 0; looks < kLooks; ++looks) {
      URNA_ASSIGN_OR_RETURN(const remote::PollSummary summary, board.GetPoll(options_.poll.poll));
      if (!summary.awaits_witnesses) break;
      if (looks == 0) context().Say("waiting for the witnesses' time of the closing");
      std::this_thread::sleep_for(kBetweenLooks);
    }
  }
  // An order is drafted behind the newest entry; with a policy its witnesses are asked about, too.
  return RecordOnDisk::Open(
      options_.poll, context(),
      options_.policy.empty() ? remote::FetchAt::kNewest : remote::FetchAt::kFinal);
}

absl::Status PollOrders::Open() {
  URNA_ASSIGN_OR_RETURN(const std::unique_ptr<PollReader> reader, Read());
  URNA_ASSIGN_OR_RETURN(const auto roll, options_.rolls.Read(options_.poll.board, context()));
  const Poll poll = PollOf(reader->replay());
  URNA_ASSIGN_OR_RETURN(const auto beacon, ParseBeacon(options_.beacon));
  URNA_ASSIGN_OR_RETURN(OrderAct act, DraftOpening(poll.state, roll, beacon));
  return Finish(poll, std::move(act), roll.get(), nullptr, more_);
}

// The petition is replayed with its roll, so that it is known who would be in which rings.
absl::Status PollOrders::Epoch() {
  URNA_RETURN_IF_ERROR(CheckOptions());
  URNA_ASSIGN_OR_RETURN(const auto beacon, ParseBeacon(options_.beacon));
  if (!beacon.has_value() && options_.earliest == 0) {
    return absl::InvalidArgumentError(
        "give --beacon to bring the last epoch of the roll in, --earliest to end earlier ones, or "
        "both");
  }
  URNA_ASSIGN_OR_RETURN(const RollEpochs rolls,
                        options_.rolls.ReadEpochs(options_.poll.board, context()));
  URNA_ASSIGN_OR_RETURN(
      const std::unique_ptr<PollReader> reader,
      PollReader::Open(
          options_.poll,
          PollReplay([&](const roll::RollPin& pin) { return FindPinned(rolls, pin); }, nullptr)));
  URNA_RETURN_IF_ERROR(reader->replay().CheckNoProblems());
  const Poll poll = PollOf(reader->replay());
  if (!beacon.has_value()) {
    URNA_ASSIGN_OR_RETURN(OrderAct act, DraftEpochEnd(poll.state, options_.earliest));
    const roll::RollPin& pin = poll.state.petition->context()->anonymous->epochs.newest().roll;
    URNA_ASSIGN_OR_RETURN(const auto roll, FindPinned(rolls, pin));
    return Finish(poll, std::move(act), roll.get(), nullptr, more_);
  }
  const std::shared_ptr<const roll::RollState>& roll = rolls.rbegin()->second;
  const std::optional<uint32_t> earliest =
      options_.earliest == 0 ? std::nullopt : std::optional(options_.earliest);
  URNA_ASSIGN_OR_RETURN(OrderAct act, DraftRollEpoch(poll.state, roll, *beacon, earliest));
  const EpochReport report = ReportEpoch(*poll.state.petition, roll, *beacon, context().language);
  more_ = report.json;
  context().Say(report.text);
  return Finish(poll, std::move(act), roll.get(), nullptr, more_);
}

absl::Status PollOrders::Close() {
  URNA_ASSIGN_OR_RETURN(const std::unique_ptr<PollReader> reader, Read());
  return Finish(PollOf(reader->replay()), poll::Close{}, nullptr, nullptr, more_);
}

absl::Status PollOrders::Attempt() {
  URNA_ASSIGN_OR_RETURN(const std::unique_ptr<PollReader> reader, Read());
  const Poll poll = PollOf(reader->replay());
  URNA_ASSIGN_OR_RETURN(OrderAct act, DraftNewAttempt(poll.state));
  return Finish(poll, std::move(act), nullptr, nullptr, more_);
}

// A line for each credential, also when some are refused.
absl::StatusOr<RevocationReport> PollOrders::Report(const PollReplay& replay, RevocationKind kind) {
  if (replay.election() == nullptr) {
    return absl::FailedPreconditionError("a petition has no such order");
  }
  if (replay.election()->manifest().anonymous.has_value()) {
    return absl::FailedPreconditionError(
        "the election is anonymous: no ballot says whose it is, so nobody can be revoked by name");
  }
  if (replay.roll() == nullptr) {
    return absl::FailedPreconditionError("the election is not open: no roll is pinned yet");
  }
  URNA_ASSIGN_OR_RETURN(const Bytes text, ReadFile(options_.credentials, kMaxCredentials));
  URNA_ASSIGN_OR_RETURN(const std::vector<ListedCredential> listed,
                        ParseCredentials(AsText(text), options_.credentials));
  RevocationReport report = ReportCredentials(*replay.election(), *replay.roll(), kind, listed);
  std::string said;
  more_["credentials"] = Json::array();
  for (const RevocationReport::Line& line : report.lines) {
    const std::string credential = ToHex(line.listed.credential);
    more_["credentials"].push_back({{"line", line.listed.line},
                                    {"credential", credential},
                                    {"state", line.state},
                                    {"what", line.what}});
    absl::StrAppend(&said, "line ", line.listed.line, ": ", credential, " ", Printable(line.what),
                    "\n");
  }
  context().Say(said);
  if (!report.refused.empty()) {
    return absl::PermissionDeniedError(
        absl::StrCat(options_.credentials, ": not on the roll: line ",
                     absl::StrJoin(report.refused, ", "), "; no order was made"));
  }
  return report;
}

absl::Status PollOrders::Name(RevocationKind kind) {
  URNA_RETURN_IF_ERROR(CheckOptions());
  URNA_ASSIGN_OR_RETURN(const RecordOnDisk record,
                        RecordOnDisk::Open(options_.poll, context(), remote::FetchAt::kNewest));
  URNA_ASSIGN_OR_RETURN(const PollReplay replay, record.Replay(context()));
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
  return Finish(PollOf(replay), std::move(act), replay.roll().get(), nullptr, more_);
}

// The whole verifier's report; without a policy the identities stay open, which is for the officers
// to know.
absl::StatusOr<audit::AuditResult> PollOrders::Audit(const RecordOnDisk& record) const {
  audit::AuditOptions options;
  options.stage = Stage::kClosed;
  options.sum_closed = true;
  options.threads = context().threads;
  options.progress = context().ShowProgress("entries verified");
  if (!options_.policy.empty()) {
    URNA_ASSIGN_OR_RETURN(const Bytes text, ReadFile(options_.policy, kMaxPolicy));
    URNA_ASSIGN_OR_RETURN(options.policy, audit::Policy::Parse(AsText(text)));
  }
  return audit::AuditRecord(record.path(), options);
}

absl::Status PollOrders::Sum() {
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
  return Finish(poll, std::move(act), audited.roll.get(), &*audited.sums, more_);
}

absl::Status PollOrders::Result() {
  URNA_RETURN_IF_ERROR(CheckOptions());
  URNA_ASSIGN_OR_RETURN(const RecordOnDisk record, ReadForCount());
  URNA_ASSIGN_OR_RETURN(const PollReplay replay, record.Replay(context()));
  URNA_RETURN_IF_ERROR(replay.CheckNoProblems());
  const Poll poll = PollOf(replay);
  URNA_ASSIGN_OR_RETURN(OrderAct act, DraftResult(poll.state, poll.size));
  if (poll.state.petition != nullptr) {
    // A petition is counted from its acts alone, so that their proofs matter here; an election's
    // ballots were verified for its order 'sum', whose sums were recomputed just now.
    URNA_ASSIGN_OR_RETURN(const audit::AuditResult audited, Audit(record));
    URNA_RETURN_IF_ERROR(CheckVerified(audited.report, !options_.policy.empty()));
  }
  return Finish(poll, std::move(act), replay.roll().get(), nullptr, more_);
}

}  // namespace

void AddOrderCommands(Commands& commands) {
  Context& context = commands.context();
  CLI::App* group = commands.AddGroup(
      "order", "Officers' orders, drafted from the record; signed here, or later with `sign`");
  const auto add = [&](const char* name, const char* description,
                       absl::Status (PollOrders::*make)()) {
    auto options = std::make_shared<PollOrderOptions>();
    CLI::App* command =
        commands.Add(*group, name, description, [options, make, &context]() -> absl::Status {
          PollOrders maker(*options, context);
          return (maker.*make)();
        });
    options->AddTo(*command);
    return std::make_pair(command, options);
  };
  auto [open, open_options] =
      add("open", "Open the poll with the keys made and a roll", &PollOrders::Open);
  open_options->rolls.AddTo(*open);
  open->add_option("--beacon", open_options->beacon,
                   "Of an anonymous poll: the beacon's value, 64 hex digits, as its source "
                   "gives it");
  auto [epoch, epoch_options] =
      add("epoch",
          "Bring the last sealed epoch of the roll into an anonymous petition that is collecting, "
          "or end earlier ones",
          &PollOrders::Epoch);
  epoch_options->rolls.AddTo(*epoch);
  epoch->add_option(
      "--beacon", epoch_options->beacon,
      "The value, 64 hex digits, of the last date of the schedule that the petition "
      "names as its beacon's source; the epoch was sealed before it came out. Without "
      "it no epoch is brought in");
  epoch
      ->add_option("--earliest", epoch_options->earliest,
                   "The first epoch that stays in force: earlier ones end at once. Without it all "
                   "stay in force, so that acts under way are still taken")
      ->check(CLI::PositiveNumber);
  add("close", "Close the poll", &PollOrders::Close);
  add("attempt", "Begin the key ceremony anew", &PollOrders::Attempt);
  const auto add_list = [&](const char* name, const char* description,
                            absl::Status (PollOrders::*make)()) {
    auto [command, options] = add(name, description, make);
    command
        ->add_option("--credentials", options->credentials,
                     "File with one credential in hex a line; '#' begins a comment")
        ->required();
    command->get_option("--reason")->required();
  };
  add_list("revoke", "Take credentials out of the count: their voters voted elsewhere, say",
           &PollOrders::Revoke);
  add_list("restore", "Take revoked credentials into the count again", &PollOrders::Restore);
  auto [sum, sum_options] =
      add("sum", "Verify everything, fix the counted set and the sums", &PollOrders::Sum);
  sum->add_option("--policy", sum_options->policy, "Policy with the keys known beforehand");
  auto [result, result_options] =
      add("result", "Publish the totals that the shares decrypt, or a petition's count",
          &PollOrders::Result);
  result->add_option("--policy", result_options->policy,
                     "Policy with the keys known beforehand (petitions)");
}

}  // namespace urna::tally
