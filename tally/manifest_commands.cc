// manifest make, sign, submit.
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "tally/commands.h"
#include "tally/describe.h"
#include "tally/message_file.h"
#include "tally/officer_signing.h"
#include "tally/petition_spec.h"
#include "tally/poll_source.h"
#include "tally/roll_source.h"
#include "tally/specs.h"

namespace urna::tally {
namespace {

constexpr size_t kMaxSpec = 8 << 20;

struct MakeManifestOptions {
  console::BoardOptions board;
  RollOptions rolls;
  std::string spec, profile, out;
};

absl::StatusOr<record::Entry> EntryOf(const PollSpec& spec) {
  return std::visit(
      [](const auto& manifest) -> absl::StatusOr<record::Entry> {
        URNA_ASSIGN_OR_RETURN(Bytes body, record::EncodeBody(manifest));
        using M = std::decay_t<decltype(manifest)>;
        if constexpr (std::is_same_v<M, election::Manifest>) {
          return record::Entry(election::SignedManifest{{std::move(body), {}}, manifest});
        } else {
          return record::Entry(petition::SignedManifest{{std::move(body), {}}, manifest});
        }
      },
      spec);
}

// What a manifest says, as a specification; null of anything else.
Json SpecificationOf(const record::Entry& entry) {
  if (const auto* manifest = std::get_if<election::SignedManifest>(&entry)) {
    return SpecOf(manifest->manifest);
  }
  if (const auto* manifest = std::get_if<petition::SignedManifest>(&entry)) {
    return SpecOf(manifest->manifest);
  }
  return nullptr;
}

// The specification, with what its profile says. A profile that the specification names lies beside
// it.
absl::StatusOr<Json> ReadSpec(const MakeManifestOptions& options) {
  URNA_ASSIGN_OR_RETURN(const Bytes text, ReadFile(options.spec, kMaxSpec));
  URNA_ASSIGN_OR_RETURN(Json json, ParseJson(AsText(text), options.spec));
  std::string profile = options.profile;
  if (json.is_object() && json.contains("profile")) {
    const absl::StatusOr<std::string> named = SpecValue(json["profile"], "$.profile").Text();
    if (!named.ok()) return Annotate(named.status(), options.spec);
    if (profile.empty()) {
      profile = (std::filesystem::path(options.spec).parent_path() / *named).string();
    }
    json.erase("profile");
  }
  if (profile.empty()) return json;
  URNA_ASSIGN_OR_RETURN(const Bytes rules, ReadFile(profile, kMaxSpec));
  URNA_ASSIGN_OR_RETURN(const Json parsed, ParseJson(AsText(rules), profile));
  absl::StatusOr<Json> out = ApplyProfile(json, parsed);
  if (!out.ok()) return Annotate(out.status(), profile);
  return out;
}

absl::Status MakeManifest(const MakeManifestOptions& options, const Context& context) {
  URNA_ASSIGN_OR_RETURN(const Json json, ReadSpec(options));
  SpecDefaults defaults;
  if (options.rolls.given()) {
    URNA_ASSIGN_OR_RETURN(const auto roll, options.rolls.Read(options.board, context));
    defaults.roll = CountRoll(*roll);
  }
  defaults.nonce = context.rng.Array<32>();
  if (options.board.given()) {
    URNA_ASSIGN_OR_RETURN(remote::BoardClient board, options.board.Connect());
    URNA_ASSIGN_OR_RETURN(const remote::BoardInfo info, board.GetBoard());
    defaults.log_key = info.log_key;
  }
  const absl::StatusOr<PollSpec> spec = ReadPollSpec(json, defaults);
  if (!spec.ok()) return Annotate(spec.status(), options.spec);
  URNA_ASSIGN_OR_RETURN(const record::Entry entry, EntryOf(*spec));
  URNA_ASSIGN_OR_RETURN(const PollOfficers officers, OfficersOf(entry));
  const std::string origin = *OriginOf(entry);
  URNA_RETURN_IF_ERROR(WriteMessageFile(options.out, {origin, entry, std::nullopt}));
  Json answer;
  answer["poll"] = ToHex(officers.poll);
  answer["origin"] = origin;
  answer["out"] = options.out;
  answer["specification"] = SpecificationOf(entry);
  context.Answer(
      absl::StrCat(Describe(entry, nullptr, context.language), "written to ", options.out, "; ",
                   officers.officers.quorum, " officers must sign it\n"),
      answer);
  return absl::OkStatus();
}

struct SignOptions {
  console::PassphraseSource passphrase;
  PollOptions poll;
  std::string file;
  std::vector<std::string> keys, merge;
};

// The poll's manifest: the message itself, or what the file or the record has of it.
absl::StatusOr<record::Entry> ManifestFor(const Message& message, const SignOptions& options) {
  if (!std::holds_alternative<poll::SignedOrder>(message.entry)) return message.entry;
  if (message.manifest) return record::DecodeEntry(*message.manifest);
  URNA_ASSIGN_OR_RETURN(const std::unique_ptr<PollReader> reader, PollReader::Open(options.poll));
  if (reader->replay().origin() != message.origin) {
    return absl::InvalidArgumentError("the message is for another poll than the one named");
  }
  return *reader->replay().manifest();
}

absl::Status Sign(const SignOptions& options, const Context& context) {
  URNA_ASSIGN_OR_RETURN(Message message, ReadMessageFile(options.file));
  if (SignedBodyOf(message.entry) == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(options.file,
                                                   ": officers sign manifests and orders, not a ",
                                                   record::EntryName(message.entry)));
  }
  URNA_ASSIGN_OR_RETURN(const record::Entry manifest, ManifestFor(message, options));
  URNA_ASSIGN_OR_RETURN(const PollOfficers officers, OfficersOf(manifest));
  const std::string words = Describe(message.entry, &manifest, context.language);
  context.Say(words);
  for (const std::string& path : options.merge) {
    URNA_ASSIGN_OR_RETURN(const Message other, ReadMessageFile(path));
    URNA_RETURN_IF_ERROR(Annotate(MergeSignatures(other.entry, message.entry), path));
  }
  for (const std::string& path : options.keys) {
    URNA_ASSIGN_OR_RETURN(const crypto::SigningKey key,
                          OpenSigningKey(path, "officer", options.passphrase));
    URNA_RETURN_IF_ERROR(Annotate(AddSignature(officers, key, message.entry), path));
  }
  URNA_ASSIGN_OR_RETURN(const std::vector<std::string> signers,
                        CheckedSigners(officers, message.entry));
  URNA_RETURN_IF_ERROR(WriteMessageFile(options.file, message));
  Json answer;
  answer["file"] = options.file;
  answer["poll"] = ToHex(officers.poll);
  answer["signed_by"] = signers;
  answer["quorum"] = officers.officers.quorum;
  answer["complete"] = signers.size() >= officers.officers.quorum;
  if (Json specification = SpecificationOf(message.entry); !specification.is_null()) {
    answer["specification"] = std::move(specification);
  }
  context.Answer(absl::StrCat("signed by ", absl::StrJoin(signers, ", "), ": ", signers.size(),
                              " of the ", officers.officers.quorum, " that are needed"),
                 answer);
  return absl::OkStatus();
}

struct SubmitOptions {
  console::BoardOptions board;
  std::vector<std::string> files;
};

absl::StatusOr<remote::Receipt> SubmitOne(const Message& message, remote::BoardClient& board,
                                          std::optional<merkle::NoteVerifier>& log) {
  URNA_ASSIGN_OR_RETURN(const Bytes bytes, record::EncodeEntry(message.entry));
  if (OriginOf(message.entry)) {
    const std::array<uint8_t, 32> key = std::visit(
        [](const auto& entry) -> std::array<uint8_t, 32> {
          if constexpr (requires { entry.manifest.log_key; }) return entry.manifest.log_key;
          if constexpr (requires { entry.header.log_key; }) return entry.header.log_key;
          return {};
        },
        message.entry);
    URNA_ASSIGN_OR_RETURN(log, LogVerifier(message.origin, key));
    URNA_ASSIGN_OR_RETURN(remote::Receipt receipt, board.CreateLog(bytes));
    URNA_RETURN_IF_ERROR(Annotate(remote::CheckReceipt(receipt, bytes, *log), "receipt"));
    return receipt;
  }
  if (!log || log->name() != message.origin) {
    URNA_ASSIGN_OR_RETURN(const std::vector<Bytes> first, board.GetEntries(message.origin, 0, 1));
    if (first.size() != 1) return absl::DataLossError("the board gives no first entry of the log");
    URNA_ASSIGN_OR_RETURN(const record::Entry entry, record::DecodeEntry(first.front()));
    if (const auto* header = std::get_if<roll::SignedRollHeader>(&entry)) {
      URNA_ASSIGN_OR_RETURN(log, LogVerifier(message.origin, header->header.log_key));
    } else {
      PollReplay replay;
      URNA_RETURN_IF_ERROR(replay.Take(first.front()));
      URNA_ASSIGN_OR_RETURN(log, replay.log());
    }
  }
  return PostEntry(board, *log, bytes);
}

absl::Status Submit(const SubmitOptions& options, const Context& context) {
  URNA_ASSIGN_OR_RETURN(remote::BoardClient board, options.board.Connect());
  Json answer = Json::array();
  std::string said;
  std::optional<merkle::NoteVerifier> log;
  for (const std::string& file : options.files) {
    URNA_ASSIGN_OR_RETURN(const Message message, ReadMessageFile(file));
    absl::StatusOr<remote::Receipt> receipt = SubmitOne(message, board, log);
    if (!receipt.ok()) return Annotate(receipt.status(), file);
    answer.push_back({{"file", file},
                      {"origin", message.origin},
                      {"what", record::EntryName(message.entry)},
                      {"index", receipt->index}});
    absl::StrAppend(&said, file, ": ", record::EntryName(message.entry), ", entry ", receipt->index,
                    " of ", message.origin, "\n");
  }
  context.Answer(said, answer);
  return absl::OkStatus();
}

}  // namespace

