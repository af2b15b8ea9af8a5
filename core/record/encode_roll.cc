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

absl::StatusOr<Bytes> EncodeBody(const roll::RollSeal& seal) {
  FieldWriter out;
  out.U32(seal.epoch);
  out.U64(seal.members);
  out.Raw(seal.root);
  return out.Take();
}

}  // namespace urna::record
