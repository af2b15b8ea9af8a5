#include "core/audit/certificate.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/status.h"
#include "core/base/utf8.h"
#include "core/merkle/checkpoint.h"

namespace urna::audit {
namespace {

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

// What a verified record of an anonymous petition says.
void TakeAnonymous(const petition::PetitionState& petition, Certificate& out) {
  const poll::AnonymousResult& result = *petition.counted();
  const petition::AnonymousRules& rules = *petition.manifest().anonymous;
  out.signatures = result.online + result.paper;
  out.thresholds = result.thresholds;
  for (const poll::ChannelCount& count : result.districts) {
    out.districts.push_back({count.district, count.online + count.paper});
  }
  out.anonymous = {Printable(rules.profile),
                   result.online,
                   result.paper,
                   result.districts,
                   result.minimums,
                   rules.districts_needed,
                   result.districts_met,
                   result.passed,
                   petition.context()->anonymous->epochs.smallest_crowd()};
}

}  // namespace

absl::StatusOr<Certificate> Certificate::Of(const AuditResult& result, absl::string_view program) {
  URNA_RETURN_IF_ERROR(CheckCertificateProgram(program));
  if (result.petition == nullptr) {
    return absl::FailedPreconditionError("certificates are of petitions");
  }
  const petition::PetitionState& petition = *result.petition;
  if (!result.report.verified() || petition.stage() != Stage::kFinal) {
    return absl::FailedPreconditionError(
        "the record is not verified up to its result: run urna-verifier on it to see why");
  }
  if (petition::IsEnd(petition.phase())) {
    return absl::FailedPreconditionError(
        absl::StrCat("the petition was given up: it is ", petition::PhaseWord(petition.phase())));
  }
  Certificate out;
  out.origin = petition.manifest().origin;
  out.poll = petition.poll_id();
  out.text_hash = petition.context()->text_hash;
  out.checkpoint_note = result.checkpoint_note;
  out.program = std::string(program);
  if (petition.counted().has_value()) {
    TakeAnonymous(petition, out);
  } else {
    out.signatures = petition.published()->signatures;
    out.districts = petition.published()->districts;
    out.thresholds = petition.published()->thresholds;
  }
  for (const LocalizedText& text : petition.title()) {
    out.title.push_back({text.language, Printable(text.text)});
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
    return absl::InvalidArgumentError(absl::StrCat("certificate: it is of '", certificate.origin,
                                                   "', the policy of '", policy.log.name(), "'"));
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
  URNA_ASSIGN_OR_RETURN(Certificate found, Certificate::Of(result, certificate.program));
  if (certificate.checkpoint_note != found.checkpoint_note) {
    // A verified record has grown from every older checkpoint that it was given (L4).
    const CheckResult* grown = result.report.Find(Check::kL4);
    if (grown == nullptr || grown->outcome != Outcome::kPass) {
      return absl::FailedPreconditionError(
          "the record was not compared with the certificate's checkpoint");
    }
    URNA_ASSIGN_OR_RETURN(const merkle::Note note,
                          merkle::Note::Parse(certificate.checkpoint_note));
    URNA_ASSIGN_OR_RETURN(const merkle::Checkpoint checkpoint,
                          merkle::Checkpoint::Parse(note.text()));
    const petition::PetitionState& petition = *result.petition;
    const uint64_t counted_at =
        petition.counted() ? petition.counted()->tree_size : petition.published()->tree_size;
    if (checkpoint.size() <= counted_at) {
      return absl::FailedPreconditionError(
          absl::StrCat("the certificate's checkpoint has ", checkpoint.size(),
                       " entries, and the result is entry ", counted_at));
    }
    found.checkpoint_note = certificate.checkpoint_note;
  }
  const std::string said = certificate.ToText(), gives = found.ToText();
  return said == gives ? absl::OkStatus() : Differs(said, gives);
}

}  // namespace urna::audit
