// roll new, nonces, publish, show, report. (roll change: roll_change_command.cc)
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/console/key_file.h"
#include "core/merkle/hash.h"
#include "core/record/directory.h"
#include "core/record/fetched_log.h"
#include "tally/commands.h"
#include "tally/describe.h"
#include "tally/members.h"
#include "tally/message_file.h"
#include "tally/poll_source.h"
#include "tally/roll_log.h"
#include "tally/roll_report.h"
#include "tally/spec_reader.h"
#include "tally/specs.h"

namespace urna::tally {
namespace {

constexpr size_t kMaxSpec = 8 << 20;
constexpr size_t kMaxMembersFile = size_t{1} << 30;

struct NewRollOptions {
  console::BoardOptions board;
  console::PassphraseSource passphrase;
  std::string spec, registrar, out;
};

absl::Status NewRoll(const NewRollOptions& options, const Context& context) {
  if (!options.board.given() && options.out.empty()) {
    return absl::InvalidArgumentError("give --server or --out");
  }
  URNA_ASSIGN_OR_RETURN(const Bytes text, ReadFile(options.spec, kMaxSpec));
  URNA_ASSIGN_OR_RETURN(const Json json, ParseJson(AsText(text), options.spec));
  URNA_ASSIGN_OR_RETURN(const console::KeyFileLabel label,
                        console::ReadKeyFileLabel(options.registrar));
  URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier registrar,
                        merkle::NoteVerifier::Parse(label.public_key));
  SpecDefaults defaults;
  defaults.nonce = context.rng.Array<32>();
  std::optional<remote::BoardClient> board;
  if (options.board.given()) {
    URNA_ASSIGN_OR_RETURN(board, options.board.Connect());
    URNA_ASSIGN_OR_RETURN(const remote::BoardInfo info, board->GetBoard());
    defaults.log_key = info.log_key;
  }
  absl::StatusOr<roll::RollHeader> header =
      ReadRollSpec(json, {registrar.name(), registrar.key().bytes()}, defaults);
  if (!header.ok()) return Annotate(header.status(), options.spec);

  URNA_ASSIGN_OR_RETURN(const crypto::SigningKey key,
                        OpenSigningKey(options.registrar, "registrar", options.passphrase));
  roll::SignedRollHeader entry;
  URNA_ASSIGN_OR_RETURN(entry.body, record::EncodeBody(*header));
  entry.header = *header;
  const crypto::Hash32 roll_id = roll::RollId(entry.body);
  entry.signature = key.Sign(roll::RollHeaderSignatureMessage(roll_id));

  Json answer;
  answer["roll"] = ToHex(roll_id);
  answer["origin"] = header->origin;
  std::string said = Describe(entry, nullptr, context.language);
  if (options.out.empty()) {
    URNA_ASSIGN_OR_RETURN(const Bytes bytes, record::EncodeEntry(entry));
    URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier log,
                          LogVerifier(header->origin, header->log_key));
    URNA_ASSIGN_OR_RETURN(const remote::Receipt receipt, board->CreateLog(bytes));
    URNA_RETURN_IF_ERROR(Annotate(remote::CheckReceipt(receipt, bytes, log), "receipt"));
    answer["index"] = receipt.index;
    absl::StrAppend(&said, "begun on the board\n");
  } else {
    URNA_RETURN_IF_ERROR(WriteMessageFile(options.out, {header->origin, entry, std::nullopt}));
    answer["out"] = options.out;
    absl::StrAppend(&said, "written to ", options.out, "\n");
  }
  context.Answer(said, answer);
  return absl::OkStatus();
}

absl::Status MakeNonces(uint64_t count, const std::string& out, const Context& context) {
  std::string text;
  for (uint64_t i = 0; i < count; ++i) {
    absl::StrAppend(&text, ToHex(context.rng.Array<32>()), "\n");
  }
  URNA_RETURN_IF_ERROR(WriteFileDurably(out, AsBytes(text)));
  Json answer;
  answer["out"] = out;
  answer["nonces"] = count;
  context.Answer(absl::StrCat(count, " nonces in ", out, ": one for each person who enrols"),
                 answer);
  return absl::OkStatus();
}

struct PublishOptions {
  console::BoardOptions board;
  console::PassphraseSource passphrase;
  std::string roll, members, nonces, registrar;
};

// The roll's log as it should be, of which a first part may be on the board already.
class RollPublisher {
 public:
  RollPublisher(remote::BoardClient& board, const PublishOptions& options, const Context& context)
      : board_(board), options_(options), context_(context) {}

