#include "core/audit/certificate.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "core/base/status.h"
#include "core/base/utf8.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/text.h"

namespace urna::audit {
namespace {

constexpr absl::string_view kHeader = "urna/1 petition certificate";

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("certificate: ", what));
}

absl::Status CheckProgram(absl::string_view program) {
  const bool printable = std::all_of(program.begin(), program.end(), [](char c) {
    return absl::ascii_isprint(static_cast<unsigned char>(c));
  });
  if (!program.empty() && program.size() <= kMaxCertificateProgram && printable) {
    return absl::OkStatus();
  }
  return Malformed(absl::StrCat("the program is named by 1 to ", kMaxCertificateProgram,
                                " printable ASCII characters"));
}

// Reads a certificate line by line.
class LineReader {
 public:
  explicit LineReader(absl::string_view text) : text_(text) {}

  bool AtEnd() const { return text_.empty(); }
  // Whether the next line begins with this word.
  bool Next(absl::string_view word) const {
    return absl::StartsWith(text_, absl::StrCat(word, " "));
  }
  // The rest of the next line, which must begin with the word.
  absl::StatusOr<absl::string_view> Take(absl::string_view word) {
    URNA_ASSIGN_OR_RETURN(absl::string_view line, merkle::TakeLine(text_, word));
    if (!absl::ConsumePrefix(&line, absl::StrCat(word, " "))) {
      return Malformed(absl::StrCat("the line '", word, "' is missing"));
    }
    return line;
  }
  absl::Status Hash(absl::string_view word, crypto::Hash32& out) {
    URNA_ASSIGN_OR_RETURN(const absl::string_view value, Take(word));
    const absl::StatusOr<Bytes> bytes = FromHex(value);
    if (!bytes.ok() || bytes->size() != out.size()) {
      return Malformed(absl::StrCat("'", word, "' is not 64 hex digits in lower case"));
    }
    std::copy(bytes->begin(), bytes->end(), out.begin());
    return absl::OkStatus();
  }

 private:
  absl::string_view text_;
};

