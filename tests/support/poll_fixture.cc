#include "tests/support/poll_fixture.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/merkle/hash.h"
#include "core/merkle/tree.h"

namespace urna::testing {
namespace {

roll::NumberedName Numbered(uint16_t number, absl::string_view what) {
  return {number, English(absl::StrCat(what, " ", number))};
}

template <typename SignedManifest, typename Manifest>
SignedManifest Sign(const std::vector<Signer>& officers, const Manifest& manifest, const Who& who) {
  SignedManifest out;
  out.manifest = manifest;
  out.signed_body.body = record::EncodeBody(manifest).value();
  out.signed_body.signatures = SignBy(
      officers, who, poll::ManifestSignatureMessage(poll::ManifestHash(out.signed_body.body)));
  return out;
}

}  // namespace

std::vector<std::string> Numbers(const std::vector<Violation>& violations) {
  std::vector<std::string> out;
  for (const Violation& violation : violations) {
    out.emplace_back(InfoOf(violation.check).number);
  }
  return out;
}

absl::Status StatusOf(const std::vector<Violation>& violations, Check check) {
  for (const Violation& violation : violations) {
    if (violation.check == check) return violation.status;
  }
  return absl::OkStatus();
}

LocalizedTexts English(absl::string_view text) { return {{"en", std::string(text)}}; }

Signer MakeSigner(absl::string_view name, crypto::Rng& rng) {
  crypto::SigningKey key = crypto::SigningKey::Generate(rng);
  roll::NamedKey named{std::string(name), key.public_key().bytes()};
  return {std::move(named), std::move(key)};
}

std::vector<Signer> MakeSigners(absl::string_view name, size_t count, crypto::Rng& rng) {
  std::vector<Signer> out;
  for (size_t i = 1; i <= count; ++i) out.push_back(MakeSigner(absl::StrCat(name, i), rng));
  return out;
}

std::vector<roll::NamedKey> KeysOf(const std::vector<Signer>& signers) {
  std::vector<roll::NamedKey> out;
  for (const Signer& signer : signers) out.push_back(signer.named);
  return out;
}

std::vector<poll::OfficerSignature> SignBy(const std::vector<Signer>& officers, const Who& who,
                                           ByteSpan message) {
  std::vector<uint16_t> positions = who.value_or(std::vector<uint16_t>());
  for (size_t i = 0; !who.has_value() && i < officers.size(); ++i) {
    positions.push_back(static_cast<uint16_t>(i));
  }
  std::vector<poll::OfficerSignature> out;
  for (uint16_t officer : positions) {
    out.push_back({officer, officers.at(officer).key.Sign(message)});
  }
  return out;
}

election::SignedManifest SignManifest(const std::vector<Signer>& officers,
                                      const election::Manifest& manifest, const Who& who) {
  return Sign<election::SignedManifest>(officers, manifest, who);
}

petition::SignedManifest SignManifest(const std::vector<Signer>& officers,
                                      const petition::Manifest& manifest, const Who& who) {
  return Sign<petition::SignedManifest>(officers, manifest, who);
}

poll::SignedOrder SignOrder(const std::vector<Signer>& officers, const crypto::Hash32& poll,
                            const poll::Order& order, const Who& who) {
  poll::SignedOrder out;
  out.order = order;
  out.signed_body.body = record::EncodeBody(order).value();
  out.signed_body.signatures =
      SignBy(officers, who, poll::OrderSignatureMessage(poll, out.signed_body.body));
  return out;
}

poll::Order NextOrder(const poll::OrderChain& chain, decltype(poll::Order::act) act, uint64_t time,
                      absl::string_view reason) {
  poll::Order out;
  out.number = chain.last_number() + 1;
  out.previous = chain.last_hash();
  out.time = time;
  out.reason = std::string(reason);
  out.act = std::move(act);
  return out;
}

std::vector<Bytes> TestRoll::Entries() const {
  std::vector<Bytes> out;
  out.push_back(record::EncodeEntry(header).value());
  for (const roll::RollMember& member : members) {
    out.push_back(record::EncodeEntry(member).value());
  }
  out.push_back(record::EncodeEntry(seal).value());
  out.insert(out.end(), later.begin(), later.end());
  return out;
}

TestRoll TestRoll::PublicPart() const {
  return {header, members, {}, seal, root_before_seal, root, later, state};
}

roll::RollHeader MakeRollHeader(const RollOptions& options, const Signer& registrar,
                                const Signer& log, crypto::Rng& rng) {
  roll::RollHeader out;
  out.origin = options.origin;
  out.log_key = log.named.key;
  out.nonce = rng.Array<32>();
  out.title = English("Roll");
  out.registrar = registrar.named;
  for (uint16_t district : options.districts) {
    out.districts.push_back(Numbered(district, "District"));
  }
  for (uint16_t category : options.categories) {
    out.categories.push_back(Numbered(category, "Category"));
  }
  return out;
}

roll::SignedRollHeader SignRollHeader(const Signer& registrar, const roll::RollHeader& header) {
  roll::SignedRollHeader out;
  out.header = header;
  out.body = record::EncodeBody(header).value();
  out.signature = registrar.key.Sign(roll::RollHeaderSignatureMessage(roll::RollId(out.body)));
  return out;
}

roll::RollMember MakeMember(const crypto::Hash32& roll_id, const crypto::Credential& credential,
                            uint16_t district, crypto::Rng& rng, uint32_t weight,
                            uint16_t category) {
  roll::RollMember out;
  out.credential = credential.public_key().bytes();
  out.district = district;
  out.category = category;
  out.weight = weight;
  out.nonce = rng.Array<32>();
  const auto proof = crypto::MakeEnrolmentProof(roll_id, out.nonce, credential, rng);
  out.commitment = proof.commitment.bytes();
  out.responses = proof.EncodeResponses();
  return out;
}

roll::SignedRollSeal SignRollSeal(const Signer& registrar, const crypto::Hash32& roll_id,
                                  const roll::RollSeal& seal) {
  roll::SignedRollSeal out;
  out.seal = seal;
  out.body = record::EncodeBody(seal).value();
  out.signature = registrar.key.Sign(roll::RollSealSignatureMessage(roll_id, out.body));
  return out;
}

roll::SignedRollChange SignRollChange(const Signer& registrar, const crypto::Hash32& roll_id,
                                      uint32_t epoch, const roll::RollChange& change) {
  roll::SignedRollChange out;
  out.change = change;
  out.body = record::EncodeBody(change).value();
  out.signature = registrar.key.Sign(roll::RollChangeSignatureMessage(roll_id, epoch, out.body));
  return out;
}

void AddEpoch(TestRoll& roll, const Signer& registrar,
              const std::vector<roll::SignedRollChange>& changes,
              const std::function<void(roll::RollSeal&)>& spoil_seal) {
  auto state = std::make_shared<roll::RollState>(*roll.state);
  for (const roll::SignedRollChange& change : changes) {
    if (state->CheckChange(change).empty()) {
      state->ApplyChange(change);
    } else {
      state->PassOver();
    }
    roll.later.push_back(record::EncodeEntry(change).value());
  }
  roll::RollSeal seal{state->epoch() + 1, state->members(), RootOf(roll.Entries())};
  if (spoil_seal) spoil_seal(seal);
  const roll::SignedRollSeal entry = SignRollSeal(registrar, state->roll_id(), seal);
  roll.later.push_back(record::EncodeEntry(entry).value());
  state->ApplySeal(entry, RootOf(roll.Entries()));
  roll.state = std::move(state);
}

namespace {

std::vector<roll::SignedRollChange> SortAndSign(const TestRoll& roll, const Signer& registrar,
                                                std::vector<roll::RollChange> changes) {
  std::sort(changes.begin(), changes.end(),
            [](const auto& a, const auto& b) { return a.member.credential < b.member.credential; });
  std::vector<roll::SignedRollChange> out;
  for (const roll::RollChange& change : changes) {
    out.push_back(
        SignRollChange(registrar, roll.state->roll_id(), roll.state->epoch() + 1, change));
  }
  return out;
}

}  // namespace

std::vector<roll::SignedRollChange> UsualChanges(const TestRoll& roll, const Signer& registrar,
                                                 crypto::Rng& rng) {
  const crypto::Hash32& id = roll.state->roll_id();
  const roll::RollMember& last = roll.members.back();
  return SortAndSign(
      roll, registrar,
      {{roll::ChangeKind::kAdd, MakeMember(id, crypto::Credential::Generate(rng), 2, rng), {}},
       {roll::ChangeKind::kRekey,
        MakeMember(id, crypto::Credential::Generate(rng), last.district, rng, last.weight),
        last.credential}});
}

roll::RollChange Addition(const TestRoll& roll, const crypto::Credential& who, uint16_t district,
                          crypto::Rng& rng, uint16_t category) {
  const roll::RollMember member =
      MakeMember(roll.state->roll_id(), who, district, rng, 1, category);
  return {roll::ChangeKind::kAdd, member, {}};
}

roll::RollChange Removal(const roll::RollMember& who) {
  return {roll::ChangeKind::kRemove, {.credential = who.credential}, {}};
}

roll::RollChange Moving(const roll::RollMember& who, uint16_t district, uint16_t category) {
  return {roll::ChangeKind::kMove,
          {.credential = who.credential,
           .district = district,
           .category = category,
           .weight = who.weight},
          {}};
}

roll::RollChange Rekeying(const TestRoll& roll, const roll::RollMember& old,
                          const crypto::Credential& with, crypto::Rng& rng) {
  const roll::RollMember member =
      MakeMember(roll.state->roll_id(), with, old.district, rng, old.weight, old.category);
  return {roll::ChangeKind::kRekey, member, old.credential};
}

void ChangeRoll(TestRoll& roll, const Signer& registrar, std::vector<roll::RollChange> changes) {
  AddEpoch(roll, registrar, SortAndSign(roll, registrar, std::move(changes)));
}

TestRoll MakeRoll(const RollOptions& options, const Signer& registrar, const Signer& log,
                  crypto::Rng& rng) {
  TestRoll out;
  out.header = SignRollHeader(registrar, MakeRollHeader(options, registrar, log, rng));
  const crypto::Hash32 roll_id = roll::RollId(out.header.body);
  for (size_t i = 0; i < options.members; ++i) {
    out.credentials.push_back(crypto::Credential::Generate(rng));
  }
  std::sort(out.credentials.begin(), out.credentials.end(),
            [](const crypto::Credential& a, const crypto::Credential& b) {
              return a.public_key() < b.public_key();
            });

  auto state = std::make_shared<roll::RollState>(out.header);
  std::vector<Bytes> entries = {record::EncodeEntry(out.header).value()};
  for (size_t i = 0; i < options.members; ++i) {
    const uint16_t district = options.districts[i % options.districts.size()];
    const uint32_t weight = options.weights[i % options.weights.size()];
    const uint16_t category =
        options.categories[i / options.districts.size() % options.categories.size()];
    out.members.push_back(MakeMember(roll_id, out.credentials[i], district, rng, weight, category));
    state->ApplyMember(out.members.back());
    entries.push_back(record::EncodeEntry(out.members.back()).value());
  }
  out.root_before_seal = RootOf(entries);
  out.seal = SignRollSeal(registrar, roll_id, {1, options.members, out.root_before_seal});
  entries.push_back(record::EncodeEntry(out.seal).value());
  out.root = RootOf(entries);
  state->ApplySeal(out.seal, out.root);
  out.state = std::move(state);
  return out;
}

crypto::Hash32 RootOf(const std::vector<Bytes>& entries) {
  std::vector<merkle::Hash> leaves;
  for (const Bytes& entry : entries) leaves.push_back(merkle::LeafHash(entry));
  return merkle::RootFromLeaves(leaves);
}

TestPeople MakePeople(size_t officers, size_t trustees, crypto::Rng& rng) {
  std::vector<Signer> some_officers = MakeSigners("officer", officers, rng);
  std::vector<Signer> some_trustees = MakeSigners("trustee", trustees, rng);
  Signer registrar = MakeSigner("registrar", rng);
  Signer poll_log = MakeSigner("board.example/poll", rng);
  Signer roll_log = MakeSigner("board.example/roll", rng);
  return {std::move(some_officers), std::move(some_trustees), std::move(registrar),
          std::move(poll_log), std::move(roll_log)};
}

petition::AnonymousRules MakeAnonymousRules(uint16_t ring_size, uint16_t fewest,
                                            absl::string_view beacon_source) {
  petition::AnonymousRules out;
  out.ring_size = ring_size;
  out.fewest = fewest;
  out.beacon_source = std::string(beacon_source);
  out.categories = {1};
  return out;
}

std::vector<std::pair<decltype(poll::Order::act), uint64_t>> PublishingOrders() {
  return {{poll::Step{poll::StepKind::kSubmit, 0, {}}, kTestSchedule.opens - 2},
          {poll::Step{poll::StepKind::kPublish, 0, {}}, kTestSchedule.opens - 1}};
}

petition::Manifest MakePetitionManifest(const TestPeople& people, crypto::Rng& rng) {
  petition::Manifest out;
  out.origin = people.poll_log.named.name;
  out.log_key = people.poll_log.named.key;
  out.nonce = rng.Array<32>();
  out.title = English("More trees");
  out.text = English("We ask for more trees in every street.");
  out.schedule = kTestSchedule;
  out.registrar = people.registrar.named;
  out.officers = KeysOf(people.officers);
  out.officer_quorum = static_cast<uint16_t>(std::max<size_t>(1, people.officers.size() - 1));
  out.districts = {Numbered(1, "District"), Numbered(2, "District")};
  out.thresholds = {2, 3};
  return out;
}

}  // namespace urna::testing
