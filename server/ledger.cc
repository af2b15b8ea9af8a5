#include "server/ledger.h"

#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/base/file.h"
#include "core/base/status.h"

namespace urna::server {
namespace {

constexpr absl::string_view kFormat = "urna-ledger-1";

rocksdb::Slice ToSlice(ByteSpan bytes) {
  return rocksdb::Slice(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}
ByteSpan ToSpan(const rocksdb::Slice& slice) {
  return ByteSpan(reinterpret_cast<const uint8_t*>(slice.data()), slice.size());
}

Writer KeyOf(char kind, LogNumber log) {
  Writer key;
  key.U8(static_cast<uint8_t>(kind));
  key.U32(log);
  return key;
}
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

// The one place that takes errors from RocksDB.
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
  if (status.IsIOError() && absl::StrContains(text, "lock")) {
    return absl::FailedPreconditionError(
        absl::StrCat("'", directory, "' is in use by another server; stop that one first"));
  }
  if (status.IsCorruption()) {
    return absl::DataLossError(
        absl::StrCat("the ledger in '", directory, "' is damaged (", text,
                     "); do not repair it in place: restore the newest copy of the whole data "
                     "directory and compare its checkpoints with what mirrors have"));
  }
  return FromRocks(status, absl::StrCat("opening '", directory, "'"));
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
  options.keep_log_file_num = 4;
  options.max_log_file_size = size_t{4} << 20;
  rocksdb::BlockBasedTableOptions table;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.format_version = 5;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

}  // namespace

struct Ledger::Impl {
  struct Log {
    LogInfo info;
    merkle::CompactTree tree;
  };

  std::unique_ptr<rocksdb::DB> db;
  LedgerOptions options;
  mutable std::shared_mutex mutex;  // over `logs`
  std::map<std::string, Log> logs;

  absl::StatusOr<rocksdb::PinnableSlice> Get(ByteSpan key, absl::string_view what) const {
    rocksdb::PinnableSlice value;
    URNA_RETURN_IF_ERROR(FromRocks(
        db->Get(rocksdb::ReadOptions(), db->DefaultColumnFamily(), ToSlice(key), &value), what));
    return value;
  }

  absl::Status CheckFormat(LedgerMode mode) {
    if (mode == LedgerMode::kCreate) {
      rocksdb::WriteOptions synced;
      synced.sync = true;
      return FromRocks(db->Put(synced, "F", ToSlice(AsBytes(kFormat))), "writing the format");
    }
    absl::StatusOr<rocksdb::PinnableSlice> format = Get(AsBytes("F"), "reading the format");
    if (!format.ok() || AsText(ToSpan(*format)) != kFormat) {
      return absl::DataLossError(
          absl::StrCat("this is no ledger of format '", kFormat, "', or its beginning is lost"));
    }
    return absl::OkStatus();
  }

  absl::Status LoadLogs(const Ledger& ledger) {
    std::unique_ptr<rocksdb::Iterator> names(db->NewIterator(rocksdb::ReadOptions()));
    for (names->Seek("L"); names->Valid() && names->key().starts_with("L"); names->Next()) {
      Reader key(ToSpan(names->key()));
      URNA_RETURN_IF_ERROR(key.U8("kind").status());
      Log log;
      URNA_ASSIGN_OR_RETURN(log.info.number, key.U32("log"));
      log.info.origin = names->value().ToString();
      URNA_ASSIGN_OR_RETURN(rocksdb::PinnableSlice head,
                            Get(HeadKey(log.info.number), "reading a tree head"));
      URNA_ASSIGN_OR_RETURN(log.info.head, DecodeHead(ToSpan(head)));
      URNA_ASSIGN_OR_RETURN(
          log.tree, merkle::CompactTree::Resume(log.info.head.size, ledger.Nodes(log.info.number)));
      if (log.tree.root() != log.info.head.root) {
        return absl::DataLossError(absl::StrCat("log '", log.info.origin,
                                                "': the stored nodes do not give the tree head"));
      }
      std::string origin = log.info.origin;
      logs.emplace(std::move(origin), std::move(log));
    }
    return FromRocks(names->status(), "listing the logs");
  }

