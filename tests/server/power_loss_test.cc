// What is left when the power goes: everything that was written but not synced is dropped. Killing
// the process would not show it, for the system keeps its writes.
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>

#include "server/ledger.h"
#include "tests/server/board_fixture.h"

namespace urna::server {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

// How much of a file has been synced.
struct Synced {
  std::string path;
  uint64_t size = 0;
};

class TrackedFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  TrackedFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::shared_ptr<Synced> synced,
              std::mutex& mutex)
      : FSWritableFileOwnerWrapper(std::move(file)), synced_(std::move(synced)), mutex_(mutex) {}

  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return Note(target()->Sync(options, debug));
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Note(target()->Fsync(options, debug));
  }

 private:
  IOStatus Note(IOStatus status) {
    std::lock_guard lock(mutex_);
    if (status.ok()) synced_->size = std::filesystem::file_size(synced_->path);
    return status;
  }

  std::shared_ptr<Synced> synced_;
  std::mutex& mutex_;
};

class TrackingFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  TrackingFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "TrackingFileSystem"; }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext* debug) override {
    IOStatus status = target()->NewWritableFile(path, options, result, debug);
    if (!status.ok()) return status;
    std::lock_guard lock(mutex_);
    auto synced = std::make_shared<Synced>(Synced{path, 0});
    files_[path] = synced;
    *result = std::make_unique<TrackedFile>(std::move(*result), std::move(synced), mutex_);
    return status;
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    IOStatus status = target()->RenameFile(from, to, options, debug);
    std::lock_guard lock(mutex_);
    const auto found = files_.find(from);
    if (status.ok() && found != files_.end()) {
      found->second->path = to;
      files_[to] = found->second;
      files_.erase(from);
    }
    return status;
  }

  // Copies the directory as a loss of power would leave it.
  void CopySynced(const std::string& from, const std::string& to) {
    std::lock_guard lock(mutex_);
    testing::CopyDirectory(from, to);
    for (const auto& file : std::filesystem::directory_iterator(to)) {
      const auto found = files_.find(from + "/" + file.path().filename().string());
      if (found != files_.end()) std::filesystem::resize_file(file.path(), found->second->size);
    }
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Synced>> files_;
};

class PowerLossTest : public ::testing::Test {
 protected:
  PowerLossTest()
      : files_(std::make_shared<TrackingFileSystem>()),
        environment_(rocksdb::NewCompositeEnv(files_)) {}

  std::string path() const { return directory_.File("ledger"); }
  std::string left() const { return directory_.File("left"); }

  testing::TempDirectory directory_;
  std::shared_ptr<TrackingFileSystem> files_;
  std::unique_ptr<rocksdb::Env> environment_;
};

TEST_F(PowerLossTest, WhatABatchAnsweredIsThere) {
  LedgerOptions options;
  options.mode = LedgerMode::kCreate;
  options.adjust = [this](rocksdb::Options& rocks) {
    rocks.env = environment_.get();
    rocks.write_buffer_size = 64 << 10;  // so that it writes tables too
  };
  auto ledger = Ledger::Open(path(), options);
  ASSERT_EQ(ledger.status(), absl::OkStatus());
  for (uint8_t i = 0; i < 40; ++i) {
    const auto heads = (*ledger)->AppendBatch({{"b/one", {Bytes(9000, i), Bytes{1, i}}}});
    ASSERT_EQ(heads.status(), absl::OkStatus());
    if (i % 4 != 3) continue;
    files_->CopySynced(path(), left());
    auto after = Ledger::Open(left(), {});
    ASSERT_EQ(after.status(), absl::OkStatus());
    EXPECT_EQ((*after)->Find("b/one")->head, heads->front());
    EXPECT_EQ(*(*after)->ReadEntry(1, 2 * i), Bytes(9000, i));
  }
}

// The test above can fail: a write without sync is not there afterwards.
TEST_F(PowerLossTest, WhatIsNotSyncedIsDropped) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.env = environment_.get();
  rocksdb::DB* raw = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, path(), &raw).ok());
  const std::unique_ptr<rocksdb::DB> database(raw);
  rocksdb::WriteOptions synced;
  synced.sync = true;
  ASSERT_TRUE(database->Put(synced, "one", "1").ok());
  ASSERT_TRUE(database->Put(rocksdb::WriteOptions(), "two", "2").ok());
  files_->CopySynced(path(), left());
  rocksdb::DB* raw_after = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(rocksdb::Options(), left(), &raw_after).ok());
  const std::unique_ptr<rocksdb::DB> after(raw_after);
  std::string value;
  EXPECT_TRUE(after->Get(rocksdb::ReadOptions(), "one", &value).ok());
  EXPECT_TRUE(after->Get(rocksdb::ReadOptions(), "two", &value).IsNotFound());
}

}  // namespace
}  // namespace urna::server
