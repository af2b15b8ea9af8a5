// petition step, invite, confirm, take-confirmation, revise, paper: the life of an anonymous
// petition. docs/protocol.md §6.1.
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/base/utf8.h"
#include "core/crypto/hash.h"
#include "tally/commands.h"
#include "tally/confirmation_file.h"
#include "tally/order_maker.h"
#include "tally/paper_file.h"
#include "tally/spec_reader.h"

namespace urna::tally {
namespace {

constexpr size_t kMaxText = 1 << 20;
constexpr size_t kMaxDocument = size_t{1} << 30;

struct PetitionOptions : OrderOptions {
  std::string step, document, initiator, confirmation, text, counts, batch, sheets_file;
  uint16_t code = 0;
  uint32_t sheets = 0;
};

absl::StatusOr<crypto::Hash32> HashOfFile(const std::string& path) {
  URNA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(path, kMaxDocument));
  return crypto::Sha256(bytes);
}

// A step's name as an argument: "hand-over".
std::string ArgumentOf(poll::StepKind step) {
  return absl::StrReplaceAll(poll::StepName(step), {{" ", "-"}});
}

std::vector<std::string> StepArguments() {
  std::vector<std::string> out;
  for (uint8_t step = 1; step <= poll::kMaxStep; ++step) {
    out.push_back(ArgumentOf(static_cast<poll::StepKind>(step)));
  }
  return out;
}

// "return and reject: 1 the addressee …; …", for --help.
std::string CodesHelp() {
  std::string out = "Why, of";
  for (poll::StepKind step :
       {poll::StepKind::kReject, poll::StepKind::kWithdraw, poll::StepKind::kExpire}) {
    absl::StrAppend(&out, step == poll::StepKind::kReject ? " return and reject" : "; of ",
                    step == poll::StepKind::kReject ? "" : poll::StepName(step), ":");
    for (uint16_t code : petition::CodesOf(step)) {
      absl::StrAppend(&out, " ", code, " ", petition::CodeText(code), ",");
    }
    out.pop_back();
  }
  return out;
}

class PetitionOrders : public OrderMaker {
 public:
  PetitionOrders(const PetitionOptions& options, const Context& context)
      : OrderMaker(options, context), options_(options) {}

  absl::Status Step() {
    URNA_ASSIGN_OR_RETURN(const std::unique_ptr<PollReader> reader, ReadPetition());
    poll::Step step;
    for (uint8_t kind = 1; kind <= poll::kMaxStep; ++kind) {
      if (ArgumentOf(static_cast<poll::StepKind>(kind)) == options_.step) {
        step.step = static_cast<poll::StepKind>(kind);
      }
    }
    step.code = options_.code;
    if (!options_.document.empty()) {
      URNA_ASSIGN_OR_RETURN(step.document, HashOfFile(options_.document));
    }
    return Finish(PollOf(reader->replay()), step, nullptr, nullptr, nullptr);
  }

  absl::Status Invite() {
    URNA_ASSIGN_OR_RETURN(const std::unique_ptr<PollReader> reader, ReadPetition());
    const Json vkey = options_.initiator;
    URNA_ASSIGN_OR_RETURN(const roll::NamedKey key, SpecValue(vkey, "--initiator").Key());
    const Json more = {
        {"invitation", reader->replay().petition()->initiators().invitations().size() + 1}};
    return Finish(PollOf(reader->replay()), poll::Invite{key}, nullptr, nullptr, more);
  }

  absl::Status TakeConfirmation() {
    URNA_ASSIGN_OR_RETURN(const Confirmation confirmation,
                          ReadConfirmationFile(options_.confirmation));
    URNA_ASSIGN_OR_RETURN(const std::unique_ptr<PollReader> reader, ReadPetition());
    if (confirmation.origin != reader->replay().origin()) {
      return absl::InvalidArgumentError(absl::StrCat(
          options_.confirmation, ": it is of the petition '", confirmation.origin, "'"));
    }
    if (confirmation.text_hash != reader->replay().petition()->text_hash()) {
      return absl::FailedPreconditionError(
          absl::StrCat(options_.confirmation, ": '", confirmation.name,
                       "' confirmed another text than the one in force"));
    }
    return Finish(PollOf(reader->replay()), confirmation.confirm, nullptr, nullptr, nullptr);
  }

