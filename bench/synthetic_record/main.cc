// urna-synthetic-record: makes the record of an election that never was, to time the verifier on.
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "bench/synthetic_record/make_record.h"
#include "bench/synthetic_record/petition_log.h"
#include "core/base/clock.h"
#include "core/console/console.h"
#include "core/crypto/rng.h"
#include "core/crypto/sodium_init.h"

namespace urna::bench {
namespace {

constexpr char kProgram[] = "urna-synthetic-record";

int Make(const RecordOptions& options, const tally::Context& context) {
  const absl::StatusOr<RecordSummary> made = MakeRecord(options, context);
  if (!made.ok()) return console::Finish(kProgram, made.status());
  tally::Json answer;
  answer["record"] = options.record;
  answer["policy"] = PolicyFile(options.record);
  answer["shape"] = options.shape.name;
  answer["ballots"] = made->ballots;
  answer["voters"] = made->voters;
  answer["entries"] = made->entries;
  context.Answer(absl::StrCat(options.record, ": ", made->ballots, " ballots of ", made->voters,
                              " voters; policy: ", PolicyFile(options.record)),
                 answer);
  return console::kDone;
}

int MakePetition(const PetitionOptions& options, const tally::Context& context) {
  const absl::StatusOr<PetitionSummary> made = MakePetitionRecord(options, context);
  if (!made.ok()) return console::Finish(kProgram, made.status());
  tally::Json answer;
  answer["record"] = options.record;
  answer["policy"] = PolicyFile(options.record);
  answer["signatures"] = made->signatures;
  answer["members"] = made->members;
  answer["rings"] = made->rings;
  answer["entries"] = made->entries;
  context.Answer(
      absl::StrCat(options.record, ": ", made->signatures, " signatures over ", made->rings,
                   " rings of ", made->members, " members; policy: ", PolicyFile(options.record)),
      answer);
  return console::kDone;
}

int Main(int argc, char** argv) {
  if (absl::Status status = crypto::InitializeCrypto(); !status.ok()) {
    return console::Finish(kProgram, status);
  }
  CLI::App app(
      "urna-synthetic-record: makes the record of an election that never was, or with "
      "--signatures\n"
      "of an anonymous petition, with its policy in\n"
      "RECORD.policy, to time urna-verifier on. All its secrets follow from the seed: it is worth\n"
      "nothing else. Exit status: 0 done, 1 the record is there already, 3 usage, input or "
      "output.");
  app.name(kProgram);
  crypto::SystemRng rng;
  const SystemClock clock;
  tally::Context context{rng, clock};
  RecordOptions options;
  std::string shape = options.shape.name;
  app.add_option("--out", options.record, "Directory to make")->required();
  app.add_option("--ballots", options.ballots, "Ballots, second ones included")
      ->capture_default_str();
  app.add_option("--shape", shape, absl::StrCat("What a ballot is: ", ShapeNames()))
      ->capture_default_str();
  app.add_option("--revote-percent", options.revote_percent, "Voters who cast two, of a hundred")
      ->capture_default_str();
  app.add_option("--seed", options.seed, "What everything is drawn from")->capture_default_str();
  app.add_option("--threads", context.threads, "Threads; 0: one a core")->capture_default_str();
  app.add_flag("--json", context.json, "Answer as JSON on standard output");
  app.add_flag("--progress", context.progress, "Lines of progress even without a terminal");
  PetitionOptions petition;
  petition.signatures = 0;
  app.add_option("--signatures", petition.signatures,
                 "A petition with so many signatures, instead of an election");
  app.add_option("--ring-size", petition.ring_size, "Of a petition: points of a ring")
      ->capture_default_str();
  app.set_version_flag("--version", std::to_string(kRecordVersion),
                       "The version of the records that it makes");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : console::kUsage;
  }
  while (options.record.size() > 1 && options.record.back() == '/') options.record.pop_back();
  if (petition.signatures > 0) {
    petition.record = options.record;
    petition.seed = options.seed;
    return MakePetition(petition, context);
  }
  const Shape* found = FindShape(shape);
  if (found == nullptr) {
    return console::Finish(
        kProgram, absl::InvalidArgumentError(
                      absl::StrCat("--shape: there is no '", shape, "', but ", ShapeNames())));
  }
  options.shape = *found;
  return Make(options, context);
}

}  // namespace
}  // namespace urna::bench

int main(int argc, char** argv) { return urna::bench::Main(argc, argv); }
