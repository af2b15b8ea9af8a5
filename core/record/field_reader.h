// How the decoders of this folder read: texts, keys, and lists with their order. Used by
// decode_*.cc only. docs/protocol.md §1; what a decoder refuses is listed in §13.
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/base/codec.h"
#include "core/base/localized_text.h"
#include "core/base/status.h"
#include "core/poll/orders.h"
#include "core/roll/entries.h"

namespace urna::record {

// A Reader whose methods keep the first error and give zeros from then on, so that a decoder reads
// its fields in order and asks once, with Finish().
class FieldReader {
 public:
  explicit FieldReader(ByteSpan bytes) : reader_(bytes) {}

  uint8_t U8(absl::string_view what) { return Get(reader_.U8(what)); }
  uint16_t U16(absl::string_view what) { return Get(reader_.U16(what)); }
  uint32_t U32(absl::string_view what) { return Get(reader_.U32(what)); }
  uint64_t U64(absl::string_view what) { return Get(reader_.U64(what)); }
  template <size_t N>
  void Array(std::array<uint8_t, N>& out, absl::string_view what) {
    out = Get(reader_.Array<N>(what));
  }

  // A uint8 that is 0 or 1.
  bool Flag(absl::string_view what);

  // `opaque what<min..max>` with a length of one or two bytes.
  ByteSpan Vector8(size_t min, size_t max, absl::string_view what);
  ByteSpan Vector16(size_t min, size_t max, absl::string_view what);
  Bytes Bytes16(size_t min, absl::string_view what);

  // The same for UTF-8 text.
  std::string Text8(size_t min, size_t max, absl::string_view what);
  std::string Text16(size_t min, size_t max, absl::string_view what);

  // `T list<…>` of at least `least` elements; read_element(FieldReader&) -> T reads one.
  template <typename T, typename ReadElement>
  std::vector<T> List(size_t least, absl::string_view what, ReadElement read_element) {
    std::vector<T> out;
    FieldReader inner(Vector16(0, UINT16_MAX, what));
    while (status_.ok() && !inner.reader_.empty()) {
      out.push_back(read_element(inner));
      Keep(Annotate(inner.status_, absl::StrCat(what, ", element ", out.size() - 1)));
    }
    if (out.size() < least) {
      Keep(absl::InvalidArgumentError(
          absl::StrCat("field '", what, "' has ", out.size(), " elements and needs ", least)));
    }
    return out;
  }

  // As List, and `key` of the elements rises strictly.
  template <typename T, typename ReadElement, typename Key>
  std::vector<T> AscendingList(size_t least, absl::string_view what, ReadElement read_element,
                               Key key) {
    std::vector<T> out = List<T>(least, what, read_element);
    for (size_t i = 1; i < out.size(); ++i) {
      if (!(key(out[i - 1]) < key(out[i]))) {
        Keep(absl::InvalidArgumentError(
            absl::StrCat("field '", what, "' is not strictly ascending at element ", i)));
      }
    }
    return out;
  }

  LocalizedTexts Texts(absl::string_view what);
  roll::NamedKey Key(absl::string_view what);
  std::vector<roll::NamedKey> Keys(size_t least, absl::string_view what);
  std::vector<roll::NumberedName> Names(size_t least, absl::string_view what);
  std::vector<poll::OfficerSignature> Signatures();

  // Takes the error of something that the caller checked.
  void Keep(const absl::Status& status) {
    if (status_.ok()) status_ = status;
  }

  const absl::Status& status() const { return status_; }

  // The first error, or InvalidArgument if bytes are left over.
  absl::Status Finish(absl::string_view what);

 private:
  template <typename T>
  T Get(absl::StatusOr<T> value) {
    if (!status_.ok()) return T();
    if (!value.ok()) {
      status_ = value.status();
      return T();
    }
    return *std::move(value);
  }
  ByteSpan InRange(ByteSpan bytes, size_t min, size_t max, absl::string_view what);

  Reader reader_;
  absl::Status status_;
};

}  // namespace urna::record
