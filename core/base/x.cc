#include "core/base/x.h"

#include <sodium.h>
namespace urna {
absl::StatusOr<int> X(int i) {
  if (sodium_init() < 0) return absl::InternalError("no");
  return i + 1;
}
}  // namespace urna
