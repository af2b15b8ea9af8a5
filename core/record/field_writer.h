// How the encoders of this folder write: fields that may turn out too long, and lists. Used by
// encode_*.cc only. docs/protocol.md §1.
#pragma once

#include <array>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/base/codec.h"
#include "core/base/localized_text.h"
#include "core/poll/orders.h"
#include "core/roll/entries.h"

namespace urna::record {

// A Writer that remembers the first field that did not fit instead of aborting. Minimum lengths,
// orders and characters are not its matter: the encoders give their bytes to the decoder, so that
// there is one place for the rules.
class FieldWriter {
 public:
  void U8(uint8_t value) { writer_.U8(value); }
  void U16(uint16_t value) { writer_.U16(value); }
  void U32(uint32_t value) { writer_.U32(value); }
  void U64(uint64_t value) { writer_.U64(value); }
  void Raw(ByteSpan bytes) { writer_.Raw(bytes); }

  // At most 255 and 65,535 bytes; `what` names the field in the error.
  void Vector8(ByteSpan bytes, absl::string_view what);
  void Vector16(ByteSpan bytes, absl::string_view what);
  void Text8(absl::string_view text, absl::string_view what) { Vector8(AsBytes(text), what); }
  void Text16(absl::string_view text, absl::string_view what) { Vector16(AsBytes(text), what); }

  // `T list<a..2^16-1>`: the elements' bytes with their length in front.
  // write_element(FieldWriter&, const T&) writes one.
  template <typename T, typename WriteElement>
  void List(const std::vector<T>& elements, absl::string_view what, WriteElement write_element) {
    FieldWriter inner;
    for (const T& element : elements) write_element(inner, element);
    Keep(inner.status_);
    Vector16(inner.writer_.bytes(), what);
  }

  void Texts(const LocalizedTexts& texts, absl::string_view what);
  void Key(const roll::NamedKey& key, absl::string_view what);
  void Keys(const std::vector<roll::NamedKey>& keys, absl::string_view what);
  void Names(const std::vector<roll::NumberedName>& names, absl::string_view what);
  void Signatures(const std::vector<poll::OfficerSignature>& signatures);

  // What was written, or what did not fit.
  absl::StatusOr<Bytes> Take();

 private:
  void Keep(const absl::Status& status);

  Writer writer_;
  absl::Status status_;
};

}  // namespace urna::record
