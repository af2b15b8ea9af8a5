// trustee new, ceremony, drill, acknowledge, decrypt, forget.
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "core/audit/audit.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "tally/ceremony_step.h"
#include "tally/commands.h"
#include "tally/count_step.h"
#include "tally/message_file.h"
#include "tally/poll_source.h"
#include "tally/trustee_key.h"

namespace urna::tally {
namespace {

constexpr size_t kMaxPolicy = 1 << 20;
constexpr auto kPause = std::chrono::milliseconds(300);  // between two looks at the board

struct TrusteeOptions {
  PollOptions poll;
  console::PassphraseSource passphrase;
  std::string key, out, policy;
  int64_t wait = 0;  // seconds
};

// One command of one trustee: opens the key, and sends what was made after it has been saved.
class Trustee {
 public:
  static absl::StatusOr<std::unique_ptr<Trustee>> Open(const TrusteeOptions& options,
                                                       const Context& context) {
    URNA_RETURN_IF_ERROR(options.poll.Check());
    URNA_ASSIGN_OR_RETURN(crypto::SecretBytes passphrase,
                          options.passphrase.Read(absl::StrCat("The passphrase of ", options.key)));
    std::unique_ptr<Trustee> out(new Trustee(options, context));
    URNA_ASSIGN_OR_RETURN(TrusteeKey key, TrusteeKey::Open(options.key, std::move(passphrase)));
    out->key_ = std::make_unique<TrusteeKey>(std::move(key));
    out->saved_ = out->key_->state().Encode();
    return out;
  }

  absl::Status Ceremony();
  absl::Status Drill();
  absl::Status Acknowledge();
  absl::Status Decrypt();
  absl::Status Forget();

 private:
  Trustee(const TrusteeOptions& options, const Context& context)
      : options_(options), context_(context) {}

  absl::Status Save();
  // Posts an entry, or writes a message file.
  absl::Status Send(ByteSpan bytes, const std::string& origin, const merkle::NoteVerifier& log);
  absl::Status SendAll(const std::vector<Bytes>& entries, const election::Manifest& manifest);
  absl::Status Answer(const std::string& state, const std::string& what);
  absl::StatusOr<audit::AuditResult> Audit(Stage stage);
  bool offline() const { return !options_.out.empty(); }

