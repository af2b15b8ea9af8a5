#include "bench/synthetic_record/election_log.h"

#include <map>
#include <utility>

#include "core/base/status.h"
#include "core/election/outcome.h"
#include "core/election/parts.h"
#include "tally/ceremony_step.h"
#include "tally/draft_order.h"
#include "tally/officer_signing.h"

namespace urna::bench {
namespace {

constexpr poll::Schedule kSchedule{1'700'000'000, 1'700'100'000, 600};

election::Manifest MakeManifest(const Shape& shape, const People& people, crypto::Rng& rng) {
  election::Manifest out;
  out.origin = people.poll_log.verifier().name();
  out.log_key = people.poll_log.verifier().key().bytes();
  out.nonce = rng.Array<32>();
  out.title = {{"en", "Synthetic election"}};
  out.schedule = kSchedule;
  out.registrar = people.registrar.named;
  out.officers = people.OfficerKeys();
  out.officer_quorum = People::kOfficerQuorum;
  out.trustees = people.TrusteeKeys();
  out.trustee_threshold = People::kTrusteeThreshold;
  AddContests(shape, out);
  for (election::Contest& contest : out.contests) contest.result = election::MostVotes{};
  return out;
}

crypto::Scalar ToScalar(const crypto::vartime::PublicScalar& scalar) {
  return crypto::Scalar::Decode(scalar.bytes()).value();
}

// The sum of the ciphertexts, from what is known of them.
crypto::Ciphertext SumOf(const CellSum& sum, const crypto::RistrettoPoint& election_key) {
  const crypto::Scalar r = ToScalar(sum.r);
  return {crypto::MulBaseVarTime(r), crypto::MulBaseVarTime(crypto::Scalar::FromUint64(sum.votes)) +
                                         crypto::MulVarTime(r, election_key)};
}

}  // namespace

ElectionLog::ElectionLog(const Shape& shape, const People& people, GrowingLog& log,
                         crypto::Rng& rng)
    : people_(people),
      log_(log),
      rng_(rng),
      manifest_(MakeManifest(shape, people, rng)),
      trustees_(people.trustees.size()) {}

absl::Status ElectionLog::Log(const record::Entry& entry) {
  URNA_ASSIGN_OR_RETURN(Bytes bytes, record::EncodeEntry(entry));
  return log_.Append(std::move(bytes));
}

absl::Status ElectionLog::Sign(record::Entry& entry) const {
  const tally::PollOfficers officers{poll_, {manifest_.officers, manifest_.officer_quorum}};
  for (uint16_t i = 0; i < manifest_.officer_quorum; ++i) {
    URNA_RETURN_IF_ERROR(tally::AddSignature(officers, people_.officers[i].key, entry));
  }
  return absl::OkStatus();
}

absl::Status ElectionLog::SetUp(const roll::RollPin& roll) {
  URNA_RETURN_IF_ERROR(LogManifest());
  URNA_RETURN_IF_ERROR(RunCeremony());
  URNA_RETURN_IF_ERROR(setup_.CheckNoProblems());
  URNA_ASSIGN_OR_RETURN(auto opening, tally::DraftElectionOpening(*setup_.election(), roll));
  voting_.election_key = setup_.election()->ceremony().keys()->election_key;
  return LogOrder(std::move(opening), manifest_.schedule.opens);
}

absl::Status ElectionLog::LogManifest() {
  election::SignedManifest manifest;
  manifest.manifest = manifest_;
  URNA_ASSIGN_OR_RETURN(manifest.signed_body.body, record::EncodeBody(manifest_));
  poll_ = poll::ManifestHash(manifest.signed_body.body);
  orders_ = std::make_unique<poll::OrderChain>(
      poll_, poll::Officers{manifest_.officers, manifest_.officer_quorum}, manifest_.schedule);
  record::Entry entry = std::move(manifest);
  URNA_RETURN_IF_ERROR(Sign(entry));
  URNA_ASSIGN_OR_RETURN(const Bytes bytes, record::EncodeEntry(entry));
  URNA_RETURN_IF_ERROR(setup_.Take(bytes));
  return log_.Append(bytes);
}

// Everybody in turn does what comes next, until nobody has anything to do.
absl::Status ElectionLog::RunCeremony() {
  for (bool sent = true; sent;) {
    sent = false;
    for (size_t j = 0; j < trustees_.size(); ++j) {
      URNA_ASSIGN_OR_RETURN(
          const tally::CeremonyStep step,
          tally::NextCeremonyStep(setup_, people_.trustees[j].key, trustees_[j], rng_));
      if (step.kind != tally::CeremonyStep::Kind::kSend) continue;
      sent = true;
      URNA_RETURN_IF_ERROR(setup_.Take(step.entry));
      URNA_RETURN_IF_ERROR(log_.Append(step.entry));
    }
  }
  return absl::OkStatus();
}

absl::Status ElectionLog::LogOrder(decltype(poll::Order::act) act, uint64_t time) {
  poll::SignedOrder order;
  order.order.number = orders_->last_number() + 1;
  order.order.previous = orders_->last_hash();
  order.order.time = time;
  order.order.act = std::move(act);
  URNA_ASSIGN_OR_RETURN(order.signed_body.body, record::EncodeBody(order.order));
  if (order.order.kind() == poll::OrderKind::kOpenElection) {
    voting_.poll_context = poll::PollContext(poll_, order.signed_body.body);
  }
  record::Entry entry = std::move(order);
  URNA_RETURN_IF_ERROR(Sign(entry));
  orders_->Apply(std::get<poll::SignedOrder>(entry));
  return Log(entry);
}

absl::Status ElectionLog::LogMessage(const election::TrusteeMessage& message, uint16_t trustee) {
  URNA_ASSIGN_OR_RETURN(
      Bytes entry, tally::SignTrusteeMessage(poll_, message, people_.trustees[trustee - 1].key));
  return log_.Append(std::move(entry));
}

absl::Status ElectionLog::Count(const std::vector<uint64_t>& counted, const KnownSums& known,
                                uint64_t voters) {
  URNA_RETURN_IF_ERROR(LogOrder(poll::Close{}, manifest_.schedule.closes));
  parts_ = election::PartsOf(manifest_, {{{1, 1}, counted.size()}});
  std::vector<poll::PartTotals> votes;
  for (size_t part = 0; part < parts_.size(); ++part) {
    // Not by district: one part a contest, in the order of the manifest.
    election::PartSums::value_type& cells = sums_.emplace_back();
    votes.push_back({static_cast<uint16_t>(part), {}});
    for (const CellSum& sum : known[part]) {
      cells.push_back(SumOf(sum, voting_.election_key));
      votes.back().totals.push_back(sum.votes);
    }
  }
  URNA_RETURN_IF_ERROR(LogSum(counted));
  URNA_ASSIGN_OR_RETURN(const std::vector<poll::PartTotals> totals, LogShares());
  if (totals != votes) {
    return absl::InternalError("the shares do not decrypt to the votes that were cast");
  }
  poll::ElectionResult result{totals, {}};
  const auto eligible = election::EligibleByContest(manifest_, {{1, voters}});
  URNA_ASSIGN_OR_RETURN(result.outcomes, election::OutcomesOf(manifest_, parts_, totals, eligible));
  return LogOrder(std::move(result), manifest_.schedule.closes + 2);
}

absl::Status ElectionLog::LogSum(const std::vector<uint64_t>& counted) {
  poll::Sum sum;
  sum.tree_size = log_.size();
  sum.counted = counted.size();
  sum.counted_hash = election::CountedHash(voting_.poll_context, counted);
  sum.parts = parts_;
  sum.sums_hash = election::SumsHash(voting_.poll_context, parts_, sums_);
  counted_hash_ = sum.counted_hash;
  const crypto::Hash32 sums_hash = sum.sums_hash;
  URNA_RETURN_IF_ERROR(LogOrder(std::move(sum), manifest_.schedule.closes + 1));
  const uint64_t size = log_.size();
  const crypto::Hash32 root = log_.root();
  for (uint16_t j = 1; j <= trustees_.size(); ++j) {
    URNA_RETURN_IF_ERROR(
        LogMessage(election::CountAcknowledgement{j, voting_.poll_context, size, root,
                                                  orders_->last_hash(), counted_hash_, sums_hash},
                   j));
  }
  return absl::OkStatus();
}

// Of as many trustees as are needed; what they decrypt.
absl::StatusOr<std::vector<poll::PartTotals>> ElectionLog::LogShares() {
  const auto& keys = setup_.election()->ceremony().keys()->verification_keys;
  std::vector<std::vector<crypto::RistrettoPoint>> decrypted;
  for (uint16_t part = 0; part < parts_.size(); ++part) {
    std::map<uint16_t, election::DecryptionShare> shares;
    for (uint16_t j = 1; j <= manifest_.trustee_threshold; ++j) {
      shares[j] = election::MakeDecryptionShare(voting_.poll_context, orders_->last_hash(), j, part,
                                                parts_[part].contest, keys[j - 1], sums_[part],
                                                *trustees_[j - 1].key_share, rng_);
      URNA_RETURN_IF_ERROR(LogMessage(shares[j], j));
    }
    URNA_ASSIGN_OR_RETURN(auto points,
                          election::DecryptPart(sums_[part], shares, manifest_.trustee_threshold));
    decrypted.push_back(std::move(points));
  }
  return election::FindTotals(manifest_, parts_, decrypted);
}

}  // namespace urna::bench
