#include "core/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace urna {

void CheckFailed(const char* file, int line, const char* what) {
  std::fprintf(stderr, "%s:%d: internal error: %s\n", file, line, what);
  std::abort();
}

}  // namespace urna
