#include "core/base/status.h"
#include "core/record/entry.h"
#include "core/record/field_writer.h"

namespace urna::record {
namespace {

void WriteRollPin(FieldWriter& out, const roll::RollPin& pin) {
  out.Raw(pin.roll_id);
  out.U64(pin.size);
  out.Raw(pin.root);
}

// The roll in an epoch, and its rings: of openings over rings.
template <typename Opening>
void WriteRings(FieldWriter& out, const Opening& act) {
  out.Raw(act.roll.roll_id);
  out.U32(act.epoch);
  out.U64(act.roll.size);
  out.Raw(act.roll.root);
  out.Raw(act.beacon);
  out.U32(act.rings);
  out.Raw(act.rings_hash);
}

void WriteKeys(FieldWriter& out, const poll::OpenElection& act) {
  out.U16(act.attempt);
  out.Raw(act.election_key);
  out.List(act.verification_keys, "verification_keys",
           [](FieldWriter& inner, const std::array<uint8_t, 32>& key) { inner.Raw(key); });
}

void WritePart(FieldWriter& out, const poll::Part& part) {
  out.U16(part.contest);
  out.List(part.districts, "districts",
           [](FieldWriter& inner, uint16_t district) { inner.U16(district); });
  out.U64(part.ballots);
  out.U64(part.weight);
}

void WriteTotals(FieldWriter& out, const poll::PartTotals& result) {
  out.U16(result.part);
  out.List(result.totals, "totals", [](FieldWriter& inner, uint64_t total) { inner.U64(total); });
}

void WriteNumber(FieldWriter& out, uint16_t number) { out.U16(number); }

void WriteOutcome(FieldWriter& out, const poll::Outcome& outcome) {
  out.U16(outcome.contest);
  out.List(outcome.winners, "winners", WriteNumber);
  out.List(outcome.tied, "tied", WriteNumber);
  out.List(outcome.seats, "seats", WriteNumber);
}

void WriteCredentials(FieldWriter& out, const std::vector<std::array<uint8_t, 32>>& credentials) {
  out.List(
      credentials, "credentials",
      [](FieldWriter& inner, const std::array<uint8_t, 32>& credential) { inner.Raw(credential); });
}

void WriteDistrictCount(FieldWriter& out, const poll::DistrictCount& count) {
  out.U16(count.district);
  out.U64(count.signatures);
}

void WriteThreshold(FieldWriter& out, const poll::ThresholdReached& threshold) {
  out.U64(threshold.threshold);
  out.U8(threshold.reached ? 1 : 0);
  out.U64(threshold.index);
}

void WritePaperCount(FieldWriter& out, const poll::PaperCount& count) {
  out.U16(count.district);
  out.U32(count.accepted);
  out.U32(count.rejected);
}

void WriteChannelCount(FieldWriter& out, const poll::ChannelCount& count) {
  out.U16(count.district);
  out.U64(count.online);
  out.U64(count.paper);
}

void WriteMinimumSeen(FieldWriter& out, const poll::MinimumSeen& minimum) {
  out.U32(minimum.after);
  out.U64(minimum.at_least);
  out.U64(minimum.seen);
  out.U8(minimum.met ? 1 : 0);
}

// What stands after the fields that all orders have.
struct WriteAct {
  FieldWriter& out;

  void operator()(const poll::OpenElection& act) const {
    WriteKeys(out, act);
    WriteRollPin(out, act.roll);
  }
  void operator()(const poll::OpenAnonymousElection& act) const {
    WriteKeys(out, act);
    WriteRings(out, act);
  }
  void operator()(const poll::Close&) const {}
  void operator()(const poll::NewAttempt& act) const { out.U16(act.attempt); }
  void operator()(const poll::Sum& act) const {
    out.U64(act.tree_size);
    out.U64(act.counted);
    out.Raw(act.counted_hash);
    out.List(act.parts, "parts", WritePart);
    out.Raw(act.sums_hash);
  }
  void operator()(const poll::ElectionResult& act) const {
    out.List(act.results, "results", WriteTotals);
    out.List(act.outcomes, "outcomes", WriteOutcome);
  }
  void operator()(const poll::OpenPetition& act) const {
    out.Raw(act.text_hash);
    WriteRollPin(out, act.roll);
  }
  void operator()(const poll::OpenAnonymousPetition& act) const {
    out.Raw(act.text_hash);
    WriteRings(out, act);
  }
  void operator()(const poll::PetitionResult& act) const {
    out.U64(act.tree_size);
    out.U64(act.signatures);
    out.List(act.districts, "districts", WriteDistrictCount);
    out.List(act.thresholds, "thresholds", WriteThreshold);
  }
  void operator()(const poll::Revoke& act) const { WriteCredentials(out, act.credentials); }
  void operator()(const poll::Restore& act) const { WriteCredentials(out, act.credentials); }
  void operator()(const poll::Step& act) const {
    out.U8(static_cast<uint8_t>(act.step));
    out.U16(act.code);
    out.Raw(act.document);
  }
  void operator()(const poll::Invite& act) const { out.Key(act.initiator, "initiator"); }
  void operator()(const poll::Confirm& act) const {
    out.U16(act.invitation);
    out.Raw(act.signature);
  }
  void operator()(const poll::Revise& act) const {
    out.Texts(act.title, "title");
    out.Texts(act.text, "text");
  }
  void operator()(const poll::PaperBatch& act) const {
    out.Text8(act.batch, "batch");
    out.Raw(act.sheets_hash);
    out.U32(act.sheets);
    out.List(act.districts, "districts", WritePaperCount);
  }
  void operator()(const poll::AnonymousResult& act) const {
    out.U64(act.tree_size);
    out.U64(act.online);
    out.U64(act.paper);
    out.List(act.districts, "districts", WriteChannelCount);
    out.List(act.thresholds, "thresholds", WriteThreshold);
    out.List(act.minimums, "minimums", WriteMinimumSeen);
    out.U16(act.districts_met);
    out.U8(act.passed ? 1 : 0);
  }
  void operator()(const poll::RollEpoch& act) const {
    out.U32(act.epoch);
    out.U32(act.earliest);
    out.U64(act.roll_size);
    out.Raw(act.roll_root);
    out.Raw(act.beacon);
    out.U32(act.rings);
    out.Raw(act.rings_hash);
  }
};

}  // namespace

absl::StatusOr<Bytes> EncodeBody(const poll::Order& order) {
  FieldWriter out;
  out.U8(static_cast<uint8_t>(order.kind()));
  out.U32(order.number);
  out.Raw(order.previous);
  out.U64(order.time);
  out.Text16(order.reason, "reason");
  std::visit(WriteAct{out}, order.act);
  URNA_ASSIGN_OR_RETURN(Bytes body, out.Take());
  URNA_RETURN_IF_ERROR(DecodeOrder(body).status());
  return body;
}

}  // namespace urna::record
