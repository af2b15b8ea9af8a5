// What elections and petitions share: schedule, officers, and the chain of signed orders.
// docs/protocol.md §6. The bytes that were signed are kept beside what they say.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/localized_text.h"
#include "core/crypto/transcript.h"
#include "core/roll/roll.h"

namespace urna::poll {

// Seconds since 1970-01-01 UTC, and seconds.
struct Schedule {
  uint64_t opens = 0;
  uint64_t closes = 0;
  uint32_t tolerance = 0;
  bool operator==(const Schedule&) const = default;
};

struct OfficerSignature {
  uint16_t officer = 0;  // position in the manifest's list, from 0
  std::array<uint8_t, 64> signature{};
};

// A manifest or an order as it lies in the log.
struct SignedBody {
  Bytes body;
  std::vector<OfficerSignature> signatures;  // strictly ascending by officer
};

struct OpenElection {
  uint16_t attempt = 0;
  std::array<uint8_t, 32> election_key{};                  // Y
  std::vector<std::array<uint8_t, 32>> verification_keys;  // X_1 … X_n
  roll::RollPin roll;
};
// Pins also the epoch that the roll has at that size, what decides about the rings, and which they
// are (§4.1).
struct OpenAnonymousElection : OpenElection {
  uint32_t epoch = 0;
  crypto::Hash32 beacon{};
  uint32_t rings = 0;
  crypto::Hash32 rings_hash{};
};
struct Close {};
struct NewAttempt {
  uint16_t attempt = 0;
};
struct Part {
  uint16_t contest = 0;
  std::vector<uint16_t> districts;  // ascending
  uint64_t ballots = 0;
  uint64_t weight = 0;  // sum of the weights of its ballots
  bool operator==(const Part&) const = default;
};
struct Sum {
  uint64_t tree_size = 0;
  uint64_t counted = 0;
  crypto::Hash32 counted_hash{};
  std::vector<Part> parts;
  crypto::Hash32 sums_hash{};
};
struct PartTotals {
  uint16_t part = 0;
  std::vector<uint64_t> totals;
  bool operator==(const PartTotals&) const = default;
};
// What a contest's result rule makes of its totals (§9.3); positions from 0.
struct Outcome {
  uint16_t contest = 0;
  std::vector<uint16_t> winners;  // options
  std::vector<uint16_t> tied;     // options among whom seats are left open, ascending
  std::vector<uint16_t> seats;    // of every list
  bool operator==(const Outcome&) const = default;
};
struct ElectionResult {
  std::vector<PartTotals> results;
  std::vector<Outcome> outcomes;  // of the contests that have a result rule, ascending
};
struct OpenPetition {
  crypto::Hash32 text_hash{};
  roll::RollPin roll;
};
// Pins also what decides about the rings, and which they are (§4.1).
struct OpenAnonymousPetition : OpenPetition {
  uint32_t epoch = 1;  // of the roll, as it is pinned
  crypto::Hash32 beacon{};
  uint32_t rings = 0;
  crypto::Hash32 rings_hash{};
};
struct DistrictCount {
  uint16_t district = 0;
  uint64_t signatures = 0;
  bool operator==(const DistrictCount&) const = default;
};
struct ThresholdReached {
  uint64_t threshold = 0;
  bool reached = false;
  uint64_t index = 0;
  bool operator==(const ThresholdReached&) const = default;
};
struct PetitionResult {
  uint64_t tree_size = 0;
  uint64_t signatures = 0;
  std::vector<DistrictCount> districts;      // all of the manifest's, ascending
  std::vector<ThresholdReached> thresholds;  // all of the manifest's, ascending
};

// A transition in the life of an anonymous petition, or a mark (§6.1).
enum class StepKind : uint8_t {
  kSubmit = 1,
  kAccept,
  kReturn,
  kReject,
  kPublish,
  kVerify,
  kHandOver,
  kRespond,
  kArchive,
  kWithdraw,
  kExpire,
  kMark,
};
inline constexpr uint8_t kMaxStep = 12;
absl::string_view StepName(StepKind step);  // "submit", "hand over", …

struct Step {
  StepKind step = StepKind::kSubmit;
  uint16_t code = 0;          // why, where the step asks for it; else 0
  crypto::Hash32 document{};  // SHA-256 of a file that goes with it, or zeros
};
// Of an initiator, who then confirms with this key.
struct Invite {
  roll::NamedKey initiator;
};
struct Confirm {
  uint16_t invitation = 0;  // from 1, in the order of the log
  std::array<uint8_t, 64> signature{};
};
// Puts another title and text in force, while the petition is a draft.
struct Revise {
  LocalizedTexts title;
  LocalizedTexts text;
};
struct PaperCount {
  uint16_t district = 0;
  uint32_t accepted = 0;
  uint32_t rejected = 0;
  bool operator==(const PaperCount&) const = default;
};
struct PaperBatch {
  std::string batch;                  // its name, 1 to 63 bytes of UTF-8, unique in the petition
  crypto::Hash32 sheets_hash{};       // SHA-256 of the file in which the sheets are kept
  uint32_t sheets = 0;                // how many
  std::vector<PaperCount> districts;  // ascending
};
struct ChannelCount {
  uint16_t district = 0;
  uint64_t online = 0;
  uint64_t paper = 0;
  bool operator==(const ChannelCount&) const = default;
};
// What was there of a minimum when its mark had come.
struct MinimumSeen {
  uint32_t after = 0;  // seconds after the opening
  uint64_t at_least = 0;
  uint64_t seen = 0;  // online and on paper
  bool met = false;
  bool operator==(const MinimumSeen&) const = default;
};
struct AnonymousResult {
  uint64_t tree_size = 0;
  uint64_t online = 0;
  uint64_t paper = 0;
  std::vector<ChannelCount> districts;       // all of the manifest's, ascending
  std::vector<ThresholdReached> thresholds;  // all of the manifest's, of online and paper together
  std::vector<MinimumSeen> minimums;         // all of the manifest's
  uint16_t districts_met = 0;                // how many have the minimum that is theirs
  bool passed = false;
};

// Brings the rings of a later epoch of the roll into a running anonymous petition, or repeats the
// newest so that earlier ones end (§4.1). The roll's id is the opening's.
struct RollEpoch {
  uint32_t epoch = 1;
  uint32_t earliest = 1;  // epochs below end
  uint64_t roll_size = 0;
  crypto::Hash32 roll_root{};
  crypto::Hash32 beacon{};
  uint32_t rings = 0;
  crypto::Hash32 rings_hash{};
  bool operator==(const RollEpoch&) const = default;
};

// Credentials whose ballots do not count from now on, and credentials whose ballots count again.
struct Revoke {
  std::vector<std::array<uint8_t, 32>> credentials;  // strictly ascending
};
struct Restore {
  std::vector<std::array<uint8_t, 32>> credentials;
};

enum class OrderKind : uint8_t {
  kOpenElection = 1,
  kClose = 2,
  kNewAttempt = 3,
  kSum = 4,
  kElectionResult = 5,
  kOpenPetition = 6,
  kPetitionResult = 7,
  kRevoke = 8,
  kRestore = 9,
  kOpenAnonymousPetition = 10,
  kStep = 11,
  kInvite = 12,
  kConfirm = 13,
  kRevise = 14,
  kPaperBatch = 15,
  kAnonymousResult = 16,
  kRollEpoch = 17,
  kOpenAnonymousElection = 18,
};

// What an order's body says. The kind is the variant's index + 1.
struct Order {
  uint32_t number = 0;
  crypto::Hash32 previous{};
  uint64_t time = 0;   // seconds since 1970-01-01 UTC
  std::string reason;  // UTF-8, at most 1,000 bytes
  std::variant<OpenElection, Close, NewAttempt, Sum, ElectionResult, OpenPetition, PetitionResult,
               Revoke, Restore, OpenAnonymousPetition, Step, Invite, Confirm, Revise, PaperBatch,
               AnonymousResult, RollEpoch, OpenAnonymousElection>
      act;
  OrderKind kind() const { return static_cast<OrderKind>(act.index() + 1); }
};

// "open", "close", "new attempt", "sum", "result", "revoke", "restore", "step", "invite",
// "confirm", "revise", "paper batch", "roll epoch"
absl::string_view OrderName(OrderKind kind);
// The same, with the name of a step for a step: "hand over".
absl::string_view OrderName(const Order& order);

// Whether witnesses' times hold this order's time (§10.4, S17): an opening, a closing, a mark or a
// roll epoch.
bool IsTimedOrder(const Order& order);

// Of either kind; null if the order opens no petition, or no election.
const OpenPetition* PetitionOpening(const Order& order);
const OpenElection* ElectionOpening(const Order& order);

// An order as it lies in the log: `order` is what `signed_body.body` says.
struct SignedOrder {
  SignedBody signed_body;
  Order order;
};

// docs/protocol.md §6. `poll` is the manifest hash.
crypto::Hash32 ManifestHash(ByteSpan manifest_body);
crypto::Hash32 OrderHash(const crypto::Hash32& poll, ByteSpan order_body);
crypto::Hash32 PollContext(const crypto::Hash32& poll, ByteSpan opening_body);
// T32("petition text"; …), §6. Of texts that CheckTexts allows and that have at most 65,535 bytes
// encoded; longer ones abort the process.
crypto::Hash32 PetitionTextHash(const LocalizedTexts& title, const LocalizedTexts& text);
// The 64 bytes that an invited initiator signs (§6.1). `invite`: that order's hash; `revision`: the
// hash of the last order that revised the text, or `poll` if none has.
crypto::Hash64 ConfirmationMessage(const crypto::Hash32& poll, const crypto::Hash32& invite,
                                   const crypto::Hash32& revision, const crypto::Hash32& text_hash);
// The 64 bytes that officers sign.
crypto::Hash64 ManifestSignatureMessage(const crypto::Hash32& poll);
crypto::Hash64 OrderSignatureMessage(const crypto::Hash32& poll, ByteSpan order_body);

}  // namespace urna::poll
