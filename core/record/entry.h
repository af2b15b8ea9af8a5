// Log entries: canonical bytes to values and back. docs/protocol.md §4-§8; the table of types is
// in §13. Decoding checks the structure alone (lengths, order of elements, UTF-8, known type and
// version, no bytes left over); points, scalars and rules are for the layers that use the values.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "core/base/bytes.h"
#include "core/election/manifest.h"
#include "core/election/messages.h"
#include "core/petition/petition.h"
#include "core/poll/orders.h"
#include "core/poll/witnessed_checkpoint.h"
#include "core/record/entry_types.h"
#include "core/roll/entries.h"

namespace urna::record {

inline constexpr size_t kMaxEntrySize = 65535;

using Entry =
    std::variant<election::SignedManifest, petition::SignedManifest, roll::SignedRollHeader,
                 roll::RollMember, roll::SignedRollSeal, roll::SignedRollChange,
                 election::SignedTrusteeMessage, poll::SignedOrder, election::Ballot,
                 election::BallotChallenge, election::BallotOpening, petition::PetitionAct,
                 petition::RingAct, petition::TagAct, poll::WitnessedCheckpoint>;

// InvalidArgument with the type's name and the field: "ballot: 3 bytes missing in field
// 'responses'".
absl::StatusOr<Entry> DecodeEntry(ByteSpan bytes);
EntryType TypeOf(const Entry& entry);
// The type's name for people: "ballot", "order 'open'", "key commitment".
std::string EntryName(const Entry& entry);
// The same in a sentence: "a ballot", "an election manifest", "key shares".
std::string NameAnEntry(const Entry& entry);

// InvalidArgument if a value does not fit its field, the decoder would refuse it, the signed bytes
// are not those of the value beside them, or the entry would exceed kMaxEntrySize.
absl::StatusOr<Bytes> EncodeEntry(const Entry& entry);

// The bodies that are signed. For each, Decode(Encode(x)) == x and Encode(Decode(b)) == b.
absl::StatusOr<Bytes> EncodeBody(const election::Manifest& manifest);
absl::StatusOr<Bytes> EncodeBody(const petition::Manifest& manifest);
// Of the entry that has this body: 2 if the poll is anonymous.
uint8_t VersionOf(const election::Manifest& manifest);
uint8_t VersionOf(const petition::Manifest& manifest);
absl::StatusOr<Bytes> EncodeBody(const roll::RollHeader& header);
absl::StatusOr<Bytes> EncodeBody(const roll::RollSeal& seal);
absl::StatusOr<Bytes> EncodeBody(const roll::RollChange& change);
absl::StatusOr<Bytes> EncodeBody(const poll::Order& order);
absl::StatusOr<Bytes> EncodeFields(const election::TrusteeMessage& message);
uint8_t TypeOf(const election::TrusteeMessage& message);

// `version`: of the entry; 2 if the poll is anonymous.
absl::StatusOr<election::Manifest> DecodeElectionManifest(ByteSpan body, uint8_t version);
absl::StatusOr<petition::Manifest> DecodePetitionManifest(ByteSpan body, uint8_t version);
absl::StatusOr<roll::RollHeader> DecodeRollHeader(ByteSpan body);
absl::StatusOr<roll::RollSeal> DecodeRollSeal(ByteSpan body);
absl::StatusOr<roll::RollChange> DecodeRollChange(ByteSpan body);
absl::StatusOr<poll::Order> DecodeOrder(ByteSpan body);
// `fields` without type, version and signature: what the trustee signs.
absl::StatusOr<election::TrusteeMessage> DecodeTrusteeMessage(uint8_t type, ByteSpan fields);

}  // namespace urna::record
