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
