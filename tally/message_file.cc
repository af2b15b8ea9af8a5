#include "tally/message_file.h"

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "tally/spec_reader.h"

namespace urna::tally {
namespace {

constexpr size_t kMaxMessageFile = 1 << 20;

absl::StatusOr<Bytes> HexField(const SpecValue& file, absl::string_view name) {
  URNA_ASSIGN_OR_RETURN(const SpecValue field, file.Field(name));
  URNA_ASSIGN_OR_RETURN(const std::string text, field.Text());
  absl::StatusOr<Bytes> bytes = FromHex(text);
  if (!bytes.ok()) return field.Error(bytes.status().message());
  return bytes;
}

absl::StatusOr<Message> Read(const std::string& path) {
  URNA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(path, kMaxMessageFile));
  URNA_ASSIGN_OR_RETURN(const Json json, ParseJson(AsText(bytes), "message file"));
  const SpecValue file(json);
  URNA_RETURN_IF_ERROR(file.OnlyFields({"urna", "origin", "entry", "manifest"}));
  URNA_ASSIGN_OR_RETURN(const SpecValue form, file.Field("urna"));
  if (form.Text().value_or("") != "message/1") return form.Error("this is no message file");
  Message out;
  URNA_ASSIGN_OR_RETURN(const SpecValue origin, file.Field("origin"));
  URNA_ASSIGN_OR_RETURN(out.origin, origin.Text());
  URNA_ASSIGN_OR_RETURN(const Bytes entry, HexField(file, "entry"));
  URNA_ASSIGN_OR_RETURN(out.entry, record::DecodeEntry(entry));
  if (const auto stated = OriginOf(out.entry); stated && *stated != out.origin) {
    return origin.Error(absl::StrCat("the entry is of '", *stated, "'"));
  }
  if (file.Has("manifest")) {
    URNA_ASSIGN_OR_RETURN(out.manifest, HexField(file, "manifest"));
    URNA_ASSIGN_OR_RETURN(const record::Entry manifest, record::DecodeEntry(*out.manifest));
    if (OriginOf(manifest) != out.origin) {
      return origin.Error("the manifest in this file is of another origin");
    }
  }
  return out;
}

}  // namespace

std::optional<std::string> OriginOf(const record::Entry& entry) {
  if (const auto* manifest = std::get_if<election::SignedManifest>(&entry)) {
    return manifest->manifest.origin;
  }
  if (const auto* manifest = std::get_if<petition::SignedManifest>(&entry)) {
    return manifest->manifest.origin;
  }
  if (const auto* header = std::get_if<roll::SignedRollHeader>(&entry)) {
    return header->header.origin;
  }
  return std::nullopt;
}

absl::StatusOr<Message> ReadMessageFile(const std::string& path) {
  absl::StatusOr<Message> message = Read(path);
  if (!message.ok()) return Annotate(message.status(), path);
  return message;
}

absl::Status WriteMessageFile(const std::string& path, const Message& message) {
  URNA_ASSIGN_OR_RETURN(const Bytes entry, record::EncodeEntry(message.entry));
  Json json;
  json["urna"] = "message/1";
  json["origin"] = message.origin;
  json["entry"] = ToHex(entry);
  if (message.manifest) json["manifest"] = ToHex(*message.manifest);
  return WriteFileDurably(path, AsBytes(json.dump(2) + "\n"));
}

}  // namespace urna::tally
