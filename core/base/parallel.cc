#include "core/base/parallel.h"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

namespace urna {

unsigned ThreadsFor(unsigned wanted) {
  return wanted != 0 ? wanted : std::max(1u, std::thread::hardware_concurrency());
}

void ParallelFor(size_t count, unsigned threads, const std::function<void(size_t)>& body) {
  const size_t workers = std::min<size_t>(ThreadsFor(threads), count);
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < count;) body(i);
  };
  std::vector<std::jthread> others;
  for (size_t i = 1; i < workers; ++i) {
    try {
      others.emplace_back(work);
    } catch (const std::system_error&) {
      break;  // no more threads to be had: those there are do the work
    }
  }
  work();
  others.clear();  // joins: `work` and `next` must outlive every worker
}

void ParallelForRuns(size_t count, size_t most, unsigned threads,
                     const std::function<void(size_t begin, size_t end)>& body) {
  const size_t share = (count + ThreadsFor(threads) - 1) / ThreadsFor(threads);
  const size_t run = std::clamp<size_t>(share, 1, most);
  ParallelFor((count + run - 1) / run, threads,
              [&](size_t i) { body(i * run, std::min(count, (i + 1) * run)); });
}

}  // namespace urna
