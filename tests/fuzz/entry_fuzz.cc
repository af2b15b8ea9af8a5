// Entries of logs: whatever is decoded is encoded as the same bytes again, so that no value has two
// encodings, and has a name.
#include <algorithm>

#include "core/record/entry.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace urna;  // NOLINT: the entry's name is libFuzzer's
  using testing::Require;
  const ByteSpan bytes(data, size);
  const absl::StatusOr<record::Entry> entry = record::DecodeEntry(bytes);
  if (!entry.ok()) {
    Require(!entry.status().message().empty(), "a refusal says why");
    return 0;
  }
  Require(!record::EntryName(*entry).empty(), "every entry has a name");
  const absl::StatusOr<Bytes> again = record::EncodeEntry(*entry);
  Require(again.ok(), "what was decoded can be encoded");
  Require(std::ranges::equal(*again, bytes), "an entry has one encoding");
  return 0;
}