absl::Status ReadCheckpoint(LineReader& lines, Certificate& out) {
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

absl::Status ReadCounts(LineReader& lines, Certificate& out) {
  URNA_ASSIGN_OR_RETURN(const absl::string_view all, lines.Take("signatures"));
  URNA_ASSIGN_OR_RETURN(out.signatures, merkle::ParseDecimal(all, UINT64_MAX));
  uint64_t sum = 0;
  while (lines.Next("district")) {
    URNA_ASSIGN_OR_RETURN(const absl::string_view line, lines.Take("district"));
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    URNA_ASSIGN_OR_RETURN(const uint64_t number, merkle::ParseDecimal(parts.first, UINT16_MAX));
    URNA_ASSIGN_OR_RETURN(const uint64_t count, merkle::ParseDecimal(parts.second, UINT64_MAX));
    if (!out.districts.empty() && number <= out.districts.back().district) {
      return Malformed(absl::StrCat("district ", number, " is not above the one before"));
    }
    if (count > out.signatures - sum) {
      return Malformed("the districts have more signatures than the whole");
    }
    sum += count;
    out.districts.push_back({static_cast<uint16_t>(number), count});
  }
  if (sum != out.signatures) return Malformed("the districts do not add up to the signatures");
  return absl::OkStatus();
}

absl::Status ReadThresholds(LineReader& lines, Certificate& out) {
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

absl::Status ReadCrowd(LineReader& lines, Certificate& out) {
  if (!lines.Next("crowd")) return absl::OkStatus();
  URNA_ASSIGN_OR_RETURN(const absl::string_view value, lines.Take("crowd"));
  URNA_ASSIGN_OR_RETURN(out.smallest_crowd, merkle::ParseDecimal(value, UINT32_MAX));
  return absl::OkStatus();
}

absl::Status ReadTitle(LineReader& lines, Certificate& out) {
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

// That the log has signed it, and the policy's witness quorum, if there is one, cosigned it.
absl::Status CheckCheckpoint(ByteSpan note, const Policy& policy) {
  URNA_RETURN_IF_ERROR(
      merkle::OpenCheckpoint(note, policy.log, merkle::OtherSignatures::kIgnored).status());
  if (!policy.witnesses.has_quorum()) return absl::OkStatus();
  const absl::StatusOr<merkle::WitnessedCheckpoint> opened =
      policy.witnesses.Open(note, policy.log);
  if (!opened.ok()) {
    return absl::PermissionDeniedError(
        absl::StrCat("certificate: its checkpoint: ", opened.status().message()));
  }
  if (opened->witnessing.quorum_met) return absl::OkStatus();
  return absl::PermissionDeniedError(
      "certificate: its checkpoint has not met the policy's witness quorum");
}

// The lines of the certificate that both don't have, for people.
absl::Status Differs(const std::string& said, const std::string& found) {
  const std::vector<std::string> a = absl::StrSplit(said, '\n'), b = absl::StrSplit(found, '\n');
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (a[i] != b[i]) {
      return absl::FailedPreconditionError(
          absl::StrCat("the certificate says '", a[i].substr(0, 200), "' where the record gives '",
                       b[i].substr(0, 200), "'"));
    }
  }
  return absl::FailedPreconditionError("the certificate has another number of lines");
}

}  // namespace

absl::StatusOr<Certificate> Certificate::Of(const AuditResult& result, absl::string_view program) {
  URNA_RETURN_IF_ERROR(CheckProgram(program));
  if (result.petition == nullptr) {
    return absl::FailedPreconditionError("certificates are of petitions");
  }
  const petition::PetitionState& petition = *result.petition;
  if (!result.report.verified() || petition.stage() != Stage::kFinal || !petition.published()) {
    return absl::FailedPreconditionError(
        "the record is not verified up to its result: run urna-verifier on it to see why");
  }
  Certificate out;
  out.origin = petition.manifest().origin;
  out.poll = petition.poll_id();
  out.text_hash = petition.context()->text_hash;
  out.checkpoint_note = result.checkpoint_note;
  out.program = std::string(program);
  out.signatures = petition.published()->signatures;
  out.districts = petition.published()->districts;
  out.thresholds = petition.published()->thresholds;
  if (petition.context()->anonymous != nullptr) {
    out.smallest_crowd = petition.context()->anonymous->rings->smallest_crowd();
  }
  for (const LocalizedText& text : petition.manifest().title) {
    out.title.push_back({text.language, Printable(text.text)});
  }
  return out;
}

absl::StatusOr<Certificate> Certificate::Parse(absl::string_view text) {
  absl::string_view rest = text;
  URNA_ASSIGN_OR_RETURN(const absl::string_view header, merkle::TakeLine(rest, "header"));
  if (header != kHeader) return Malformed(absl::StrCat("it does not begin with '", kHeader, "'"));
  LineReader lines(rest);
  Certificate out;
  URNA_ASSIGN_OR_RETURN(const absl::string_view origin, lines.Take("origin"));
  out.origin = std::string(origin);
  URNA_RETURN_IF_ERROR(lines.Hash("petition", out.poll));
  URNA_RETURN_IF_ERROR(lines.Hash("text", out.text_hash));
  URNA_RETURN_IF_ERROR(ReadCheckpoint(lines, out));
  URNA_ASSIGN_OR_RETURN(const absl::string_view program, lines.Take("program"));
  out.program = std::string(program);
  URNA_RETURN_IF_ERROR(CheckProgram(out.program));
  URNA_RETURN_IF_ERROR(ReadCounts(lines, out));
  URNA_RETURN_IF_ERROR(ReadThresholds(lines, out));
  URNA_RETURN_IF_ERROR(ReadCrowd(lines, out));
  URNA_RETURN_IF_ERROR(ReadTitle(lines, out));
  if (out.ToText() != text) return Malformed("it is not in its one form");
  return out;
}

std::string Certificate::ToText() const {
  std::string out =
      absl::StrCat(kHeader, "\norigin ", origin, "\npetition ", ToHex(poll), "\ntext ",
                   ToHex(text_hash), "\ncheckpoint ", absl::Base64Escape(AsText(checkpoint_note)),
                   "\nprogram ", program, "\nsignatures ", signatures, "\n");
  for (const poll::DistrictCount& district : districts) {
    absl::StrAppend(&out, "district ", district.district, " ", district.signatures, "\n");
  }
  for (const poll::ThresholdReached& threshold : thresholds) {
    absl::StrAppend(&out, "threshold ", threshold.threshold, " ",
                    threshold.reached ? absl::StrCat(threshold.index) : "not-reached", "\n");
  }
  if (smallest_crowd.has_value()) absl::StrAppend(&out, "crowd ", *smallest_crowd, "\n");
  for (const LocalizedText& text : title) {
    absl::StrAppend(&out, "title ", text.language, " ", text.text, "\n");
  }
  return out;
}

absl::StatusOr<AttestedCertificate> OpenCertificate(
    ByteSpan note, const Policy& policy, std::span<const merkle::NoteVerifier> auditors) {
  std::vector<merkle::NoteVerifier> known = policy.officers;
  for (const merkle::NoteVerifier& auditor : auditors) {
    if (std::find(known.begin(), known.end(), auditor) == known.end()) known.push_back(auditor);
  }
  URNA_ASSIGN_OR_RETURN(const merkle::OpenedNote opened, merkle::OpenNote(note, known));
  URNA_ASSIGN_OR_RETURN(Certificate certificate, Certificate::Parse(opened.note.text()));
  if (certificate.origin != policy.log.name()) {
    return Malformed(absl::StrCat("it is of '", certificate.origin, "', the policy of '",
                                  policy.log.name(), "'"));
  }
  URNA_RETURN_IF_ERROR(CheckCheckpoint(certificate.checkpoint_note, policy));
  AttestedCertificate out{std::move(certificate), {}};
  out.attestation.officers_needed = policy.officer_quorum;
  const auto signed_by = [&](const merkle::NoteVerifier& key) {
    return std::any_of(opened.verified.begin(), opened.verified.end(),
                       [&](const merkle::NoteSignature& line) { return key.Matches(line); });
  };
  for (const merkle::NoteVerifier& officer : policy.officers) {
    if (signed_by(officer)) out.attestation.officers.push_back(officer.name());
  }
  for (const merkle::NoteVerifier& auditor : auditors) {
    (signed_by(auditor) ? out.attestation.auditors : out.attestation.missing)
        .push_back(auditor.name());
  }
  for (const merkle::NoteSignature& line : opened.unknown) {
    out.attestation.unknown.push_back(line.name);
  }
  return out;
}

absl::Status CheckCertificate(const Certificate& certificate, const AuditResult& result) {
  URNA_ASSIGN_OR_RETURN(const Certificate found, Certificate::Of(result, certificate.program));
  const std::string said = certificate.ToText(), gives = found.ToText();
  return said == gives ? absl::OkStatus() : Differs(said, gives);
}

}  // namespace urna::audit
