#include <fstream>

#include "core/base/check.h"
#include "core/record/directory.h"
#include "tests/forgery/forgery.h"
#include "tests/support/record_files.h"

namespace urna::forgery {
namespace {

void WriteFile(const std::string& path, ByteSpan bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  URNA_CHECK(file.good(), "a test file can be written");
}

}  // namespace

void Case::Write(const testing::TestPeople& people, uint16_t threshold,
                 const std::vector<Bytes>& entries, const testing::TestRoll& roll, bool with_roll) {
  policy =
      testing::PolicyText(people, static_cast<uint16_t>(people.officers.size() - 1), threshold);
  testing::WriteRecordFiles(record(), people.poll_log.named.name, people, entries, roll, with_roll);
}

void Case::Write(const testing::ElectionFixture& election) {
  Write(election.people(), election.manifest().trustee_threshold, election.encoded(),
        election.roll(), election.state().opening().has_value());
}

void Case::WriteOlder(const testing::ElectionFixture& election, size_t size) {
  const std::vector<Bytes> entries(election.encoded().begin(),
                                   election.encoded().begin() + static_cast<ptrdiff_t>(size));
  const std::string older = directory + "/older";
  testing::WriteRecordFiles(older, election.people().poll_log.named.name, election.people(),
                            entries, election.roll());
  older_checkpoint = {
      "older", record::LogReader::Open(record::PollDirectory(older)).value().checkpoint_note()};
  has_older_record = true;
}

audit::AuditOptions Case::Options() const {
  audit::AuditOptions options;
  absl::StatusOr<audit::Policy> parsed = audit::Policy::Parse(policy);
  URNA_CHECK(parsed.ok(), "a test policy parses");
  options.policy = *std::move(parsed);
  options.stage = stage;
  options.receipts = receipts;
  if (older_checkpoint.has_value()) options.older_checkpoints = {*older_checkpoint};
  return options;
}

void Case::WriteArguments() const {
  WriteFile(directory + "/policy", AsBytes(policy));
  std::string arguments = "--policy\npolicy\n--stage\n" + std::string(StageName(stage)) + "\n";
  for (const audit::NamedBytes& receipt : receipts) {
    WriteFile(directory + "/" + receipt.name, receipt.bytes);
    arguments += "--receipt\n" + receipt.name + "\n";
  }
  if (older_checkpoint.has_value()) {
    if (!has_older_record) {
      WriteFile(directory + "/" + older_checkpoint->name, older_checkpoint->bytes);
    }
    arguments += "--since\n" + older_checkpoint->name + "\n";
  }
  WriteFile(directory + "/arguments", AsBytes(arguments));
}

absl::string_view CheatName(Cheat cheat) {
  switch (cheat) {
    case Cheat::kOperator:
      return "operator";
    case Cheat::kRegistrar:
      return "registrar";
    case Cheat::kOfficers:
      return "officers";
    case Cheat::kFewTrustees:
      return "fewer trustees than the threshold";
    case Cheat::kAllTrustees:
      return "all trustees";
    case Cheat::kVoter:
      return "voter";
  }
  return "nobody";
}

std::string Forgery::Title() const {
  std::string out;
  for (Check check : checks) out += std::string(InfoOf(check).number) + "_";
  return out + name;
}

std::vector<Forgery> AllForgeries() {
  std::vector<Forgery> all;
  for (const auto& some :
       {LogForgeries(), IdentityForgeries(), EncodingForgeries(), SetUpForgeries(),
        OrderForgeries(), BallotForgeries(), ProofForgeries(), ChallengeForgeries(),
        CountForgeries(), PetitionForgeries(), AnonymousForgeries(), EpochForgeries(),
        AnonymousElectionForgeries(), LifeForgeries(), WitnessForgeries()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

}  // namespace urna::forgery
