#include "tally/members.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/bytes.h"
#include "core/base/status.h"
#include "core/crypto/rng.h"
#include "core/roll/enrolment_batch.h"
#include "tally/spec_reader.h"

namespace urna::tally {
namespace {

constexpr size_t kChunk = 8192;  // members verified side by side

absl::StatusOr<roll::RollMember> ParseMember(absl::string_view line, absl::string_view name) {
  URNA_ASSIGN_OR_RETURN(const Json json, ParseJson(line, name));
  const SpecValue value(json);
  URNA_RETURN_IF_ERROR(value.OnlyFields(
      {"credential", "nonce", "commitment", "responses", "district", "category", "weight"}));
  roll::RollMember out;
  URNA_ASSIGN_OR_RETURN(const SpecValue credential, value.Field("credential"));
  URNA_ASSIGN_OR_RETURN(out.credential, credential.Hex32());
  URNA_RETURN_IF_ERROR(ReadEnrolment(value, out));
  URNA_ASSIGN_OR_RETURN(const SpecValue district, value.Field("district"));
  URNA_ASSIGN_OR_RETURN(out.district, district.NumberAs<uint16_t>());
  URNA_ASSIGN_OR_RETURN(const SpecValue category, value.Field("category"));
  URNA_ASSIGN_OR_RETURN(out.category, category.NumberAs<uint16_t>());
  if (value.Has("weight")) {
    URNA_ASSIGN_OR_RETURN(const SpecValue weight, value.Field("weight"));
    URNA_ASSIGN_OR_RETURN(out.weight, weight.NumberAs<uint32_t>());
  }
  return out;
}

template <typename... Words>
absl::Status Refuse(const roll::RollMember& member, const Words&... words) {
  return absl::InvalidArgumentError(
      absl::StrCat("member ", ToHex(member.credential), ": ", words...));
}

}  // namespace

absl::Status ReadEnrolment(const SpecValue& value, roll::RollMember& out) {
  URNA_ASSIGN_OR_RETURN(const SpecValue nonce, value.Field("nonce"));
  URNA_ASSIGN_OR_RETURN(out.nonce, nonce.Hex32());
  URNA_ASSIGN_OR_RETURN(const SpecValue commitment, value.Field("commitment"));
  URNA_ASSIGN_OR_RETURN(out.commitment, commitment.Hex32());
  URNA_ASSIGN_OR_RETURN(const SpecValue responses, value.Field("responses"));
  URNA_ASSIGN_OR_RETURN(const std::string hex, responses.Text());
  const absl::StatusOr<Bytes> bytes = FromHex(hex);
  if (!bytes.ok() || bytes->size() != 64) return responses.Error("128 hex digits belong here");
  out.responses = *ToArray<64>(*bytes);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<roll::RollMember>> ParseMembers(absl::string_view text,
                                                           absl::string_view name) {
  std::vector<roll::RollMember> out;
  size_t number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty()) continue;
    absl::StatusOr<roll::RollMember> member = ParseMember(line, "enrolment");
    if (!member.ok()) return Annotate(member.status(), absl::StrCat(name, " line ", number));
    out.push_back(*std::move(member));
  }
  return out;
}

absl::StatusOr<Nonces> ParseNonces(absl::string_view text, absl::string_view name) {
  Nonces out;
  size_t number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty()) continue;
    const absl::StatusOr<Bytes> bytes = FromHex(line);
    if (!bytes.ok() || bytes->size() != 32) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, " line ", number, ": 64 hex digits belong here"));
    }
    if (!out.insert(*ToArray<32>(*bytes)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, " line ", number, ": the nonce stands twice"));
    }
  }
  return out;
}

absl::StatusOr<std::vector<roll::RollMember>> CheckAndSort(std::vector<roll::RollMember> members,
                                                           const Nonces* nonces,
                                                           const roll::RollState& empty_roll,
                                                           unsigned threads,
                                                           const Progress& progress) {
  std::sort(members.begin(), members.end(),
            [](const auto& a, const auto& b) { return a.credential < b.credential; });
  Nonces used;
  for (size_t i = 0; i < members.size(); ++i) {
    const roll::RollMember& member = members[i];
    if (i > 0 && members[i - 1].credential == member.credential) {
      return Refuse(member, "stands twice");
    }
    if (!used.insert(member.nonce).second) return Refuse(member, "another has the same nonce");
    if (nonces != nullptr && !nonces->contains(member.nonce)) {
      return Refuse(member, "the nonce is not one that the registrar gave out");
    }
    const std::vector<Violation> violations = empty_roll.CheckMember(member);
    if (!violations.empty()) return Refuse(member, violations.front().status.message());
  }
  // The weights must be nobody's choice, so their source is not the caller's either.
  crypto::SystemRng rng;
  for (size_t begin = 0; begin < members.size(); begin += kChunk) {
    const size_t count = std::min(kChunk, members.size() - begin);
    std::vector<const roll::RollMember*> chunk;
    for (size_t i = 0; i < count; ++i) chunk.push_back(&members[begin + i]);
    const std::vector<std::vector<Violation>> violations =
        roll::VerifyEnrolments(empty_roll.roll_id(), chunk, threads, rng);
    for (size_t i = 0; i < count; ++i) {
      if (violations[i].empty()) continue;
      return Refuse(members[begin + i], violations[i].front().status.message());
    }
    if (progress) progress(begin + count, members.size());
  }
  return members;
}

}  // namespace urna::tally
