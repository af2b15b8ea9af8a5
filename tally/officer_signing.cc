#include "tally/officer_signing.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace urna::tally {
namespace {

// What an officer signs: §6.
crypto::Hash64 SigningMessage(const PollOfficers& poll, const record::Entry& entry) {
  if (const auto* order = std::get_if<poll::SignedOrder>(&entry)) {
    return poll::OrderSignatureMessage(poll.poll, order->signed_body.body);
  }
  return poll::ManifestSignatureMessage(poll.poll);
}

void Insert(const poll::OfficerSignature& signature,
            std::vector<poll::OfficerSignature>& signatures) {
  const auto place =
      std::lower_bound(signatures.begin(), signatures.end(), signature,
                       [](const auto& a, const auto& b) { return a.officer < b.officer; });
  if (place != signatures.end() && place->officer == signature.officer) return;
  signatures.insert(place, signature);
}

}  // namespace

absl::StatusOr<PollOfficers> OfficersOf(const record::Entry& manifest) {
  const auto of = [](const auto& signed_manifest) {
    return PollOfficers{
        poll::ManifestHash(signed_manifest.signed_body.body),
        {signed_manifest.manifest.officers, signed_manifest.manifest.officer_quorum}};
  };
  if (const auto* election = std::get_if<election::SignedManifest>(&manifest)) return of(*election);
  if (const auto* petition = std::get_if<petition::SignedManifest>(&manifest)) return of(*petition);
  return absl::InvalidArgumentError(
      absl::StrCat("a manifest belongs here, not a ", record::EntryName(manifest)));
}

const poll::SignedBody* SignedBodyOf(const record::Entry& entry) {
  if (const auto* election = std::get_if<election::SignedManifest>(&entry)) {
    return &election->signed_body;
  }
  if (const auto* petition = std::get_if<petition::SignedManifest>(&entry)) {
    return &petition->signed_body;
  }
  if (const auto* order = std::get_if<poll::SignedOrder>(&entry)) return &order->signed_body;
  return nullptr;
}

poll::SignedBody* SignedBodyOf(record::Entry& entry) {
  return const_cast<poll::SignedBody*>(SignedBodyOf(std::as_const(entry)));
}

absl::Status AddSignature(const PollOfficers& poll, const crypto::SigningKey& key,
                          record::Entry& entry) {
  poll::SignedBody* body = SignedBodyOf(entry);
  if (body == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("officers sign manifests and orders, not a ", record::EntryName(entry)));
  }
  const std::vector<roll::NamedKey>& keys = poll.officers.keys;
  const auto own = std::find_if(keys.begin(), keys.end(), [&](const roll::NamedKey& officer) {
    return officer.key == key.public_key().bytes();
  });
  if (own == keys.end()) {
    return absl::PermissionDeniedError("this key is not one of the poll's officers'");
  }
  Insert({static_cast<uint16_t>(own - keys.begin()), key.Sign(SigningMessage(poll, entry))},
         body->signatures);
  return absl::OkStatus();
}

absl::Status MergeSignatures(const record::Entry& other, record::Entry& entry) {
  const poll::SignedBody* from = SignedBodyOf(other);
  poll::SignedBody* to = SignedBodyOf(entry);
  if (from == nullptr || to == nullptr || from->body != to->body ||
      other.index() != entry.index()) {
    return absl::InvalidArgumentError("the two messages do not say the same");
  }
  for (const poll::OfficerSignature& signature : from->signatures) {
    Insert(signature, to->signatures);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> CheckedSigners(const PollOfficers& poll,
                                                        const record::Entry& entry) {
  const poll::SignedBody* body = SignedBodyOf(entry);
  std::vector<std::string> names;
  if (body == nullptr) return names;
  const poll::Officers any{poll.officers.keys, 0};
  URNA_RETURN_IF_ERROR(
      poll::CheckOfficerSignatures(any, body->signatures, SigningMessage(poll, entry)));
  for (const poll::OfficerSignature& signature : body->signatures) {
    names.push_back(poll.officers.keys[signature.officer].name);
  }
  return names;
}

}  // namespace urna::tally