  absl::Status Run();

 private:
  absl::Status ReadBoard();
  absl::Status AppendMembers(const std::vector<roll::RollMember>& members);
  absl::Status Seal(const crypto::SigningKey& key, uint64_t members);

  remote::BoardClient& board_;
  const PublishOptions& options_;
  const Context& context_;
  std::vector<Bytes> there_;  // entries on the board
  std::unique_ptr<roll::RollState> state_;
  std::optional<merkle::NoteVerifier> log_;
  merkle::CompactTree tree_;
};

absl::Status RollPublisher::ReadBoard() {
  URNA_ASSIGN_OR_RETURN(there_, board_.GetEntries(options_.roll, 0, 0));
  if (there_.empty()) return absl::NotFoundError("the roll's log is empty");
  URNA_ASSIGN_OR_RETURN(const record::Entry first, record::DecodeEntry(there_.front()));
  const auto* header = std::get_if<roll::SignedRollHeader>(&first);
  if (header == nullptr) {
    return absl::FailedPreconditionError(absl::StrCat("'", options_.roll, "' is no roll's log"));
  }
  const std::vector<Violation> violations = roll::RollState::CheckHeader(*header);
  if (!violations.empty()) return violations.front().status;
  state_ = std::make_unique<roll::RollState>(*header);
  URNA_ASSIGN_OR_RETURN(log_, LogVerifier(header->header.origin, header->header.log_key));
  tree_.Append(merkle::LeafHash(there_.front()));
  return absl::OkStatus();
}

absl::Status RollPublisher::AppendMembers(const std::vector<roll::RollMember>& members) {
  std::vector<Bytes> missing;
  for (size_t i = 0; i < members.size(); ++i) {
    URNA_ASSIGN_OR_RETURN(Bytes entry, record::EncodeEntry(members[i]));
    tree_.Append(merkle::LeafHash(entry));
    if (i + 1 >= there_.size()) {
      missing.push_back(std::move(entry));
    } else if (there_[i + 1] != entry) {
      return absl::FailedPreconditionError(
          absl::StrCat("entry ", i + 1,
                       " on the board is another one than this list gives; it cannot be "
                       "replaced: begin a new roll"));
    }
  }
  return AppendEntries(board_, *log_, missing, context_.ShowProgress("members sent"));
}

absl::Status RollPublisher::Seal(const crypto::SigningKey& key, uint64_t members) {
  roll::SignedRollSeal entry;
  entry.seal = {1, members, tree_.root()};
  URNA_ASSIGN_OR_RETURN(entry.body, record::EncodeBody(entry.seal));
  entry.signature = key.Sign(roll::RollSealSignatureMessage(state_->roll_id(), entry.body));
  URNA_ASSIGN_OR_RETURN(const Bytes bytes, record::EncodeEntry(entry));
  if (there_.size() == members + 2) {
    if (there_.back() == bytes) return absl::OkStatus();
    return absl::FailedPreconditionError("the roll is sealed already, with another seal");
  }
  return PostEntry(board_, *log_, bytes).status();
}

absl::Status RollPublisher::Run() {
  URNA_RETURN_IF_ERROR(ReadBoard());
  URNA_ASSIGN_OR_RETURN(const Bytes text, ReadFile(options_.members, kMaxMembersFile));
  URNA_ASSIGN_OR_RETURN(std::vector<roll::RollMember> members,
                        ParseMembers(AsText(text), options_.members));
  std::optional<Nonces> nonces;
  if (!options_.nonces.empty()) {
    URNA_ASSIGN_OR_RETURN(const Bytes list, ReadFile(options_.nonces, kMaxMembersFile));
    URNA_ASSIGN_OR_RETURN(nonces, ParseNonces(AsText(list), options_.nonces));
  }
  URNA_ASSIGN_OR_RETURN(const crypto::SigningKey key,
                        OpenSigningKey(options_.registrar, "registrar", options_.passphrase));
  if (key.public_key().bytes() != state_->header().registrar.key) {
    return absl::PermissionDeniedError("this key is not that of the roll's registrar");
  }
  URNA_ASSIGN_OR_RETURN(
      members, CheckAndSort(std::move(members), nonces ? &*nonces : nullptr, *state_,
                            context_.threads, context_.ShowProgress("enrolments verified")));
  if (there_.size() > members.size() + 2) {
    return absl::FailedPreconditionError(absl::StrCat("the board has ", there_.size() - 1,
                                                      " entries after the header, more than ",
                                                      members.size(), " members and a seal"));
  }
  URNA_RETURN_IF_ERROR(AppendMembers(members));
  URNA_RETURN_IF_ERROR(Seal(key, members.size()));
  Json answer;
  answer["roll"] = ToHex(state_->roll_id());
  answer["origin"] = options_.roll;
  answer["members"] = members.size();
  answer["size"] = members.size() + 2;
  context_.Answer(absl::StrCat("roll ", options_.roll, ": ", members.size(),
                               " members published and sealed\n", ToHex(state_->roll_id())),
                  answer);
  return absl::OkStatus();
}

