#include "core/record/field_writer.h"

#include "absl/strings/str_cat.h"

namespace urna::record {
namespace {

absl::Status TooLong(absl::string_view what, size_t size, size_t most) {
  return absl::InvalidArgumentError(
      absl::StrCat("field '", what, "' has ", size, " bytes and may have ", most));
}

}  // namespace

void FieldWriter::Keep(const absl::Status& status) {
  if (status_.ok()) status_ = status;
}

void FieldWriter::Vector8(ByteSpan bytes, absl::string_view what) {
  if (bytes.size() > UINT8_MAX) return Keep(TooLong(what, bytes.size(), UINT8_MAX));
  writer_.Vector8(bytes);
}

void FieldWriter::Vector16(ByteSpan bytes, absl::string_view what) {
  if (bytes.size() > UINT16_MAX) return Keep(TooLong(what, bytes.size(), UINT16_MAX));
  writer_.Vector16(bytes);
}

void FieldWriter::Texts(const LocalizedTexts& texts, absl::string_view what) {
  List(texts, what, [](FieldWriter& out, const LocalizedText& text) {
    out.Text8(text.language, "language");
    out.Text16(text.text, "text");
  });
}

void FieldWriter::Key(const roll::NamedKey& key, absl::string_view what) {
  Text8(key.name, absl::StrCat(what, " name"));
  Raw(key.key);
}

void FieldWriter::Keys(const std::vector<roll::NamedKey>& keys, absl::string_view what) {
  List(keys, what, [what](FieldWriter& out, const roll::NamedKey& key) { out.Key(key, what); });
}

void FieldWriter::Names(const std::vector<roll::NumberedName>& names, absl::string_view what) {
  List(names, what, [](FieldWriter& out, const roll::NumberedName& name) {
    out.U16(name.number);
    out.Texts(name.name, "name");
  });
}

void FieldWriter::Signatures(const std::vector<poll::OfficerSignature>& signatures) {
  List(signatures, "signatures", [](FieldWriter& out, const poll::OfficerSignature& signature) {
    out.U16(signature.officer);
    out.Raw(signature.signature);
  });
}

absl::StatusOr<Bytes> FieldWriter::Take() {
  if (!status_.ok()) return status_;
  return writer_.Take();
}

}  // namespace urna::record
