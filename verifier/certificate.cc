#include "verifier/certificate.h"

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/audit/certificate.h"
#include "core/audit/certificate_page.h"
#include "core/audit/result_json.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/base/utf8.h"

namespace urna::verifier {
namespace {

using audit::AttestedCertificate;
using audit::CertificateStanding;

constexpr size_t kMaxPolicySize = 1 << 20;
constexpr int kUsage = 3;

struct CertificateOptions {
  std::string certificate;
  std::string policy;
  std::vector<std::string> auditors;  // vkeys
  std::string record;
  std::string html;  // to write
  std::string language = "en";
  unsigned threads = 0;
  bool json = false;
};

// What there is to say about a certificate.
struct Judgement {
  AttestedCertificate certificate;
  CertificateStanding standing = CertificateStanding::kNotAttested;
  std::optional<audit::AuditResult> record;
  absl::Status agrees;  // of the record, if there is one
  int status = 1;
};

absl::StatusOr<Judgement> Judge(const CertificateOptions& options) {
  URNA_ASSIGN_OR_RETURN(const Bytes text, ReadFile(options.policy, kMaxPolicySize));
  URNA_ASSIGN_OR_RETURN(const audit::Policy policy, audit::Policy::Parse(AsText(text)));
  std::vector<merkle::NoteVerifier> auditors;
  for (const std::string& vkey : options.auditors) {
    absl::StatusOr<merkle::NoteVerifier> auditor = merkle::NoteVerifier::Parse(vkey);
    if (!auditor.ok()) return Annotate(auditor.status(), "--auditor");
    auditors.push_back(*std::move(auditor));
  }
  URNA_ASSIGN_OR_RETURN(const Bytes note, ReadFile(options.certificate, merkle::kMaxNoteSize));
  absl::StatusOr<AttestedCertificate> opened = audit::OpenCertificate(note, policy, auditors);
  if (!opened.ok()) return Annotate(opened.status(), options.certificate);
  Judgement out{*std::move(opened), CertificateStanding::kNotAttested, std::nullopt, {}, 1};
  const bool attested = out.certificate.attestation.holds();
  if (attested) out.standing = CertificateStanding::kAttested;
  out.status = attested ? 0 : 1;
  if (options.record.empty()) return out;
  audit::AuditOptions audit;
  audit.policy = policy;
  audit.threads = options.threads;
  audit.older_checkpoints.push_back(
      {"the certificate's checkpoint", out.certificate.certificate.checkpoint_note});
  out.record = audit::AuditRecord(options.record, audit);
  if (!out.record->report.verified()) {
    out.agrees = absl::FailedPreconditionError("the record is not verified");
    out.status = out.record->report.ExitStatus();
    return out;
  }
  out.agrees = audit::CheckCertificate(out.certificate.certificate, *out.record);
  if (!out.agrees.ok()) out.status = 1;
  if (attested && out.agrees.ok()) out.standing = CertificateStanding::kVerified;
  return out;
}

// What the exit status means in a word: a record that does not agree leaves nothing attested.
std::string Verdict(const Judgement& judgement) {
  if (judgement.record.has_value() && !judgement.agrees.ok()) return "NOT VERIFIED";
  return absl::AsciiStrToUpper(audit::StandingName(judgement.standing));
}

// What an anonymous petition says beside what every petition does.
void AddAnonymous(const audit::Certificate::Anonymous& of, nlohmann::ordered_json& json) {
  json["profile"] = of.profile;
  json["online"] = of.online;
  json["paper"] = of.paper;
  for (size_t i = 0; i < of.districts.size(); ++i) {
    json["districts"][i]["online"] = of.districts[i].online;
    json["districts"][i]["paper"] = of.districts[i].paper;
  }
  json["minimums"] = nlohmann::ordered_json::array();
  for (const poll::MinimumSeen& minimum : of.minimums) {
    json["minimums"].push_back({{"after", minimum.after},
                                {"at_least", minimum.at_least},
                                {"seen", minimum.seen},
                                {"met", minimum.met}});
  }
  json["districts_needed"] = of.districts_needed;
  json["districts_met"] = of.districts_met;
  json["passed"] = of.passed;
  json["smallest_crowd"] = of.smallest_crowd;
}

// Of an anonymous petition whose record is at hand, the state that it has come to.
std::string StateOf(const Judgement& judgement) {
  if (!judgement.record.has_value() || judgement.record->petition == nullptr) return "";
  const petition::PetitionState& petition = *judgement.record->petition;
  if (!petition.manifest().anonymous.has_value()) return "";
  return std::string(petition::PhaseWord(petition.phase()));
}

void PrintJson(const Judgement& judgement) {
  const audit::Certificate& said = judgement.certificate.certificate;
  const audit::Attestation& attestation = judgement.certificate.attestation;
  nlohmann::ordered_json json;
  json["urna"] = "certificate/1";
  json["verdict"] = absl::AsciiStrToLower(Verdict(judgement));
  json["status"] = judgement.status;
  json["origin"] = said.origin;
  json["petition"] = ToHex(said.poll);
  json["text"] = ToHex(said.text_hash);
  json["program"] = said.program;
  json["title"] = audit::TextsJson(said.title);
  json["signatures"] = said.signatures;
  json["districts"] = nlohmann::ordered_json::array();
  for (const poll::DistrictCount& district : said.districts) {
    json["districts"].push_back(
        {{"district", district.district}, {"signatures", district.signatures}});
  }
  if (said.anonymous.has_value()) AddAnonymous(*said.anonymous, json);
  json["thresholds"] = nlohmann::ordered_json::array();
  for (const poll::ThresholdReached& threshold : said.thresholds) {
    json["thresholds"].push_back({{"threshold", threshold.threshold},
                                  {"reached", threshold.reached},
                                  {"index", threshold.index}});
  }
  json["officers"] = attestation.officers;
  json["officers_needed"] = attestation.officers_needed;
  json["auditors"] = attestation.auditors;
  json["auditors_missing"] = attestation.missing;
  json["unknown"] = attestation.unknown;
  if (judgement.record.has_value()) {
    if (const std::string state = StateOf(judgement); !state.empty()) json["state"] = state;
    json["record"] = judgement.agrees.ok() ? "agrees" : std::string(judgement.agrees.message());
  }
  std::cout << json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
}

std::string Names(const std::vector<std::string>& names) {
  return names.empty() ? "nobody" : Printable(absl::StrJoin(names, ", "));
}

void PrintText(const Judgement& judgement, const std::string& language) {
  const audit::Certificate& said = judgement.certificate.certificate;
  const audit::Attestation& attestation = judgement.certificate.attestation;
  std::cout << Printable(PickText(said.title, language)) << "\n  " << Printable(said.origin)
            << "\n  " << said.signatures << " signatures\n";
  if (said.anonymous.has_value()) {
    std::cout << "    " << said.anonymous->online << " online, " << said.anonymous->paper
              << " on paper\n";
    for (const poll::ChannelCount& district : said.anonymous->districts) {
      std::cout << "    district " << district.district << ": " << district.online << " online, "
                << district.paper << " on paper\n";
    }
  } else {
    for (const poll::DistrictCount& district : said.districts) {
      std::cout << "    district " << district.district << ": " << district.signatures << "\n";
    }
  }
  for (const poll::ThresholdReached& threshold : said.thresholds) {
    std::cout << "    threshold " << threshold.threshold << ": "
              << (threshold.reached ? absl::StrCat("reached with entry ", threshold.index)
                                    : "not reached")
              << "\n";
  }
  if (said.anonymous.has_value()) {
    std::cout << "    the petition has " << (said.anonymous->passed ? "passed\n" : "not passed\n");
  }
  std::cout << "  signed by officers: " << Names(attestation.officers) << " ("
            << attestation.officers_needed << " needed)\n";
  if (!attestation.auditors.empty() || !attestation.missing.empty()) {
    std::cout << "  signed by auditors: " << Names(attestation.auditors) << "\n";
  }
  if (!attestation.missing.empty()) {
    std::cout << "  not signed by: " << Names(attestation.missing) << "\n";
  }
  if (!attestation.unknown.empty()) {
    std::cout << "  other signatures, not checked: " << Names(attestation.unknown) << "\n";
  }
  if (judgement.record.has_value()) {
    if (!judgement.record->report.verified()) {
      std::cout << "\n" << judgement.record->report.ToText();
    }
    std::cout << "  the record: "
              << (judgement.agrees.ok() ? "is verified and says the same"
                                        : Printable(judgement.agrees.message()))
              << "\n";
    if (const std::string state = StateOf(judgement); !state.empty()) {
      std::cout << "  the petition is " << state << "\n";
    }
  }
  std::cout << "\n" << Verdict(judgement) << "\n";
}

absl::Status WritePage(const Judgement& judgement, const CertificateOptions& options) {
  if (judgement.record.has_value() && !judgement.agrees.ok()) {
    return absl::FailedPreconditionError(
        "no page is written of a certificate that its record contradicts");
  }
  const petition::Manifest* manifest =
      judgement.record.has_value() ? &judgement.record->petition->manifest() : nullptr;
  return WriteFileDurably(options.html,
                          AsBytes(audit::CertificatePage(judgement.certificate, judgement.standing,
                                                         manifest, options.language)));
}

int JudgeCertificate(const CertificateOptions& options) {
  const absl::StatusOr<Judgement> judgement = Judge(options);
  if (!judgement.ok()) {
    std::cerr << "urna-verifier: " << Printable(judgement.status().message()) << "\n";
    return absl::IsPermissionDenied(judgement.status()) ? 1 : kUsage;
  }
  if (options.json) PrintJson(*judgement);
  if (!options.json) PrintText(*judgement, options.language);
  if (options.html.empty()) return judgement->status;
  if (absl::Status written = WritePage(*judgement, options); !written.ok()) {
    std::cerr << "urna-verifier: " << options.html << ": " << Printable(written.message()) << "\n";
    return absl::IsFailedPrecondition(written) ? judgement->status : kUsage;
  }
  return judgement->status;
}

}  // namespace

void AddCertificateCommand(CLI::App& app, std::function<int()>& run) {
  auto options = std::make_shared<CertificateOptions>();
  CLI::App* command = app.add_subcommand(
      "certificate",
      "Judge a petition's certificate: 'attested' by those who signed it and, with the record, "
      "'verified'.\n"
      "Exit status: 0 it is, 1 it is not, 2 the record could not be verified whole, 3 usage, input "
      "or output.");
  command->add_option("file", options->certificate, "The certificate")->required();
  command->add_option("--policy", options->policy, "File with the keys you know beforehand")
      ->required();
  command->add_option("--auditor", options->auditors, "vkeys of auditors who must have signed");
  command->add_option("--record", options->record,
                      "Directory of the petition's record, to be verified");
  command->add_option("--html", options->html, "Write a page that a person can read");
  command->add_option("--language", options->language, "Language of names")->capture_default_str();
  command->add_option("--threads", options->threads, "Threads; 0: one a core")
      ->capture_default_str();
  command->add_flag("--json", options->json, "Answer as JSON");
  command->callback([&run, options] { run = [options] { return JudgeCertificate(*options); }; });
}

}  // namespace urna::verifier
