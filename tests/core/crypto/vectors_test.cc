#include <gtest/gtest.h>

#include "core/base/file.h"
#include "tests/vectors/crypto_vectors.h"

namespace urna::crypto {
namespace {

TEST(VectorsTest, CommittedFilesAreWhatTheCodeMakes) {
  const auto vectors = MakeCryptoVectors();
  ASSERT_EQ(vectors.size(), 7u);
  for (const auto& [name, content] : vectors) {
    const absl::StatusOr<Bytes> file = ReadFile("tests/vectors/" + name, 1 << 24);
    ASSERT_TRUE(file.ok()) << name << ": " << file.status();
    EXPECT_EQ(AsText(*file), absl::string_view(content))
        << name << ": run build/.../tests/make_vectors if the protocol changed on purpose";
  }
}

}  // namespace
}  // namespace urna::crypto
