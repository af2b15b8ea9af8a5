// Whether a directory is exactly the log that its checkpoint names, bundle by bundle while somebody
// reads it. docs/protocol.md §10; check L2 of §12.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/bytes.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/hash.h"
#include "core/merkle/tile.h"
#include "core/record/tile_stream.h"

namespace urna::record {

// For one thread at a time.
class LogCheck {
 public:
  // Looks at which files there are. Both must outlive this.
  LogCheck(const std::string& directory, const merkle::Checkpoint& checkpoint);
  LogCheck(const LogCheck&) = delete;
  LogCheck& operator=(const LogCheck&) = delete;

  // The leaf hashes of the next bundle, from its entries, or why they cannot be read. Compares the
  // tiles that this completes. False if nothing can be said about the bundles that follow.
  bool Take(const absl::StatusOr<std::vector<merkle::Hash>>& leaf_hashes);

  // A sentence for each problem, none if all is well, when all bundles were taken or Take has
  // returned false; after the first 100 only their number.
  std::vector<std::string> Finish();

 private:
  void Problem(std::string sentence);
  void LookForStrayFiles();
  void LookForMissingFiles();
  bool Found(const merkle::TileId& tile) const;
  void Compare(const merkle::TileId& tile, ByteSpan expected);
  absl::StatusOr<std::vector<merkle::Hash>> HashesOfTile(const merkle::TileId& tile) const;
  std::string Path(const merkle::TileId& tile) const;

  const std::string& directory_;
  const merkle::Checkpoint& checkpoint_;
  const uint64_t size_;
  std::vector<merkle::TileId> found_;  // files that belong here, ascending
  TileStream tiles_;
  uint64_t next_ = 0;        // bundle
  bool all_entries_ = true;  // of the bundles so far
  bool lost_ = false;        // nothing follows from what comes next
  std::vector<std::string> problems_;
  uint64_t unnamed_ = 0;
};

}  // namespace urna::record
