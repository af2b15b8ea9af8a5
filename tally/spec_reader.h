// Reading the JSON files that people write: every error names the place, as
// "$.contests[2].options[0].name: there is no text in any language". docs/election-spec.md.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/localized_text.h"
#include "core/poll/orders.h"
#include "core/roll/entries.h"
#include "tally/context.h"

namespace urna::tally {

// InvalidArgument if it is not JSON or an object has a field twice; the sentence begins with
// `name`.
absl::StatusOr<Json> ParseJson(absl::string_view text, absl::string_view name);

// A JSON value and its path. Borrows the value, which must outlive it. All errors are
// InvalidArgument and begin with the path.
class SpecValue {
 public:
  explicit SpecValue(const Json& value, std::string path = "$") : value_(&value), path_(path) {}

  const std::string& path() const { return path_; }
  bool IsObject() const;
  absl::Status Error(absl::string_view sentence) const;

  // Refuses fields that are not among these, so that no misspelt one is passed over.
  absl::Status OnlyFields(std::initializer_list<absl::string_view> names) const;
  bool Has(absl::string_view name) const;
  absl::StatusOr<SpecValue> Field(absl::string_view name) const;
  absl::StatusOr<std::vector<SpecValue>> List() const;

  absl::StatusOr<std::string> Text() const;
  absl::StatusOr<uint64_t> Number(uint64_t min, uint64_t max) const;
  template <typename T>
  absl::StatusOr<T> NumberAs(uint64_t min = 0) const {
    absl::StatusOr<uint64_t> number = Number(min, std::numeric_limits<T>::max());
    if (!number.ok()) return number.status();
    return static_cast<T>(*number);
  }
  absl::StatusOr<bool> Flag() const;
  // A text as "5%" or "0.25%", in ten-thousandths: 0 to 10,000.
  absl::StatusOr<uint16_t> Percent() const;
  // {"en": "…", "pl": "…"}
  absl::StatusOr<LocalizedTexts> Texts() const;
  // A vkey.
  absl::StatusOr<roll::NamedKey> Key() const;
  absl::StatusOr<std::vector<roll::NamedKey>> Keys() const;
  // 64 hex digits.
  absl::StatusOr<std::array<uint8_t, 32>> Hex32() const;
  // A log's key: hex, or a vkey under the name `origin`.
  absl::StatusOr<std::array<uint8_t, 32>> LogKey(absl::string_view origin) const;
  // "2025-06-01T08:00:00Z" (RFC 3339), or seconds since 1970-01-01 UTC.
  absl::StatusOr<uint64_t> Time() const;
  // {"opens", "closes", "tolerance"}
  absl::StatusOr<poll::Schedule> Schedule() const;
  // [{"number", "name"}, …]
  absl::StatusOr<std::vector<roll::NumberedName>> NumberedNames() const;

 private:
  const Json* value_;
  std::string path_;
};

// What a file does not say itself: the log key comes from the board, the nonce from randomness, and
// who may sign, of whom a percentage is, from the roll: members by district and category.
struct SpecDefaults {
  std::optional<std::array<uint8_t, 32>> log_key;
  std::array<uint8_t, 32> nonce{};
  std::optional<std::map<std::pair<uint16_t, uint16_t>, uint64_t>> roll = std::nullopt;
};

absl::StatusOr<uint64_t> ParseTimeText(absl::string_view text);

}  // namespace urna::tally
