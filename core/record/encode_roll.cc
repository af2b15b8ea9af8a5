#include "core/base/status.h"
#include "core/record/entry.h"
#include "core/record/field_writer.h"

namespace urna::record {

absl::StatusOr<Bytes> EncodeBody(const roll::RollHeader& header) {
  FieldWriter out;
  out.Text8(header.origin, "origin");
  out.Raw(header.log_key);
  out.Raw(header.nonce);
  out.Texts(header.title, "title");
  out.Key(header.registrar, "registrar");
  out.Names(header.districts, "districts");
  out.Names(header.categories, "categories");
  URNA_ASSIGN_OR_RETURN(Bytes body, out.Take());
  URNA_RETURN_IF_ERROR(DecodeRollHeader(body).status());
  return body;
}

absl::StatusOr<Bytes> EncodeBody(const roll::RollChange& change) {
  FieldWriter out;
  const roll::RollMember& member = change.member;
  out.U8(static_cast<uint8_t>(change.kind));
  out.Raw(member.credential);
  if (change.kind == roll::ChangeKind::kRekey) out.Raw(change.replaced);
  if (change.kind != roll::ChangeKind::kRemove) {
    out.U16(member.district);
    out.U16(member.category);
    out.U32(member.weight);
  }
  if (change.enrols()) {
    out.Raw(member.nonce);
    out.Raw(member.commitment);
    out.Raw(member.responses);
  }
  return out.Take();
}

absl::StatusOr<Bytes> EncodeBody(const roll::RollSeal& seal) {
  FieldWriter out;
  out.U32(seal.epoch);
  out.U64(seal.members);
  out.Raw(seal.root);
  return out.Take();
}

}  // namespace urna::record
