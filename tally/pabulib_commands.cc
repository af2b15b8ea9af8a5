// manifest from-pabulib, pabulib check, pabulib compare: files of real participatory budgets.
#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/console/key_file.h"
#include "tally/commands.h"
#include "tally/describe.h"
#include "tally/pabulib_compare.h"
#include "tally/pabulib_spec.h"
#include "tally/spec_reader.h"

namespace urna::tally {
namespace {

constexpr size_t kMaxTexts = 8 << 20;
constexpr size_t kMaxReport = 64 << 20;

absl::StatusOr<pabulib::File> ReadPabulib(const std::string& path) {
  URNA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(path, pabulib::kMaxFileSize));
  return pabulib::Parse(AsText(bytes), path);
}

// How many voters break a rule; a voter may break several.
size_t Voters(const pabulib::File& file, const std::vector<pabulib::Breach>& breaches) {
  return file.votes.size() - pabulib::AdmissibleVotes(file, breaches).size();
}

Json BreachesToJson(const pabulib::File& file, const std::vector<pabulib::Breach>& breaches) {
  Json out = Json::array();
  for (const pabulib::Breach& breach : breaches) {
    out.push_back({{"voter", file.votes[breach.vote].voter},
                   {"line", file.votes[breach.vote].line},
                   {"limit", breach.limit},
                   {"bound", breach.bound},
                   {"value", breach.value}});
  }
  return out;
}

struct FromPabulibOptions {
  std::string file, out;
  std::vector<std::string> titles;
  PabulibSpecOptions spec;
};

// A vkey, or the public key of a key file.
absl::StatusOr<std::string> VkeyOf(const std::string& value) {
  if (!std::filesystem::exists(value)) return value;
  URNA_ASSIGN_OR_RETURN(const console::KeyFileLabel label, console::ReadKeyFileLabel(value));
  return label.public_key;
}

// FILE.texts.json beside FILE.pb, if there is one.
absl::StatusOr<std::optional<Json>> ReadTexts(const std::string& file) {
  const std::string path = std::filesystem::path(file).replace_extension(".texts.json").string();
  if (!std::filesystem::exists(path)) return std::optional<Json>();
  URNA_ASSIGN_OR_RETURN(const Bytes content, ReadFile(path, kMaxTexts));
  URNA_ASSIGN_OR_RETURN(Json texts, ParseJson(AsText(content), path));
  return std::optional<Json>(std::move(texts));
}

absl::Status FromPabulib(FromPabulibOptions options, const Context& context) {
  URNA_ASSIGN_OR_RETURN(const pabulib::File file, ReadPabulib(options.file));
  URNA_ASSIGN_OR_RETURN(const std::optional<Json> texts, ReadTexts(options.file));
  for (const std::string& title : options.titles) {
    const size_t equals = title.find('=');
    const bool tagged = equals != std::string::npos &&
                        CheckLanguage(absl::string_view(title).substr(0, equals)).ok();
    options.spec.title.push_back(
        tagged ? LocalizedText{title.substr(0, equals), title.substr(equals + 1)}
               : LocalizedText{LanguageOf(file), title});
  }
  std::sort(options.spec.title.begin(), options.spec.title.end(),
            [](const auto& a, const auto& b) { return a.language < b.language; });
  URNA_ASSIGN_OR_RETURN(options.spec.registrar, VkeyOf(options.spec.registrar));
  for (std::string& key : options.spec.officers) {
    URNA_ASSIGN_OR_RETURN(key, VkeyOf(key));
  }
  for (std::string& key : options.spec.trustees) {
    URNA_ASSIGN_OR_RETURN(key, VkeyOf(key));
  }
  const absl::StatusOr<PabulibSpec> made = SpecFromPabulib(file, texts, options.spec);
  if (!made.ok()) return Annotate(made.status(), options.file);
  URNA_RETURN_IF_ERROR(WriteFileDurably(options.out, AsBytes(made->spec.dump(2) + "\n")));
  const size_t left_out = Voters(file, pabulib::FindBreaches(file, made->rules));
  Json answer;
  answer["out"] = options.out;
  answer["options"] = file.projects.size();
  answer["votes"] = file.votes.size();
  answer["limits"] = made->rules.limits.size();
  answer["left_out"] = left_out;
  answer["notes"] = made->notes;
  std::string said;
  for (const std::string& note : made->notes) absl::StrAppend(&said, Printable(note), "\n");
  if (left_out > 0) {
    absl::StrAppend(&said, left_out, " of ", file.votes.size(),
                    " voters break a rule of the file and cannot be cast; `urna-tally pabulib "
                    "check` lists them\n");
  }
  absl::StrAppend(&said, options.out, ": a contest with ", file.projects.size(), " projects",
                  made->rules.limits.empty()
                      ? ""
                      : absl::StrCat(" and ", made->rules.limits.size(),
                                     made->rules.limits.size() == 1 ? " limit" : " limits"),
                  ". Make the manifest with `urna-tally manifest make`");
  context.Answer(said, answer);
  return absl::OkStatus();
}

struct CheckOptions {
  std::string file;
  bool ignore_limits = false;
};

absl::Status Check(const CheckOptions& options, const Context& context) {
  URNA_ASSIGN_OR_RETURN(const pabulib::File file, ReadPabulib(options.file));
  const absl::StatusOr<pabulib::VoteRules> rules =
      pabulib::ReadVoteRules(file, options.ignore_limits);
  if (!rules.ok()) return Annotate(rules.status(), options.file);
  const std::vector<pabulib::Breach> breaches = pabulib::FindBreaches(file, *rules);
  std::string text;
  for (const pabulib::Breach& breach : breaches) {
    absl::StrAppend(&text, Printable(pabulib::DescribeBreach(file, breach)), "\n");
  }
  for (const std::string& note : rules->notes) absl::StrAppend(&text, Printable(note), "\n");
  absl::StrAppend(&text, Voters(file, breaches), " of ", file.votes.size(),
                  " voters break a rule of the file\n");
  Json answer;
  answer["voters"] = file.votes.size();
  answer["left_out"] = Voters(file, breaches);
  answer["breaches"] = BreachesToJson(file, breaches);
  answer["notes"] = rules->notes;
  context.Answer(text, answer);
  return absl::OkStatus();
}

struct CompareCommand {
  std::string file, report;
  CompareOptions compare;
};

absl::Status Compare(const CompareCommand& options, const Context& context) {
  URNA_ASSIGN_OR_RETURN(const pabulib::File file, ReadPabulib(options.file));
  URNA_ASSIGN_OR_RETURN(const Bytes content, ReadFile(options.report, kMaxReport));
  URNA_ASSIGN_OR_RETURN(const Json report, ParseJson(AsText(content), options.report));
  const absl::StatusOr<Comparison> comparison = CompareWithReport(file, report, options.compare);
  if (!comparison.ok()) return Annotate(comparison.status(), options.report);
  context.Answer(ComparisonText(file, *comparison), ComparisonToJson(*comparison));
  if (comparison->differences.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      comparison->differences.size(), " differences between ", options.file, " and the result"));
}

}  // namespace

