// enrol-file, enrol-many, cast-file, sign-file: as many people as a file has, at once. For
// rehearsals.
#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/base/utf8.h"
#include "core/console/key_file.h"
#include "core/crypto/rng.h"
#include "core/pabulib/pabulib.h"
#include "core/pabulib/vote_rules.h"
#include "core/petition/anonymous_act.h"
#include "core/record/entry.h"
#include "voter/bulk.h"
#include "voter/cli/bulk_report.h"
#include "voter/cli/commands.h"
#include "voter/selections.h"

namespace urna::voter {
namespace {

constexpr char kCredentialsKind[] = "credentials";
constexpr size_t kMaxNoncesFile = 1 << 30;

absl::StatusOr<pabulib::File> ReadPabulib(const std::string& path) {
  URNA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(path, pabulib::kMaxFileSize));
  return pabulib::Parse(AsText(bytes), path);
}

// How many of the voters of a file take part; 0 asks for all.
absl::StatusOr<uint64_t> HowMany(const pabulib::File& file, uint64_t wanted) {
  if (file.votes.empty()) return absl::InvalidArgumentError("the file has no voters");
  if (wanted > file.votes.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--voters ", wanted, ": the file has only ", file.votes.size()));
  }
  return wanted == 0 ? file.votes.size() : wanted;
}

struct EnrolCommand {
  console::PassphraseSource passphrase;
  OutputOptions output;
  std::string file, roll_id, nonces, credentials, members;
  uint64_t voters = 0;
  RollPlace place;
  bool rehearsal = false;
};

absl::StatusOr<std::vector<std::array<uint8_t, 32>>> ReadNonces(const std::string& path,
                                                                uint64_t count) {
  URNA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(path, kMaxNoncesFile));
  std::vector<std::array<uint8_t, 32>> out;
  size_t number = 0;
  for (absl::string_view line : absl::StrSplit(AsText(bytes), '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty()) continue;
    if (out.size() == count) break;
    URNA_ASSIGN_OR_RETURN(const auto nonce, ParseHex32(line, absl::StrCat(path, " line ", number)));
    out.push_back(nonce);
  }
  if (out.size() < count) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " has ", out.size(), " nonces where ", count, " are needed"));
  }
  return out;
}

absl::Status EnrolMany(const EnrolCommand& options, uint64_t count) {
  URNA_ASSIGN_OR_RETURN(const crypto::Hash32 roll_id, ParseHex32(options.roll_id, "--roll-id"));
  URNA_ASSIGN_OR_RETURN(const auto nonces, ReadNonces(options.nonces, count));
  URNA_ASSIGN_OR_RETURN(const crypto::SecretBytes passphrase,
                        options.passphrase.Read("New passphrase of the credentials", true));
  crypto::SystemRng rng;
  ManyEnrolled many = voter::EnrolMany(roll_id, nonces, 0, rng);
  const console::KeyFile key{kCredentialsKind, absl::StrCat(count, " credentials"), ToHex(roll_id),
                             std::move(many.secrets)};
  URNA_RETURN_IF_ERROR(console::WriteKeyFile(options.credentials, key, passphrase,
                                             options.rehearsal
                                                 ? crypto::PasswordStrength::kRehearsal
                                                 : crypto::PasswordStrength::kModerate,
                                             false, rng));
  std::string lines;
  for (const Enrolment& enrolment : many.enrolments) {
    absl::StrAppend(&lines, MemberLine(enrolment, options.place), "\n");
  }
  URNA_RETURN_IF_ERROR(WriteFileDurably(options.members, AsBytes(lines)));
  if (options.output.json) {
    Print({{"enrolled", count},
           {"credentials_file", options.credentials},
           {"members_file", options.members}});
  } else {
    PrintLine(absl::StrCat(count, " credentials in ", options.credentials,
                           "; for the registrar: ", options.members));
  }
  return absl::OkStatus();
}

