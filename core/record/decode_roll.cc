#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/record/entry.h"
#include "core/record/field_reader.h"

namespace urna::record {

absl::StatusOr<roll::RollHeader> DecodeRollHeader(ByteSpan body) {
  FieldReader in(body);
  roll::RollHeader header;
  header.origin = in.Text8(1, 255, "origin");
  in.Array(header.log_key, "log_key");
  in.Array(header.nonce, "nonce");
  header.title = in.Texts("title");
  header.registrar = in.Key("registrar");
  header.districts = in.Names(1, "districts");
  header.categories = in.Names(1, "categories");
  URNA_RETURN_IF_ERROR(in.Finish("body"));
  return header;
}

absl::StatusOr<roll::RollChange> DecodeRollChange(ByteSpan body) {
  FieldReader in(body);
  roll::RollChange change;
  const uint8_t kind = in.U8("kind");
  if (kind < 1 || kind > 4) {
    in.Keep(absl::InvalidArgumentError(absl::StrCat("field 'kind' is ", kind, ", not 1 to 4")));
    return in.status();
  }
  change.kind = static_cast<roll::ChangeKind>(kind);
  in.Array(change.member.credential, "credential");
  if (change.kind == roll::ChangeKind::kRekey) in.Array(change.replaced, "replaced");
  if (change.kind != roll::ChangeKind::kRemove) {
    change.member.district = in.U16("district");
    change.member.category = in.U16("category");
    change.member.weight = in.U32("weight");
  }
  if (change.enrols()) {
    in.Array(change.member.nonce, "nonce");
    in.Array(change.member.commitment, "commitment");
    in.Array(change.member.responses, "responses");
  }
  URNA_RETURN_IF_ERROR(in.Finish("body"));
  return change;
}

absl::StatusOr<roll::RollSeal> DecodeRollSeal(ByteSpan body) {
  FieldReader in(body);
  roll::RollSeal seal;
  seal.epoch = in.U32("epoch");
  seal.members = in.U64("members");
  in.Array(seal.root, "root");
  URNA_RETURN_IF_ERROR(in.Finish("body"));
  return seal;
}

}  // namespace urna::record