void AddFromPabulib(Commands& commands, CLI::App& group) {
  Context& context = commands.context();
  auto from = std::make_shared<FromPabulibOptions>();
  CLI::App* command = commands.Add(
      group, "from-pabulib",
      "Make a specification from a Pabulib file (and FILE.texts.json beside it, if there is one)",
      [from, &context] { return FromPabulib(*from, context); });
  command->add_option("file", from->file, "Pabulib file")->required();
  command->add_option("--out", from->out, "Specification to write")->required();
  command->add_option("--origin", from->spec.origin, "Origin of the poll's log")->required();
  command->add_option("--title", from->titles, "Title, as en=TEXT, once for each language");
  command->add_option("--opens", from->spec.opens, "Time, as 2025-06-01T08:00:00Z")->required();
  command->add_option("--closes", from->spec.closes, "Time")->required();
  command->add_option("--tolerance", from->spec.tolerance, "Seconds")->capture_default_str();
  command->add_option("--registrar", from->spec.registrar, "vkey, or key file");
  command->add_option("--officer", from->spec.officers, "vkey, or key file; once for each");
  command->add_option("--officer-quorum", from->spec.officer_quorum, "M of N officers")
      ->capture_default_str();
  command->add_option("--trustee", from->spec.trustees, "vkey, or key file; once for each");
  command->add_option("--trustee-threshold", from->spec.trustee_threshold, "t of n trustees")
      ->capture_default_str();
  command
      ->add_option("--minimum-ballots", from->spec.minimum_ballots,
                   "Fewer ballots are never decrypted")
      ->capture_default_str();
  command
      ->add_option("--challenges", from->spec.challenges, "How many ballots a voter may challenge")
      ->capture_default_str();
  command->add_flag("--ignore-limits", from->spec.ignore_limits,
                    "Leave out all of the file's limits on votes");
  const std::map<std::string, GreedyChoice> readings = {
      {"stop", GreedyChoice::kStop}, {"skip", GreedyChoice::kSkip}, {"none", GreedyChoice::kNone}};
  command
      ->add_option("--greedy", from->spec.greedy,
                   "The outcome is greedy, and at a project that costs more than is left it stops, "
                   "or skips it (so if nothing is said and META's rule is greedy); or no outcome")
      ->transform(CLI::CheckedTransformer(readings));
}

void AddPabulibCommands(Commands& commands) {
  Context& context = commands.context();
  CLI::App* group = commands.AddGroup("pabulib", "Files of real participatory budgets");
  auto check = std::make_shared<CheckOptions>();
  CLI::App* command = commands.Add(
      *group, "check", "List the voters whose votes break the file's own rules: they are not cast",
      [check, &context] { return Check(*check, context); });
  command->add_option("file", check->file, "Pabulib file")->required();
  command->add_flag("--ignore-limits", check->ignore_limits, "As if the file had no limits");

  auto compare = std::make_shared<CompareCommand>();
  command = commands.Add(*group, "compare",
                         "Compare the verifier's JSON report with a file: with its published votes "
                         "if all were cast, else with its admissible votes recounted",
                         [compare, &context] { return Compare(*compare, context); });
  command->add_option("file", compare->file, "Pabulib file")->required();
  command->add_option("--report", compare->report, "Output of urna-verifier --json")->required();
  command->add_option("--voters", compare->compare.first_votes,
                      "Only so many of the file's first votes took part");
  command->add_flag("--ignore-limits", compare->compare.ignore_limits,
                    "The poll was made, and the votes cast, with --ignore-limits");
}

}  // namespace urna::tally
