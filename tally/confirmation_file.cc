#include "tally/confirmation_file.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "tally/spec_reader.h"

namespace urna::tally {
namespace {

constexpr size_t kMaxFile = 1 << 16;

absl::StatusOr<Confirmation> Read(const std::string& path) {
  URNA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(path, kMaxFile));
  URNA_ASSIGN_OR_RETURN(const Json json, ParseJson(AsText(bytes), "confirmation"));
  const SpecValue file(json);
  URNA_RETURN_IF_ERROR(
      file.OnlyFields({"urna", "origin", "invitation", "name", "text_hash", "signature"}));
  URNA_ASSIGN_OR_RETURN(const SpecValue form, file.Field("urna"));
  if (form.Text().value_or("") != "confirmation/1") return form.Error("this is no confirmation");
  Confirmation out;
  URNA_ASSIGN_OR_RETURN(const SpecValue origin, file.Field("origin"));
  URNA_ASSIGN_OR_RETURN(out.origin, origin.Text());
  URNA_ASSIGN_OR_RETURN(const SpecValue invitation, file.Field("invitation"));
  URNA_ASSIGN_OR_RETURN(out.confirm.invitation, invitation.NumberAs<uint16_t>(1));
  URNA_ASSIGN_OR_RETURN(const SpecValue name, file.Field("name"));
  URNA_ASSIGN_OR_RETURN(out.name, name.Text());
  URNA_ASSIGN_OR_RETURN(const SpecValue text_hash, file.Field("text_hash"));
  URNA_ASSIGN_OR_RETURN(out.text_hash, text_hash.Hex32());
  URNA_ASSIGN_OR_RETURN(const SpecValue signature, file.Field("signature"));
  URNA_ASSIGN_OR_RETURN(const std::string hex, signature.Text());
  const absl::StatusOr<Bytes> decoded = FromHex(hex);
  if (!decoded.ok() || decoded->size() != out.confirm.signature.size()) {
    return signature.Error("128 hex digits belong here");
  }
  std::copy(decoded->begin(), decoded->end(), out.confirm.signature.begin());
  return out;
}

}  // namespace

absl::StatusOr<Confirmation> MakeConfirmation(const petition::PetitionState& petition,
                                              const crypto::SigningKey& key, uint64_t now) {
  if (petition.phase() != petition::Phase::kDraft) {
    return absl::FailedPreconditionError(absl::StrCat(
        "initiators confirm a draft, and the petition is ", PhaseName(petition.phase())));
  }
  const petition::Initiators& initiators = petition.initiators();
  bool expired = false;
  for (size_t i = 0; i < initiators.invitations().size(); ++i) {
    const petition::Initiators::Invitation& one = initiators.invitations()[i];
    if (one.initiator.key != key.public_key().bytes()) continue;
    if (one.confirmed) {
      return absl::AlreadyExistsError(absl::StrCat("invitation ", i + 1, " of '",
                                                   one.initiator.name, "' is confirmed already"));
    }
    if (initiators.Expired(one, now)) {
      expired = true;
      continue;
    }
    Confirmation out;
    out.origin = petition.manifest().origin;
    out.name = one.initiator.name;
    out.text_hash = petition.text_hash();
    out.confirm.invitation = static_cast<uint16_t>(i + 1);
    out.confirm.signature = key.Sign(initiators.MessageFor(one.order, petition.text_hash()));
    return out;
  }
  return absl::NotFoundError(expired ? "the invitation of this key has expired"
                                     : "no invitation of this petition names this key");
}

absl::StatusOr<Confirmation> ReadConfirmationFile(const std::string& path) {
  absl::StatusOr<Confirmation> read = Read(path);
  if (!read.ok()) return Annotate(read.status(), path);
  return read;
}

absl::Status WriteConfirmationFile(const std::string& path, const Confirmation& confirmation) {
  Json json;
  json["urna"] = "confirmation/1";
  json["origin"] = confirmation.origin;
  json["invitation"] = confirmation.confirm.invitation;
  json["name"] = confirmation.name;
  json["text_hash"] = ToHex(confirmation.text_hash);
  json["signature"] = ToHex(confirmation.confirm.signature);
  return WriteFileDurably(path, AsBytes(json.dump(2) + "\n"));
}

}  // namespace urna::tally
