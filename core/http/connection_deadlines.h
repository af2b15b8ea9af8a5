// Until when connections may take for what they are doing: those that are too slow are cut off,
// also if they send a byte now and then.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

namespace urna::http {

class ConnectionDeadlines {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // One connection's. Set() on any thread.
  class Handle {
   public:
    void Set(std::chrono::milliseconds from_now);

   private:
    friend class ConnectionDeadlines;
    explicit Handle(int file) : file_(file) {}

    const int file_;
    std::atomic<Time> until_{Time::max()};
  };

  // Looks so often for connections that are late.
  explicit ConnectionDeadlines(std::chrono::milliseconds interval);
  // Every connection must have been removed.
  ~ConnectionDeadlines();

  // `file` must stay open until Remove; being late it is shut down, not closed. The handle is valid
  // until Remove. Any thread.
  Handle* Add(int file, std::chrono::milliseconds from_now);
  void Remove(Handle* handle);

 private:
  void Watch(std::chrono::milliseconds interval);

  std::mutex mutex_;  // over all but the thread
  std::condition_variable ended_;
  bool ending_ = false;
  std::set<Handle*> handles_;
  std::thread thread_;
};

}  // namespace urna::http
