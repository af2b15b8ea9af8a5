#include "bench/synthetic_record/petition_log.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/synthetic_record/growing_log.h"
#include "bench/synthetic_record/make_record.h"
#include "bench/synthetic_record/people.h"
#include "bench/synthetic_record/voters.h"
#include "bench/synthetic_ring.h"
#include "core/base/file.h"
#include "core/base/parallel.h"
#include "core/base/status.h"
#include "core/crypto/ring_proof.h"
#include "core/petition/anonymous_act.h"
#include "core/petition/state.h"
#include "core/record/directory.h"
#include "core/record/entry.h"
#include "core/roll/rings.h"
#include "tally/officer_signing.h"

namespace urna::bench {
namespace {

constexpr poll::Schedule kSchedule{1'700'000'000, 1'700'100'000, 600};
constexpr char kOrigin[] = "bench.example/petition";
constexpr size_t kRound = 4096;  // signatures between two writings
constexpr size_t kRun = 16;      // signatures that one thread takes at a time

absl::Status CheckOptions(const PetitionOptions& options) {
  if (options.signatures < 1 || options.signatures > kMostSignatures) {
    return absl::InvalidArgumentError(
        absl::StrCat(options.signatures, " signatures: 1 to ", kMostSignatures, " can be made"));
  }
  if (!roll::Rings::IsRingSize(options.ring_size)) {
    return absl::InvalidArgumentError(
        absl::StrCat("rings of ", options.ring_size, " points: there are none"));
  }
  for (const std::string& path : {options.record, PolicyFile(options.record)}) {
    std::error_code error;
    if (std::filesystem::exists(path, error)) {
      return absl::AlreadyExistsError(absl::StrCat(path, " is there already"));
    }
  }
  return absl::OkStatus();
}

// So many that some do not sign, and that no ring needs padding, of which nobody knows a secret.
uint64_t MembersFor(const PetitionOptions& options) {
  const uint64_t least = options.signatures + (options.signatures + 4) / 5;
  return (least + options.ring_size - 1) / options.ring_size * options.ring_size;
}

petition::Manifest MakeManifest(const PetitionOptions& options, const People& people,
                                crypto::Rng& rng) {
  petition::Manifest out;
  out.origin = people.poll_log.verifier().name();
  out.log_key = people.poll_log.verifier().key().bytes();
  out.nonce = rng.Array<32>();
  out.title = {{"en", "Synthetic petition"}};
  out.text = {{"en", "Nobody wants anything."}};
  out.schedule = kSchedule;
  out.registrar = people.registrar.named;
  out.officers = people.OfficerKeys();
  out.officer_quorum = People::kOfficerQuorum;
  out.districts = {{1, {{"en", "City"}}}};
  out.thresholds = {options.signatures / 2 + 1, options.signatures + 1};
  petition::AnonymousRules& rules = out.anonymous.emplace();
  rules.ring_size = options.ring_size;
  rules.fewest = static_cast<uint16_t>(options.ring_size / 2);
  rules.beacon_source = "the seed of this record";
  rules.categories = {1};
  return out;
}

// The roll as the rings see it, and who stands where in them.
struct Places {
  std::shared_ptr<const roll::RollState> roll;
  std::vector<uint32_t> order;  // voters, ascending by credential
};

Places PlacesOf(const Voters& voters) {
  Places out;
  out.order.resize(voters.size());
  std::iota(out.order.begin(), out.order.end(), 0);
  std::sort(out.order.begin(), out.order.end(),
            [&](uint32_t a, uint32_t b) { return voters.credential(a) < voters.credential(b); });
  auto roll = std::make_shared<roll::RollState>(roll::SignedRollHeader{});
  for (uint32_t voter : out.order) {
    roll::RollMember member;
    member.credential = voters.credential(voter);
    member.district = 1;
    member.category = 1;
    roll->ApplyMember(member);
  }
  out.roll = std::move(roll);
  return out;
}

// A petition's log, order by order and signature by signature. Used by one thread.
class PetitionLog {
 public:
  PetitionLog(const PetitionOptions& options, const People& people, GrowingLog& log,
              crypto::Rng& rng)
      : people_(people), log_(log), manifest_(MakeManifest(options, people, rng)) {}

