// What tests of polls share: people with keys, a roll with members, signed manifests and orders,
// a petition. Everything is drawn from the Rng that is passed in, so a seeded one repeats it.
// Values that cannot be encoded abort the test.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/base/localized_text.h"
#include "core/base/numbered_checks.h"
#include "core/crypto/credential.h"
#include "core/crypto/rng.h"
#include "core/crypto/signature.h"
#include "core/petition/petition.h"
#include "core/poll/order_chain.h"
#include "core/poll/orders.h"
#include "core/record/entry.h"
#include "core/roll/roll.h"

namespace urna::testing {

// The numbers of the checks that found something, in order: {"S5", "S7"}.
std::vector<std::string> Numbers(const std::vector<Violation>& violations);
// What the first violation of this check says; OK if there is none.
absl::Status StatusOf(const std::vector<Violation>& violations, Check check);

// The text in English alone.
LocalizedTexts English(absl::string_view text);

// Someone with a signing key: an officer, trustee, registrar or log.
struct Signer {
  roll::NamedKey named;
  crypto::SigningKey key;
};
Signer MakeSigner(absl::string_view name, crypto::Rng& rng);
// "mari1", "mari2", … for the name "mari".
std::vector<Signer> MakeSigners(absl::string_view name, size_t count, crypto::Rng& rng);
std::vector<roll::NamedKey> KeysOf(const std::vector<Signer>& signers);

// Positions in a list of officers, ascending; nothing means all of them.
using Who = std::optional<std::vector<uint16_t>>;

std::vector<poll::OfficerSignature> SignBy(const std::vector<Signer>& officers, const Who& who,
                                           ByteSpan message);
// election::SignedManifest from an election::Manifest, petition::SignedManifest from a
// petition::Manifest.
election::SignedManifest SignManifest(const std::vector<Signer>& officers,
                                      const election::Manifest& manifest, const Who& who = {});
petition::SignedManifest SignManifest(const std::vector<Signer>& officers,
                                      const petition::Manifest& manifest, const Who& who = {});
poll::SignedOrder SignOrder(const std::vector<Signer>& officers, const crypto::Hash32& poll,
                            const poll::Order& order, const Who& who = {});
// The order that comes next in the chain, to be signed as it is or spoilt first.
poll::Order NextOrder(const poll::OrderChain& chain, decltype(poll::Order::act) act, uint64_t time,
                      absl::string_view reason = "");

// A sealed roll whose members' secrets are known.
struct TestRoll {
  roll::SignedRollHeader header;
  std::vector<roll::RollMember> members;        // ascending, as logged
  std::vector<crypto::Credential> credentials;  // of the members, in the same order
  roll::SignedRollSeal seal;
  crypto::Hash32 root_before_seal{};
  crypto::Hash32 root{};
  std::vector<Bytes> later;                      // entries behind the first seal
  std::shared_ptr<const roll::RollState> state;  // at the last seal

  // The log, entry by entry.
  std::vector<Bytes> Entries() const;
  // A copy without the secrets.
  TestRoll PublicPart() const;
};
struct RollOptions {
  std::string origin = "board.example/roll";
  size_t members = 4;
  std::vector<uint16_t> districts = {1};  // dealt to the members in turn; ascending
  std::vector<uint32_t> weights = {1};    // dealt to the members in turn
  // Dealt to the members of a district in turn; ascending.
  std::vector<uint16_t> categories = {1};
};
// A header that passes, and the same signed.
roll::RollHeader MakeRollHeader(const RollOptions& options, const Signer& registrar,
                                const Signer& log, crypto::Rng& rng);
roll::SignedRollHeader SignRollHeader(const Signer& registrar, const roll::RollHeader& header);
roll::RollMember MakeMember(const crypto::Hash32& roll_id, const crypto::Credential& credential,
                            uint16_t district, crypto::Rng& rng, uint32_t weight = 1,
                            uint16_t category = 1);
roll::SignedRollSeal SignRollSeal(const Signer& registrar, const crypto::Hash32& roll_id,
                                  const roll::RollSeal& seal);
roll::SignedRollChange SignRollChange(const Signer& registrar, const crypto::Hash32& roll_id,
                                      uint32_t epoch, const roll::RollChange& change);
// Logs the changes as they are, right or wrong, and the seal of the roll's next epoch, which
// `spoil_seal` may change before it is signed. Members and credentials stay those of the first.
void AddEpoch(TestRoll& roll, const Signer& registrar,
              const std::vector<roll::SignedRollChange>& changes,
              const std::function<void(roll::RollSeal&)>& spoil_seal = nullptr);
// One addition to district 2 and one re-keying of the last member, in order and signed.
std::vector<roll::SignedRollChange> UsualChanges(const TestRoll& roll, const Signer& registrar,
                                                 crypto::Rng& rng);
// Changes of a roll, to be signed: a new member, one that leaves, one that moves, and one that gets
// another credential.
roll::RollChange Addition(const TestRoll& roll, const crypto::Credential& who, uint16_t district,
                          crypto::Rng& rng, uint16_t category = 1);
roll::RollChange Removal(const roll::RollMember& who);
roll::RollChange Moving(const roll::RollMember& who, uint16_t district, uint16_t category = 1);
roll::RollChange Rekeying(const TestRoll& roll, const roll::RollMember& old,
                          const crypto::Credential& with, crypto::Rng& rng);
// The same as AddEpoch with changes in any order, which the registrar signs.
void ChangeRoll(TestRoll& roll, const Signer& registrar, std::vector<roll::RollChange> changes);
TestRoll MakeRoll(const RollOptions& options, const Signer& registrar, const Signer& log,
                  crypto::Rng& rng);

// The Merkle root over entries.
crypto::Hash32 RootOf(const std::vector<Bytes>& entries);

// The people of a poll.
struct TestPeople {
  std::vector<Signer> officers;
  std::vector<Signer> trustees;
  Signer registrar;
  Signer poll_log;  // named by the poll's origin
  Signer roll_log;  // named by the roll's origin
};
TestPeople MakePeople(size_t officers, size_t trustees, crypto::Rng& rng);

// Opens at 1,000,000, closes at 2,000,000, 600 seconds either.
inline constexpr poll::Schedule kTestSchedule{1'000'000, 2'000'000, 600};

// A petition's manifest that passes: districts 1 and 2, thresholds 2 and 3, a quorum of all
// officers but one (of all, if there is one).
petition::Manifest MakePetitionManifest(const TestPeople& people, crypto::Rng& rng);
// What an anonymous one says of its rings, when category 1 signs online and nothing else is asked.
petition::AnonymousRules MakeAnonymousRules(uint16_t ring_size = 64, uint16_t fewest = 2,
                                            absl::string_view beacon_source = "a beacon");
// The orders that bring an anonymous petition without initiators and review from draft to
// published, with times before the schedule's opening: what each does, and when.
std::vector<std::pair<decltype(poll::Order::act), uint64_t>> PublishingOrders();

}  // namespace urna::testing
