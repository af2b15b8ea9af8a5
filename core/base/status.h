// Passing absl::Status upwards: two macros and a way to say where an error came from.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace urna {

// The same error with `prefix` and a colon before its sentence ("contest 'mayor': no options").
// The code and the payloads stay; OK stays OK.
absl::Status Annotate(absl::Status status, absl::string_view prefix);

}  // namespace urna

#define URNA_STATUS_CONCAT_INNER_(a, b) a##b
#define URNA_STATUS_CONCAT_(a, b) URNA_STATUS_CONCAT_INNER_(a, b)

// Returns from the enclosing function if the expression, an absl::Status, is not OK.
#define URNA_RETURN_IF_ERROR(...)                                               \
  do {                                                                          \
    ::absl::Status URNA_STATUS_CONCAT_(urna_status_, __LINE__) = (__VA_ARGS__); \
    if (!URNA_STATUS_CONCAT_(urna_status_, __LINE__).ok()) {                    \
      return URNA_STATUS_CONCAT_(urna_status_, __LINE__);                       \
    }                                                                           \
  } while (false)

// Returns from the enclosing function if the expression, an absl::StatusOr, is not OK; otherwise
// assigns its value to `lhs`, which may be a declaration: URNA_ASSIGN_OR_RETURN(auto x, F());
// Expands to several statements, so it needs braces inside an if or a loop.
#define URNA_ASSIGN_OR_RETURN(lhs, ...) \
  URNA_ASSIGN_OR_RETURN_IMPL_(URNA_STATUS_CONCAT_(urna_status_or_, __LINE__), lhs, __VA_ARGS__)

#define URNA_ASSIGN_OR_RETURN_IMPL_(name, lhs, ...) \
  auto name = (__VA_ARGS__);                        \
  if (!name.ok()) return std::move(name).status();  \
  lhs = *std::move(name)
