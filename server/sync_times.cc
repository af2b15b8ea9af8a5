#include "server/sync_times.h"

#include <rocksdb/listener.h>
#include <rocksdb/options.h>

#include <chrono>
#include <memory>
#include <utility>

#include "absl/strings/match.h"

namespace urna::server {
namespace {

class SyncTimes final : public rocksdb::EventListener {
 public:
  explicit SyncTimes(std::function<void(double seconds)> synced) : synced_(std::move(synced)) {}

  const char* Name() const override { return "urna-sync-times"; }
  bool ShouldBeNotifiedOnFileIO() override { return true; }
  void OnFileSyncFinish(const rocksdb::FileOperationInfo& info) override {
    if (!absl::EndsWith(info.path, ".log")) return;  // tables are written in the background
    synced_(std::chrono::duration<double>(info.duration).count());
  }

 private:
  std::function<void(double seconds)> synced_;
};

}  // namespace

void TimeSyncs(rocksdb::Options& options, std::function<void(double seconds)> synced) {
  options.listeners.push_back(std::make_shared<SyncTimes>(std::move(synced)));
}

}  // namespace urna::server