  absl::Status Open(const roll::RollPin& pin, std::shared_ptr<const roll::RollState> roll,
                    const crypto::Hash32& beacon) {
    petition::SignedManifest manifest;
    manifest.manifest = manifest_;
    URNA_ASSIGN_OR_RETURN(manifest.signed_body.body, record::EncodeBody(manifest_));
    poll_ = poll::ManifestHash(manifest.signed_body.body);
    record::Entry entry = manifest;
    URNA_RETURN_IF_ERROR(Sign(entry));
    state_ = std::make_unique<petition::PetitionState>(std::get<petition::SignedManifest>(entry));
    URNA_RETURN_IF_ERROR(Log(entry));
    URNA_RETURN_IF_ERROR(
        LogOrder(poll::Step{poll::StepKind::kSubmit, 0, {}}, kSchedule.opens - 2, nullptr));
    URNA_RETURN_IF_ERROR(
        LogOrder(poll::Step{poll::StepKind::kPublish, 0, {}}, kSchedule.opens - 1, nullptr));
    const auto rings = state_->MakeRings(roll, beacon);
    poll::OpenAnonymousPetition opening;
    opening.text_hash = state_->text_hash();
    opening.roll = pin;
    opening.beacon = beacon;
    opening.rings = rings->size();
    opening.rings_hash = rings->hash();
    return LogOrder(opening, kSchedule.opens, std::move(roll));
  }

  const petition::ActContext& context() const { return *state_->context(); }

  absl::Status Take(const petition::RingAct& act) {
    state_->ApplyAct(act, log_.size());
    return Log(act);
  }

  absl::Status Finish() {
    URNA_RETURN_IF_ERROR(LogOrder(poll::Close{}, kSchedule.closes, nullptr));
    return LogOrder(state_->AnonymousResult(log_.size()), kSchedule.closes + 1, nullptr);
  }

 private:
  absl::Status Log(const record::Entry& entry) {
    URNA_ASSIGN_OR_RETURN(Bytes bytes, record::EncodeEntry(entry));
    return log_.Append(std::move(bytes));
  }
  absl::Status Sign(record::Entry& entry) const {
    const tally::PollOfficers officers{poll_, {manifest_.officers, manifest_.officer_quorum}};
    for (uint16_t i = 0; i < manifest_.officer_quorum; ++i) {
      URNA_RETURN_IF_ERROR(tally::AddSignature(officers, people_.officers[i].key, entry));
    }
    return absl::OkStatus();
  }
  absl::Status LogOrder(decltype(poll::Order::act) act, uint64_t time,
                        std::shared_ptr<const roll::RollState> roll) {
    poll::SignedOrder order;
    order.order.number = state_->orders().last_number() + 1;
    order.order.previous = state_->orders().last_hash();
    order.order.time = time;
    order.order.act = std::move(act);
    URNA_ASSIGN_OR_RETURN(order.signed_body.body, record::EncodeBody(order.order));
    record::Entry entry = std::move(order);
    URNA_RETURN_IF_ERROR(Sign(entry));
    state_->ApplyOrder(std::get<poll::SignedOrder>(entry), log_.size(), std::move(roll));
    return Log(entry);
  }

  const People& people_;
  GrowingLog& log_;
  petition::Manifest manifest_;
  crypto::Hash32 poll_{};
  std::unique_ptr<petition::PetitionState> state_;
};

// Everybody who stands in a ring, and the signatures of some.
class Signers {
 public:
  Signers(const Voters& voters, const Places& places, const petition::ActContext& context,
          const tally::Context& with)
      : seed_(voters.seed()),
        context_(context),
        bases_(context.anonymous->tag_base),
        number_(voters.size()),
        place_(voters.size()),
        rings_(context.anonymous->epochs.first().rings->size()) {
    std::vector<std::vector<SyntheticRing::Secret>> members(rings_.size());
    const std::vector<uint32_t> ring_of = context.anonymous->epochs.first().rings->RingsOfMembers();
    for (size_t i = 0; i < places.order.size(); ++i) {
      const uint32_t voter = places.order[i];
      const Voters::Secret secret = voters.SecretOf(voter);
      number_[voter] = ring_of[i];
      place_[voter] = static_cast<uint32_t>(members[ring_of[i]].size());
      members[ring_of[i]].push_back({secret.s, secret.t});
    }
    ParallelFor(rings_.size(), with.threads,
                [&](size_t i) { rings_[i] = std::make_unique<SyntheticRing>(members[i], bases_); });
  }

  petition::RingAct Sign(uint64_t voter) const {
    petition::RingAct act;
    act.sequence = 1;
    act.ring = number_[voter];
    const SyntheticRing& ring = *rings_[act.ring];
    Throwaway draws(seed_, Draw::kSignature, voter);
    SyntheticSignature made = ring.Sign(
        place_[voter],
        [&](ByteSpan tag, ByteSpan commitments) {
          std::copy(tag.begin(), tag.end(), act.tag.begin());
          act.commitments = ToBytes(commitments);
          return petition::RingActChallenge(context_, act, ring.ring().ring().hash());
        },
        draws.rng());
    act.responses = std::move(made.responses);
    return act;
  }

