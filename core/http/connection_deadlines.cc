#include "core/http/connection_deadlines.h"

#include <sys/socket.h>

namespace urna::http {

void ConnectionDeadlines::Handle::Set(std::chrono::milliseconds from_now) {
  until_ = std::chrono::steady_clock::now() + from_now;
}

ConnectionDeadlines::ConnectionDeadlines(std::chrono::milliseconds interval)
    : thread_([this, interval] { Watch(interval); }) {}

ConnectionDeadlines::~ConnectionDeadlines() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ended_.notify_all();
  thread_.join();
}

ConnectionDeadlines::Handle* ConnectionDeadlines::Add(int file,
                                                      std::chrono::milliseconds from_now) {
  auto* handle = new Handle(file);
  handle->Set(from_now);
  std::lock_guard lock(mutex_);
  handles_.insert(handle);
  return handle;
}

void ConnectionDeadlines::Remove(Handle* handle) {
  {
    std::lock_guard lock(mutex_);
    handles_.erase(handle);
  }
  delete handle;
}

void ConnectionDeadlines::Watch(std::chrono::milliseconds interval) {
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, interval, [this] { return ending_; })) {
    const Time now = std::chrono::steady_clock::now();
    for (const Handle* handle : handles_) {
      // Whoever serves the connection sees its end and closes it.
      if (handle->until_.load() < now) ::shutdown(handle->file_, SHUT_RDWR);
    }
  }
}

}  // namespace urna::http
