#include "core/record/field_reader.h"

namespace urna::record {

ByteSpan FieldReader::InRange(ByteSpan bytes, size_t min, size_t max, absl::string_view what) {
  if (!status_.ok()) return ByteSpan();
  if (bytes.size() >= min && bytes.size() <= max) return bytes;
  Keep(absl::InvalidArgumentError(
      absl::StrCat("field '", what, "' has ", bytes.size(), " bytes, not ", min, " to ", max)));
  return ByteSpan();
}

ByteSpan FieldReader::Vector8(size_t min, size_t max, absl::string_view what) {
  return InRange(Get(reader_.Vector8(what)), min, max, what);
}

ByteSpan FieldReader::Vector16(size_t min, size_t max, absl::string_view what) {
  return InRange(Get(reader_.Vector16(what)), min, max, what);
}

Bytes FieldReader::Bytes16(size_t min, absl::string_view what) {
  return ToBytes(Vector16(min, UINT16_MAX, what));
}

bool FieldReader::Flag(absl::string_view what) {
  const uint8_t value = U8(what);
  if (value > 1) {
    Keep(absl::InvalidArgumentError(absl::StrCat("field '", what, "' is ", value, ", not 0 or 1")));
  }
  return value == 1;
}

std::string FieldReader::Text8(size_t min, size_t max, absl::string_view what) {
  const absl::string_view text = AsText(Vector8(min, max, what));
  Keep(Annotate(CheckUtf8(text), absl::StrCat("field '", what, "'")));
  return std::string(text);
}

std::string FieldReader::Text16(size_t min, size_t max, absl::string_view what) {
  const absl::string_view text = AsText(Vector16(min, max, what));
  Keep(Annotate(CheckUtf8(text), absl::StrCat("field '", what, "'")));
  return std::string(text);
}

LocalizedTexts FieldReader::Texts(absl::string_view what) {
  LocalizedTexts texts = List<LocalizedText>(1, what, [](FieldReader& in) {
    LocalizedText text;
    text.language = std::string(AsText(in.Vector8(2, 35, "language")));
    text.text = std::string(AsText(in.Vector16(0, UINT16_MAX, "text")));
    return text;
  });
  if (status_.ok()) Keep(Annotate(CheckTexts(texts), absl::StrCat("field '", what, "'")));
  return texts;
}

roll::NamedKey FieldReader::Key(absl::string_view what) {
  roll::NamedKey key;
  key.name = Text8(1, 255, absl::StrCat(what, " name"));
  Array(key.key, absl::StrCat(what, " key"));
  return key;
}

std::vector<roll::NamedKey> FieldReader::Keys(size_t least, absl::string_view what) {
  return List<roll::NamedKey>(least, what, [what](FieldReader& in) { return in.Key(what); });
}

std::vector<roll::NumberedName> FieldReader::Names(size_t least, absl::string_view what) {
  return AscendingList<roll::NumberedName>(
      least, what,
      [](FieldReader& in) {
        roll::NumberedName name;
        name.number = in.U16("number");
        name.name = in.Texts("name");
        return name;
      },
      [](const roll::NumberedName& name) { return name.number; });
}

std::vector<poll::OfficerSignature> FieldReader::Signatures() {
  return AscendingList<poll::OfficerSignature>(
      0, "signatures",
      [](FieldReader& in) {
        poll::OfficerSignature signature;
        signature.officer = in.U16("officer");
        in.Array(signature.signature, "signature");
        return signature;
      },
      [](const poll::OfficerSignature& signature) { return signature.officer; });
}

absl::Status FieldReader::Finish(absl::string_view what) {
  if (!status_.ok()) return Annotate(status_, what);
  return reader_.Finish(what);
}

}  // namespace urna::record
