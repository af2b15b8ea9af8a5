#pragma once
#include "absl/status/statusor.h"
namespace urna { absl::StatusOr<int> X(int); }
