#include "core/base/status.h"
#include "core/record/entry.h"
#include "core/record/field_reader.h"

namespace urna::record {
namespace {

constexpr size_t kMaxReason = 1000;  // bytes
constexpr size_t kMaxBatch = 63;

roll::RollPin ReadRollPin(FieldReader& in) {
  roll::RollPin pin;
  in.Array(pin.roll_id, "roll_id");
  pin.size = in.U64("roll_size");
  in.Array(pin.root, "roll_root");
  return pin;
}

// What stands before the roll.
poll::OpenElection ReadKeys(FieldReader& in) {
  poll::OpenElection act;
  act.attempt = in.U16("attempt");
  in.Array(act.election_key, "election_key");
  act.verification_keys =
      in.List<std::array<uint8_t, 32>>(1, "verification_keys", [](FieldReader& inner) {
        std::array<uint8_t, 32> key{};
        inner.Array(key, "verification key");
        return key;
      });
  return act;
}

poll::OpenElection ReadOpenElection(FieldReader& in) {
  poll::OpenElection act = ReadKeys(in);
  act.roll = ReadRollPin(in);
  return act;
}

// The roll in an epoch, and its rings: of openings over rings.
template <typename Opening>
void ReadRings(FieldReader& in, Opening& act) {
  in.Array(act.roll.roll_id, "roll_id");
  act.epoch = in.U32("epoch");
  act.roll.size = in.U64("roll_size");
  in.Array(act.roll.root, "roll_root");
  in.Array(act.beacon, "beacon");
  act.rings = in.U32("rings");
  in.Array(act.rings_hash, "rings_hash");
}

poll::OpenAnonymousElection ReadOpenAnonymousElection(FieldReader& in) {
  poll::OpenAnonymousElection act{ReadKeys(in)};
  ReadRings(in, act);
  return act;
}

poll::Part ReadPart(FieldReader& in) {
  poll::Part part;
  part.contest = in.U16("contest");
  part.districts =
      in.List<uint16_t>(1, "districts", [](FieldReader& inner) { return inner.U16("district"); });
  part.ballots = in.U64("ballots");
  part.weight = in.U64("weight");
  return part;
}

poll::Sum ReadSum(FieldReader& in) {
  poll::Sum act;
  act.tree_size = in.U64("tree_size");
  act.counted = in.U64("counted");
  in.Array(act.counted_hash, "counted_hash");
  act.parts = in.List<poll::Part>(0, "parts", ReadPart);
  in.Array(act.sums_hash, "sums_hash");
  return act;
}

poll::PartTotals ReadTotals(FieldReader& in) {
  poll::PartTotals result;
  result.part = in.U16("part");
  result.totals =
      in.List<uint64_t>(1, "totals", [](FieldReader& inner) { return inner.U64("total"); });
  return result;
}

std::vector<uint16_t> ReadNumbers(FieldReader& in, absl::string_view what) {
  return in.List<uint16_t>(0, what, [](FieldReader& inner) { return inner.U16("number"); });
}

poll::Outcome ReadOutcome(FieldReader& in) {
  poll::Outcome outcome;
  outcome.contest = in.U16("contest");
  outcome.winners = ReadNumbers(in, "winners");
  outcome.tied = ReadNumbers(in, "tied");
  outcome.seats = ReadNumbers(in, "seats");
  return outcome;
}

poll::ElectionResult ReadElectionResult(FieldReader& in) {
  poll::ElectionResult act;
  act.results = in.List<poll::PartTotals>(0, "results", ReadTotals);
  act.outcomes = in.List<poll::Outcome>(0, "outcomes", ReadOutcome);
  return act;
}

std::vector<std::array<uint8_t, 32>> ReadCredentials(FieldReader& in) {
  return in.AscendingList<std::array<uint8_t, 32>>(
      1, "credentials",
      [](FieldReader& inner) {
        std::array<uint8_t, 32> credential{};
        inner.Array(credential, "credential");
        return credential;
      },
      [](const std::array<uint8_t, 32>& credential) { return credential; });
}

poll::OpenPetition ReadOpenPetition(FieldReader& in) {
  poll::OpenPetition act;
  in.Array(act.text_hash, "text_hash");
  act.roll = ReadRollPin(in);
  return act;
}

poll::OpenAnonymousPetition ReadOpenAnonymousPetition(FieldReader& in) {
  poll::OpenAnonymousPetition act;
  in.Array(act.text_hash, "text_hash");
  ReadRings(in, act);
  return act;
}

poll::DistrictCount ReadDistrictCount(FieldReader& in) {
  poll::DistrictCount count;
  count.district = in.U16("district");
  count.signatures = in.U64("signatures");
  return count;
}

poll::ThresholdReached ReadThreshold(FieldReader& in) {
  poll::ThresholdReached threshold;
  threshold.threshold = in.U64("threshold");
  threshold.reached = in.Flag("reached");
  threshold.index = in.U64("index");
  return threshold;
}

poll::PetitionResult ReadPetitionResult(FieldReader& in) {
  poll::PetitionResult act;
  act.tree_size = in.U64("tree_size");
  act.signatures = in.U64("signatures");
  act.districts = in.List<poll::DistrictCount>(0, "districts", ReadDistrictCount);
  act.thresholds = in.List<poll::ThresholdReached>(0, "thresholds", ReadThreshold);
  return act;
}

poll::Step ReadStep(FieldReader& in) {
  poll::Step act;
  const uint8_t step = in.U8("step");
  if (step < 1 || step > poll::kMaxStep) {
    in.Keep(absl::InvalidArgumentError(
        absl::StrCat("field 'step' is ", step, ", not 1 to ", poll::kMaxStep)));
  }
  act.step = static_cast<poll::StepKind>(step);
  act.code = in.U16("code");
  in.Array(act.document, "document");
  return act;
}

poll::Confirm ReadConfirm(FieldReader& in) {
  poll::Confirm act;
  act.invitation = in.U16("invitation");
  in.Array(act.signature, "signature");
  return act;
}

poll::Revise ReadRevise(FieldReader& in) {
  poll::Revise act;
  act.title = in.Texts("title");
  act.text = in.Texts("text");
  return act;
}

poll::PaperBatch ReadPaperBatch(FieldReader& in) {
  poll::PaperBatch act;
  act.batch = in.Text8(1, kMaxBatch, "batch");
  in.Array(act.sheets_hash, "sheets_hash");
  act.sheets = in.U32("sheets");
  act.districts = in.AscendingList<poll::PaperCount>(
      1, "districts",
      [](FieldReader& inner) {
        poll::PaperCount count;
        count.district = inner.U16("district");
        count.accepted = inner.U32("accepted");
        count.rejected = inner.U32("rejected");
        return count;
      },
      [](const poll::PaperCount& count) { return count.district; });
  return act;
}

poll::AnonymousResult ReadAnonymousResult(FieldReader& in) {
  poll::AnonymousResult act;
  act.tree_size = in.U64("tree_size");
  act.online = in.U64("online");
  act.paper = in.U64("paper");
  act.districts = in.List<poll::ChannelCount>(0, "districts", [](FieldReader& inner) {
    poll::ChannelCount count;
    count.district = inner.U16("district");
    count.online = inner.U64("online");
    count.paper = inner.U64("paper");
    return count;
  });
  act.thresholds = in.List<poll::ThresholdReached>(0, "thresholds", ReadThreshold);
  act.minimums = in.List<poll::MinimumSeen>(0, "minimums", [](FieldReader& inner) {
    poll::MinimumSeen minimum;
    minimum.after = inner.U32("after");
    minimum.at_least = inner.U64("at_least");
    minimum.seen = inner.U64("seen");
    minimum.met = inner.Flag("met");
    return minimum;
  });
  act.districts_met = in.U16("districts_met");
  act.passed = in.Flag("passed");
  return act;
}

poll::RollEpoch ReadRollEpoch(FieldReader& in) {
  poll::RollEpoch act;
  act.epoch = in.U32("epoch");
  act.earliest = in.U32("earliest");
  act.roll_size = in.U64("roll_size");
  in.Array(act.roll_root, "roll_root");
  in.Array(act.beacon, "beacon");
  act.rings = in.U32("rings");
  in.Array(act.rings_hash, "rings_hash");
  return act;
}

decltype(poll::Order::act) ReadAct(uint8_t kind, FieldReader& in) {
  switch (static_cast<poll::OrderKind>(kind)) {
    case poll::OrderKind::kOpenElection:
      return ReadOpenElection(in);
    case poll::OrderKind::kClose:
      return poll::Close{};
    case poll::OrderKind::kNewAttempt:
      return poll::NewAttempt{in.U16("attempt")};
    case poll::OrderKind::kSum:
      return ReadSum(in);
    case poll::OrderKind::kElectionResult:
      return ReadElectionResult(in);
    case poll::OrderKind::kOpenPetition:
      return ReadOpenPetition(in);
    case poll::OrderKind::kOpenAnonymousPetition:
      return ReadOpenAnonymousPetition(in);
    case poll::OrderKind::kPetitionResult:
      return ReadPetitionResult(in);
    case poll::OrderKind::kRevoke:
      return poll::Revoke{ReadCredentials(in)};
    case poll::OrderKind::kRestore:
      return poll::Restore{ReadCredentials(in)};
    case poll::OrderKind::kStep:
      return ReadStep(in);
    case poll::OrderKind::kInvite:
      return poll::Invite{in.Key("initiator")};
    case poll::OrderKind::kConfirm:
      return ReadConfirm(in);
    case poll::OrderKind::kRevise:
      return ReadRevise(in);
    case poll::OrderKind::kPaperBatch:
      return ReadPaperBatch(in);
    case poll::OrderKind::kAnonymousResult:
      return ReadAnonymousResult(in);
    case poll::OrderKind::kRollEpoch:
      return ReadRollEpoch(in);
    case poll::OrderKind::kOpenAnonymousElection:
      return ReadOpenAnonymousElection(in);
  }
  in.Keep(absl::InvalidArgumentError(absl::StrCat("field 'kind' is ", kind, ", not 1 to 18")));
  return poll::Close{};
}

}  // namespace

absl::StatusOr<poll::Order> DecodeOrder(ByteSpan body) {
  FieldReader in(body);
  poll::Order order;
  const uint8_t kind = in.U8("kind");
  order.number = in.U32("number");
  in.Array(order.previous, "previous");
  order.time = in.U64("time");
  order.reason = in.Text16(0, kMaxReason, "reason");
  order.act = ReadAct(kind, in);
  URNA_RETURN_IF_ERROR(in.Finish("body"));
  return order;
}

}  // namespace urna::record
