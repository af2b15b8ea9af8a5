#include "server/ledger_check.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "server/ledger_format.h"

namespace urna::server {
namespace {

constexpr size_t kShownOfAKind = 5;  // problems of one kind in one log; of more only the number
constexpr absl::string_view kKinds = "EFHILN";

// What the sentences of one kind of row of one log have come to.
class Problems {
 public:
  void Add(bool derived, const std::string& of, const std::string& sentence) {
    const size_t before = count_[of]++;
    if (before < kShownOfAKind) list_.push_back({derived, absl::StrCat(of, ": ", sentence)});
    derived_[of] = derived;
  }
  std::vector<LedgerProblem> Take() {
    for (const auto& [of, count] : count_) {
      if (count <= kShownOfAKind) continue;
      list_.push_back(
          {derived_[of], absl::StrCat(of, ": and ", count - kShownOfAKind, " more like these")});
    }
    return std::move(list_);
  }

 private:
  std::map<std::string, size_t> count_;
  std::map<std::string, bool> derived_;
  std::vector<LedgerProblem> list_;
};

class Checker {
 public:
  Checker(rocksdb::DB& db, const EntryVisitor& visit, const Progress& progress)
      : db_(db), visit_(visit), progress_(progress) {}

  absl::StatusOr<LedgerCheck> Run() {
    CountRows();
    const std::optional<Bytes> format = Get(AsBytes("F"), true, "the ledger's format");
    if (!format.has_value() || AsText(*format) != kLedgerFormat) {
      problems_.Add(true, "the ledger's format",
                    absl::StrCat("it is missing, or not '", kLedgerFormat, "'"));
    }
    for (const LogNumber log : numbers_) URNA_RETURN_IF_ERROR(CheckLog(log));
    check_.problems = problems_.Take();
    return std::move(check_);
  }

 private:
  // How many rows of which kind each log has.
  void CountRows() {
    for (const char kind : kKinds) {
      std::unique_ptr<rocksdb::Iterator> rows(db_.NewIterator(Options()));
      const std::string prefix(1, kind);
      for (rows->Seek(prefix); rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
        ++check_.rows;
        if (kind == 'F') continue;
        Reader key(ToSpan(rows->key()).subspan(1));
        const absl::StatusOr<LogNumber> log = key.U32("log");
        if (!log.ok()) {
          problems_.Add(true, "the ledger", absl::StrCat("a row '", prefix, "' is of no log"));
          continue;
        }
        numbers_.insert(*log);
        ++count_[{kind, *log}];
        if (kind == 'E') ++entries_;
      }
      if (!rows->status().ok()) {
        problems_.Add(kind != 'E', absl::StrCat("rows '", prefix, "'"),
                      absl::StrCat("they cannot all be read (", rows->status().ToString(), ")"));
      }
    }
    for (std::unique_ptr<rocksdb::Iterator> rows(SeekFirst()); rows->Valid(); rows->Next()) {
      if (kKinds.find(rows->key()[0]) == absl::string_view::npos) {
        problems_.Add(true, "the ledger", "there is a row of a kind that nothing writes");
      }
    }
  }

  std::unique_ptr<rocksdb::Iterator> SeekFirst() {
    std::unique_ptr<rocksdb::Iterator> rows(db_.NewIterator(Options()));
    rows->SeekToFirst();
    return rows;
  }

  static rocksdb::ReadOptions Options() {
    rocksdb::ReadOptions options;
    options.verify_checksums = true;
    return options;
  }

  std::optional<Bytes> Get(ByteSpan key, bool derived, const std::string& of) {
    std::string value;
    const rocksdb::Status status = db_.Get(Options(), ToSlice(key), &value);
    if (status.ok()) return ToBytes(AsBytes(value));
    if (!status.IsNotFound()) problems_.Add(derived, of, status.ToString());
    return std::nullopt;
  }

  // Compares one row with what follows from the entries.
  void Expect(ByteSpan key, ByteSpan value, const std::string& of, const std::string& row) {
    const std::optional<Bytes> stored = Get(key, true, of);
    if (!stored.has_value()) {
      problems_.Add(true, of, absl::StrCat(row, " is missing"));
    } else if (!BytesEqual(*stored, value)) {
      problems_.Add(true, of, absl::StrCat(row, " is not what the entries give"));
    }
  }

  void ExpectCount(char kind, LogNumber log, uint64_t wanted, const std::string& of) {
    const uint64_t found = count_[{kind, log}];
    if (found > wanted) {
      problems_.Add(true, of, absl::StrCat("there are ", found, " rows, ", wanted, " belong here"));
    }
  }

