// Who is at the board while others vote: readers, and connections that never get as far as a call.
#pragma once

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "bench/hammer/load.h"

namespace urna::bench {

// They begin when it is made.
class Bystanders {
 public:
  // The options must outlive it.
  explicit Bystanders(const LoadOptions& options);
  ~Bystanders();

  // Ends them and adds what they saw.
  void Stop(LoadReport& report);

 private:
  void Read();
  void BeSlow();
  void Join();

  const LoadOptions& options_;
  std::atomic<bool> ending_{false};
  std::atomic<uint64_t> reads_{0};
  std::atomic<uint64_t> cut_off_{0};
  std::mutex mutex_;
  std::map<std::string, uint64_t> failures_;  // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace urna::bench
