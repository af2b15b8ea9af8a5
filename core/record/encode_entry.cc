#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/record/entry.h"
#include "core/record/entry_types.h"
#include "core/record/field_writer.h"

namespace urna::record {
namespace {

using election::RingAnswer;
using election::TagAnswer;

void Begin(FieldWriter& out, EntryType type) {
  out.U8(static_cast<uint8_t>(type));
  out.U8(kEntryVersion);
}

// The bytes that were signed must be those of the value beside them.
template <typename Value>
absl::Status CheckBody(const Value& value, ByteSpan body) {
  URNA_ASSIGN_OR_RETURN(const Bytes expected, EncodeBody(value));
  if (BytesEqual(expected, body)) return absl::OkStatus();
  return absl::InvalidArgumentError("the signed bytes are not those of the value beside them");
}

absl::Status Write(FieldWriter& out, EntryType type, const poll::SignedBody& signed_body,
                   uint8_t version = kEntryVersion) {
  out.U8(static_cast<uint8_t>(type));
  out.U8(version);
  out.Vector16(signed_body.body, "body");
  out.Signatures(signed_body.signatures);
  return absl::OkStatus();
}

struct WriteEntry {
  FieldWriter& out;

  absl::Status operator()(const election::SignedManifest& entry) const {
    URNA_RETURN_IF_ERROR(CheckBody(entry.manifest, entry.signed_body.body));
    return Write(out, EntryType::kElectionManifest, entry.signed_body, VersionOf(entry.manifest));
  }
  absl::Status operator()(const petition::SignedManifest& entry) const {
    URNA_RETURN_IF_ERROR(CheckBody(entry.manifest, entry.signed_body.body));
    return Write(out, EntryType::kPetitionManifest, entry.signed_body, VersionOf(entry.manifest));
  }
  absl::Status operator()(const poll::SignedOrder& entry) const {
    URNA_RETURN_IF_ERROR(CheckBody(entry.order, entry.signed_body.body));
    return Write(out, EntryType::kOrder, entry.signed_body);
  }
  absl::Status operator()(const roll::SignedRollHeader& entry) const {
    URNA_RETURN_IF_ERROR(CheckBody(entry.header, entry.body));
    Begin(out, EntryType::kRollHeader);
    out.Vector16(entry.body, "body");
    out.Raw(entry.signature);
    return absl::OkStatus();
  }
  absl::Status operator()(const roll::RollMember& entry) const {
    Begin(out, EntryType::kRollMember);
    out.Raw(entry.credential);
    out.U16(entry.district);
    out.U16(entry.category);
    out.U32(entry.weight);
    out.Raw(entry.nonce);
    out.Raw(entry.commitment);
    out.Raw(entry.responses);
    return absl::OkStatus();
  }
  absl::Status operator()(const roll::SignedRollSeal& entry) const {
    URNA_RETURN_IF_ERROR(CheckBody(entry.seal, entry.body));
    Begin(out, EntryType::kRollSeal);
    out.Vector16(entry.body, "body");
    out.Raw(entry.signature);
    return absl::OkStatus();
  }
  absl::Status operator()(const roll::SignedRollChange& entry) const {
    URNA_RETURN_IF_ERROR(CheckBody(entry.change, entry.body));
    Begin(out, EntryType::kRollChange);
    out.Vector16(entry.body, "body");
    out.Raw(entry.signature);
    return absl::OkStatus();
  }
  absl::Status operator()(const election::SignedTrusteeMessage& entry) const {
    URNA_ASSIGN_OR_RETURN(const Bytes fields, EncodeFields(entry.message));
    if (entry.type != TypeOf(entry.message) || !BytesEqual(fields, entry.fields)) {
      return absl::InvalidArgumentError("the signed bytes are not those of the value beside them");
    }
    out.U8(entry.type);
    out.U8(kEntryVersion);
    out.Raw(entry.fields);
    out.Raw(entry.signature);
    return absl::OkStatus();
  }
  absl::Status operator()(const election::Ballot& entry) const {
    const RingAnswer* ring = entry.ring_answer();
    const TagAnswer* tag = entry.tag_answer();
    Begin(out, ring != nullptr  ? EntryType::kRingBallot
               : tag != nullptr ? EntryType::kTagBallot
                                : EntryType::kBallot);
    out.U64(entry.sequence);
    out.U16(entry.style);
    if (ring != nullptr) out.U32(ring->ring);
    out.Raw(entry.credential);
    out.List(entry.contests, "contests",
             [](FieldWriter& inner, const election::ContestBallot& contest) {
               inner.U16(contest.contest);
               inner.Vector16(contest.ciphertexts, "ciphertexts");
               inner.Vector16(contest.commitments, "commitments");
               inner.Vector16(contest.challenges, "challenges");
               inner.Vector16(contest.responses, "responses");
             });
    if (ring != nullptr) {
      out.Vector16(ring->commitments, "ring_commitments");
      out.Vector16(ring->responses, "ring_responses");
    } else if (tag != nullptr) {
      out.Raw(tag->commitment);
      out.Raw(tag->response);
    } else {
      out.Raw(entry.commitment);
      out.Raw(entry.responses);
    }
    return absl::OkStatus();
  }
  absl::Status operator()(const election::BallotChallenge& entry) const {
    Begin(out, EntryType::kBallotChallenge);
    out.U64(entry.sequence);
    out.Raw(entry.credential);
    out.Raw(entry.ballot_hash);
    out.Raw(entry.commitment);
    out.Raw(entry.responses);
    return absl::OkStatus();
  }
  absl::Status operator()(const election::BallotOpening& entry) const {
    Begin(out, EntryType::kBallotOpening);
    out.U64(entry.challenge);
    out.U64(entry.sequence);
    out.U16(entry.style);
    out.Raw(entry.credential);
    out.List(entry.contests, "contests",
             [](FieldWriter& inner, const election::ContestOpening& contest) {
               inner.U16(contest.contest);
               inner.Vector16(contest.cells, "cells");
               inner.Vector16(contest.commitments, "commitments");
             });
    out.Raw(entry.commitment);
    return absl::OkStatus();
  }
  absl::Status operator()(const petition::PetitionAct& entry) const {
    Begin(out, EntryType::kPetitionAct);
    out.U8(static_cast<uint8_t>(entry.act));
    out.U64(entry.sequence);
    out.Raw(entry.credential);
    out.Raw(entry.commitment);
    out.Raw(entry.responses);
    return absl::OkStatus();
  }
  absl::Status operator()(const petition::RingAct& entry) const {
    Begin(out, EntryType::kRingAct);
    out.U64(entry.sequence);
    out.U32(entry.epoch);
    out.U32(entry.ring);
    out.Raw(entry.tag);
    out.Vector16(entry.commitments, "ring_commitments");
    out.Vector16(entry.responses, "ring_responses");
    return absl::OkStatus();
  }
  absl::Status operator()(const petition::TagAct& entry) const {
    Begin(out, EntryType::kTagAct);
    out.U8(static_cast<uint8_t>(entry.act));
    out.U64(entry.sequence);
    out.Raw(entry.tag);
    out.Raw(entry.commitment);
    out.Raw(entry.response);
    return absl::OkStatus();
  }
  absl::Status operator()(const poll::WitnessedCheckpoint& entry) const {
    Begin(out, EntryType::kWitnessedCheckpoint);
    out.Vector16(entry.note, "note");
    return absl::OkStatus();
  }
};

absl::StatusOr<Bytes> Encode(const Entry& entry) {
  FieldWriter out;
  URNA_RETURN_IF_ERROR(std::visit(WriteEntry{out}, entry));
  return out.Take();
}

}  // namespace

uint8_t VersionOf(const election::Manifest& manifest) {
  return manifest.anonymous.has_value() ? kAnonymousManifestVersion : kEntryVersion;
}

uint8_t VersionOf(const petition::Manifest& manifest) {
  return manifest.anonymous.has_value() ? kAnonymousManifestVersion : kEntryVersion;
}

absl::StatusOr<Bytes> EncodeEntry(const Entry& entry) {
  absl::StatusOr<Bytes> bytes = Encode(entry);
  if (!bytes.ok()) return Annotate(bytes.status(), EntryName(entry));
  if (bytes->size() > kMaxEntrySize) {
    return absl::InvalidArgumentError(absl::StrCat(EntryName(entry), ": ", bytes->size(),
                                                   " bytes, an entry may have ", kMaxEntrySize));
  }
  URNA_RETURN_IF_ERROR(DecodeEntry(*bytes).status());
  return bytes;
}

}  // namespace urna::record
