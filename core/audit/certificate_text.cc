// Certificates as text: what ToText writes, and nothing else is read. docs/protocol.md §14.
#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/audit/certificate.h"
#include "core/base/named_lines.h"
#include "core/base/status.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/text.h"

namespace urna::audit {
namespace {

constexpr absl::string_view kHeader = "urna/1 petition certificate";

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("certificate: ", what));
}

absl::Status ReadCheckpoint(NamedLines& lines, Certificate& out) {
  URNA_ASSIGN_OR_RETURN(const absl::string_view value, lines.Take("checkpoint"));
  std::string note;
  if (!absl::Base64Unescape(value, &note) || absl::Base64Escape(note) != value) {
    return Malformed("'checkpoint' is not canonical base64");
  }
  URNA_ASSIGN_OR_RETURN(const merkle::Note parsed, merkle::Note::Parse(AsBytes(note)));
  URNA_ASSIGN_OR_RETURN(const merkle::Checkpoint checkpoint,
                        merkle::Checkpoint::Parse(parsed.text()));
  if (checkpoint.origin() != out.origin) return Malformed("its checkpoint is another log's");
  out.checkpoint_note = ToBytes(AsBytes(note));
  return absl::OkStatus();
}

// The words of a line, exactly `count` of them.
absl::StatusOr<std::vector<absl::string_view>> Words(absl::string_view line, size_t count,
                                                     absl::string_view what) {
  std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
  if (words.size() == count) return words;
  return Malformed(
      absl::StrCat("the line '", what, "' has ", words.size(), " words behind it, not ", count));
}

absl::StatusOr<uint64_t> ReadNumber(NamedLines& lines, absl::string_view word) {
  URNA_ASSIGN_OR_RETURN(const absl::string_view value, lines.Take(word));
  return merkle::ParseDecimal(value, UINT64_MAX);
}

// Adds up the signatures of districts, which may not be more than those of the whole.
absl::Status AddUp(uint64_t count, uint64_t whole, uint64_t& sum) {
  if (count > whole - sum) {
    return Malformed("the districts have more signatures than the whole");
  }
  sum += count;
  return absl::OkStatus();
}

absl::Status CheckAscending(const Certificate& out, uint64_t number) {
  if (out.districts.empty() || number > out.districts.back().district) return absl::OkStatus();
  return Malformed(absl::StrCat("district ", number, " is not above the one before"));
}

absl::Status ReadCounts(NamedLines& lines, Certificate& out) {
  URNA_ASSIGN_OR_RETURN(out.signatures, ReadNumber(lines, "signatures"));
  uint64_t sum = 0;
  while (lines.Next("district")) {
    URNA_ASSIGN_OR_RETURN(const absl::string_view line, lines.Take("district"));
    URNA_ASSIGN_OR_RETURN(const std::vector<absl::string_view> words, Words(line, 2, "district"));
    URNA_ASSIGN_OR_RETURN(const uint64_t number, merkle::ParseDecimal(words[0], UINT16_MAX));
    URNA_ASSIGN_OR_RETURN(const uint64_t count, merkle::ParseDecimal(words[1], UINT64_MAX));
    URNA_RETURN_IF_ERROR(CheckAscending(out, number));
    URNA_RETURN_IF_ERROR(AddUp(count, out.signatures, sum));
    out.districts.push_back({static_cast<uint16_t>(number), count});
  }
  if (sum != out.signatures) return Malformed("the districts do not add up to the signatures");
  return absl::OkStatus();
}

// The same of an anonymous petition, whose counts stand apart.
absl::Status ReadChannels(NamedLines& lines, Certificate& out) {
  Certificate::Anonymous& of = *out.anonymous;
  if (lines.Next("profile")) {
    URNA_ASSIGN_OR_RETURN(const absl::string_view profile, lines.Take("profile"));
    of.profile = std::string(profile);
  }
  URNA_ASSIGN_OR_RETURN(out.signatures, ReadNumber(lines, "signatures"));
  URNA_ASSIGN_OR_RETURN(of.online, ReadNumber(lines, "online"));
  URNA_ASSIGN_OR_RETURN(of.paper, ReadNumber(lines, "paper"));
  uint64_t online = 0, paper = 0;
  while (lines.Next("district")) {
    URNA_ASSIGN_OR_RETURN(const absl::string_view line, lines.Take("district"));
    URNA_ASSIGN_OR_RETURN(const std::vector<absl::string_view> words, Words(line, 3, "district"));
    URNA_ASSIGN_OR_RETURN(const uint64_t number, merkle::ParseDecimal(words[0], UINT16_MAX));
    poll::ChannelCount count;
    count.district = static_cast<uint16_t>(number);
    URNA_ASSIGN_OR_RETURN(count.online, merkle::ParseDecimal(words[1], UINT64_MAX));
    URNA_ASSIGN_OR_RETURN(count.paper, merkle::ParseDecimal(words[2], UINT64_MAX));
    URNA_RETURN_IF_ERROR(CheckAscending(out, number));
    URNA_RETURN_IF_ERROR(AddUp(count.online, of.online, online));
    URNA_RETURN_IF_ERROR(AddUp(count.paper, of.paper, paper));
    of.districts.push_back(count);
    out.districts.push_back({count.district, count.online + count.paper});
  }
  if (online != of.online || paper != of.paper) {
    return Malformed("the districts do not add up to the signatures online and on paper");
  }
  if (of.online > out.signatures || of.paper != out.signatures - of.online) {
    return Malformed("online and paper do not add up to the signatures");
  }
  return absl::OkStatus();
}