  const TrusteeOptions& options_;
  const Context& context_;
  std::unique_ptr<TrusteeKey> key_;
  crypto::SecretBytes saved_;  // the state as the file has it
  std::optional<remote::BoardClient> board_;
  Json sent_ = Json::array();
  std::string said_;
};

// Only if something has changed: a strong box takes seconds to make.
absl::Status Trustee::Save() {
  crypto::SecretBytes now = key_->state().Encode();
  if (crypto::ConstantTimeEqual(now.ExposeSpan(), saved_.ExposeSpan())) return absl::OkStatus();
  URNA_RETURN_IF_ERROR(key_->Save(context_.rng));
  saved_ = std::move(now);
  return absl::OkStatus();
}

absl::Status Trustee::Send(ByteSpan bytes, const std::string& origin,
                           const merkle::NoteVerifier& log) {
  URNA_ASSIGN_OR_RETURN(const record::Entry entry, record::DecodeEntry(bytes));
  const std::string name = record::EntryName(entry);
  if (!offline() && !options_.poll.board.given()) {
    return absl::InvalidArgumentError("--record needs --out: where message files are written");
  }
  if (offline()) {
    URNA_RETURN_IF_ERROR(MakeDirectories(options_.out));
    const std::string file =
        absl::StrFormat("%s/%s-%02d-%s.msg", options_.out, key_->name(), sent_.size() + 1,
                        absl::StrReplaceAll(name, {{" ", "-"}}));
    URNA_RETURN_IF_ERROR(WriteMessageFile(file, {origin, entry, std::nullopt}));
    sent_.push_back({{"what", name}, {"out", file}});
    absl::StrAppend(&said_, name, ": written to ", file, "\n");
    return absl::OkStatus();
  }
  if (!board_) {
    URNA_ASSIGN_OR_RETURN(board_, options_.poll.board.Connect());
  }
  URNA_ASSIGN_OR_RETURN(const remote::Receipt receipt, PostEntry(*board_, log, bytes));
  sent_.push_back({{"what", name}, {"index", receipt.index}});
  absl::StrAppend(&said_, name, ": entry ", receipt.index, "\n");
  return absl::OkStatus();
}

absl::Status Trustee::SendAll(const std::vector<Bytes>& entries,
                              const election::Manifest& manifest) {
  URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier log,
                        LogVerifier(manifest.origin, manifest.log_key));
  for (const Bytes& entry : entries) {
    URNA_RETURN_IF_ERROR(Send(entry, manifest.origin, log));
  }
  return absl::OkStatus();
}

absl::Status Trustee::Answer(const std::string& state, const std::string& what) {
  Json answer;
  answer["trustee"] = key_->name();
  answer["number"] = key_->state().trustee;
  answer["attempt"] = key_->state().attempt;
  answer["state"] = state;
  answer["what"] = what;
  answer["sent"] = sent_;
  context_.Answer(absl::StrCat(said_, what, "\n"), answer);
  return absl::OkStatus();
}

absl::Status Trustee::Ceremony() {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(options_.wait);
  URNA_ASSIGN_OR_RETURN(const std::unique_ptr<PollReader> reader, PollReader::Open(options_.poll));
  URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier log, reader->replay().log());
  std::string waiting;
  while (true) {
    URNA_ASSIGN_OR_RETURN(
        const CeremonyStep step,
        NextCeremonyStep(reader->replay(), key_->signing_key(), key_->state(), context_.rng));
    URNA_RETURN_IF_ERROR(Save());
    if (step.kind == CeremonyStep::Kind::kDone) return Answer("done", step.what);
    if (step.kind == CeremonyStep::Kind::kSend) {
      URNA_RETURN_IF_ERROR(Annotate(Send(step.entry, reader->replay().origin(), log), step.what));
      if (offline()) return Answer("sent", "post it, then go on with the record as it is then");
    } else {
      if (options_.wait == 0 || offline()) return Answer("waiting", step.what);
      if (context_.progress && step.what != waiting) context_.Say(step.what);
      waiting = step.what;
      if (std::chrono::steady_clock::now() >= deadline) {
        return absl::DeadlineExceededError(step.what);
      }
      std::this_thread::sleep_for(kPause);
    }
    const absl::Status refreshed = reader->Refresh();
    // A board that is away for a moment is waited for too.
    if (!absl::IsUnavailable(refreshed) || std::chrono::steady_clock::now() >= deadline) {
      URNA_RETURN_IF_ERROR(refreshed);
    }
  }
}

absl::Status Trustee::Drill() {
  URNA_ASSIGN_OR_RETURN(const std::unique_ptr<PollReader> reader, PollReader::Open(options_.poll));
  URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier log, reader->replay().log());
  URNA_ASSIGN_OR_RETURN(const CeremonyStep step, NextDrill(reader->replay(), key_->signing_key(),
                                                           key_->state(), context_.rng));
  URNA_RETURN_IF_ERROR(Save());
  URNA_RETURN_IF_ERROR(Send(step.entry, reader->replay().origin(), log));
  return Answer("sent", "the key share works");
}

absl::StatusOr<audit::AuditResult> Trustee::Audit(Stage stage) {
  audit::AuditOptions options;
  URNA_ASSIGN_OR_RETURN(const Bytes text, ReadFile(options_.policy, kMaxPolicy));
  URNA_ASSIGN_OR_RETURN(options.policy, audit::Policy::Parse(AsText(text)));
  URNA_ASSIGN_OR_RETURN(const RecordOnDisk record, RecordOnDisk::Open(options_.poll, context_));
  options.stage = stage;
  options.threads = context_.threads;
  options.verified_prefix = key_->state().verified;
  options.progress = context_.ShowProgress("entries verified");
  return audit::AuditRecord(record.path(), options);
}

