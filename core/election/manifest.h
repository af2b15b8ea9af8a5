// An election's manifest. docs/protocol.md §6.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "core/base/localized_text.h"
#include "core/poll/orders.h"
#include "core/roll/entries.h"

namespace urna::election {

enum class Rule : uint8_t { kOneOfN = 1, kKOfN = 2, kScore = 3, kLists = 4 };

struct Option {
  std::string id;  // 1..63 bytes, unique in its contest
  LocalizedTexts name;
  uint64_t cost = 0;  // below 2^40; 0 where nothing asks for costs
  uint16_t list = 0;  // position in Contest::lists; 0 without lists
};

struct List {
  std::string id;  // 1..63 bytes, unique in its contest
  LocalizedTexts name;
};

// What a ballot gives to some options together, by cost or by number, is in at_least..at_most.
struct Limit {
  enum class Measure : uint8_t { kCost = 1, kNumber = 2 };
  LocalizedTexts name;
  Measure measure = Measure::kCost;
  uint64_t at_least = 0;
  uint64_t at_most = 0;           // below 2^48
  std::vector<uint16_t> options;  // positions, strictly ascending
};

// How an outcome follows from the totals (§9.3).
struct NoResultRule {
  bool operator==(const NoResultRule&) const = default;
};
struct MostVotes {
  enum class Tie : uint8_t { kBallotOrder = 1, kLeftOpen = 2 };
  uint16_t seats = 1;
  Tie tie = Tie::kBallotOrder;
  bool operator==(const MostVotes&) const = default;
};
struct ListSeats {
  enum class Method : uint8_t { kDHondt = 1, kModifiedDHondt = 2, kHareNiemeyer = 3 };
  uint16_t seats = 1;
  Method method = Method::kDHondt;
  uint16_t threshold = 0;  // per ten thousand of all lists' votes
  bool operator==(const ListSeats&) const = default;
};
struct GreedyBudget {
  enum class Reading : uint8_t { kStop = 1, kSkip = 2 };
  enum class Tie : uint8_t { kBallotOrder = 1, kLowerCost = 2, kHigherCost = 3 };
  uint64_t budget = 0;  // below 2^48
  Reading reading = Reading::kSkip;
  Tie tie = Tie::kBallotOrder;
  bool operator==(const GreedyBudget&) const = default;
};
struct YesNo {
  enum class Base : uint8_t { kYesAndNo = 1, kAllBallots = 2 };
  enum class Comparison : uint8_t { kMoreThan = 1, kAtLeast = 2 };
  uint16_t quorum = 0;  // per ten thousand of the weight entitled to vote
  Base base = Base::kYesAndNo;
  uint16_t numerator = 1, denominator = 2;
  Comparison comparison = Comparison::kMoreThan;
  bool operator==(const YesNo&) const = default;
};
// The kind in the manifest is the variant's index.
using ResultRule = std::variant<NoResultRule, MostVotes, ListSeats, GreedyBudget, YesNo>;

struct Contest {
  uint16_t number = 0;
  LocalizedTexts title;
  Rule rule = Rule::kOneOfN;
  uint16_t option_max = 1;  // R: a selection is in 0..R
  uint32_t sum_min = 0;
  uint32_t sum_max = 1;
  bool blank = false;           // whether a ballot may say 'blank', which excludes everything else
  bool by_district = false;     // whether totals are decrypted for every district (§9.1)
  std::vector<Option> options;  // in ballot order
  std::vector<List> lists;      // in ballot order; of rule kLists only
  std::vector<Limit> limits;    // not of rule kLists
  ResultRule result;

  // Options, lists and blank: what is summed and decrypted (§7.1), in this order.
  size_t CountedCells() const { return options.size() + lists.size() + (blank ? 1 : 0); }
};

struct Style {
  uint16_t number = 0;
  std::vector<uint16_t> contests;  // ascending
};

struct District {
  uint16_t number = 0;
  LocalizedTexts name;
  uint16_t style = 0;
};

inline constexpr uint8_t kAnonymous = 2;  // `eligibility` of a manifest of version 2
inline constexpr size_t kMaxBeaconSource = 1000;

// What an anonymous election says of its rings (§4.1) and of who may vote (§7.6).
struct AnonymousRules {
  uint16_t ring_size = 1024;         // N
  uint16_t fewest = 64;              // k: no ring has fewer members
  std::string beacon_source;         // where the beacon comes from, and which of its values it is
  std::vector<uint16_t> categories;  // of the roll, ascending: who may vote
  bool operator==(const AnonymousRules&) const = default;
};

struct Manifest {
  std::string origin;  // of the poll's log: board/name
  std::array<uint8_t, 32> log_key{};
  std::array<uint8_t, 32> nonce{};
  LocalizedTexts title;
  poll::Schedule schedule;
  roll::NamedKey registrar;
  std::vector<roll::NamedKey> officers;
  uint16_t officer_quorum = 1;
  std::vector<roll::NamedKey> trustees;  // trustee j (from 1) is trustees[j - 1]
  uint16_t trustee_threshold = 1;
  uint32_t minimum_ballots = 1;
  uint16_t challenges = 0;                  // how many ballots a credential may challenge (§7.4)
  std::vector<District> districts;          // ascending by number
  std::vector<Style> styles;                // ascending by number
  std::vector<Contest> contests;            // ascending by number
  std::optional<AnonymousRules> anonymous;  // none: the election is pseudonymous

  const District* FindDistrict(uint16_t number) const;
  const Style* FindStyle(uint16_t number) const;
  const Contest* FindContest(uint16_t number) const;
};

// Every rule of §6 about a manifest by itself, with a sentence that names the element:
// "contest 3 'Mayor': sum_max 4 is above 1·3". FailedPrecondition never; always InvalidArgument.
absl::Status CheckManifest(const Manifest& manifest);

// Bytes of a ballot of this style as an entry (§7.2), of an anonymous election of the first of a
// tag (§7.6). The contests of the style that the manifest has must have passed the rules of §6.
uint64_t BallotSize(const Manifest& manifest, const Style& style);

// A manifest as it lies in the log: `manifest` is what `signed_body.body` says.
struct SignedManifest {
  poll::SignedBody signed_body;
  Manifest manifest;
};

}  // namespace urna::election