// What follows the thresholds of an anonymous petition.
absl::Status ReadPassed(NamedLines& lines, Certificate& out) {
  Certificate::Anonymous& of = *out.anonymous;
  while (lines.Next("minimum")) {
    URNA_ASSIGN_OR_RETURN(const absl::string_view line, lines.Take("minimum"));
    URNA_ASSIGN_OR_RETURN(const std::vector<absl::string_view> words, Words(line, 4, "minimum"));
    poll::MinimumSeen minimum;
    URNA_ASSIGN_OR_RETURN(const uint64_t after, merkle::ParseDecimal(words[0], UINT32_MAX));
    minimum.after = static_cast<uint32_t>(after);
    URNA_ASSIGN_OR_RETURN(minimum.at_least, merkle::ParseDecimal(words[1], UINT64_MAX));
    URNA_ASSIGN_OR_RETURN(minimum.seen, merkle::ParseDecimal(words[2], UINT64_MAX));
    minimum.met = words[3] == "met";
    if (!of.minimums.empty() && minimum.after <= of.minimums.back().after) {
      return Malformed("the minimums do not ascend");
    }
    of.minimums.push_back(minimum);
  }
  if (lines.Next("districts")) {
    URNA_ASSIGN_OR_RETURN(const absl::string_view line, lines.Take("districts"));
    URNA_ASSIGN_OR_RETURN(const std::vector<absl::string_view> words, Words(line, 2, "districts"));
    URNA_ASSIGN_OR_RETURN(const uint64_t needed, merkle::ParseDecimal(words[0], UINT16_MAX));
    URNA_ASSIGN_OR_RETURN(const uint64_t met, merkle::ParseDecimal(words[1], UINT16_MAX));
    of.districts_needed = static_cast<uint16_t>(needed);
    of.districts_met = static_cast<uint16_t>(met);
  }
  URNA_ASSIGN_OR_RETURN(const absl::string_view passed, lines.Take("passed"));
  of.passed = passed == "yes";
  URNA_ASSIGN_OR_RETURN(const absl::string_view crowd, lines.Take("crowd"));
  URNA_ASSIGN_OR_RETURN(of.smallest_crowd, merkle::ParseDecimal(crowd, UINT32_MAX));
  return absl::OkStatus();
}

absl::Status ReadThresholds(NamedLines& lines, Certificate& out) {
  while (lines.Next("threshold")) {
    URNA_ASSIGN_OR_RETURN(const absl::string_view line, lines.Take("threshold"));
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    poll::ThresholdReached threshold;
    URNA_ASSIGN_OR_RETURN(threshold.threshold, merkle::ParseDecimal(parts.first, UINT64_MAX));
    threshold.reached = parts.second != "not-reached";
    if (threshold.reached) {
      URNA_ASSIGN_OR_RETURN(threshold.index, merkle::ParseDecimal(parts.second, UINT64_MAX));
    }
    if (!out.thresholds.empty() && threshold.threshold <= out.thresholds.back().threshold) {
      return Malformed(
          absl::StrCat("threshold ", threshold.threshold, " is not above the one before"));
    }
    out.thresholds.push_back(threshold);
  }
  return absl::OkStatus();
}

absl::Status ReadTitle(NamedLines& lines, Certificate& out) {
  while (!lines.AtEnd()) {
    URNA_ASSIGN_OR_RETURN(const absl::string_view line, lines.Take("title"));
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    LocalizedText text{std::string(parts.first), std::string(parts.second)};
    URNA_RETURN_IF_ERROR(CheckLanguage(text.language));
    if (!out.title.empty() && text.language <= out.title.back().language) {
      return Malformed("the languages of the title do not ascend");
    }
    out.title.push_back(std::move(text));
  }
  if (out.title.empty()) return Malformed("the line 'title' is missing");
  return absl::OkStatus();
}

