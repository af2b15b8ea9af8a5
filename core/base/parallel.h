// The same work on many things, spread over the cores.
#pragma once

#include <cstddef>
#include <functional>
#include <future>
#include <system_error>
#include <utility>

namespace urna {

// How many threads `wanted` stands for: 0 is one a core.
unsigned ThreadsFor(unsigned wanted);

// Calls body(i) once for every i in 0..count-1, in no particular order, on up to `threads` threads
// (0: one a core) of which the caller is one, and returns when all calls have returned. The body
// must be safe to call from several threads at once and must not throw. Cheap bodies want
// chunking: one call costs an atomic addition.
void ParallelFor(size_t count, unsigned threads, const std::function<void(size_t)>& body);

// The same for work that is cheaper many at a time: body(begin, end) for runs of at most `most`
// (at least 1) that together are 0..count-1, shorter ones where every thread is to have one.
void ParallelForRuns(size_t count, size_t most, unsigned threads,
                     const std::function<void(size_t begin, size_t end)>& body);

// Runs `body` on another thread, or, where none is to be had, when the future is asked for.
template <typename F>
auto StartAsync(F body) -> std::future<decltype(body())> {
  try {
    return std::async(std::launch::async, body);
  } catch (const std::system_error&) {
    return std::async(std::launch::deferred, std::move(body));
  }
}

}  // namespace urna