absl::Status PublishRoll(const PublishOptions& options, const Context& context) {
  URNA_ASSIGN_OR_RETURN(remote::BoardClient board, options.board.Connect());
  return RollPublisher(board, options, context).Run();
}

struct ShowRollOptions {
  console::BoardOptions board;
  std::string roll;
};

absl::Status ShowRoll(const ShowRollOptions& options, const Context& context) {
  URNA_ASSIGN_OR_RETURN(remote::BoardClient board, options.board.Connect());
  RollReplay replay(false, context.threads);
  URNA_RETURN_IF_ERROR(ReadRollFromBoard(board, options.roll, replay));
  // With what no seal has closed yet.
  const roll::RollState roll = replay.state()->Unsealed();
  const roll::RollHeader& header = roll.header();
  Json answer;
  answer["roll"] = ToHex(roll.roll_id());
  answer["origin"] = header.origin;
  answer["registrar"] = header.registrar.name;
  answer["members"] = roll.members();
  answer["sealed"] = roll.sealed();
  answer["epoch"] = roll.epoch();
  std::string said = absl::StrCat(Printable(PickText(header.title, context.language)),
                                  "\n  origin ", header.origin, "\n  roll id ",
                                  ToHex(roll.roll_id()), "\n  ", roll.members(), " members, ");
  if (roll.sealed()) {
    absl::StrAppend(&said, "sealed, epoch ", roll.epoch(), "\n");
  } else if (roll.epoch() > 0) {
    absl::StrAppend(&said, "epoch ", roll.epoch(), " and changes that are not sealed yet\n");
  } else {
    absl::StrAppend(&said, "not sealed yet\n");
  }
  const PlaceCounts counts = CountPlaces(roll);
  const auto list = [&](const char* what, const std::vector<roll::NumberedName>& names,
                        const std::map<uint16_t, uint64_t>& counts) {
    answer[what] = Json::array();
    for (const roll::NumberedName& name : names) {
      const auto found = counts.find(name.number);
      const uint64_t count = found == counts.end() ? 0 : found->second;
      const std::string text = Printable(PickText(name.name, context.language));
      answer[what].push_back({{"number", name.number}, {"name", text}, {"members", count}});
      absl::StrAppend(
          &said, absl::StrFormat("%10d  %s %d: %s\n", count,
                                 absl::string_view(what) == "districts" ? "district" : "category",
                                 name.number, text));
    }
  };
  list("districts", header.districts, counts.districts);
  list("categories", header.categories, counts.categories);
  std::map<uint32_t, uint64_t> weights;
  for (const auto& [member, count] : roll.CountMembers()) weights[member.weight] += count;
  answer["weights"] = Json::array();
  for (const auto& [weight, count] : weights) {
    answer["weights"].push_back({{"weight", weight}, {"members", count}});
    absl::StrAppend(&said, absl::StrFormat("%10d  weight %d\n", count, weight));
  }
  context.Answer(said, answer);
  return absl::OkStatus();
}

struct ReportOptions {
  console::BoardOptions board;
  std::string roll, record, census, tolerance = "0%";
};

absl::Status ReadRollToReport(const ReportOptions& options, RollReplay& replay) {
  if (options.board.given() == !options.record.empty()) {
    return absl::InvalidArgumentError("give --server and --roll, or --record");
  }
  if (options.board.given()) {
    if (options.roll.empty()) return absl::InvalidArgumentError("--server wants --roll");
    URNA_ASSIGN_OR_RETURN(remote::BoardClient board, options.board.Connect());
    return ReadRollFromBoard(board, options.roll, replay);
  }
  URNA_ASSIGN_OR_RETURN(const std::optional<roll::RollPin> pin,
                        record::FindPin(record::PollDirectory(options.record)));
  if (!pin) {
    return absl::FailedPreconditionError(
        absl::StrCat("the poll in ", options.record, " has not been opened: it pins no roll"));
  }
  return ReplayRollOfRecord(options.record, *pin, replay);
}

