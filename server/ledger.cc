#include "server/ledger.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "absl/strings/str_cat.h"
#include "core/base/codec.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "server/ledger_format.h"

namespace urna::server {

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
      return FromRocks(db->Put(synced, "F", ToSlice(AsBytes(kLedgerFormat))), "writing the format");
    }
    absl::StatusOr<rocksdb::PinnableSlice> format = Get(AsBytes("F"), "reading the format");
    if (!format.ok() || AsText(ToSpan(*format)) != kLedgerFormat) {
      return absl::DataLossError(
          absl::StrCat("this is no ledger of format '", kLedgerFormat,
                       "', or its beginning is lost, as if a write-ahead log (*.log) had been ",
                       "deleted. ", kWhatToDoWithDamage));
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
    return absl::NotFoundError(absl::StrCat("there is no ledger in '", directory, "'. ",
                                            "`urna-server init` makes a new board; one that has ",
                                            "logged anything comes back with `urna-server ",
                                            "restore` (docs/operations.md)"));
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
  if (options.mode == LedgerMode::kOpen) {
    // Blocks that nothing reads before it serves are damaged as easily as others.
    const rocksdb::Status checked = impl->db->VerifyChecksum();
    if (!checked.ok()) return OpenError(checked, directory);
  }
  URNA_RETURN_IF_ERROR(impl->CheckFormat(options.mode));
  std::unique_ptr<Ledger> ledger(new Ledger(std::move(impl)));
  if (const absl::Status loaded = ledger->impl_->LoadLogs(*ledger); !loaded.ok()) {
    return absl::DataLossError(absl::StrCat("the ledger in '", directory, "' is damaged (",
                                            loaded.message(), "). ", kWhatToDoWithDamage));
  }
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