// The lines of the counts, which stand between those of the program and of the title.
std::string CountLines(const Certificate& certificate) {
  std::string out;
  const std::optional<Certificate::Anonymous>& of = certificate.anonymous;
  if (of.has_value() && !of->profile.empty()) {
    absl::StrAppend(&out, "profile ", of->profile, "\n");
  }
  absl::StrAppend(&out, "signatures ", certificate.signatures, "\n");
  if (of.has_value()) {
    absl::StrAppend(&out, "online ", of->online, "\npaper ", of->paper, "\n");
    for (const poll::ChannelCount& district : of->districts) {
      absl::StrAppend(&out, "district ", district.district, " ", district.online, " ",
                      district.paper, "\n");
    }
  } else {
    for (const poll::DistrictCount& district : certificate.districts) {
      absl::StrAppend(&out, "district ", district.district, " ", district.signatures, "\n");
    }
  }
  for (const poll::ThresholdReached& threshold : certificate.thresholds) {
    absl::StrAppend(&out, "threshold ", threshold.threshold, " ",
                    threshold.reached ? absl::StrCat(threshold.index) : "not-reached", "\n");
  }
  if (!of.has_value()) return out;
  for (const poll::MinimumSeen& minimum : of->minimums) {
    absl::StrAppend(&out, "minimum ", minimum.after, " ", minimum.at_least, " ", minimum.seen, " ",
                    minimum.met ? "met" : "missed", "\n");
  }
  if (of->districts_needed != 0) {
    absl::StrAppend(&out, "districts ", of->districts_needed, " ", of->districts_met, "\n");
  }
  absl::StrAppend(&out, "passed ", of->passed ? "yes" : "no", "\ncrowd ", of->smallest_crowd, "\n");
  return out;
}

}  // namespace

absl::Status CheckCertificateProgram(absl::string_view program) {
  const bool printable = std::all_of(program.begin(), program.end(), [](char c) {
    return absl::ascii_isprint(static_cast<unsigned char>(c));
  });
  if (!program.empty() && program.size() <= kMaxCertificateProgram && printable) {
    return absl::OkStatus();
  }
  return Malformed(absl::StrCat("the program is named by 1 to ", kMaxCertificateProgram,
                                " printable ASCII characters"));
}

absl::StatusOr<Certificate> Certificate::Parse(absl::string_view text) {
  NamedLines lines(text, "certificate");
  URNA_ASSIGN_OR_RETURN(const absl::string_view header, lines.TakeLine());
  if (header != kHeader) return Malformed(absl::StrCat("it does not begin with '", kHeader, "'"));
  Certificate out;
  URNA_ASSIGN_OR_RETURN(const absl::string_view origin, lines.Take("origin"));
  out.origin = std::string(origin);
  URNA_RETURN_IF_ERROR(lines.TakeHex("petition", out.poll));
  URNA_RETURN_IF_ERROR(lines.TakeHex("text", out.text_hash));
  URNA_RETURN_IF_ERROR(ReadCheckpoint(lines, out));
  URNA_ASSIGN_OR_RETURN(const absl::string_view program, lines.Take("program"));
  out.program = std::string(program);
  URNA_RETURN_IF_ERROR(CheckCertificateProgram(out.program));
  // Only that of an anonymous petition says signatures online and on paper apart.
  if (absl::StrContains(text, "\nonline ")) out.anonymous.emplace();
  URNA_RETURN_IF_ERROR(out.anonymous ? ReadChannels(lines, out) : ReadCounts(lines, out));
  URNA_RETURN_IF_ERROR(ReadThresholds(lines, out));
  if (out.anonymous) URNA_RETURN_IF_ERROR(ReadPassed(lines, out));
  URNA_RETURN_IF_ERROR(ReadTitle(lines, out));
  if (out.ToText() != text) return Malformed("it is not in its one form");
  return out;
}

std::string Certificate::ToText() const {
  std::string out =
      absl::StrCat(kHeader, "\norigin ", origin, "\npetition ", ToHex(poll), "\ntext ",
                   ToHex(text_hash), "\ncheckpoint ", absl::Base64Escape(AsText(checkpoint_note)),
                   "\nprogram ", program, "\n", CountLines(*this));
  for (const LocalizedText& text : title) {
    absl::StrAppend(&out, "title ", text.language, " ", text.text, "\n");
  }
  return out;
}

}  // namespace urna::audit