  // Hashes what is stored of `log` from `from` to `to` and appends it to `tree`.
  absl::Status Rehash(const Ledger& ledger, LogNumber log, uint64_t from, uint64_t to,
                      merkle::CompactTree& tree) const {
    return ledger.ReadEntries(log, from, to, [&tree](uint64_t, ByteSpan entry) {
      tree.Append(merkle::LeafHash(entry));
      return absl::OkStatus();
    });
  }
};

Ledger::Ledger(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Ledger::~Ledger() {
  if (impl_->db != nullptr) static_cast<void>(impl_->db->Close());
}

absl::StatusOr<std::unique_ptr<Ledger>> Ledger::Open(const std::string& directory,
                                                     const LedgerOptions& options) {
  if (options.mode == LedgerMode::kCreate) URNA_RETURN_IF_ERROR(MakeDirectories(directory));
  if (options.mode != LedgerMode::kCreate && !HasDatabase(directory)) {
    return absl::NotFoundError(absl::StrCat("there is no ledger in '", directory,
                                            "'; `urna-server init` makes a new board"));
  }
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  rocksdb::DB* db = nullptr;
  rocksdb::Options rocks = MakeOptions(options.mode);
  if (options.adjust) options.adjust(rocks);
  const rocksdb::Status status = options.mode == LedgerMode::kReadOnly
                                     ? rocksdb::DB::OpenForReadOnly(rocks, directory, &db)
                                     : rocksdb::DB::Open(rocks, directory, &db);
  if (!status.ok()) return OpenError(status, directory);
  impl->db.reset(db);
  URNA_RETURN_IF_ERROR(impl->CheckFormat(options.mode));
  std::unique_ptr<Ledger> ledger(new Ledger(std::move(impl)));
  URNA_RETURN_IF_ERROR(ledger->impl_->LoadLogs(*ledger));
  return ledger;
}

std::vector<LogInfo> Ledger::Logs() const {
  std::shared_lock lock(impl_->mutex);
  std::vector<LogInfo> logs;
  for (const auto& [origin, log] : impl_->logs) logs.push_back(log.info);
  std::sort(logs.begin(), logs.end(),
            [](const LogInfo& a, const LogInfo& b) { return a.number < b.number; });
  return logs;
}

std::optional<LogInfo> Ledger::Find(absl::string_view origin) const {
  std::shared_lock lock(impl_->mutex);
  const auto found = impl_->logs.find(std::string(origin));
  if (found == impl_->logs.end()) return std::nullopt;
  return found->second.info;
}

absl::StatusOr<std::vector<TreeHead>> Ledger::AppendBatch(const std::vector<LogAppend>& appends) {
  rocksdb::WriteBatch batch;
  std::vector<Impl::Log> after;  // this thread alone changes the logs, so it reads without lock
  std::vector<merkle::CompactTree> before;
  auto next_number = static_cast<LogNumber>(impl_->logs.size() + 1);
  for (const LogAppend& append : appends) {
    const auto found = impl_->logs.find(append.origin);
    Impl::Log log;
    if (found != impl_->logs.end()) {
      log = found->second;
    } else {
      log.info.number = next_number++;
      log.info.origin = append.origin;
      batch.Put(ToSlice(NameKey(log.info.number)), append.origin);
    }
    before.push_back(log.tree);
    const LogNumber number = log.info.number;
    for (const Bytes& entry : append.entries) {
      const merkle::Hash leaf = merkle::LeafHash(entry);
      const uint64_t index = log.tree.size();
      batch.Put(ToSlice(EntryKey(number, index)), ToSlice(entry));
      batch.Put(ToSlice(LeafKey(number, leaf)), ToSlice(EncodeU64(index)));
      log.tree.Append(leaf, [&](int level, uint64_t position, const merkle::Hash& hash) {
        batch.Put(ToSlice(NodeKey(number, level, position)), ToSlice(hash));
      });
    }
    log.info.head = TreeHead{log.tree.size(), log.tree.root()};
    batch.Put(ToSlice(HeadKey(number)), ToSlice(EncodeHead(log.info.head)));
    after.push_back(std::move(log));
  }

  if (impl_->options.before_write) URNA_RETURN_IF_ERROR(impl_->options.before_write());
  rocksdb::WriteOptions synced;
  synced.sync = true;
  URNA_RETURN_IF_ERROR(FromRocks(impl_->db->Write(synced, &batch), "writing a batch"));

  std::vector<TreeHead> heads;
  for (size_t i = 0; i < after.size(); ++i) {
    const LogInfo& info = after[i].info;
    URNA_RETURN_IF_ERROR(
        impl_->Rehash(*this, info.number, before[i].size(), info.head.size, before[i]));
    if (before[i].root() != info.head.root) {
      return absl::DataLossError(absl::StrCat("log '", info.origin, "': what was read back is not ",
                                              "what was written before size ", info.head.size));
    }
    heads.push_back(info.head);
  }
  std::unique_lock lock(impl_->mutex);
  for (Impl::Log& log : after) {
    std::string origin = log.info.origin;
    impl_->logs.insert_or_assign(std::move(origin), std::move(log));
  }
  return heads;
}

absl::StatusOr<Bytes> Ledger::ReadEntry(LogNumber log, uint64_t index) const {
  URNA_ASSIGN_OR_RETURN(rocksdb::PinnableSlice value,
                        impl_->Get(EntryKey(log, index), absl::StrCat("reading entry ", index)));
  return ToBytes(ToSpan(value));
}

absl::Status Ledger::ReadEntries(
    LogNumber log, uint64_t from, uint64_t to,
    const std::function<absl::Status(uint64_t index, ByteSpan entry)>& visit) const {
  if (from >= to) return absl::OkStatus();
  rocksdb::ReadOptions options;
  const Bytes end = EntryKey(log, to);
  const rocksdb::Slice bound = ToSlice(end);
  options.iterate_upper_bound = &bound;
  std::unique_ptr<rocksdb::Iterator> entries(impl_->db->NewIterator(options));
  uint64_t index = from;
  for (entries->Seek(ToSlice(EntryKey(log, from))); entries->Valid(); entries->Next(), ++index) {
    if (!BytesEqual(ToSpan(entries->key()), EntryKey(log, index))) break;
    URNA_RETURN_IF_ERROR(visit(index, ToSpan(entries->value())));
  }
  URNA_RETURN_IF_ERROR(FromRocks(entries->status(), absl::StrCat("reading entry ", index)));
  if (index != to) return absl::DataLossError(absl::StrCat("ledger: entry ", index, " is missing"));
  return absl::OkStatus();
}

absl::StatusOr<std::optional<uint64_t>> Ledger::FindLeaf(LogNumber log,
                                                         const merkle::Hash& leaf_hash) const {
  absl::StatusOr<rocksdb::PinnableSlice> value =
      impl_->Get(LeafKey(log, leaf_hash), "looking up a leaf hash");
  if (absl::IsNotFound(value.status())) return std::nullopt;
  if (!value.ok()) return value.status();
  Reader reader(ToSpan(*value));
  URNA_ASSIGN_OR_RETURN(const uint64_t index, reader.U64("index"));
  URNA_RETURN_IF_ERROR(reader.Finish("leaf index"));
  return index;
}

merkle::NodeReader Ledger::Nodes(LogNumber log) const {
  return [this, log](int level, uint64_t index) -> absl::StatusOr<merkle::Hash> {
    URNA_ASSIGN_OR_RETURN(
        rocksdb::PinnableSlice value,
        impl_->Get(NodeKey(log, level, index), absl::StrCat("reading node ", level, "/", index)));
    return ToArray<32>(ToSpan(value));
  };
}

}  // namespace urna::server