  absl::Status CheckLog(LogNumber number) {
    const std::optional<Bytes> name = Get(NameKey(number), true, absl::StrCat("log ", number));
    const std::string origin = name.has_value() ? std::string(AsText(*name)) : "";
    const std::string log =
        name.has_value() ? absl::StrCat("log '", origin, "'") : absl::StrCat("log ", number);
    if (!name.has_value()) problems_.Add(true, log, "its name is missing");
    URNA_ASSIGN_OR_RETURN(const merkle::CompactTree tree, CheckEntries(number, log));
    const uint64_t size = tree.size();
    CheckHead(number, log, TreeHead{size, tree.root()});
    ExpectCount('I', number, size, absl::StrCat(log, ", index of leaf hashes"));
    uint64_t nodes = 0;
    for (uint64_t level = size; level > 0; level /= 2) nodes += level;
    ExpectCount('N', number, nodes, absl::StrCat(log, ", nodes"));
    check_.logs.push_back(LogInfo{number, origin, TreeHead{size, tree.root()}});
    return absl::OkStatus();
  }

  absl::StatusOr<merkle::CompactTree> CheckEntries(LogNumber number, const std::string& log) {
    merkle::CompactTree tree;
    std::unique_ptr<rocksdb::Iterator> entries(db_.NewIterator(Options()));
    const Bytes end = EntryKey(number, UINT64_MAX);
    for (entries->Seek(ToSlice(EntryKey(number, 0)));
         entries->Valid() && entries->key().compare(ToSlice(end)) <= 0; entries->Next()) {
      const uint64_t index = tree.size();
      if (!BytesEqual(ToSpan(entries->key()), EntryKey(number, index))) break;
      const merkle::Hash leaf = merkle::LeafHash(ToSpan(entries->value()));
      Expect(LeafKey(number, leaf), EncodeU64(index), absl::StrCat(log, ", index of leaf hashes"),
             absl::StrCat("that of entry ", index));
      tree.Append(leaf, [&](int level, uint64_t position, const merkle::Hash& hash) {
        Expect(NodeKey(number, level, position), hash, absl::StrCat(log, ", nodes"),
               absl::StrCat("node ", level, "/", position));
      });
      URNA_RETURN_IF_ERROR(visit_(number, index, ToSpan(entries->value()), tree));
      if (progress_) progress_(++checked_, entries_);
    }
    if (!entries->status().ok()) {
      problems_.Add(false, log,
                    absl::StrCat("entry ", tree.size(), " cannot be read (",
                                 entries->status().ToString(), ")"));
    }
    if (const uint64_t found = count_[{'E', number}]; found > tree.size()) {
      problems_.Add(false, log,
                    absl::StrCat("entry ", tree.size(), " is missing, but there are ",
                                 found - tree.size(), " after it"));
    }
    return tree;
  }

  // A stored size above that of the entries is a trace of entries that are lost.
  void CheckHead(LogNumber number, const std::string& log, const TreeHead& head) {
    const std::string of = absl::StrCat(log, ", tree head");
    const std::optional<Bytes> stored = Get(HeadKey(number), true, of);
    if (!stored.has_value()) {
      problems_.Add(true, of, "it is missing");
      return;
    }
    const absl::StatusOr<TreeHead> decoded = DecodeHead(*stored);
    if (decoded.ok() && decoded->size > head.size) {
      problems_.Add(false, log,
                    absl::StrCat("its tree head says ", decoded->size, " entries, but only ",
                                 head.size, " are there"));
    } else if (!decoded.ok() || *decoded != head) {
      problems_.Add(true, of, "it is not what the entries give");
    }
  }

  rocksdb::DB& db_;
  const EntryVisitor& visit_;
  const Progress& progress_;
  uint64_t entries_ = 0;
  uint64_t checked_ = 0;  // of them
  std::set<LogNumber> numbers_;
  std::map<std::pair<char, LogNumber>, uint64_t> count_;
  Problems problems_;
  LedgerCheck check_;
};

}  // namespace

struct LedgerLock::Impl {
  rocksdb::FileLock* lock = nullptr;
};

LedgerLock::LedgerLock(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

LedgerLock::~LedgerLock() { static_cast<void>(rocksdb::Env::Default()->UnlockFile(impl_->lock)); }

absl::StatusOr<std::unique_ptr<LedgerLock>> LedgerLock::Take(const std::string& directory) {
  auto impl = std::make_unique<Impl>();
  const rocksdb::Status status =
      rocksdb::Env::Default()->LockFile(directory + "/LOCK", &impl->lock);
  if (!status.ok()) return OpenError(status, directory);
  return std::unique_ptr<LedgerLock>(new LedgerLock(std::move(impl)));
}

absl::StatusOr<LedgerCheck> CheckLedger(const std::string& directory, const EntryVisitor& visit,
                                        const Progress& progress) {
  if (!HasDatabase(directory)) {
    return absl::NotFoundError(absl::StrCat("there is no ledger in '", directory, "'"));
  }
  rocksdb::DB* raw = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::OpenForReadOnly(MakeOptions(LedgerMode::kReadOnly), directory, &raw);
  if (!status.ok()) return OpenError(status, directory);
  const std::unique_ptr<rocksdb::DB> db(raw);
  return Checker(*db, visit, progress).Run();
}

}  // namespace urna::server