void AddManifestCommands(Commands& commands) {
  Context& context = commands.context();
  CLI::App* group = commands.AddGroup("manifest", "Manifests: what a poll is");
  auto make = std::make_shared<MakeManifestOptions>();
  CLI::App* command =
      commands.Add(*group, "make", "Make a manifest from a specification (docs/election-spec.md)",
                   [make, &context] { return MakeManifest(*make, context); });
  command->add_option("--spec", make->spec, "JSON specification")->required();
  command->add_option("--profile", make->profile,
                      "Profile of an anonymous petition (examples/profiles), for what the "
                      "specification does not say itself");
  make->rolls.AddTo(*command);
  command->add_option("--out", make->out, "Message file to write")->required();
  make->board.AddTo(*command, false);
  AddFromPabulib(commands, *group);

  auto sign = std::make_shared<SignOptions>();
  command = commands.Add(commands.app(), "sign",
                         "Sign a manifest or an order, which is shown in words first",
                         [sign, &context] { return Sign(*sign, context); });
  command->add_option("file", sign->file, "Message file, to which the signature is added")
      ->required();
  command->add_option("--key", sign->keys, "Officer's key file; may be given several times");
  command->add_option("--merge", sign->merge,
                      "Other copies of the message, whose signatures are taken over");
  sign->passphrase.AddTo(*command);
  sign->poll.AddTo(*command);

  auto submit = std::make_shared<SubmitOptions>();
  command = commands.Add(commands.app(), "submit", "Post message files to a board",
                         [submit, &context] { return Submit(*submit, context); });
  command->add_option("files", submit->files, "Message files, in order")->required();
  submit->board.AddTo(*command, true);
}

}  // namespace urna::tally