absl::Status Trustee::Acknowledge() {
  URNA_ASSIGN_OR_RETURN(const audit::AuditResult audited, Audit(Stage::kClosed));
  URNA_ASSIGN_OR_RETURN(const Bytes entry,
                        AcknowledgeCount(audited, key_->signing_key(), key_->state()));
  URNA_RETURN_IF_ERROR(Save());
  const bool there = audited.election->acknowledgements().contains(key_->state().trustee);
  if (!there) URNA_RETURN_IF_ERROR(SendAll({entry}, audited.election->manifest()));
  return Answer("acknowledged",
                absl::StrCat(audited.election->summed()->sum.counted,
                             " ballots counted; the record verifies, and this key will decrypt "
                             "nothing but their sums"));
}

absl::Status Trustee::Decrypt() {
  URNA_ASSIGN_OR_RETURN(const audit::AuditResult audited, Audit(Stage::kClosed));
  URNA_ASSIGN_OR_RETURN(const std::vector<Bytes> entries,
                        DecryptParts(audited, key_->signing_key(), key_->state(), context_.rng));
  URNA_RETURN_IF_ERROR(Save());
  URNA_RETURN_IF_ERROR(SendAll(entries, audited.election->manifest()));
  return Answer(
      "decrypted",
      absl::StrCat("shares of all ", audited.election->summed()->sum.parts.size(), " parts given"));
}

absl::Status Trustee::Forget() {
  URNA_ASSIGN_OR_RETURN(const audit::AuditResult audited, Audit(Stage::kFinal));
  URNA_RETURN_IF_ERROR(tally::Forget(audited, key_->state()));
  URNA_RETURN_IF_ERROR(Save());
  return Answer("forgotten",
                "the key share is erased; copies of the key file are yours to destroy");
}

void AddNew(Commands& commands, CLI::App& group) {
  Context& context = commands.context();
  auto make = std::make_shared<NewKeyOptions>();
  make->kind = "trustee";
  CLI::App* command = commands.Add(group, "new", "Make a trustee's key; prints its vkey",
                                   [make, &context] { return MakeKeyFile(*make, context); });
  command->add_option("--name", make->name, "Name of the key: no spaces, no '+'")->required();
  command->add_option("--out", make->out, "Key file to make")->required();
  command->add_flag("--rehearsal", make->rehearsal,
                    "A box that anyone can break: fast, for tests and rehearsals alone");
  make->passphrase.AddTo(*command);
}

}  // namespace

void AddTrusteeCommands(Commands& commands) {
  Context& context = commands.context();
  CLI::App* group = commands.AddGroup(
      "trustee", "The keepers of the election key. No command here takes a ciphertext.");
  AddNew(commands, *group);
  const auto add = [&](const char* name, const char* description, absl::Status (Trustee::*run)(),
                       bool policy) {
    auto options = std::make_shared<TrusteeOptions>();
    CLI::App* command =
        commands.Add(*group, name, description, [options, run, &context]() -> absl::Status {
          URNA_ASSIGN_OR_RETURN(const std::unique_ptr<Trustee> trustee,
                                Trustee::Open(*options, context));
          return (trustee.get()->*run)();
        });
    command->add_option("--key", options->key, "The trustee's key file, which is written back")
        ->required();
    command->add_option("--out", options->out,
                        "Directory for message files, instead of posting to the board");
    if (policy) {
      command->add_option("--policy", options->policy, "Policy with the keys known beforehand")
          ->required();
    }
    options->poll.AddTo(*command);
    options->passphrase.AddTo(*command);
    return std::make_pair(command, options);
  };
  auto [ceremony, ceremony_options] =
      add("ceremony", "Every step of the key ceremony that is this trustee's turn",
          &Trustee::Ceremony, false);
  ceremony->add_option("--wait", ceremony_options->wait,
                       "Go on until the own drill is in the log, at most so many seconds");
  add("drill", "Prove once more that the stored key share works", &Trustee::Drill, false);
  add("acknowledge", "Verify the whole record, then acknowledge the counted set and its sums",
      &Trustee::Acknowledge, true);
  add("decrypt", "Verify again, then give shares of the sums that were acknowledged",
      &Trustee::Decrypt, true);
  add("forget", "Verify the final record, then erase the key share", &Trustee::Forget, true);
}

}  // namespace urna::tally
