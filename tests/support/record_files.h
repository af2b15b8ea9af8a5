// Writing records of test polls to disk, as a board would serve them, honest or forged.
#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "tests/support/poll_fixture.h"

namespace urna::testing {

// A new directory under the system's temporary one; removed with all it holds.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A log's directory with these entries under a checkpoint that `signer` signs for `origin`.
void WriteLogFiles(const std::string& directory, absl::string_view origin, const Signer& signer,
                   const std::vector<Bytes>& entries);

// RECORD/poll and, if `with_roll`, RECORD/roll-….
void WriteRecordFiles(const std::string& record, absl::string_view origin, const TestPeople& people,
                      const std::vector<Bytes>& poll_entries, const TestRoll& roll,
                      bool with_roll = true);

// The policy that fits these people.
std::string PolicyText(const TestPeople& people, uint16_t officer_quorum,
                       uint16_t trustee_threshold);

}  // namespace urna::testing