 private:
  const uint64_t seed_;
  const petition::ActContext& context_;
  const ThrowawayBases bases_;
  std::vector<uint32_t> number_, place_;  // by voter
  std::vector<std::unique_ptr<SyntheticRing>> rings_;
};

// Who signs, in a random order.
std::vector<uint32_t> Shuffled(uint64_t members, uint64_t signatures, uint64_t seed) {
  std::vector<uint32_t> out(members);
  std::iota(out.begin(), out.end(), 0);
  Throwaway draws(seed, Draw::kSignature, UINT64_MAX);
  for (uint64_t i = 0; i < signatures; ++i) {
    std::swap(out[i], out[i + draws.DrawBelow(members - i)]);
  }
  out.resize(signatures);
  return out;
}

using TakeSignature = std::function<absl::Status(const petition::RingAct& act)>;

absl::Status SignAll(const PetitionOptions& options, const Voters& voters, const Places& places,
                     const petition::ActContext& petition, const tally::Context& context,
                     const TakeSignature& take) {
  const Signers signers(voters, places, petition, context);
  const std::vector<uint32_t> who = Shuffled(voters.size(), options.signatures, options.seed);
  const tally::Progress progress = context.ShowProgress("signatures");
  for (size_t first = 0; first < who.size(); first += kRound) {
    std::vector<petition::RingAct> acts(std::min(kRound, who.size() - first));
    ParallelForRuns(acts.size(), kRun, context.threads, [&](size_t from, size_t to) {
      for (size_t i = from; i < to; ++i) acts[i] = signers.Sign(who[first + i]);
    });
    for (const petition::RingAct& act : acts) URNA_RETURN_IF_ERROR(take(act));
    if (progress) progress(first + acts.size(), who.size());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PetitionSummary> MakePetitionRecord(const PetitionOptions& options,
                                                   const tally::Context& context) {
  URNA_RETURN_IF_ERROR(CheckOptions(options));
  Throwaway draws(options.seed, Draw::kPeople, 0);
  People people = People::Make(draws.rng());
  people.trustees.clear();
  auto poll_log = merkle::NoteSigner::Create(kOrigin, crypto::SigningKey::Generate(draws.rng()));
  if (!poll_log.ok()) return poll_log.status();
  people.poll_log = *std::move(poll_log);
  const Voters voters(options.seed, MembersFor(options), context);
  URNA_ASSIGN_OR_RETURN(const roll::RollPin pin,
                        WriteRoll(options.record, voters, people, context));
  const Places places = PlacesOf(voters);
  GrowingLog log(record::PollDirectory(options.record), people.poll_log);
  PetitionLog petition(options, people, log, draws.rng());
  const crypto::Hash32 beacon = draws.rng().Array<32>();
  URNA_RETURN_IF_ERROR(petition.Open(pin, places.roll, beacon));
  URNA_RETURN_IF_ERROR(SignAll(options, voters, places, petition.context(), context,
                               [&](const petition::RingAct& act) { return petition.Take(act); }));
  URNA_RETURN_IF_ERROR(petition.Finish());
  URNA_RETURN_IF_ERROR(log.Write());
  audit::Policy policy = people.Policy();
  policy.trustee_threshold = 0;
  policy.beacon = beacon;
  URNA_RETURN_IF_ERROR(WriteFileDurably(PolicyFile(options.record), AsBytes(policy.ToText())));
  return PetitionSummary{options.signatures, voters.size(),
                         petition.context().anonymous->epochs.first().rings->size(), log.size()};
}

absl::Status MakeOpenPetition(
    const OpenPetitionOptions& options, const People& people, const tally::Context& context,
    const std::function<absl::Status(const roll::RollPin& pin)>& opened,
    const std::function<absl::Status(const petition::RingAct& act)>& signature) {
  const PetitionOptions& wanted = options.petition;
  URNA_RETURN_IF_ERROR(CheckOptions(wanted));
  if (options.members < wanted.signatures || options.members % wanted.ring_size != 0) {
    return absl::InvalidArgumentError(absl::StrCat(options.members, " members for ",
                                                   wanted.signatures, " signatures over rings of ",
                                                   wanted.ring_size));
  }
  Throwaway draws(wanted.seed, Draw::kPeople, 0);
  const Voters voters(wanted.seed, options.members, context);
  URNA_ASSIGN_OR_RETURN(const roll::RollPin pin, WriteRoll(wanted.record, voters, people, context));
  const Places places = PlacesOf(voters);
  GrowingLog log(record::PollDirectory(wanted.record), people.poll_log);
  PetitionLog petition(wanted, people, log, draws.rng());
  URNA_RETURN_IF_ERROR(petition.Open(pin, places.roll, draws.rng().Array<32>()));
  URNA_RETURN_IF_ERROR(log.Write());
  URNA_RETURN_IF_ERROR(opened(pin));
  return SignAll(wanted, voters, places, petition.context(), context, signature);
}

}  // namespace urna::bench