absl::Status ReportRoll(const ReportOptions& options, const Context& context) {
  const Json tolerance_text = options.tolerance;
  URNA_ASSIGN_OR_RETURN(const uint16_t tolerance,
                        SpecValue(tolerance_text, "--tolerance").Percent());
  RollReplay replay(false, context.threads);
  URNA_RETURN_IF_ERROR(ReadRollToReport(options, replay));
  URNA_ASSIGN_OR_RETURN(const std::shared_ptr<const roll::RollState> roll, replay.LastEpoch());
  URNA_ASSIGN_OR_RETURN(const Bytes text, ReadFile(options.census, kMaxSpec));
  URNA_ASSIGN_OR_RETURN(const CensusFigures census,
                        ParseCensus(AsText(text), options.census, roll->header()));
  const RollReport report =
      MakeRollReport(*roll, replay.changes(), census, tolerance, context.language);
  context.Answer(report.ToText(), report.ToJson());
  const std::vector<RollReport::Row> above = report.Above();
  if (above.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      above.size(),
      above.size() == 1 ? " district or category has" : " districts or categories have",
      " more members than people entitled", tolerance == 0 ? "" : " and the tolerance allow",
      "; the first is ", above[0].number, " '", above[0].name, "', by ",
      above[0].members - above[0].most));
}

}  // namespace

void AddRollCommands(Commands& commands) {
  Context& context = commands.context();
  CLI::App* group = commands.AddGroup("roll", "Rolls of those entitled: the registrar's work");

  auto make = std::make_shared<NewRollOptions>();
  CLI::App* command = commands.Add(*group, "new", "Begin a roll; prints its id",
                                   [make, &context] { return NewRoll(*make, context); });
  command->add_option("--spec", make->spec, "JSON: origin, title, districts, categories")
      ->required();
  command->add_option("--registrar", make->registrar, "The registrar's key file")->required();
  command->add_option("--out", make->out, "Write a message file instead of posting");
  make->board.AddTo(*command, false);
  make->passphrase.AddTo(*command);

  struct NonceOptions {
    uint64_t count = 0;
    std::string out;
  };
  auto nonces = std::make_shared<NonceOptions>();
  command =
      commands.Add(*group, "nonces", "Random nonces, one for each person who enrols",
                   [nonces, &context] { return MakeNonces(nonces->count, nonces->out, context); });
  command->add_option("--count", nonces->count, "How many")
      ->required()
      ->check(CLI::Range(uint64_t{1}, uint64_t{10'000'000}));
  command->add_option("--out", nonces->out, "File to write, one in hex a line")->required();

  auto publish = std::make_shared<PublishOptions>();
  command = commands.Add(*group, "publish",
                         "Verify enrolments, put the members on the board, seal the roll",
                         [publish, &context] { return PublishRoll(*publish, context); });
  command->add_option("--roll", publish->roll, "Origin of the roll's log")->required();
  command->add_option("--members", publish->members, "Enrolments, one JSON a line")->required();
  command->add_option("--nonces", publish->nonces, "The nonces that were given out");
  command->add_option("--registrar", publish->registrar, "The registrar's key file")->required();
  publish->board.AddTo(*command, true);
  publish->passphrase.AddTo(*command);

  AddRollChangeCommand(commands, *group);

  auto show = std::make_shared<ShowRollOptions>();
  command = commands.Add(*group, "show", "Members of a roll by district and category",
                         [show, &context] { return ShowRoll(*show, context); });
  command->add_option("--roll", show->roll, "Origin of the roll's log")->required();
  show->board.AddTo(*command, true);

  auto report = std::make_shared<ReportOptions>();
  command = commands.Add(*group, "report",
                         "Members of each district and category beside census figures, and what "
                         "changed in each epoch; fails where there are more members than people",
                         [report, &context] { return ReportRoll(*report, context); });
  command
      ->add_option("--census", report->census,
                   "JSON: source, districts (number, entitled, perhaps categories)")
      ->required();
  command->add_option("--tolerance", report->tolerance,
                      "So many members more than people are no failure, as 2.5%; 0% if not given");
  command->add_option("--roll", report->roll, "Origin of the roll's log, with --server");
  command->add_option("--record", report->record, "A record: the roll that its poll pins");
  report->board.AddTo(*command, false);
}

}  // namespace urna::tally
