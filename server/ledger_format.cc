#include "server/ledger_format.h"

#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <cstdarg>
#include <filesystem>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace urna::server {
namespace {

Writer KeyOf(char kind, LogNumber log) {
  Writer key;
  key.U8(static_cast<uint8_t>(kind));
  key.U32(log);
  return key;
}

// RocksDB's own log of what it does. What goes wrong comes as a status all the same; its file LOG
// would be one more that can fail, and where a write to it does, as on a full disk, Debian's build
// ends the process by an assertion before anybody is told why.
class NoLog final : public rocksdb::Logger {
 public:
  NoLog() : Logger(rocksdb::InfoLogLevel::FATAL_LEVEL) {}
  using Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

}  // namespace

Bytes NameKey(LogNumber log) { return KeyOf('L', log).Take(); }
Bytes HeadKey(LogNumber log) { return KeyOf('H', log).Take(); }
Bytes EntryKey(LogNumber log, uint64_t index) {
  Writer key = KeyOf('E', log);
  key.U64(index);
  return key.Take();
}
Bytes NodeKey(LogNumber log, int level, uint64_t index) {
  Writer key = KeyOf('N', log);
  key.U8(static_cast<uint8_t>(level));
  key.U64(index);
  return key.Take();
}
Bytes LeafKey(LogNumber log, const merkle::Hash& leaf_hash) {
  Writer key = KeyOf('I', log);
  key.Raw(leaf_hash);
  return key.Take();
}

Bytes EncodeU64(uint64_t value) {
  Writer writer;
  writer.U64(value);
  return writer.Take();
}
Bytes EncodeHead(const TreeHead& head) {
  Writer writer;
  writer.U64(head.size);
  writer.Raw(head.root);
  return writer.Take();
}
absl::StatusOr<TreeHead> DecodeHead(ByteSpan bytes) {
  Reader reader(bytes);
  TreeHead head;
  URNA_ASSIGN_OR_RETURN(head.size, reader.U64("size"));
  URNA_ASSIGN_OR_RETURN(head.root, reader.Array<32>("root"));
  URNA_RETURN_IF_ERROR(reader.Finish("tree head"));
  return head;
}

absl::Status FromRocks(const rocksdb::Status& status, absl::string_view what) {
  if (status.ok()) return absl::OkStatus();
  const std::string sentence = absl::StrCat("ledger: ", what, ": ", status.ToString());
  if (status.IsNotFound()) return absl::NotFoundError(sentence);
  if (status.IsCorruption()) return absl::DataLossError(sentence);
  if (status.IsBusy() || status.IsTryAgain()) return absl::UnavailableError(sentence);
  if (status.IsNoSpace()) return absl::ResourceExhaustedError(sentence);
  return absl::InternalError(sentence);
}

absl::Status OpenError(const rocksdb::Status& status, const std::string& directory) {
  const std::string text = status.ToString();
  if (absl::StrContains(text, "While lock file") || absl::StrContains(text, "lock hold by")) {
    return absl::FailedPreconditionError(
        absl::StrCat("'", directory,
                     "' is in use by another server; stop that one first "
                     "(docs/operations.md)"));
  }
  if (status.IsCorruption()) {
    return absl::DataLossError(absl::StrCat("the ledger in '", directory, "' is damaged (", text,
                                            "). ", kWhatToDoWithDamage));
  }
  if (status.IsNoSpace()) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the disk of '", directory, "' is full (", text,
                     "). Make room on it and start again: what was accepted is there "
                     "(docs/operations.md)"));
  }
  return Annotate(FromRocks(status, absl::StrCat("opening '", directory, "'")),
                  "the ledger cannot be opened; look at the disk and at who may read the files "
                  "before anything else (docs/operations.md)");
}

bool HasDatabase(const std::string& directory) {
  std::error_code ignored;
  return std::filesystem::exists(directory + "/CURRENT", ignored);
}

rocksdb::Options MakeOptions(LedgerMode mode) {
  rocksdb::Options options;
  options.create_if_missing = mode == LedgerMode::kCreate;
  options.error_if_exists = mode == LedgerMode::kCreate;
  options.paranoid_checks = true;
  // A torn tail is a write that was never answered; damage before it must not pass.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.compression = rocksdb::kNoCompression;  // ciphertexts and hashes
  options.write_buffer_size = size_t{64} << 20;
  options.max_background_jobs = 2;
  options.info_log = std::make_shared<NoLog>();
  rocksdb::BlockBasedTableOptions table;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.format_version = 5;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

}  // namespace urna::server
