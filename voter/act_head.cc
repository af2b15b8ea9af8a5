// What the first bytes of a voter's entry say, without decoding the rest.
#include "core/base/codec.h"
#include "core/record/entry_types.h"
#include "voter/poll_view.h"

namespace urna::voter {

using record::EntryType;

std::optional<ActHead> ReadActHead(ByteSpan entry) {
  Reader reader(entry);
  const absl::StatusOr<uint8_t> type = reader.U8("type");
  if (!type.ok()) return std::nullopt;
  const bool ring_ballot = *type == static_cast<uint8_t>(EntryType::kRingBallot);
  const bool ballot = *type == static_cast<uint8_t>(EntryType::kBallot) ||
                      *type == static_cast<uint8_t>(EntryType::kTagBallot) || ring_ballot;
  const bool ring_act = *type == static_cast<uint8_t>(EntryType::kRingAct);
  const bool act = record::IsPetitionAct(static_cast<EntryType>(*type)) && !ring_act;
  const bool challenge = *type == static_cast<uint8_t>(EntryType::kBallotChallenge);
  if (!ballot && !act && !ring_act && !challenge) return std::nullopt;
  const absl::StatusOr<uint8_t> version = reader.U8("version");
  // A ring act always signs.
  const absl::StatusOr<uint8_t> kind =
      act ? reader.U8("act") : absl::StatusOr<uint8_t>(static_cast<uint8_t>(petition::Act::kSign));
  const absl::StatusOr<uint64_t> sequence = reader.U64("sequence");
  const absl::StatusOr<uint16_t> style = ballot ? reader.U16("style") : absl::StatusOr<uint16_t>(0);
  const absl::StatusOr<uint32_t> ring_of_ballot =
      ring_ballot ? reader.U32("ring") : absl::StatusOr<uint32_t>(0);
  const absl::StatusOr<uint64_t> ring =
      ring_act ? reader.U64("epoch and ring") : absl::StatusOr<uint64_t>(0);
  const absl::StatusOr<OwnId> id = reader.Array<32>("credential or tag");
  const absl::StatusOr<crypto::Hash64> hash =
      challenge ? reader.Array<64>("ballot_hash")
                : absl::StatusOr<crypto::Hash64>(crypto::Hash64{});
  if (!version.ok() || *version != record::kEntryVersion || !kind.ok() || !sequence.ok() ||
      !style.ok() || !ring_of_ballot.ok() || !ring.ok() || !id.ok() || !hash.ok()) {
    return std::nullopt;
  }
  ActHead head{SubmissionOf(entry), *id, *sequence, *hash};
  if (act || ring_act) head.act = static_cast<petition::Act>(*kind);
  return head;
}

}  // namespace urna::voter
