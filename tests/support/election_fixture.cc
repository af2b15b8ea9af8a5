#include "tests/support/election_fixture.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "core/crypto/drill.h"
#include "core/crypto/share_box.h"
#include "core/crypto/tag_proof.h"
#include "core/election/opened_ballot.h"
#include "core/election/ring_ballots.h"
#include "core/election/sums.h"
#include "core/election/tally.h"

namespace urna::testing {
namespace {

election::Contest MakeContest(uint16_t number, absl::string_view title, election::Rule rule,
                              uint16_t option_max, uint32_t sum_min, uint32_t sum_max,
                              std::initializer_list<absl::string_view> options) {
  election::Contest out;
  out.number = number;
  out.title = English(title);
  out.rule = rule;
  out.option_max = option_max;
  out.sum_min = sum_min;
  out.sum_max = sum_max;
  for (absl::string_view option : options) {
    out.options.push_back({std::string(option), English(option)});
  }
  return out;
}

TestPeople PeopleFor(const ElectionOptions& options, crypto::Rng& rng) {
  return MakePeople(options.officers, options.trustees, rng);
}

TestRoll RollFor(const ElectionOptions& options, const TestPeople& people, crypto::Rng& rng) {
  if (options.make_roll) return options.make_roll(people, rng);
  return MakeRoll(options.roll, people.registrar, people.roll_log, rng);
}

}  // namespace

election::Manifest MakeElectionManifest(const TestPeople& people, const ElectionOptions& options,
                                        crypto::Rng& rng) {
  using election::Rule;
  election::Manifest out;
  out.origin = people.poll_log.named.name;
  out.log_key = people.poll_log.named.key;
  out.nonce = rng.Array<32>();
  out.title = English("City election");
  out.schedule = kTestSchedule;
  out.registrar = people.registrar.named;
  out.officers = KeysOf(people.officers);
  out.officer_quorum = options.officer_quorum;
  out.trustees = KeysOf(people.trustees);
  out.trustee_threshold = options.threshold;
  out.minimum_ballots = 1;
  if (options.anonymous) out.anonymous = election::AnonymousRules{64, 2, "a beacon", {1}};
  out.districts = {{1, English("North"), 1}, {2, English("South"), 2}};
  out.styles = {{1, {1, 2, 3}}, {2, {1}}};
  out.contests = {
      MakeContest(1, "Mayor", Rule::kOneOfN, 1, 0, 1, {"anna", "bo"}),
      MakeContest(2, "Council", Rule::kKOfN, 1, 1, 2, {"cleo", "dan", "eva"}),
      MakeContest(3, "Budget", Rule::kScore, 2, 0, 4, {"library", "park"}),
  };
  return out;
}

ElectionFixture::ElectionFixture(ElectionOptions options)
    : options_(std::move(options)),
      rng_(options_.seed),
      people_(PeopleFor(options_, rng_)),
      roll_(RollFor(options_, people_, rng_)),
      sequences_(roll_.credentials.size(), 0) {
  election::Manifest manifest = MakeElectionManifest(people_, options_, rng_);
  if (options_.manifest) options_.manifest(manifest);
  Append(SignManifest(people_.officers, manifest));
}

// --- The log.

std::vector<Violation> ElectionFixture::CheckAt(const record::Entry& entry,
                                                const election::PartSums* sums) const {
  if (const auto* manifest = std::get_if<election::SignedManifest>(&entry)) {
    return election::ElectionState::CheckManifestEntry(*manifest);
  }
  if (const auto* order = std::get_if<poll::SignedOrder>(&entry)) {
    return state_->CheckOrder(*order, entries_.size(), roll_.state.get(), sums);
  }
  if (const auto* message = std::get_if<election::SignedTrusteeMessage>(&entry)) {
    return state_->CheckTrusteeMessage(*message);
  }
  const auto with = [](std::vector<Violation> rules, std::vector<Violation> proofs) {
    for (Violation& violation : proofs) rules.push_back(std::move(violation));
    return rules;
  };
  const std::optional<election::VotingContext>& voting = state_->voting();
  if (const auto* ballot = std::get_if<election::Ballot>(&entry)) {
    if (!voting.has_value()) return state_->CheckBallot(*ballot);
    return with(state_->CheckBallot(*ballot), VerifyBallot(*ballot));
  }
  if (const auto* challenge = std::get_if<election::BallotChallenge>(&entry)) {
    if (!voting.has_value()) return state_->CheckChallenge(*challenge);
    return with(state_->CheckChallenge(*challenge),
                election::VerifyBallotChallengeVarTime(*voting, *challenge));
  }
  if (const auto* opening = std::get_if<election::BallotOpening>(&entry)) {
    if (!voting.has_value()) return state_->CheckBallotOpening(*opening, nullptr);
    election::OpenedBallot opened = election::OpenBallotVarTime(manifest(), *voting, *opening);
    const bool known = opened.violations.empty();
    return with(state_->CheckBallotOpening(*opening, known ? &opened.hash : nullptr),
                std::move(opened.violations));
  }
  if (std::holds_alternative<poll::WitnessedCheckpoint>(entry)) {
    const auto misplaced = poll::CheckWitnessedPlace(state_->stage() == Stage::kFinal);
    return misplaced.has_value() ? std::vector<Violation>{*misplaced} : std::vector<Violation>();
  }
  return {poll::EntryOutOfPlace(record::EntryName(entry), PollKind::kElection)};
}

// Its proofs, that over a ring too if the ring is there.
std::vector<Violation> ElectionFixture::VerifyBallot(const election::Ballot& ballot) const {
  const election::VotingContext& voting = *state_->voting();
  std::vector<Violation> out = election::VerifyBallotVarTime(manifest(), voting, ballot);
  const election::RingAnswer* answer = ballot.ring_answer();
  if (answer == nullptr || voting.anonymous == nullptr || answer->ring >= rings().size()) {
    return out;
  }
  const crypto::DecodedRing ring(crypto::Ring::Decode(rings().PointsOf(answer->ring)).value());
  election::AddRingVerdict(election::VerifyBallotRingVarTime(voting, ballot, ring), out);
  return out;
}

std::vector<Violation> ElectionFixture::Check(const record::Entry& entry) const {
  const auto* order = std::get_if<poll::SignedOrder>(&entry);
  if (order == nullptr || order->order.kind() != poll::OrderKind::kSum) {
    return CheckAt(entry, nullptr);
  }
  const election::PartSums sums = Sums();
  return CheckAt(entry, &sums);
}

std::vector<Violation> ElectionFixture::Append(record::Entry entry) {
  if (options_.entry) options_.entry(entry);
  std::optional<election::PartSums> sums;
  const auto* order = std::get_if<poll::SignedOrder>(&entry);
  if (order != nullptr && order->order.kind() == poll::OrderKind::kSum) sums = Sums();
  const election::PartSums* known = sums.has_value() ? &*sums : nullptr;

  std::vector<Violation> found = CheckAt(entry, known);
  const uint64_t index = entries_.size();
  encoded_.push_back(record::EncodeEntry(entry).value());
  if (const auto* manifest = std::get_if<election::SignedManifest>(&entry)) {
    if (state_ == nullptr) state_ = std::make_unique<election::ElectionState>(*manifest);
  } else if (order != nullptr) {
    state_->ApplyOrder(*order, index, roll_.state, RootOf(encoded_), known);
  } else if (const auto* message = std::get_if<election::SignedTrusteeMessage>(&entry)) {
    state_->ApplyTrusteeMessage(*message, index);
  } else if (const auto* ballot = std::get_if<election::Ballot>(&entry)) {
    if (found.empty()) state_->ApplyBallot(*ballot, index);
  } else if (const auto* challenge = std::get_if<election::BallotChallenge>(&entry)) {
    if (found.empty()) state_->ApplyChallenge(*challenge, index);
  } else if (const auto* opening = std::get_if<election::BallotOpening>(&entry)) {
    if (found.empty()) state_->ApplyBallotOpening(*opening, index);
  }
  entries_.push_back(std::move(entry));
  violations_.insert(violations_.end(), found.begin(), found.end());
  return found;
}

election::PartSums ElectionFixture::Sums() const {
  election::Sums all(manifest());
  for (const auto& counted : state_->CountedBallots()) {
    const election::Sums::Counted one{&std::get<election::Ballot>(entries_[counted.index]),
                                      counted.member};
    if (!all.Add({&one, 1}).ok()) std::abort();
  }
  return all.Total(state_->Parts());
}

// --- Orders and signatures.

poll::SignedOrder ElectionFixture::SignOrder(const poll::Order& order) const {
  std::vector<uint16_t> who;
  for (uint16_t i = 0; i < options_.officer_quorum; ++i) who.push_back(i);
  return testing::SignOrder(people_.officers, state_->poll_id(), order, who);
}

poll::SignedOrder ElectionFixture::Order(decltype(poll::Order::act) act, absl::string_view reason) {
  uint64_t time = state_->orders().last_time() + 1;
  if (std::holds_alternative<poll::OpenElection>(act) ||
      std::holds_alternative<poll::OpenAnonymousElection>(act)) {
    time = std::max(time, manifest().schedule.opens);
  } else if (std::holds_alternative<poll::Close>(act)) {
    time = std::max(time, manifest().schedule.closes);
  }
  poll::Order order = NextOrder(state_->orders(), std::move(act), time, reason);
  if (options_.order) options_.order(order);
  return SignOrder(order);
}

election::SignedTrusteeMessage ElectionFixture::Sign(election::TrusteeMessage message) const {
  if (options_.message) options_.message(message);
  election::SignedTrusteeMessage out;
  out.type = record::TypeOf(message);
  out.fields = record::EncodeFields(message).value();
  out.message = std::move(message);
  // Whoever has no number signs with the first key.
  const size_t j = std::clamp<size_t>(out.trustee(), 1, people_.trustees.size());
  out.signature = people_.trustees[j - 1].key.Sign(
      election::TrusteeSignatureMessage(state_->poll_id(), out.type, out.fields));
  return out;
}

// --- The key ceremony.

crypto::Dealer& ElectionFixture::dealer(uint16_t trustee) {
  const uint16_t attempt = state_->ceremony().attempt();
  if (dealers_attempt_ != attempt) {
    dealers_.clear();
    for (uint16_t j = 1; j <= people_.trustees.size(); ++j) {
      dealers_.push_back(
          crypto::Dealer::Make(state_->poll_id(), attempt, j, manifest().trustee_threshold, rng_));
    }
    dealers_attempt_ = attempt;
  }
  return dealers_.at(trustee - 1);
}

crypto::SecretScalar ElectionFixture::KeyShare(uint16_t trustee) {
  std::vector<crypto::SecretScalar> shares;
  for (uint16_t i = 1; i <= people_.trustees.size(); ++i) {
    shares.push_back(dealer(i).secrets.polynomial.ShareFor(trustee));
  }
  return crypto::CombineShares(shares);
}

election::KeyCommitment ElectionFixture::Commitment(uint16_t trustee) {
  const crypto::DealerCoefficients& published = dealer(trustee).published;
  return {published.attempt, trustee, crypto::KeyCommitmentHash(state_->poll_id(), published)};
}

election::KeyCoefficients ElectionFixture::Coefficients(uint16_t trustee) {
  const crypto::DealerCoefficients& published = dealer(trustee).published;
  return {published.attempt,
          trustee,
          crypto::EncodePoints(published.coefficients),
          crypto::EncodeCoefficientProofs(published.proofs),
          published.encryption_key,
          published.salt};
}

election::KeyShares ElectionFixture::Shares(uint16_t trustee) {
  election::KeyShares out{state_->ceremony().attempt(), trustee, {}};
  const crypto::Hash32 ceremony = state_->ceremony().ceremony_hash().value_or(crypto::Hash32{});
  for (uint16_t j = 1; j <= people_.trustees.size(); ++j) {
    if (j == trustee) continue;
    const crypto::ShareContext context{state_->poll_id(), out.attempt, ceremony, trustee, j};
    const crypto::Dealer& own = dealer(trustee);
    const crypto::SealedShare sealed =
        crypto::SealShare(context, own.secrets.encryption_key, dealer(j).published.encryption_key,
                          own.secrets.polynomial.ShareFor(j), rng_)
            .value();
    out.shares.push_back({j, sealed.nonce, sealed.ciphertext});
  }
  return out;
}

election::KeyAcknowledgement ElectionFixture::Acknowledgement(uint16_t trustee) {
  const election::Ceremony& ceremony = state_->ceremony();
  election::KeyAcknowledgement out{ceremony.attempt(), trustee, {}, {}};
  out.ceremony_digest = ceremony.digest().value_or(crypto::Hash32{});
  if (ceremony.keys().has_value()) out.key_context = ceremony.keys()->key_context;
  return out;
}

election::Drill ElectionFixture::Drill(uint16_t trustee, uint32_t number) {
  election::Drill out{state_->ceremony().attempt(), trustee, number, {}, {}};
  if (!state_->ceremony().keys().has_value()) return out;
  const election::Ceremony::Keys& keys = *state_->ceremony().keys();
  const crypto::Drill drill =
      crypto::MakeDrill(keys.key_context, number, trustee, KeyShare(trustee),
                        keys.verification_keys.at(trustee - 1), rng_);
  out.share = drill.share.bytes();
  out.proof = drill.proof.Encode();
  return out;
}

// --- Orders' contents.

poll::OpenElection ElectionFixture::Opening() const {
  poll::OpenElection out;
  out.attempt = state_->ceremony().attempt();
  out.roll = roll_.state->pin();
  if (!state_->ceremony().keys().has_value()) {
    out.verification_keys.resize(people_.trustees.size());
    return out;
  }
  out.election_key = state_->ceremony().keys()->election_key.bytes();
  for (const crypto::RistrettoPoint& key : state_->ceremony().keys()->verification_keys) {
    out.verification_keys.push_back(key.bytes());
  }
  return out;
}

poll::OpenAnonymousElection ElectionFixture::AnonymousOpening() const {
  poll::OpenAnonymousElection out{Opening()};
  const std::shared_ptr<const roll::Rings> rings = state_->MakeRings(roll_.state, kBeacon);
  out.epoch = roll_.state->epoch();
  out.beacon = kBeacon;
  out.rings = rings->size();
  out.rings_hash = rings->hash();
  return out;
}

poll::Sum ElectionFixture::Sum() const { return state_->SumOrder(entries_.size(), Sums()); }

poll::ElectionResult ElectionFixture::Result() const { return state_->ResultOrder().value(); }

// --- Ballots.

uint16_t ElectionFixture::StyleOf(size_t voter) const {
  const election::District* district = manifest().FindDistrict(roll_.members.at(voter).district);
  return district == nullptr ? 0 : district->style;
}

election::Ballot ElectionFixture::Ballot(size_t voter, const election::Selections& selections,
                                         uint64_t sequence) {
  if (sequence == 0) sequence = sequences_.at(voter) + 1;
  if (manifest().anonymous.has_value()) {
    const bool first = !state_->Find(TagOf(voter)).has_value();
    return AnonymousBallot(voter, selections, sequence,
                           first ? std::optional(RingOf(voter)) : std::nullopt);
  }
  election::Ballot out = election::MakeBallot(manifest(), *state_->voting(), StyleOf(voter),
                                              WholeSelections(voter, selections), sequence,
                                              roll_.credentials.at(voter), rng_)
                             .value();
  if (options_.ballot) options_.ballot(out);
  return out;
}

election::Selections ElectionFixture::WholeSelections(
    size_t voter, const election::Selections& selections) const {
  election::Selections all = selections;
  const election::Style* style = manifest().FindStyle(StyleOf(voter));
  for (size_t i = 0; i < all.size(); ++i) {
    all[i].resize(manifest().FindContest(style->contests.at(i))->CountedCells(), 0);
  }
  return all;
}

election::Ballot ElectionFixture::AnonymousBallot(size_t voter,
                                                  const election::Selections& selections,
                                                  uint64_t sequence, std::optional<uint32_t> ring) {
  election::Ballot out =
      election::MakeAnonymousBallot(manifest(), *state_->voting(), StyleOf(voter),
                                    WholeSelections(voter, selections), sequence, ring,
                                    roll_.credentials.at(voter), rng_)
          .value();
  if (options_.ballot) options_.ballot(out);
  return out;
}

std::array<uint8_t, 32> ElectionFixture::TagOf(size_t voter) const {
  return crypto::TagOf(roll_.credentials.at(voter), state_->voting()->anonymous->tag_base).bytes();
}

election::SealedBallot ElectionFixture::Seal(size_t voter, const election::Selections& selections,
                                             uint64_t sequence) {
  if (sequence == 0) sequence = sequences_.at(voter) + 1;
  sequences_.at(voter) = std::max(sequences_.at(voter), sequence);
  return election::SealedBallot::Seal(manifest(), *state_->voting(), StyleOf(voter), selections,
                                      sequence, roll_.credentials.at(voter), rng_)
      .value();
}

election::BallotOpening ElectionFixture::Challenge(size_t voter,
                                                   const election::Selections& selections,
                                                   uint64_t sequence) {
  auto [challenge, opening] = Seal(voter, selections, sequence)
                                  .Challenge(*state_->voting(), roll_.credentials.at(voter), rng_);
  if (options_.challenge) options_.challenge(challenge);
  opening.challenge = entries_.size();
  Append(std::move(challenge));
  return opening;
}

std::vector<Violation> ElectionFixture::LogOpening(election::BallotOpening opening) {
  if (options_.opening) options_.opening(opening);
  return Append(std::move(opening));
}

std::vector<std::array<uint8_t, 32>> ElectionFixture::Credentials(
    const std::vector<size_t>& voters) const {
  std::vector<std::array<uint8_t, 32>> out;
  for (size_t voter : voters) out.push_back(Credential(voter));
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<Violation> ElectionFixture::Revoke(const std::vector<size_t>& voters) {
  return Append(Order(poll::Revoke{Credentials(voters)}, "They voted at a polling station."));
}

std::vector<Violation> ElectionFixture::Restore(const std::vector<size_t>& voters) {
  return Append(Order(poll::Restore{Credentials(voters)}, "They did not vote there after all."));
}

std::vector<Violation> ElectionFixture::Cast(size_t voter, const election::Selections& selections,
                                             uint64_t sequence) {
  election::Ballot ballot = Ballot(voter, selections, sequence);
  sequences_.at(voter) = std::max(sequences_.at(voter), ballot.sequence);
  return Append(std::move(ballot));
}

// --- The count.

election::CountAcknowledgement ElectionFixture::CountAcknowledgement(uint16_t trustee) const {
  const election::ElectionState::Summed& summed = *state_->summed();
  return {trustee,           state_->voting()->poll_context, summed.index + 1,    summed.root,
          summed.order_hash, summed.sum.counted_hash,        summed.sum.sums_hash};
}

election::DecryptionShare ElectionFixture::DecryptionShare(uint16_t trustee, uint16_t part) {
  const election::ElectionState::Summed& summed = *state_->summed();
  const crypto::SecretScalar secret = KeyShare(trustee);
  return election::MakeDecryptionShare(state_->voting()->poll_context, summed.order_hash, trustee,
                                       part, summed.sum.parts.at(part).contest,
                                       crypto::MulBase(secret), summed.sums->at(part), secret,
                                       rng_);
}

// --- Steps.

void ElectionFixture::LogCommitments() {
  for (uint16_t j = 1; j <= people_.trustees.size(); ++j) Append(Sign(Commitment(j)));
}
void ElectionFixture::LogCoefficients() {
  for (uint16_t j = 1; j <= people_.trustees.size(); ++j) Append(Sign(Coefficients(j)));
}
void ElectionFixture::LogShares() {
  for (uint16_t j = 1; j <= people_.trustees.size(); ++j) Append(Sign(Shares(j)));
}
void ElectionFixture::LogAcknowledgements() {
  for (uint16_t j = 1; j <= people_.trustees.size(); ++j) Append(Sign(Acknowledgement(j)));
}
void ElectionFixture::LogDrills(uint32_t number) {
  for (uint16_t j = 1; j <= people_.trustees.size(); ++j) Append(Sign(Drill(j, number)));
}

void ElectionFixture::RunCeremony() {
  LogCommitments();
  LogCoefficients();
  LogShares();
  LogAcknowledgements();
  LogDrills(1);
}

void ElectionFixture::NewAttempt() {
  const auto next = static_cast<uint16_t>(state_->ceremony().attempt() + 1);
  Append(Order(poll::NewAttempt{next}));
}

void ElectionFixture::Open() {
  if (manifest().anonymous.has_value()) {
    Append(Order(AnonymousOpening()));
  } else {
    Append(Order(Opening()));
  }
}

void ElectionFixture::CastUsualBallots() {
  Cast(0, {{1, 0}, {1, 1, 0}, {2, 1}});
  Cast(1, {{1, 0}});
  Cast(2, {{0, 0}, {1, 0, 0}, {0, 0}});  // as blank as the contests allow
  Cast(0, {{0, 1}, {0, 1, 1}, {0, 2}});  // another mind
  Cast(3, {{0, 1}});
}

std::vector<poll::PartTotals> ElectionFixture::UsualTotals() {
  return {{0, {1, 2}}, {1, {1, 1, 1}}, {2, {0, 2}}};
}

void ElectionFixture::Close() { Append(Order(poll::Close{})); }
void ElectionFixture::LogSum() { Append(Order(Sum())); }

void ElectionFixture::LogCountAcknowledgements() {
  for (uint16_t j = 1; j <= people_.trustees.size(); ++j) Append(Sign(CountAcknowledgement(j)));
}

void ElectionFixture::LogDecryptionShares(uint16_t trustee) {
  for (size_t part = 0; part < state_->summed()->sum.parts.size(); ++part) {
    Append(Sign(DecryptionShare(trustee, static_cast<uint16_t>(part))));
  }
}

void ElectionFixture::LogResult() { Append(Order(Result())); }

void ElectionFixture::RunTo(election::Phase phase) {
  using election::Phase;
  if (phase >= Phase::kVoting) {
    RunCeremony();
    Open();
    CastUsualBallots();
  }
  if (phase >= Phase::kClosed) Close();
  if (phase >= Phase::kSummed) LogSum();
  if (phase >= Phase::kFinal) {
    LogCountAcknowledgements();
    for (uint16_t j = 1; j <= manifest().trustee_threshold; ++j) LogDecryptionShares(j);
    LogResult();
  }
}

}  // namespace urna::testing
