// An election's manifest. docs/protocol.md §6.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/base/localized_text.h"
#include "core/poll/orders.h"
#include "core/roll/entries.h"

namespace urna::election {

enum class Rule : uint8_t { kOneOfN = 1, kKOfN = 2, kScore = 3 };

struct Option {
  std::string id;  // 1..63 bytes, unique in its contest
  LocalizedTexts name;
};

struct Contest {
  uint16_t number = 0;
  LocalizedTexts title;
  Rule rule = Rule::kOneOfN;
  uint16_t option_max = 1;  // R: a selection is in 0..R
  uint32_t sum_min = 0;
  uint32_t sum_max = 1;
  std::vector<Option> options;  // in ballot order

  // Whether the sum needs a proof of its own: not if the selections' ranges say it already.
  bool HasSumProof() const {
    return !(sum_min == 0 && sum_max == uint64_t{option_max} * options.size());
  }
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
  std::vector<District> districts;  // ascending by number
  std::vector<Style> styles;        // ascending by number
  std::vector<Contest> contests;    // ascending by number

  const District* FindDistrict(uint16_t number) const;
  const Style* FindStyle(uint16_t number) const;
  const Contest* FindContest(uint16_t number) const;
};

// Every rule of §6 about a manifest by itself, with a sentence that names the element:
// "contest 3 'Mayor': sum_max 4 is above 1·3". FailedPrecondition never; always InvalidArgument.
absl::Status CheckManifest(const Manifest& manifest);

// Bytes of a ballot of this style as an entry (§7).
uint64_t BallotSize(const Manifest& manifest, const Style& style);

// A manifest as it lies in the log: `manifest` is what `signed_body.body` says.
struct SignedManifest {
  poll::SignedBody signed_body;
  Manifest manifest;
};

}  // namespace urna::election
