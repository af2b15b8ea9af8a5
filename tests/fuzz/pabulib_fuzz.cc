// Files in Pabulib's format: whatever is read can be counted and judged by its own rules, and no
// position leads outside of it.
#include "absl/strings/match.h"
#include "core/pabulib/pabulib.h"
#include "core/pabulib/vote_rules.h"
#include "tests/fuzz/require.h"

namespace {

using namespace urna;  // NOLINT: a program, not a header
using testing::Require;

void Judge(const pabulib::File& file, bool ignore_limits) {
  const absl::StatusOr<pabulib::VoteRules> rules = pabulib::ReadVoteRules(file, ignore_limits);
  if (!rules.ok()) return;
  for (const pabulib::VoteLimit& limit : rules->limits) {
    for (const uint32_t project : limit.projects) {
      Require(project < file.projects.size(), "a limit is about projects of the file");
    }
  }
  const std::vector<pabulib::Breach> breaches = pabulib::FindBreaches(file, *rules);
  for (const pabulib::Breach& breach : breaches) {
    Require(breach.vote < file.votes.size(), "a breach is one of a vote of the file");
    Require(!pabulib::DescribeBreach(file, breach).empty(), "a breach can be described");
  }
  const std::vector<size_t> admissible = pabulib::AdmissibleVotes(file, breaches);
  Require(admissible.size() <= file.votes.size(), "no more votes are admitted than there are");
  Require(!breaches.empty() || admissible.size() == file.votes.size(),
          "without breaches every vote is admitted");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::StatusOr<pabulib::File> file =
      pabulib::Parse(testing::Text(ByteSpan(data, size)), "input.pb");
  if (!file.ok()) {
    Require(absl::StrContains(file.status().message(), "input.pb"), "a refusal names the file");
    return 0;
  }
  Require(pabulib::CountVotes(*file).size() == file->projects.size(), "every project is counted");
  pabulib::DifferencesOfPublished(*file);
  Judge(*file, false);
  Judge(*file, true);
  return 0;
}