  absl::Status Revise() {
    URNA_ASSIGN_OR_RETURN(const Bytes text, ReadFile(options_.text, kMaxText));
    URNA_ASSIGN_OR_RETURN(const Json json, ParseJson(AsText(text), options_.text));
    const SpecValue file(json, options_.text);
    poll::Revise revise;
    URNA_ASSIGN_OR_RETURN(const SpecValue title, file.Field("title"));
    URNA_ASSIGN_OR_RETURN(revise.title, title.Texts());
    URNA_ASSIGN_OR_RETURN(const SpecValue body, file.Field("text"));
    URNA_ASSIGN_OR_RETURN(revise.text, body.Texts());
    URNA_ASSIGN_OR_RETURN(const std::unique_ptr<PollReader> reader, ReadPetition());
    return Finish(PollOf(reader->replay()), std::move(revise), nullptr, nullptr, nullptr);
  }

  absl::Status Paper();

 private:
  absl::StatusOr<std::unique_ptr<PollReader>> ReadPetition() const {
    URNA_ASSIGN_OR_RETURN(std::unique_ptr<PollReader> reader, Read());
    URNA_RETURN_IF_ERROR(CheckAnonymous(reader->replay()));
    return reader;
  }
  static absl::Status CheckAnonymous(const PollReplay& replay) {
    if (replay.petition() != nullptr && replay.petition()->manifest().anonymous.has_value()) {
      return absl::OkStatus();
    }
    return absl::FailedPreconditionError("only an anonymous petition has such orders");
  }

  const PetitionOptions& options_;
};

// A line for each district, also when some are refused.
absl::Status PetitionOrders::Paper() {
  URNA_RETURN_IF_ERROR(CheckOptions());
  URNA_ASSIGN_OR_RETURN(const Bytes text, ReadFile(options_.counts, kMaxText));
  URNA_ASSIGN_OR_RETURN(const std::vector<PaperLine> listed,
                        ParsePaper(AsText(text), options_.counts));
  poll::PaperBatch batch;
  batch.batch = options_.batch;
  batch.sheets = options_.sheets;
  URNA_ASSIGN_OR_RETURN(batch.sheets_hash, HashOfFile(options_.sheets_file));
  // With its roll, to know how many sign on paper.
  URNA_ASSIGN_OR_RETURN(const RecordOnDisk record,
                        RecordOnDisk::Open(options_.poll, context(), remote::FetchAt::kNewest));
  URNA_ASSIGN_OR_RETURN(const PollReplay replay, record.Replay(context()));
  URNA_RETURN_IF_ERROR(replay.CheckNoProblems());
  URNA_RETURN_IF_ERROR(CheckAnonymous(replay));
  PaperReport report = ReportPaper(*replay.petition(), listed);
  Json more;
  more["lines"] = Json::array();
  std::string said;
  for (const PaperReport::Line& line : report.lines) {
    more["lines"].push_back({{"line", line.listed.line},
                             {"district", line.listed.count.district},
                             {"accepted", line.listed.count.accepted},
                             {"rejected", line.listed.count.rejected},
                             {"good", line.good},
                             {"what", line.what}});
    absl::StrAppend(&said, "line ", line.listed.line, ": ", Printable(line.what), "\n");
  }
  context().Say(said);
  if (!report.refused.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(options_.counts, ": refused: line ",
                                                      absl::StrJoin(report.refused, ", "),
                                                      "; no order was made"));
  }
  batch.districts = std::move(report.districts);
  return Finish(PollOf(replay), std::move(batch), replay.roll().get(), nullptr, more);
}

struct ConfirmOptions {
  PollOptions poll;
  console::PassphraseSource passphrase;
  std::string key, out;
};