absl::Status EnrolFile(const EnrolCommand& options) {
  URNA_ASSIGN_OR_RETURN(const pabulib::File file, ReadPabulib(options.file));
  URNA_ASSIGN_OR_RETURN(const uint64_t count, HowMany(file, options.voters));
  return EnrolMany(options, count);
}

// What cast-file and sign-file share.
struct ManyCommand {
  console::BoardOptions board;
  PollOptions poll;
  console::PassphraseSource passphrase;
  OutputOptions output;
  BulkReportOptions report;
  std::string file, credentials;
  uint64_t count = 0;
  uint64_t first = 1;        // of sign-file: the number of the first credential, from 1
  std::string act = "sign";  // of sign-file
  uint64_t sequence = 1;
  BulkOptions bulk;
  bool ignore_limits = false;

  void AddTo(CLI::App& command);
};

void ManyCommand::AddTo(CLI::App& command) {
  board.AddTo(command, true);
  poll.AddTo(command);
  command.add_option("--credentials", credentials, "Credentials that enrol-file made")->required();
  passphrase.AddTo(command);
  report.AddTo(command);
  command.add_option("--in-flight", bulk.in_flight, "Calls under way at once")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command.add_option("--threads", bulk.threads, "Threads that make entries; 0: one a core")
      ->capture_default_str();
  command
      .add_option("--patience", bulk.patience_seconds,
                  "Seconds after which a board that accepts nothing is given up")
      ->capture_default_str();
  command
      .add_option("--sequence", sequence,
                  "Sequence number of all entries; a second run needs a higher one")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  output.AddTo(command, false);
}

// Opened credentials and the poll that they are for.
struct Many {
  std::unique_ptr<Board> board;
  crypto::SecretBytes secrets;
  uint64_t credentials = 0;
  PollView poll;
};

absl::StatusOr<Many> Prepare(const ManyCommand& options) {
  URNA_ASSIGN_OR_RETURN(
      const crypto::SecretBytes passphrase,
      options.passphrase.Read(absl::StrCat("Passphrase of ", options.credentials)));
  URNA_ASSIGN_OR_RETURN(console::KeyFile key,
                        console::OpenKeyFile(options.credentials, kCredentialsKind, passphrase));
  URNA_ASSIGN_OR_RETURN(const uint64_t credentials, CountCredentials(key.secret));
  URNA_ASSIGN_OR_RETURN(std::unique_ptr<Board> board, ConnectBoard(options.board));
  URNA_ASSIGN_OR_RETURN(ReadOptions read, options.poll.Read());
  read.whole_log_limit = 0;  // nobody's own acts are looked for
  URNA_ASSIGN_OR_RETURN(PollView poll, ReadPoll(*board, options.poll.poll, read));
  if (poll.pin.has_value() && ToHex(poll.pin->roll_id) != key.public_key) {
    return absl::FailedPreconditionError(
        absl::StrCat(options.credentials, " was enrolled on the roll ", key.public_key, ", '",
                     poll.origin, "' is for the roll ", ToHex(poll.pin->roll_id)));
  }
  return Many{std::move(board), std::move(key.secret), credentials, std::move(poll)};
}

absl::Status CheckEnough(const Many& many, uint64_t count, const std::string& file) {
  if (count <= many.credentials) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(file, " has ", many.credentials, " credentials where ", count, " are needed"));
}

// `left_out`: what is said of those who take no part.
absl::Status SendMany(const ManyCommand& options, Many& many, Submission kind, uint64_t count,
                      const MakeEntry& make, const std::vector<std::string>& left_out) {
  URNA_ASSIGN_OR_RETURN(std::unique_ptr<BulkReport> report,
                        BulkReport::Start(options.report, count, SubmissionName(kind)));
  ReceiptVerifier verifier(many.poll.log);
  const BulkResult result = SubmitAll(
      *many.board, kind, count, make, verifier,
      [&](uint64_t, const remote::Receipt& receipt) { return report->Take(receipt); },
      [&](uint64_t accepted, uint64_t failed) { report->Progress(accepted, failed); },
      options.bulk);
  return report->Finish(result, verifier.checkpoints(), left_out, options.output.json);
}

