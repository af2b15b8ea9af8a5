// What elections and petitions share: schedule, officers, and the chain of signed orders.
// docs/protocol.md §6. The bytes that were signed are kept beside what they say.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/base/bytes.h"
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
};

// What an order's body says. The kind is the variant's index + 1.
struct Order {
  uint32_t number = 0;
  crypto::Hash32 previous{};
  uint64_t time = 0;   // seconds since 1970-01-01 UTC
  std::string reason;  // UTF-8, at most 1,000 bytes
  std::variant<OpenElection, Close, NewAttempt, Sum, ElectionResult, OpenPetition, PetitionResult,
               Revoke, Restore, OpenAnonymousPetition>
      act;
  OrderKind kind() const { return static_cast<OrderKind>(act.index() + 1); }
};

// "open", "close", "new attempt", "sum", "result", "revoke", "restore"
absl::string_view OrderName(OrderKind kind);

// Of either kind; null if the order opens no petition.
const OpenPetition* PetitionOpening(const Order& order);

// An order as it lies in the log: `order` is what `signed_body.body` says.
struct SignedOrder {
  SignedBody signed_body;
  Order order;
};

// docs/protocol.md §6. `poll` is the manifest hash.
crypto::Hash32 ManifestHash(ByteSpan manifest_body);
crypto::Hash32 OrderHash(const crypto::Hash32& poll, ByteSpan order_body);
crypto::Hash32 PollContext(const crypto::Hash32& poll, ByteSpan opening_body);
// The 64 bytes that officers sign.
crypto::Hash64 ManifestSignatureMessage(const crypto::Hash32& poll);
crypto::Hash64 OrderSignatureMessage(const crypto::Hash32& poll, ByteSpan order_body);

}  // namespace urna::poll
