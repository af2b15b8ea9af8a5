// A whole log read once: its files are checked (L2), its entries hashed, decoded and handed on in
// order, while the next ones are being read. docs/protocol.md §10.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/merkle/hash.h"
#include "core/record/directory.h"
#include "core/record/entry.h"

namespace urna::record {

// The entries of one bundle.
struct ScannedBundle {
  uint64_t first = 0;                          // the first one's index
  std::vector<merkle::Hash> leaf_hashes;       // of every entry
  std::vector<uint32_t> sizes;                 // in bytes
  std::vector<absl::StatusOr<Entry>> entries;  // an error where it is not canonical (L3)
};

struct LogScan {
  // Of the files, as LogReader::CheckFiles says.
  std::vector<std::string> problems;
  // Why not all entries were handed on; it names the file.
  absl::Status read;
};

// `visit` is called for every bundle in order, up to one that cannot be read, on the caller's
// thread; files beyond are looked at all the same. Up to `threads` others (0: one a core) read
// ahead, at most some ten megabytes.
LogScan ScanLog(const LogReader& log, unsigned threads,
                const std::function<void(ScannedBundle bundle)>& visit);

}  // namespace urna::record
