#include "tally/spec_reader.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "core/base/bytes.h"
#include "core/base/status.h"
#include "core/merkle/note.h"

namespace urna::tally {
namespace {

constexpr uint64_t kLastSecond = 253402300799;  // 9999-12-31T23:59:59Z

}  // namespace

absl::StatusOr<Json> ParseJson(absl::string_view text, absl::string_view name) {
  std::vector<std::set<std::string>> objects;
  std::string twice;
  const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) objects.emplace_back();
    if (event == Json::parse_event_t::object_end) objects.pop_back();
    if (event == Json::parse_event_t::key) {
      const std::string key = parsed.get<std::string>();
      if (!objects.back().insert(key).second && twice.empty()) twice = key;
    }
    return true;
  };
  Json json;
  try {
    json = Json::parse(text.begin(), text.end(), watch);
  } catch (const Json::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": ", error.what()));
  }
  if (!twice.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": field '", twice, "' stands twice"));
  }
  return json;
}

absl::Status SpecValue::Error(absl::string_view sentence) const {
  return absl::InvalidArgumentError(absl::StrCat(path_, ": ", sentence));
}

absl::Status SpecValue::OnlyFields(std::initializer_list<absl::string_view> names) const {
  if (!value_->is_object()) return Error("an object belongs here");
  for (const auto& [key, value] : value_->items()) {
    if (std::find(names.begin(), names.end(), absl::string_view(key)) == names.end()) {
      return Error(absl::StrCat("there is no field '", key, "' in this form"));
    }
  }
  return absl::OkStatus();
}

bool SpecValue::Has(absl::string_view name) const {
  return value_->is_object() && value_->contains(std::string(name));
}

absl::StatusOr<SpecValue> SpecValue::Field(absl::string_view name) const {
  if (!value_->is_object()) return Error("an object belongs here");
  if (!Has(name)) return Error(absl::StrCat("the field '", name, "' is missing"));
  return SpecValue((*value_)[std::string(name)], absl::StrCat(path_, ".", name));
}

absl::StatusOr<std::vector<SpecValue>> SpecValue::List() const {
  if (!value_->is_array()) return Error("a list belongs here");
  std::vector<SpecValue> out;
  for (size_t i = 0; i < value_->size(); ++i) {
    out.emplace_back((*value_)[i], absl::StrCat(path_, "[", i, "]"));
  }
  return out;
}

bool SpecValue::IsObject() const { return value_->is_object(); }

absl::StatusOr<std::string> SpecValue::Text() const {
  if (!value_->is_string()) return Error("a text belongs here");
  return value_->get<std::string>();
}

absl::StatusOr<uint64_t> SpecValue::Number(uint64_t min, uint64_t max) const {
  // A literal in a program may be signed; one that was parsed never is, unless it is negative.
  const bool whole =
      value_->is_number_unsigned() || (value_->is_number_integer() && value_->get<int64_t>() >= 0);
  if (!whole || value_->get<uint64_t>() < min || value_->get<uint64_t>() > max) {
    return Error(absl::StrCat("a whole number from ", min, " to ", max, " belongs here"));
  }
  return value_->get<uint64_t>();
}

absl::StatusOr<bool> SpecValue::Flag() const {
  if (!value_->is_boolean()) return Error("true or false belongs here");
  return value_->get<bool>();
}

absl::StatusOr<uint16_t> SpecValue::Percent() const {
  const absl::StatusOr<std::string> text = Text();
  const absl::Status wrong = Error("a percentage as \"5%\" or \"0.25%\" belongs here");
  if (!text.ok() || !absl::EndsWith(*text, "%")) return wrong;
  const std::vector<std::string> parts = absl::StrSplit(text->substr(0, text->size() - 1), '.');
  if (parts.size() > 2 || parts[0].size() > 3 || (parts.size() == 2 && parts[1].size() > 2)) {
    return wrong;
  }
  uint32_t out = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::string digits = i == 1 && parts[i].size() == 1 ? parts[i] + "0" : parts[i];
    uint32_t value = 0;
    if (digits.empty() || !std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit) ||
        !absl::SimpleAtoi(digits, &value)) {
      return wrong;
    }
    out += i == 0 ? 100 * value : value;
  }
  if (out > 10000) return Error("a percentage is at most 100%");
  return static_cast<uint16_t>(out);
}

absl::StatusOr<LocalizedTexts> SpecValue::Texts() const {
  if (!value_->is_object()) return Error("texts by language belong here, as {\"en\": \"…\"}");
  LocalizedTexts out;
  for (const auto& [language, text] : value_->items()) {
    if (!text.is_string()) {
      return absl::InvalidArgumentError(
          absl::StrCat(path_, ".", language, ": a text belongs here"));
    }
    out.push_back({language, text.get<std::string>()});
  }
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return a.language < b.language; });
  if (absl::Status status = CheckTexts(out); !status.ok()) return Error(status.message());
  return out;
}

