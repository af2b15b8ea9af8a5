// How the ledger's rows are keyed and encoded (ledger.h has the table) and how its database is
// opened; for ledger.cc and ledger_check.cc alone. The one place that takes errors from RocksDB.
#pragma once

#include <rocksdb/options.h>
#include <rocksdb/slice.h>
#include <rocksdb/status.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/base/codec.h"
#include "server/ledger.h"

namespace urna::server {

inline constexpr absl::string_view kLedgerFormat = "urna-ledger-1";

inline constexpr absl::string_view kWhatToDoWithDamage =
    "Do not repair it with other tools: keep the data directory as it is, let `urna-server fsck` "
    "say what is left, and restore a backup together with what mirrors have (docs/operations.md)";

inline rocksdb::Slice ToSlice(ByteSpan bytes) {
  return rocksdb::Slice(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}
inline ByteSpan ToSpan(const rocksdb::Slice& slice) {
  return ByteSpan(reinterpret_cast<const uint8_t*>(slice.data()), slice.size());
}

Bytes NameKey(LogNumber log);
Bytes HeadKey(LogNumber log);
Bytes EntryKey(LogNumber log, uint64_t index);
Bytes NodeKey(LogNumber log, int level, uint64_t index);
Bytes LeafKey(LogNumber log, const merkle::Hash& leaf_hash);

Bytes EncodeU64(uint64_t value);
Bytes EncodeHead(const TreeHead& head);
absl::StatusOr<TreeHead> DecodeHead(ByteSpan bytes);

absl::Status FromRocks(const rocksdb::Status& status, absl::string_view what);
// The same for opening, with what to do.
absl::Status OpenError(const rocksdb::Status& status, const std::string& directory);

bool HasDatabase(const std::string& directory);
rocksdb::Options MakeOptions(LedgerMode mode);

}  // namespace urna::server