// The votes of a file that keep its rules, by position; the others are named and not cast.
struct Admissible {
  std::vector<size_t> votes;
  std::vector<std::string> breaches;  // a sentence each
};

absl::StatusOr<Admissible> FindAdmissible(const pabulib::File& file, uint64_t count,
                                          bool ignore_limits) {
  URNA_ASSIGN_OR_RETURN(const pabulib::VoteRules rules,
                        pabulib::ReadVoteRules(file, ignore_limits));
  const std::vector<pabulib::Breach> breaches = pabulib::FindBreaches(file, rules);
  Admissible out;
  for (size_t vote : pabulib::AdmissibleVotes(file, breaches)) {
    if (vote < count) out.votes.push_back(vote);
  }
  for (const pabulib::Breach& breach : breaches) {
    if (breach.vote < count) out.breaches.push_back(pabulib::DescribeBreach(file, breach));
  }
  return out;
}

absl::Status CastFile(const ManyCommand& options) {
  URNA_ASSIGN_OR_RETURN(const pabulib::File file, ReadPabulib(options.file));
  URNA_ASSIGN_OR_RETURN(const uint64_t count, HowMany(file, options.count));
  URNA_ASSIGN_OR_RETURN(const Admissible admissible,
                        FindAdmissible(file, count, options.ignore_limits));
  for (const std::string& breach : admissible.breaches) std::cerr << Printable(breach) << "\n";
  if (!admissible.breaches.empty()) {
    std::cerr << count - admissible.votes.size() << " of " << count
              << " voters break the file's own rules and are not cast\n";
  }
  URNA_ASSIGN_OR_RETURN(Many many, Prepare(options));
  URNA_RETURN_IF_ERROR(CheckEnough(many, count, options.credentials));
  if (many.poll.election() == nullptr || !many.poll.voting.has_value()) {
    return absl::FailedPreconditionError(
        absl::StrCat("'", many.poll.origin, "' is no election that has been opened"));
  }
  const election::Manifest& manifest = *many.poll.election();
  std::map<uint16_t, absl::StatusOr<PabulibVotes>> votes;
  for (const election::Style& style : manifest.styles) {
    votes.emplace(style.number, PabulibVotes::Create(manifest, style.number, file));
  }
  crypto::SystemRng rng;
  // In an anonymous election all vote over their rings with number 1, and then by their tags.
  std::vector<uint32_t> places;
  const bool over_rings = many.poll.anonymous() && options.sequence == 1;
  if (over_rings) places = many.poll.rings()->RingsOfMembers();
  const auto ring_of = [&](const crypto::Credential& credential) -> std::optional<uint32_t> {
    const std::optional<uint64_t> member =
        over_rings ? many.poll.roll->NumberOf(credential.public_key().bytes()) : std::nullopt;
    return member.has_value() ? std::optional(places[*member]) : std::nullopt;
  };
  const auto make = [&](uint64_t item) -> absl::StatusOr<Bytes> {
    const size_t voter = admissible.votes[item];
    const pabulib::Vote& vote = file.votes[voter];
    URNA_ASSIGN_OR_RETURN(const crypto::Credential credential, CredentialAt(many.secrets, voter));
    const absl::StatusOr<uint16_t> style = many.poll.StyleOf(credential.public_key().bytes());
    if (!style.ok()) {
      return Annotate(style.status(), absl::StrCat("voter '", vote.voter, "' at line ", vote.line));
    }
    const absl::StatusOr<PabulibVotes>& of_style = votes.at(*style);
    if (!of_style.ok()) return of_style.status();
    URNA_ASSIGN_OR_RETURN(const election::Selections selections, of_style->Of(vote));
    URNA_ASSIGN_OR_RETURN(
        const election::Ballot ballot,
        many.poll.anonymous()
            ? election::MakeAnonymousBallot(manifest, *many.poll.voting, *style, selections,
                                            options.sequence, ring_of(credential), credential, rng)
            : election::MakeBallot(manifest, *many.poll.voting, *style, selections,
                                   options.sequence, credential, rng));
    return record::EncodeEntry(ballot);
  };
  return SendMany(options, many, Submission::kBallot, admissible.votes.size(), make,
                  admissible.breaches);
}

