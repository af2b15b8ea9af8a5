// A record with any single byte changed never verifies: every byte of every file of a small
// election and a small petition.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "core/base/file.h"
#include "core/base/parallel.h"
#include "tests/core/audit/audit_kit.h"

namespace urna::audit {
namespace {

using testing::ElectionFixture;
using testing::TemporaryDirectory;

std::vector<std::string> FilesOf(const std::string& record) {
  std::vector<std::string> files;
  for (const auto& item : std::filesystem::recursive_directory_iterator(record)) {
    if (item.is_regular_file()) {
      files.push_back(std::filesystem::relative(item.path(), record).string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

void WriteBytes(const std::string& path, const Bytes& bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  ASSERT_TRUE(out.good()) << path;
}

// Changes every byte in turn, in one copy of the record for each thread. A changed byte that
// leaves the log's own signed tree standing is not looked for here: it is found or the test fails.
void ExpectEveryByteMatters(const std::string& record, AuditOptions options) {
  options.threads = 1;
  ASSERT_EQ(AuditRecord(record, options).report.ExitStatus(), 0);
  struct Place {
    std::string file;
    size_t offset;
  };
  std::vector<Place> places;
  for (const std::string& file : FilesOf(record)) {
    const size_t size = std::filesystem::file_size(record + "/" + file);
    for (size_t i = 0; i < size; ++i) places.push_back({file, i});
  }
  constexpr size_t kSlices = 4;
  std::mutex mutex;
  std::vector<std::string> verified;
  std::atomic<size_t> changed = 0;
  ParallelFor(kSlices, 0, [&](size_t slice) {
    const TemporaryDirectory copy;
    std::filesystem::copy(record, copy.path() + "/r", std::filesystem::copy_options::recursive);
    for (size_t i = slice; i < places.size(); i += kSlices) {
      const std::string path = copy.path() + "/r/" + places[i].file;
      const Bytes good = ReadFile(path, 1 << 20).value();
      Bytes bad = good;
      bad[places[i].offset] ^= static_cast<uint8_t>(1u << (i % 8));
      WriteBytes(path, bad);
      const int status = AuditRecord(copy.path() + "/r", options).report.ExitStatus();
      WriteBytes(path, good);
      ++changed;
      if (status != 0) continue;
      const std::lock_guard<std::mutex> lock(mutex);
      verified.push_back(places[i].file + " byte " + std::to_string(places[i].offset));
    }
  });
  EXPECT_GT(changed, 2000u);
  EXPECT_EQ(changed, places.size());
  EXPECT_TRUE(verified.empty()) << verified.size() << " changes verify, as " << verified.front();
}

TEST(FlippedByteTest, NoByteOfAPetitionCanBeChanged) {
  PetitionLog petition;
  petition.Open();
  petition.Sign(0, 1);
  petition.Close();
  petition.Finish();
  const TemporaryDirectory record;
  petition.Write(record.path() + "/r");
  ExpectEveryByteMatters(record.path() + "/r", petition.Options());
}

TEST(FlippedByteTest, NoByteOfAnElectionCanBeChanged) {
  testing::ElectionOptions tiny;
  tiny.officers = 2;
  tiny.officer_quorum = 1;
  tiny.trustees = 1;
  tiny.threshold = 1;
  tiny.roll = {"board.example/roll", 2, {1}};
  tiny.manifest = [](election::Manifest& manifest) {
    manifest.contests.resize(1);
    manifest.districts.resize(1);
    manifest.styles = {{1, {1}}};
  };
  ElectionFixture election(tiny);
  election.RunCeremony();
  election.Open();
  election.Cast(0, {{0, 1}});
  election.Close();
  election.LogSum();
  election.LogCountAcknowledgements();
  election.LogDecryptionShares(1);
  election.LogResult();
  const TemporaryDirectory record;
  testing::WriteRecordFiles(record.path() + "/r", election.people().poll_log.named.name,
                            election.people(), election.encoded(), election.roll());
  AuditOptions options;
  options.policy = PolicyOf(election.people(), 1);
  ExpectEveryByteMatters(record.path() + "/r", options);
}

}  // namespace
}  // namespace urna::audit
