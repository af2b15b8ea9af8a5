#include "tests/support/record_files.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/merkle/checkpoint.h"
#include "core/record/directory.h"

namespace urna::testing {
namespace {

merkle::NoteSigner NoteSignerOf(const Signer& signer, absl::string_view name) {
  absl::StatusOr<crypto::SigningKey> key =
      crypto::SigningKey::FromSeed(signer.key.ExposeSeedForKeyFile().ExposeSpan());
  URNA_CHECK(key.ok(), "a signer has a key");
  absl::StatusOr<merkle::NoteSigner> note = merkle::NoteSigner::Create(name, *std::move(key));
  URNA_CHECK(note.ok(), "a signer has a key name");
  return *std::move(note);
}

std::string VkeyOf(const Signer& signer) {
  return NoteSignerOf(signer, signer.named.name).verifier().vkey();
}

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "urna-test-XXXXXX").string();
  URNA_CHECK(::mkdtemp(pattern.data()) != nullptr, "a temporary directory can be made");
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void WriteLogFiles(const std::string& directory, absl::string_view origin, const Signer& signer,
                   const std::vector<Bytes>& entries) {
  const absl::StatusOr<merkle::Checkpoint> checkpoint =
      merkle::Checkpoint::Create(origin, entries.size(), RootOf(entries));
  URNA_CHECK(checkpoint.ok(), "a test log has a checkpoint");
  const absl::StatusOr<std::string> note =
      merkle::SignCheckpoint(*checkpoint, NoteSignerOf(signer, origin));
  URNA_CHECK(note.ok(), "a test checkpoint can be signed");
  const absl::Status written =
      record::WriteLog(directory, AsBytes(*note),
                       [&](uint64_t index) -> absl::StatusOr<Bytes> { return entries[index]; });
  URNA_CHECK(written.ok(), "a test log can be written");
}

void WriteRecordFiles(const std::string& record, absl::string_view origin, const TestPeople& people,
                      const std::vector<Bytes>& poll_entries, const TestRoll& roll,
                      bool with_roll) {
  WriteLogFiles(record::PollDirectory(record), origin, people.poll_log, poll_entries);
  if (!with_roll) return;
  WriteLogFiles(record::RollDirectory(record, roll.state->roll_id()), roll.header.header.origin,
                people.roll_log, roll.Entries());
}

std::string PolicyText(const TestPeople& people, uint16_t officer_quorum,
                       uint16_t trustee_threshold) {
  std::string text =
      absl::StrCat("# who an auditor knows\nlog ", VkeyOf(people.poll_log), "\nroll ",
                   VkeyOf(people.roll_log), "\nregistrar ", VkeyOf(people.registrar), "\n");
  for (const Signer& officer : people.officers) {
    absl::StrAppend(&text, "officer ", VkeyOf(officer), "\n");
  }
  absl::StrAppend(&text, "officer-quorum ", officer_quorum, "\n");
  for (const Signer& trustee : people.trustees) {
    absl::StrAppend(&text, "trustee ", VkeyOf(trustee), "\n");
  }
  if (trustee_threshold > 0) absl::StrAppend(&text, "trustee-threshold ", trustee_threshold, "\n");
  absl::StrAppend(&text, "quorum none\n");
  return text;
}

}  // namespace urna::testing