// The newest rings of a petition, each decoded when its first member signs. Thread-safe.
class ManyRings {
 public:
  explicit ManyRings(const PollView& poll)
      : poll_(poll),
        epoch_(poll.signing->anonymous->epochs.newest()),
        places_(epoch_.rings->RingsOfMembers()) {}

  absl::StatusOr<petition::RingAct> Sign(const crypto::Credential& credential, uint64_t sequence,
                                         crypto::Rng& rng) {
    const std::array<uint8_t, 32>& point = credential.public_key().bytes();
    const std::optional<uint64_t> member = epoch_.rings->roll().NumberOf(point);
    const uint32_t number = member.has_value() ? places_[*member] : roll::Rings::kNone;
    if (number == roll::Rings::kNone) {
      return absl::PermissionDeniedError(
          absl::StrCat("the credential ", epoch_.rings->WhyInNone(point)));
    }
    URNA_ASSIGN_OR_RETURN(const std::shared_ptr<const crypto::Ring> ring, RingOf(number));
    return petition::MakeRingAct(*poll_.signing, sequence, epoch_.epoch, number, *ring, credential,
                                 rng);
  }

 private:
  absl::StatusOr<std::shared_ptr<const crypto::Ring>> RingOf(uint32_t number) {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<const crypto::Ring>& known = rings_[number];
    if (known == nullptr) {
      URNA_ASSIGN_OR_RETURN(crypto::Ring ring,
                            crypto::Ring::Decode(epoch_.rings->PointsOf(number)));
      known = std::make_shared<const crypto::Ring>(std::move(ring));
    }
    return known;
  }

  const PollView& poll_;
  const petition::EpochRings& epoch_;
  const std::vector<uint32_t> places_;
  std::mutex mutex_;  // over rings_
  std::map<uint32_t, std::shared_ptr<const crypto::Ring>> rings_;
};

// Those who have signed an anonymous petition go on under their tags.
bool UnderTag(const std::string& act) { return act != "sign"; }

absl::Status SignFile(const ManyCommand& options) {
  URNA_ASSIGN_OR_RETURN(Many many, Prepare(options));
  const uint64_t before = options.first - 1;
  const uint64_t rest = many.credentials > before ? many.credentials - before : 0;
  const uint64_t count = options.count == 0 ? rest : options.count;
  URNA_RETURN_IF_ERROR(
      CheckEnough(many, before + std::max<uint64_t>(count, 1), options.credentials));
  if (many.poll.petition() == nullptr || !many.poll.signing.has_value()) {
    return absl::FailedPreconditionError(
        absl::StrCat("'", many.poll.origin, "' is no petition that has been opened"));
  }
  const petition::ActContext& signing = *many.poll.signing;
  const petition::Act act =
      options.act == "withdraw" ? petition::Act::kWithdraw : petition::Act::kSign;
  crypto::SystemRng rng;
  std::optional<ManyRings> rings;
  if (signing.anonymous != nullptr && !UnderTag(options.act)) rings.emplace(many.poll);
  const auto make = [&](uint64_t item) -> absl::StatusOr<Bytes> {
    URNA_ASSIGN_OR_RETURN(const crypto::Credential credential,
                          CredentialAt(many.secrets, before + item));
    if (rings.has_value()) {
      URNA_ASSIGN_OR_RETURN(const petition::RingAct ring_act,
                            rings->Sign(credential, options.sequence, rng));
      return record::EncodeEntry(ring_act);
    }
    if (signing.anonymous != nullptr) {
      return record::EncodeEntry(
          petition::MakeTagAct(signing, act, options.sequence, credential, rng));
    }
    return record::EncodeEntry(petition::MakeAct(signing, act, options.sequence, credential, rng));
  };
  return SendMany(options, many, Submission::kAct, count, make, {});
}

