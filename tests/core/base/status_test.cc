#include "core/base/status.h"

#include <gtest/gtest.h>

#include <memory>

#include "absl/strings/cord.h"

namespace urna {
namespace {

absl::StatusOr<std::unique_ptr<int>> Make(bool works) {
  if (!works) return absl::NotFoundError("no number");
  return std::make_unique<int>(7);
}

absl::StatusOr<int> UseBoth(bool first, bool second) {
  URNA_ASSIGN_OR_RETURN(std::unique_ptr<int> value, Make(first));
  URNA_RETURN_IF_ERROR(second ? absl::OkStatus() : absl::DataLossError("gone"));
  URNA_ASSIGN_OR_RETURN(value, Make(true));
  return *value;
}

TEST(StatusMacrosTest, PassOnTheFirstError) {
  EXPECT_EQ(UseBoth(true, true).value(), 7);
  EXPECT_EQ(UseBoth(false, true).status(), absl::NotFoundError("no number"));
  EXPECT_EQ(UseBoth(true, false).status(), absl::DataLossError("gone"));
}

TEST(AnnotateTest, KeepsCodeAndPayload) {
  absl::Status status = absl::DataLossError("root differs");
  status.SetPayload("urna/entry", absl::Cord("5"));
  const absl::Status out = Annotate(status, "tile 3");
  EXPECT_EQ(out.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(out.message(), "tile 3: root differs");
  EXPECT_EQ(out.GetPayload("urna/entry").value(), "5");
  EXPECT_TRUE(Annotate(absl::OkStatus(), "tile 3").ok());
}

}  // namespace
}  // namespace urna