// An initiator's own command: it shows the text in force and signs that it is the initiator's.
absl::Status Confirm(const ConfirmOptions& options, const Context& context) {
  URNA_ASSIGN_OR_RETURN(const std::unique_ptr<PollReader> reader, PollReader::Open(options.poll));
  URNA_RETURN_IF_ERROR(reader->replay().CheckNoProblems());
  if (reader->replay().petition() == nullptr) {
    return absl::FailedPreconditionError("an election has no initiators");
  }
  const petition::PetitionState& petition = *reader->replay().petition();
  URNA_ASSIGN_OR_RETURN(const crypto::SigningKey key,
                        OpenSigningKey(options.key, "initiator", options.passphrase));
  URNA_ASSIGN_OR_RETURN(
      const Confirmation confirmation,
      MakeConfirmation(petition, key, static_cast<uint64_t>(context.clock.NowSeconds())));
  context.Say(absl::StrCat(Printable(PickText(petition.title(), context.language)), "\n\n",
                           PickText(petition.text(), context.language), "\n"));
  URNA_RETURN_IF_ERROR(WriteConfirmationFile(options.out, confirmation));
  Json answer;
  answer["origin"] = confirmation.origin;
  answer["invitation"] = confirmation.confirm.invitation;
  answer["name"] = confirmation.name;
  answer["text_hash"] = ToHex(confirmation.text_hash);
  answer["out"] = options.out;
  context.Answer(absl::StrCat("'", confirmation.name, "' confirms the text above (",
                              ToHex(confirmation.text_hash), ")\nwritten to ", options.out,
                              ": give it to the officers, `urna-tally petition take-confirmation`"),
                 answer);
  return absl::OkStatus();
}

}  // namespace

void AddPetitionCommands(Commands& commands) {
  Context& context = commands.context();
  CLI::App* group = commands.AddGroup(
      "petition", "The life of an anonymous petition: from draft to archive (docs/operations.md)");
  const auto add = [&](const char* name, const char* description,
                       absl::Status (PetitionOrders::*make)()) {
    auto options = std::make_shared<PetitionOptions>();
    CLI::App* command =
        commands.Add(*group, name, description, [options, make, &context]() -> absl::Status {
          PetitionOrders maker(*options, context);
          return (maker.*make)();
        });
    options->AddTo(*command);
    return std::make_pair(command, options);
  };
  auto [step, step_options] =
      add("step", "Order of the officers: the petition's next step, or a mark of the count",
          &PetitionOrders::Step);
  step->add_option("step", step_options->step,
                   "One of: " + absl::StrJoin(StepArguments(), ", ") +
                       ". `urna-tally status` says which may come")
      ->required()
      ->check(CLI::IsMember(StepArguments()));
  step->add_option("--code", step_options->code, CodesHelp());
  step->add_option("--document", step_options->document,
                   "File that goes with it, whose SHA-256 is logged: the certificate with "
                   "hand-over, the answer with respond (needed there)");

  auto [invite, invite_options] =
      add("invite", "Order of the officers: invite an initiator", &PetitionOrders::Invite);
  invite
      ->add_option("--initiator", invite_options->initiator,
                   "The initiator's public key (a vkey), as `key new --kind initiator` prints it")
      ->required();

  auto confirm = std::make_shared<ConfirmOptions>();
  CLI::App* command =
      commands.Add(*group, "confirm", "For an initiator: read the text in force, and confirm it",
                   [confirm, &context] { return Confirm(*confirm, context); });
  confirm->poll.AddTo(*command);
  confirm->passphrase.AddTo(*command);
  command->add_option("--key", confirm->key, "The initiator's key file")->required();
  command->add_option("--out", confirm->out, "Confirmation file to write, for the officers")
      ->required();

  auto [take, take_options] =
      add("take-confirmation", "Order of the officers: log what an initiator has confirmed",
          &PetitionOrders::TakeConfirmation);
  take->add_option("file", take_options->confirmation, "Confirmation file")->required();

  auto [revise, revise_options] =
      add("revise",
          "Order of the officers: another title and text, while it is a draft; what was confirmed "
          "before is void",
          &PetitionOrders::Revise);
  revise
      ->add_option("--text", revise_options->text,
                   "JSON file with `title` and `text`, each in the languages of the manifest")
      ->required();

  auto [paper, paper_options] =
      add("paper", "Order of the officers: count a batch of signatures on paper",
          &PetitionOrders::Paper);
  paper
      ->add_option("--counts", paper_options->counts,
                   "CSV file that begins with district,accepted,rejected, or JSON with a list of "
                   "these")
      ->required();
  paper->add_option("--batch", paper_options->batch, "Name of the batch, unique in the petition")
      ->required();
  paper->add_option("--sheets", paper_options->sheets, "How many sheets there are")->required();
  paper
      ->add_option("--sheets-file", paper_options->sheets_file,
                   "File in which the sheets are kept (a scan), whose SHA-256 is logged")
      ->required();
}

}  // namespace urna::tally
