// Prints the examples of docs/protocol.md §13.3, to be pasted there when the samples change:
//
//   ninja -C build/dev make_examples && build/dev/bin/make_examples
#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/bytes.h"
#include "tests/core/record/samples.h"

int main() {
  constexpr size_t kDigitsPerLine = 96;
  for (const urna::record::Sample& sample : urna::record::Samples()) {
    const urna::Bytes bytes = urna::record::MustEncode(sample.entry);
    const std::string hex = urna::ToHex(bytes);
    std::string out =
        absl::StrCat("0x", hex.substr(0, 2), " ", urna::record::EntryName(sample.entry), " (",
                     sample.says, "), ", bytes.size(), " bytes:\n\n```hex\n");
    for (size_t at = 0; at < hex.size(); at += kDigitsPerLine) {
      absl::StrAppend(&out, hex.substr(at, kDigitsPerLine), "\n");
    }
    std::printf("%s```\n\n", out.c_str());
  }
}
