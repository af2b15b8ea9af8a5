#include "core/base/clock.h"

#include <chrono>

namespace urna {

int64_t SystemClock::NowSeconds() const {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(since_epoch).count();
}

}  // namespace urna
