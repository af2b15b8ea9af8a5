// A log on disk that grows while its entries are made, in bounded memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/base/bytes.h"
#include "core/merkle/note.h"
#include "core/merkle/tree.h"

namespace urna::bench {

// Entries wait in memory, up to some 64 MiB of them, and are then written as a mirror would that
// has heard of a new checkpoint. Used by one thread.
class GrowingLog {
 public:
  // The signer's name is the log's origin. It must outlive this. The directory is made.
  GrowingLog(std::string directory, const merkle::NoteSigner& signer)
      : directory_(std::move(directory)), signer_(signer) {}

  // Errors are those of writing files.
  absl::Status Append(Bytes entry);
  // Writes what waits, so that the directory is a whole log.
  absl::Status Write();

  uint64_t size() const { return tree_.size(); }
  merkle::Hash root() const { return tree_.root(); }

 private:
  std::string directory_;
  const merkle::NoteSigner& signer_;
  merkle::CompactTree tree_;
  uint64_t first_ = 0;  // index of the first of waiting_, where a bundle begins
  std::vector<Bytes> waiting_;
  size_t waiting_bytes_ = 0;
};

}  // namespace urna::bench
