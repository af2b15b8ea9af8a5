// The logs as they were last published, for every thread that only reads.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/log_state.h"

namespace urna::server {

// Thread-safe.
class LogViews {
 public:
  // Null if there is no such log.
  std::shared_ptr<const LogView> Find(absl::string_view origin) const {
    std::shared_lock lock(mutex_);
    const auto found = views_.find(std::string(origin));
    return found == views_.end() ? nullptr : found->second;
  }

  // By origin.
  std::vector<std::shared_ptr<const LogView>> All() const {
    std::shared_lock lock(mutex_);
    std::vector<std::shared_ptr<const LogView>> all;
    for (const auto& [origin, view] : views_) all.push_back(view);
    return all;
  }

  void Publish(std::shared_ptr<const LogView> view) {
    std::unique_lock lock(mutex_);
    std::string origin = view->facts->origin;
    views_.insert_or_assign(std::move(origin), std::move(view));
  }

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::shared_ptr<const LogView>> views_;
};

}  // namespace urna::server