void AddEnrolOptions(CLI::App& command, EnrolCommand& enrol) {
  command.add_option("--roll-id", enrol.roll_id, "The roll's id in hex")->required();
  command.add_option("--nonces", enrol.nonces, "The registrar's nonces, one a line in hex")
      ->required();
  command.add_option("--credentials", enrol.credentials, "File for the secrets; not overwritten")
      ->required();
  command.add_option("--members", enrol.members, "File for the registrar, one JSON a line")
      ->required();
  command.add_option("--district", enrol.place.district, "District of all of them")
      ->capture_default_str();
  command.add_option("--category", enrol.place.category, "Category of all of them")
      ->capture_default_str();
  command.add_flag("--rehearsal", enrol.rehearsal,
                   "Protect the credentials only weakly, but at once");
  enrol.passphrase.AddTo(command);
  enrol.output.AddTo(command, false);
}

}  // namespace

void AddRehearsalCommands(CLI::App& app, Run& run) {
  auto enrol = std::make_shared<EnrolCommand>();
  CLI::App* enrolled = app.add_subcommand(
      "enrol-file", "Rehearsals: a credential for every voter of a Pabulib file");
  enrolled->add_option("file", enrol->file, "Pabulib file")->required();
  enrolled->add_option("--voters", enrol->voters, "Only the first so many; 0: all");
  AddEnrolOptions(*enrolled, *enrol);
  enrolled->callback([&run, enrol] { run = [enrol] { return EnrolFile(*enrol); }; });

  auto people = std::make_shared<EnrolCommand>();
  CLI::App* peopled =
      app.add_subcommand("enrol-many", "Rehearsals: credentials for so many people");
  peopled->add_option("--count", people->voters, "How many")
      ->required()
      ->check(CLI::Range(uint64_t{1}, uint64_t{10000000}));
  AddEnrolOptions(*peopled, *people);
  peopled->callback(
      [&run, people] { run = [people] { return EnrolMany(*people, people->voters); }; });

  auto cast = std::make_shared<ManyCommand>();
  CLI::App* casts = app.add_subcommand(
      "cast-file", "Rehearsals: every vote of a Pabulib file, encrypted and cast at once");
  casts->add_option("file", cast->file, "Pabulib file")->required();
  casts->add_option("--voters", cast->count, "Only the first so many; 0: all");
  casts->add_flag("--ignore-limits", cast->ignore_limits,
                  "Cast also what breaks the file's own rules, as long as the poll allows it");
  cast->AddTo(*casts);
  casts->callback([&run, cast] { run = [cast] { return CastFile(*cast); }; });

  auto sign = std::make_shared<ManyCommand>();
  CLI::App* signs =
      app.add_subcommand("sign-file", "Rehearsals: many credentials sign a petition at once");
  signs->add_option("--count", sign->count, "How many act; 0: all");
  signs->add_option("--first", sign->first, "The number of the first of them, from 1")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  signs
      ->add_option(
          "--act", sign->act,
          "sign; withdraw; or sign-again, for those who have withdrawn. The latter two want "
          "a higher --sequence")
      ->check(CLI::IsMember({"sign", "withdraw", "sign-again"}))
      ->capture_default_str();
  sign->AddTo(*signs);
  signs->callback([&run, sign] { run = [sign] { return SignFile(*sign); }; });
}

}  // namespace urna::voter
