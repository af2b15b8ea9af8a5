#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/crypto/ring.h"
#include "core/crypto/ring_proof.h"
#include "core/record/entry.h"
#include "core/record/entry_types.h"
#include "core/record/field_reader.h"

namespace urna::record {
namespace {

constexpr size_t kSignatureSize = 64;

absl::StatusOr<poll::SignedBody> ReadSignedBody(ByteSpan rest) {
  FieldReader in(rest);
  poll::SignedBody out;
  out.body = in.Bytes16(1, "body");
  out.signatures = in.Signatures();
  URNA_RETURN_IF_ERROR(in.Finish("entry"));
  return out;
}

absl::StatusOr<Entry> ReadElectionManifest(ByteSpan rest, uint8_t version) {
  election::SignedManifest out;
  URNA_ASSIGN_OR_RETURN(out.signed_body, ReadSignedBody(rest));
  URNA_ASSIGN_OR_RETURN(out.manifest, DecodeElectionManifest(out.signed_body.body, version));
  return out;
}

absl::StatusOr<Entry> ReadPetitionManifest(ByteSpan rest, uint8_t version) {
  petition::SignedManifest out;
  URNA_ASSIGN_OR_RETURN(out.signed_body, ReadSignedBody(rest));
  URNA_ASSIGN_OR_RETURN(out.manifest, DecodePetitionManifest(out.signed_body.body, version));
  return out;
}

absl::StatusOr<Entry> ReadOrder(ByteSpan rest) {
  poll::SignedOrder out;
  URNA_ASSIGN_OR_RETURN(out.signed_body, ReadSignedBody(rest));
  URNA_ASSIGN_OR_RETURN(out.order, DecodeOrder(out.signed_body.body));
  return out;
}

absl::StatusOr<Entry> ReadRollHeader(ByteSpan rest) {
  FieldReader in(rest);
  roll::SignedRollHeader out;
  out.body = in.Bytes16(1, "body");
  in.Array(out.signature, "signature");
  URNA_RETURN_IF_ERROR(in.Finish("entry"));
  URNA_ASSIGN_OR_RETURN(out.header, DecodeRollHeader(out.body));
  return out;
}

absl::StatusOr<Entry> ReadRollMember(ByteSpan rest) {
  FieldReader in(rest);
  roll::RollMember out;
  in.Array(out.credential, "credential");
  out.district = in.U16("district");
  out.category = in.U16("category");
  out.weight = in.U32("weight");
  in.Array(out.nonce, "nonce");
  in.Array(out.commitment, "commitment");
  in.Array(out.responses, "responses");
  URNA_RETURN_IF_ERROR(in.Finish("entry"));
  return out;
}

absl::StatusOr<Entry> ReadRollSeal(ByteSpan rest) {
  FieldReader in(rest);
  roll::SignedRollSeal out;
  out.body = in.Bytes16(1, "body");
  in.Array(out.signature, "signature");
  URNA_RETURN_IF_ERROR(in.Finish("entry"));
  URNA_ASSIGN_OR_RETURN(out.seal, DecodeRollSeal(out.body));
  return out;
}

absl::StatusOr<Entry> ReadRollChange(ByteSpan rest) {
  FieldReader in(rest);
  roll::SignedRollChange out;
  out.body = in.Bytes16(1, "body");
  in.Array(out.signature, "signature");
  URNA_RETURN_IF_ERROR(in.Finish("entry"));
  URNA_ASSIGN_OR_RETURN(out.change, DecodeRollChange(out.body));
  return out;
}

absl::StatusOr<Entry> ReadTrusteeMessage(EntryType type, ByteSpan rest) {
  if (rest.size() < kSignatureSize) {
    return absl::InvalidArgumentError(
        absl::StrCat(kSignatureSize - rest.size(), " bytes missing in field 'signature'"));
  }
  election::SignedTrusteeMessage out;
  out.type = static_cast<uint8_t>(type);
  out.fields = ToBytes(rest.first(rest.size() - kSignatureSize));
  URNA_ASSIGN_OR_RETURN(out.message, DecodeTrusteeMessage(out.type, out.fields));
  URNA_ASSIGN_OR_RETURN(out.signature, ToArray<kSignatureSize>(rest.last(kSignatureSize)));
  return out;
}

election::ContestBallot ReadContest(FieldReader& in) {
  election::ContestBallot contest;
  contest.contest = in.U16("contest");
  contest.ciphertexts = in.Bytes16(64, "ciphertexts");
  contest.commitments = in.Bytes16(64, "commitments");
  contest.challenges = in.Bytes16(0, "challenges");
  contest.responses = in.Bytes16(32, "responses");
  return contest;
}

std::vector<election::ContestBallot> ReadContests(FieldReader& in) {
  return in.AscendingList<election::ContestBallot>(
      0, "contests", ReadContest,
      [](const election::ContestBallot& contest) { return contest.contest; });
}

absl::StatusOr<Entry> ReadBallot(ByteSpan rest) {
  FieldReader in(rest);
  election::Ballot out;
  out.sequence = in.U64("sequence");
  out.style = in.U16("style");
  in.Array(out.credential, "credential");
  out.contests = ReadContests(in);
  in.Array(out.commitment, "commitment");
  in.Array(out.responses, "responses");
  URNA_RETURN_IF_ERROR(in.Finish("entry"));
  return out;
}

absl::StatusOr<Entry> ReadBallotChallenge(ByteSpan rest) {
  FieldReader in(rest);
  election::BallotChallenge out;
  out.sequence = in.U64("sequence");
  in.Array(out.credential, "credential");
  in.Array(out.ballot_hash, "ballot_hash");
  in.Array(out.commitment, "commitment");
  in.Array(out.responses, "responses");
  URNA_RETURN_IF_ERROR(in.Finish("entry"));
  return out;
}

election::ContestOpening ReadContestOpening(FieldReader& in) {
  election::ContestOpening contest;
  contest.contest = in.U16("contest");
  contest.cells = in.Bytes16(election::ContestOpening::kCellSize, "cells");
  contest.commitments = in.Bytes16(64, "commitments");
  return contest;
}

absl::StatusOr<Entry> ReadBallotOpening(ByteSpan rest) {
  FieldReader in(rest);
  election::BallotOpening out;
  out.challenge = in.U64("challenge");
  out.sequence = in.U64("sequence");
  out.style = in.U16("style");
  in.Array(out.credential, "credential");
  out.contests = in.AscendingList<election::ContestOpening>(
      0, "contests", ReadContestOpening,
      [](const election::ContestOpening& contest) { return contest.contest; });
  in.Array(out.commitment, "commitment");
  URNA_RETURN_IF_ERROR(in.Finish("entry"));
  return out;
}

petition::Act ReadAct(FieldReader& in) {
  const uint8_t act = in.U8("act");
  if (act == 1 || act == 2) return static_cast<petition::Act>(act);
  in.Keep(absl::InvalidArgumentError(absl::StrCat("field 'act' is ", act, ", not 1 or 2")));
  return petition::Act::kSign;
}

absl::StatusOr<Entry> ReadPetitionAct(ByteSpan rest) {
  FieldReader in(rest);
  petition::PetitionAct out;
  out.act = ReadAct(in);
  out.sequence = in.U64("sequence");
  in.Array(out.credential, "credential");
  in.Array(out.commitment, "commitment");
  in.Array(out.responses, "responses");
  URNA_RETURN_IF_ERROR(in.Finish("entry"));
  return out;
}

// 32 bytes and more for every digit of a place in a ring (§3.8).
Bytes ReadRingVector(FieldReader& in, size_t (*size)(size_t), absl::string_view what) {
  return ToBytes(in.Vector16(size(crypto::kMinRingDigits), size(crypto::kMaxRingDigits), what));
}

absl::StatusOr<Entry> ReadRingBallot(ByteSpan rest) {
  FieldReader in(rest);
  election::Ballot out;
  election::RingAnswer answer;
  out.sequence = in.U64("sequence");
  out.style = in.U16("style");
  answer.ring = in.U32("ring");
  in.Array(out.credential, "tag");
  out.contests = ReadContests(in);
  answer.commitments = ReadRingVector(in, crypto::RingCommitmentsSize, "ring_commitments");
  answer.responses = ReadRingVector(in, crypto::RingResponsesSize, "ring_responses");
  URNA_RETURN_IF_ERROR(in.Finish("entry"));
  out.anonymous = std::move(answer);
  return out;
}

absl::StatusOr<Entry> ReadTagBallot(ByteSpan rest) {
  FieldReader in(rest);
  election::Ballot out;
  election::TagAnswer answer;
  out.sequence = in.U64("sequence");
  out.style = in.U16("style");
  in.Array(out.credential, "tag");
  out.contests = ReadContests(in);
  in.Array(answer.commitment, "commitment");
  in.Array(answer.response, "response");
  URNA_RETURN_IF_ERROR(in.Finish("entry"));
  out.anonymous = answer;
  return out;
}

absl::StatusOr<Entry> ReadRingAct(ByteSpan rest) {
  FieldReader in(rest);
  petition::RingAct out;
  out.sequence = in.U64("sequence");
  out.epoch = in.U32("epoch");
  out.ring = in.U32("ring");
  in.Array(out.tag, "tag");
  out.commitments = ReadRingVector(in, crypto::RingCommitmentsSize, "ring_commitments");
  out.responses = ReadRingVector(in, crypto::RingResponsesSize, "ring_responses");
  URNA_RETURN_IF_ERROR(in.Finish("entry"));
  return out;
}

absl::StatusOr<Entry> ReadTagAct(ByteSpan rest) {
  FieldReader in(rest);
  petition::TagAct out;
  out.act = ReadAct(in);
  out.sequence = in.U64("sequence");
  in.Array(out.tag, "tag");
  in.Array(out.commitment, "commitment");
  in.Array(out.response, "response");
  URNA_RETURN_IF_ERROR(in.Finish("entry"));
  return out;
}

absl::StatusOr<Entry> ReadWitnessedCheckpoint(ByteSpan rest) {
  FieldReader in(rest);
  poll::WitnessedCheckpoint out;
  out.note = in.Bytes16(1, "note");
  URNA_RETURN_IF_ERROR(in.Finish("entry"));
  return out;
}

absl::StatusOr<Entry> ReadRest(EntryType type, uint8_t version, ByteSpan rest) {
  switch (type) {
    case EntryType::kElectionManifest:
      return ReadElectionManifest(rest, version);
    case EntryType::kPetitionManifest:
      return ReadPetitionManifest(rest, version);
    case EntryType::kRollHeader:
      return ReadRollHeader(rest);
    case EntryType::kRollMember:
      return ReadRollMember(rest);
    case EntryType::kRollSeal:
      return ReadRollSeal(rest);
    case EntryType::kRollChange:
      return ReadRollChange(rest);
    case EntryType::kOrder:
      return ReadOrder(rest);
    case EntryType::kBallot:
      return ReadBallot(rest);
    case EntryType::kBallotChallenge:
      return ReadBallotChallenge(rest);
    case EntryType::kBallotOpening:
      return ReadBallotOpening(rest);
    case EntryType::kRingBallot:
      return ReadRingBallot(rest);
    case EntryType::kTagBallot:
      return ReadTagBallot(rest);
    case EntryType::kPetitionAct:
      return ReadPetitionAct(rest);
    case EntryType::kRingAct:
      return ReadRingAct(rest);
    case EntryType::kTagAct:
      return ReadTagAct(rest);
    case EntryType::kWitnessedCheckpoint:
      return ReadWitnessedCheckpoint(rest);
    default:
      return ReadTrusteeMessage(type, rest);
  }
}

}  // namespace

absl::StatusOr<Entry> DecodeEntry(ByteSpan bytes) {
  if (bytes.size() > kMaxEntrySize) {
    return absl::InvalidArgumentError(
        absl::StrCat("an entry of ", bytes.size(), " bytes, it may have ", kMaxEntrySize));
  }
  if (bytes.size() < 2) return absl::InvalidArgumentError("an entry without type and version");
  const std::optional<EntryType> type = ParseType(bytes[0]);
  if (!type.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("unknown entry type 0x", absl::Hex(bytes[0], absl::kZeroPad2)));
  }
  const bool manifest =
      *type == EntryType::kElectionManifest || *type == EntryType::kPetitionManifest;
  const bool known =
      bytes[1] == kEntryVersion || (manifest && bytes[1] == kAnonymousManifestVersion);
  if (!known) {
    return absl::InvalidArgumentError(
        absl::StrCat(TypeName(*type), ": unknown version ", bytes[1]));
  }
  absl::StatusOr<Entry> entry = ReadRest(*type, bytes[1], bytes.subspan(2));
  if (!entry.ok()) return Annotate(entry.status(), TypeName(*type));
  return entry;
}

}  // namespace urna::record
