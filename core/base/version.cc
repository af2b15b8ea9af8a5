#include "core/base/version.h"

#include "absl/strings/str_cat.h"

namespace urna {

std::string WithVersion(absl::string_view program) {
  return absl::StrCat(program, " ", URNA_VERSION);
}

}  // namespace urna
