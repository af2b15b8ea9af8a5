#include "tests/core/record/samples.h"

#include <numeric>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/merkle/checkpoint.h"

namespace urna::record {
namespace {

// N bytes with the same first digit, so that fields can be told apart in the examples.
template <size_t N>
std::array<uint8_t, N> Fill(uint8_t first) {
  std::array<uint8_t, N> out;
  for (size_t i = 0; i < N; ++i) out[i] = static_cast<uint8_t>(first + i % 16);
  return out;
}

Bytes Some(size_t size, uint8_t first) {
  Bytes out(size);
  for (size_t i = 0; i < size; ++i) out[i] = static_cast<uint8_t>(first + i % 16);
  return out;
}

LocalizedTexts English(const std::string& text) { return {{"en", text}}; }

roll::NamedKey Key(const std::string& name, uint8_t first) { return {name, Fill<32>(first)}; }

roll::RollPin Pin() { return {Fill<32>(0x80), 3, Fill<32>(0x90)}; }

poll::SignedBody Sign(absl::StatusOr<Bytes> body) {
  URNA_CHECK(body.ok(), body.status().ToString().c_str());
  return {*std::move(body), {{0, Fill<64>(0xe0)}}};
}

decltype(poll::Order::act) SampleAct(poll::OrderKind kind) {
  switch (kind) {
    case poll::OrderKind::kOpenElection:
      return poll::OpenElection{1, Fill<32>(0x60), {Fill<32>(0x70)}, Pin()};
    case poll::OrderKind::kClose:
      return poll::Close{};
    case poll::OrderKind::kNewAttempt:
      return poll::NewAttempt{2};
    case poll::OrderKind::kSum:
      return poll::Sum{9, 2, Fill<32>(0x20), {{1, {1}, 2, 2}}, Fill<32>(0x30)};
    case poll::OrderKind::kElectionResult:
      return poll::ElectionResult{{{0, {1, 2}}}, {{1, {1}, {}, {}}}};
    case poll::OrderKind::kOpenPetition:
      return poll::OpenPetition{Fill<32>(0x40), Pin()};
    case poll::OrderKind::kOpenAnonymousPetition:
      return poll::OpenAnonymousPetition{
          {Fill<32>(0x40), Pin()}, 1, Fill<32>(0xa0), 3, Fill<32>(0xb0)};
    case poll::OrderKind::kOpenAnonymousElection:
      return poll::OpenAnonymousElection{
          {1, Fill<32>(0x60), {Fill<32>(0x70)}, Pin()}, 1, Fill<32>(0xa0), 3, Fill<32>(0xb0)};
    case poll::OrderKind::kPetitionResult:
      return poll::PetitionResult{5, 1, {{1, 1}}, {{1, true, 2}, {1000, false, 0}}};
    case poll::OrderKind::kRevoke:
      return poll::Revoke{{Fill<32>(0x10), Fill<32>(0x20)}};
    case poll::OrderKind::kRestore:
      return poll::Restore{{Fill<32>(0x10)}};
    case poll::OrderKind::kStep:
      return poll::Step{poll::StepKind::kReject, 9, Fill<32>(0xc0)};
    case poll::OrderKind::kInvite:
      return poll::Invite{Key("initiator", 0x60)};
    case poll::OrderKind::kConfirm:
      return poll::Confirm{1, Fill<64>(0xd0)};
    case poll::OrderKind::kRevise:
      return poll::Revise{English("Many more trees"), English("Plant them everywhere.")};
    case poll::OrderKind::kPaperBatch:
      return poll::PaperBatch{"town hall, May", Fill<32>(0xc0), 12, {{1, 100, 7}}};
    case poll::OrderKind::kAnonymousResult:
      return poll::AnonymousResult{
          9, 2, 1, {{1, 2, 1}}, {{1, true, 4}, {1000, false, 0}}, {{86400, 3, 2, false}}, 1, false};
    case poll::OrderKind::kRollEpoch:
      return poll::RollEpoch{2, 1, 6, Fill<32>(0x90), Fill<32>(0xa0), 3, Fill<32>(0xb0)};
  }
  CheckFailed(__FILE__, __LINE__, "an order without a sample");
}

}  // namespace

Bytes MustEncode(const Entry& entry) {
  absl::StatusOr<Bytes> bytes = EncodeEntry(entry);
  URNA_CHECK(bytes.ok(), bytes.status().ToString().c_str());
  return *std::move(bytes);
}

election::Manifest SampleElectionManifest() {
  election::Manifest manifest;
  manifest.origin = "vote.example/mayor";
  manifest.log_key = Fill<32>(0x10);
  manifest.nonce = Fill<32>(0x20);
  manifest.title = English("Mayor");
  manifest.schedule = {1'800'000'000, 1'800'086'400, 600};
  manifest.registrar = Key("registrar", 0x30);
  manifest.officers = {Key("officer", 0x40)};
  manifest.trustees = {Key("trustee", 0x50)};
  manifest.districts = {{1, English("Town"), 1}};
  manifest.styles = {{1, {1}}};
  election::Contest contest;
  contest.number = 1;
  contest.title = English("Mayor");
  contest.rule = election::Rule::kOneOfN;
  contest.options = {{"ada", English("Ada")}, {"bo", English("Bo")}};
  manifest.contests = {contest};
  return manifest;
}

// Contest 1 with costs, a limit, a blank vote and a greedy budget; contest 2 with two lists.
election::Manifest SampleRichManifest() {
  election::Manifest manifest = SampleElectionManifest();
  manifest.challenges = 2;
  election::Contest& budget = manifest.contests[0];
  budget.title = English("Budget");
  budget.rule = election::Rule::kKOfN;
  budget.sum_max = 2;
  budget.blank = true;
  budget.by_district = true;
  budget.options[0].cost = 3000;
  budget.options[1].cost = 2000;
  budget.limits = {{English("Money"), election::Limit::Measure::kCost, 0, 4000, {0, 1}}};
  budget.result = election::GreedyBudget{4000, election::GreedyBudget::Reading::kSkip,
                                         election::GreedyBudget::Tie::kLowerCost};
  election::Contest council;
  council.number = 2;
  council.title = English("Council");
  council.rule = election::Rule::kLists;
  council.options = {{"ada", English("Ada"), 0, 0}, {"bo", English("Bo"), 0, 1}};
  council.lists = {{"green", English("Green")}, {"red", English("Red")}};
  council.result = election::ListSeats{1, election::ListSeats::Method::kModifiedDHondt, 500};
  manifest.contests.push_back(council);
  manifest.styles = {{1, {1, 2}}};
  return manifest;
}

petition::Manifest SamplePetitionManifest() {
  petition::Manifest manifest;
  manifest.origin = "vote.example/trees";
  manifest.log_key = Fill<32>(0x10);
  manifest.nonce = Fill<32>(0x20);
  manifest.title = {{"en", "More trees"}, {"fr", "Plus d’arbres"}};
  manifest.text = {{"en", "Plant them."}, {"fr", "Plantez-en."}};
  manifest.schedule = {1'800'000'000, 1'800'086'400, 600};
  manifest.registrar = Key("registrar", 0x30);
  manifest.officers = {Key("officer", 0x40)};
  manifest.districts = {{1, {{"en", "Town"}, {"fr", "Ville"}}}};
  manifest.thresholds = {1, 1000};
  return manifest;
}

petition::Manifest SampleAnonymousManifest() {
  petition::Manifest manifest = SamplePetitionManifest();
  petition::AnonymousRules rules;
  rules.ring_size = 64;
  rules.fewest = 16;
  rules.beacon_source = "example beacon, round 1000";
  rules.profile = "example";
  rules.categories = {1, 2};
  rules.paper_categories = {3};
  rules.initiators = 5;
  rules.invitation = 1'209'600;
  rules.review = true;
  rules.minimums = {{86400, 3}};
  rules.district_minimums = {2};
  rules.districts_needed = 1;
  manifest.anonymous = std::move(rules);
  return manifest;
}

election::Manifest SampleAnonymousElection() {
  election::Manifest manifest = SampleElectionManifest();
  manifest.anonymous = election::AnonymousRules{64, 16, "example beacon, round 1000", {1, 2}};
  return manifest;
}

roll::RollHeader SampleRollHeader() {
  roll::RollHeader header;
  header.origin = "vote.example/roll";
  header.log_key = Fill<32>(0x10);
  header.nonce = Fill<32>(0x20);
  header.title = English("Roll");
  header.registrar = Key("registrar", 0x30);
  header.districts = {{1, English("Town")}};
  header.categories = {{1, English("Resident")}};
  return header;
}

poll::Order SampleOrder(poll::OrderKind kind) {
  poll::Order order;
  order.number = 1;
  order.previous = Fill<32>(0x10);
  order.time = 1'800'000'000;
  if (kind == poll::OrderKind::kNewAttempt) order.reason = "a key was lost";
  if (kind == poll::OrderKind::kRevoke) order.reason = "voted on paper";
  if (kind == poll::OrderKind::kRestore) order.reason = "a mistake";
  order.act = SampleAct(kind);
  return order;
}

election::TrusteeMessage SampleMessage(EntryType type) {
  switch (type) {
    case EntryType::kKeyCommitment:
      return election::KeyCommitment{1, 2, Fill<32>(0x10)};
    case EntryType::kKeyCoefficients:
      return election::KeyCoefficients{
          1, 2, Some(64, 0x10), Some(128, 0x20), Fill<32>(0x30), Fill<32>(0x40)};
    case EntryType::kKeyShares:
      return election::KeyShares{
          1, 2, {{1, Fill<24>(0x10), Fill<48>(0x20)}, {3, Fill<24>(0x30), Fill<48>(0x40)}}};
    case EntryType::kKeyAcknowledgement:
      return election::KeyAcknowledgement{1, 2, Fill<32>(0x10), Fill<32>(0x20)};
    case EntryType::kKeyComplaint:
      return election::KeyComplaint{1, 2, 3, 1};
    case EntryType::kKeyShareOpening:
      return election::KeyShareOpening{1, 3, 2, Fill<32>(0x10)};
    case EntryType::kDrill:
      return election::Drill{1, 2, 1, Fill<32>(0x10), Fill<96>(0x20)};
    case EntryType::kCountAcknowledgement:
      return election::CountAcknowledgement{
          2, Fill<32>(0x10), 10, Fill<32>(0x20), Fill<32>(0x30), Fill<32>(0x40), Fill<32>(0x50)};
    case EntryType::kDecryptionShare:
      return election::DecryptionShare{2, Fill<32>(0x10), 0, Some(64, 0x20), Some(192, 0x30)};
    default:
      CheckFailed(__FILE__, __LINE__, "not a trustee message");
  }
}

// One contest of two options, one of n: 2 + 2 + 1·2 branches.
election::Ballot SampleBallot() {
  election::Ballot ballot;
  ballot.sequence = 1;
  ballot.style = 1;
  ballot.credential = Fill<32>(0x10);
  ballot.contests = {{1, Some(128, 0x20), Some(384, 0x30), Some(96, 0x40), Some(192, 0x50)}};
  ballot.commitment = Fill<32>(0x60);
  ballot.responses = Fill<64>(0x70);
  return ballot;
}

// The same contest, over ring 2, which is one of 64.
election::Ballot SampleRingBallot() {
  election::Ballot ballot = SampleBallot();
  ballot.commitment = {};
  ballot.responses = {};
  ballot.anonymous = election::RingAnswer{2, Some(256, 0x80), Some(416, 0x90)};
  return ballot;
}

election::Ballot SampleTagBallot() {
  election::Ballot ballot = SampleBallot();
  ballot.sequence = 2;
  ballot.commitment = {};
  ballot.responses = {};
  ballot.anonymous = election::TagAnswer{Fill<32>(0x80), Fill<32>(0x90)};
  return ballot;
}

election::BallotChallenge SampleChallenge() {
  return {1, Fill<32>(0x10), Fill<64>(0x20), Fill<32>(0x30), Fill<64>(0x40)};
}

poll::WitnessedCheckpoint SampleWitnessedCheckpoint() {
  const absl::StatusOr<merkle::Checkpoint> checkpoint =
      merkle::Checkpoint::Create("vote.example/mayor", 9, Fill<32>(0x20));
  URNA_CHECK(checkpoint.ok(), "a sample checkpoint");
  const absl::StatusOr<merkle::Note> note =
      merkle::Note::Create(checkpoint->Body(), {{"vote.example/mayor", 0x11223344, Some(64, 0xe0)},
                                                {"witness.example", 0x55667788, Some(72, 0x00)}});
  URNA_CHECK(note.ok(), "a sample note");
  return {ToBytes(AsBytes(note->Serialize()))};
}

// Of SampleBallot.
election::BallotOpening SampleOpening() {
  election::BallotOpening opening;
  opening.challenge = 9;
  opening.sequence = 1;
  opening.style = 1;
  opening.credential = Fill<32>(0x10);
  opening.contests = {{1, Some(68, 0x20), Some(384, 0x30)}};
  opening.commitment = Fill<32>(0x60);
  return opening;
}

Entry SignedSample(const election::Manifest& manifest) {
  return election::SignedManifest{Sign(EncodeBody(manifest)), manifest};
}

Entry SignedSample(const petition::Manifest& manifest) {
  return petition::SignedManifest{Sign(EncodeBody(manifest)), manifest};
}

Entry SignedSample(const poll::Order& order) {
  return poll::SignedOrder{Sign(EncodeBody(order)), order};
}

Entry SignedSample(const roll::RollHeader& header) {
  return roll::SignedRollHeader{Sign(EncodeBody(header)).body, header, Fill<64>(0xe0)};
}

Entry SignedSample(const roll::RollChange& change) {
  return roll::SignedRollChange{Sign(EncodeBody(change)).body, change, Fill<64>(0xe0)};
}

// Of district 1, category 1 and weight 1, where the kind has them.
Entry SampleChange(roll::ChangeKind kind) {
  roll::RollChange change{kind, {.credential = Fill<32>(0x10)}, {}};
  if (change.enrols()) {
    change.member.nonce = Fill<32>(0x20);
    change.member.commitment = Fill<32>(0x30);
    change.member.responses = Fill<64>(0x40);
  }
  if (kind != roll::ChangeKind::kRemove) {
    change.member.district = 1;
    change.member.category = 1;
  }
  if (kind == roll::ChangeKind::kRekey) change.replaced = Fill<32>(0x50);
  return SignedSample(change);
}

Entry SignedSample(const roll::RollSeal& seal) {
  return roll::SignedRollSeal{Sign(EncodeBody(seal)).body, seal, Fill<64>(0xe0)};
}

Entry SignedSample(const election::TrusteeMessage& message) {
  return election::SignedTrusteeMessage{TypeOf(message), Sign(EncodeFields(message)).body, message,
                                        Fill<64>(0xe0)};
}

std::vector<Sample> Samples() {
  using Kind = poll::OrderKind;
  const auto order = [](Kind kind) { return SignedSample(SampleOrder(kind)); };
  const auto message = [](EntryType type) { return SignedSample(SampleMessage(type)); };
  return {
      {"one district, one style, one contest 'Mayor' of two options, one officer, one trustee",
       SignedSample(SampleElectionManifest())},
      {"two challenges allowed; contest 1 with costs, a limit of 4,000, blank, by district and a "
       "greedy budget; contest 2 with two lists and a seat by modified d'Hondt",
       SignedSample(SampleRichManifest())},
      {"version 2, anonymous: the first of these, with rings of 64, at least 16 members in each, "
       "'example beacon, round 1000', categories 1 and 2",
       SignedSample(SampleAnonymousElection())},
      {"title and text in two languages, one district, thresholds 1 and 1,000",
       SignedSample(SamplePetitionManifest())},
      {"version 2, anonymous: rings of 64, at least 16 members in each, 'example beacon, round "
       "1000', profile 'example', categories 1 and 2 online and 3 on paper, five initiators "
       "invited "
       "for 14 days, a review, at least 3 after a day, and 2 in the one district",
       SignedSample(SampleAnonymousManifest())},
      {"one district, one category", SignedSample(SampleRollHeader())},
      {"district 1, category 1, weight 1",
       roll::RollMember{Fill<32>(0x10), 1, 1, 1, Fill<32>(0x20), Fill<32>(0x30), Fill<64>(0x40)}},
      {"epoch 1, one member", SignedSample(roll::RollSeal{1, 1, Fill<32>(0x10)})},
      {"add: district 1, category 1, weight 1", SampleChange(roll::ChangeKind::kAdd)},
      {"remove", SampleChange(roll::ChangeKind::kRemove)},
      {"move: district 1, category 1, weight 1", SampleChange(roll::ChangeKind::kMove)},
      {"re-key: district 1, category 1, weight 1", SampleChange(roll::ChangeKind::kRekey)},
      {"attempt 1, trustee 2", message(EntryType::kKeyCommitment)},
      {"attempt 1, trustee 2, two coefficients", message(EntryType::kKeyCoefficients)},
      {"attempt 1, trustee 2, shares for trustees 1 and 3", message(EntryType::kKeyShares)},
      {"attempt 1, trustee 2", message(EntryType::kKeyAcknowledgement)},
      {"attempt 1, trustee 2 about dealer 3: does not decrypt", message(EntryType::kKeyComplaint)},
      {"attempt 1, trustee 3 for recipient 2", message(EntryType::kKeyShareOpening)},
      {"attempt 1, trustee 2, drill 1", message(EntryType::kDrill)},
      {"kind 1, open an election: attempt 1, one verification key, a roll of size 3",
       order(Kind::kOpenElection)},
      {"kind 2, close", order(Kind::kClose)},
      {"kind 3, attempt 2, with a reason", order(Kind::kNewAttempt)},
      {"kind 4, sum: tree size 9, 2 counted, one part: contest 1, district 1, 2 ballots of weight "
       "2",
       order(Kind::kSum)},
      {"kind 5, result: part 0 with totals 1 and 2; of contest 1 option 1 wins",
       order(Kind::kElectionResult)},
      {"kind 6, open a petition: a roll of size 3", order(Kind::kOpenPetition)},
      {"kind 7, result: tree size 5, one signature, district 1, threshold 1 reached at index 2, "
       "1,000 not reached",
       order(Kind::kPetitionResult)},
      {"kind 8, revoke: two credentials", order(Kind::kRevoke)},
      {"kind 9, restore: one credential", order(Kind::kRestore)},
      {"kind 10, open an anonymous petition: a roll of size 3, its epoch 1, three rings",
       order(Kind::kOpenAnonymousPetition)},
      {"kind 11, step 4, reject: code 9, with a document", order(Kind::kStep)},
      {"kind 12, invite an initiator", order(Kind::kInvite)},
      {"kind 13, confirm: invitation 1", order(Kind::kConfirm)},
      {"kind 14, revise: another title and text", order(Kind::kRevise)},
      {"kind 15, paper batch 'town hall, May': 12 sheets, in district 1 100 accepted and 7 "
       "rejected",
       order(Kind::kPaperBatch)},
      {"kind 16, result of an anonymous petition: tree size 9, 2 online and 1 on paper in district "
       "1, threshold 1 reached at index 4, 1,000 not reached, the minimum after a day missed, one "
       "district with its minimum, not passed",
       order(Kind::kAnonymousResult)},
      {"kind 17, roll epoch: epoch 2, a roll of size 6, three rings; epoch 1 stays in force",
       order(Kind::kRollEpoch)},
      {"kind 18, open an anonymous election: attempt 1, one verification key, epoch 1 and size 3 "
       "of a roll, three rings",
       order(Kind::kOpenAnonymousElection)},
      {"size 9, with the log's line and a witness's", SampleWitnessedCheckpoint()},
      {"sequence 1, style 1, contest 1 with two options, one of n (sum_min 0)", SampleBallot()},
      {"sequence 1", SampleChallenge()},
      {"challenge 9, sequence 1, style 1, contest 1 with two cells", SampleOpening()},
      {"sequence 1, style 1, ring 2, a ring of 64, the same contest", SampleRingBallot()},
      {"sequence 2, style 1, the same contest", SampleTagBallot()},
      {"sign, sequence 1", petition::PetitionAct{petition::Act::kSign, 1, Fill<32>(0x10),
                                                 Fill<32>(0x20), Fill<64>(0x30)}},
      {"sequence 1, ring 2 of epoch 1, a ring of 64",
       petition::RingAct{1, 1, 2, Fill<32>(0x10), Some(256, 0x20), Some(416, 0x30)}},
      {"withdraw, sequence 2", petition::TagAct{petition::Act::kWithdraw, 2, Fill<32>(0x10),
                                                Fill<32>(0x20), Fill<32>(0x30)}},
      {"trustee 2, size 10", message(EntryType::kCountAcknowledgement)},
      {"trustee 2, part 0, two options", message(EntryType::kDecryptionShare)},
  };
}

}  // namespace urna::record
