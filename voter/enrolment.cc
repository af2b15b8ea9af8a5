#include "voter/enrolment.h"

#include <nlohmann/json.hpp>

#include "core/base/status.h"

namespace urna::voter {
namespace {

using Json = nlohmann::ordered_json;

Json ToJson(const Enrolment& enrolment) {
  Json json;
  json["credential"] = ToHex(enrolment.credential);
  json["nonce"] = ToHex(enrolment.nonce);
  json["commitment"] = ToHex(enrolment.commitment);
  json["responses"] = ToHex(enrolment.responses);
  return json;
}

}  // namespace

Enrolment MakeEnrolment(const crypto::Hash32& roll_id, const std::array<uint8_t, 32>& nonce,
                        const crypto::Credential& credential, crypto::Rng& rng) {
  const crypto::CredentialProof proof = crypto::MakeEnrolmentProof(roll_id, nonce, credential, rng);
  return {credential.public_key().bytes(), nonce, proof.commitment.bytes(),
          proof.EncodeResponses()};
}

std::string EnrolmentLine(const Enrolment& enrolment) { return ToJson(enrolment).dump(); }

std::string MemberLine(const Enrolment& enrolment, const RollPlace& place) {
  Json json = ToJson(enrolment);
  json["district"] = place.district;
  json["category"] = place.category;
  return json.dump();
}

absl::StatusOr<std::array<uint8_t, 32>> ParseHex32(absl::string_view text, absl::string_view what) {
  const absl::StatusOr<Bytes> bytes = FromHex(text);
  if (!bytes.ok()) return Annotate(bytes.status(), what);
  absl::StatusOr<std::array<uint8_t, 32>> array = ToArray<32>(*bytes);
  if (!array.ok()) return Annotate(array.status(), what);
  return array;
}

}  // namespace urna::voter