absl::StatusOr<roll::NamedKey> SpecValue::Key() const {
  URNA_ASSIGN_OR_RETURN(const std::string text, Text());
  const absl::StatusOr<merkle::NoteVerifier> key = merkle::NoteVerifier::Parse(text);
  if (!key.ok()) return Error(absl::StrCat("not a vkey: ", key.status().message()));
  return roll::NamedKey{key->name(), key->key().bytes()};
}

absl::StatusOr<std::vector<roll::NamedKey>> SpecValue::Keys() const {
  URNA_ASSIGN_OR_RETURN(const std::vector<SpecValue> values, List());
  std::vector<roll::NamedKey> out;
  for (const SpecValue& value : values) {
    URNA_ASSIGN_OR_RETURN(roll::NamedKey key, value.Key());
    out.push_back(std::move(key));
  }
  return out;
}

absl::StatusOr<std::array<uint8_t, 32>> SpecValue::Hex32() const {
  URNA_ASSIGN_OR_RETURN(const std::string text, Text());
  const absl::StatusOr<Bytes> bytes = FromHex(text);
  if (!bytes.ok() || bytes->size() != 32) return Error("64 hex digits belong here");
  return *ToArray<32>(*bytes);
}

absl::StatusOr<std::array<uint8_t, 32>> SpecValue::LogKey(absl::string_view origin) const {
  URNA_ASSIGN_OR_RETURN(const std::string text, Text());
  if (text.find('+') == std::string::npos) return Hex32();
  URNA_ASSIGN_OR_RETURN(const roll::NamedKey key, Key());
  if (key.name != origin) {
    return Error(absl::StrCat("the key's name '", key.name, "' is not the origin '", origin, "'"));
  }
  return key.key;
}

absl::StatusOr<uint64_t> ParseTimeText(absl::string_view text) {
  uint64_t seconds = 0;
  if (absl::SimpleAtoi(text, &seconds) && seconds <= kLastSecond) return seconds;
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error) || time < absl::UnixEpoch() ||
      absl::ToUnixSeconds(time) > static_cast<int64_t>(kLastSecond)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", text,
                     "' is neither a time as 2025-06-01T08:00:00Z, to the year 9999, nor seconds "
                     "since 1970"));
  }
  return static_cast<uint64_t>(absl::ToUnixSeconds(time));
}

absl::StatusOr<uint64_t> SpecValue::Time() const {
  if (value_->is_number()) return Number(0, kLastSecond);
  URNA_ASSIGN_OR_RETURN(const std::string text, Text());
  const absl::StatusOr<uint64_t> time = ParseTimeText(text);
  if (!time.ok()) return Error(time.status().message());
  return time;
}

absl::StatusOr<poll::Schedule> SpecValue::Schedule() const {
  URNA_RETURN_IF_ERROR(OnlyFields({"opens", "closes", "tolerance"}));
  poll::Schedule out;
  URNA_ASSIGN_OR_RETURN(const SpecValue opens, Field("opens"));
  URNA_ASSIGN_OR_RETURN(out.opens, opens.Time());
  URNA_ASSIGN_OR_RETURN(const SpecValue closes, Field("closes"));
  URNA_ASSIGN_OR_RETURN(out.closes, closes.Time());
  if (out.opens >= out.closes) return closes.Error("it is not after 'opens'");
  if (Has("tolerance")) {
    URNA_ASSIGN_OR_RETURN(const SpecValue tolerance, Field("tolerance"));
    URNA_ASSIGN_OR_RETURN(out.tolerance, tolerance.NumberAs<uint32_t>());
  }
  return out;
}

absl::StatusOr<std::vector<roll::NumberedName>> SpecValue::NumberedNames() const {
  URNA_ASSIGN_OR_RETURN(const std::vector<SpecValue> values, List());
  std::vector<roll::NumberedName> out;
  for (const SpecValue& value : values) {
    URNA_RETURN_IF_ERROR(value.OnlyFields({"number", "name"}));
    URNA_ASSIGN_OR_RETURN(const SpecValue number, value.Field("number"));
    URNA_ASSIGN_OR_RETURN(const SpecValue name, value.Field("name"));
    roll::NumberedName one;
    URNA_ASSIGN_OR_RETURN(one.number, number.NumberAs<uint16_t>());
    URNA_ASSIGN_OR_RETURN(one.name, name.Texts());
    if (!out.empty() && out.back().number >= one.number) {
      return number.Error("numbers must rise from one to the next");
    }
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace urna::tally
