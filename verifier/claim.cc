#include "verifier/claim.h"

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "absl/strings/ascii.h"
#include "core/audit/audit.h"
#include "core/audit/claim_standing.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/base/utf8.h"
#include "core/petition/claim.h"

namespace urna::verifier {
namespace {

constexpr size_t kMaxPolicySize = 1 << 20;
constexpr int kUsage = 3;

struct ClaimOptions {
  std::string claim;
  std::string record;
  std::string policy;
  std::string stage = "voting";
  unsigned threads = 0;
  bool json = false;
};

// What there is to say about a claim.
struct Judgement {
  petition::Claim claim;
  std::string verdict = "not proved";
  std::string reason;  // why it is not proved or not counted
  std::optional<audit::ClaimedSignature> found;
  std::optional<audit::AuditResult> record;
  int status = 1;
};

absl::StatusOr<audit::AuditResult> Audit(const ClaimOptions& options) {
  audit::AuditOptions audit;
  URNA_ASSIGN_OR_RETURN(const Bytes text, ReadFile(options.policy, kMaxPolicySize));
  absl::StatusOr<audit::Policy> policy = audit::Policy::Parse(AsText(text));
  if (!policy.ok()) return Annotate(policy.status(), options.policy);
  audit.policy = *std::move(policy);
  URNA_ASSIGN_OR_RETURN(audit.stage, ParseStage(options.stage));
  audit.threads = options.threads;
  return audit::AuditRecord(options.record, audit);
}

absl::StatusOr<Judgement> Judge(const ClaimOptions& options) {
  if (options.record.empty() != options.policy.empty()) {
    return absl::InvalidArgumentError("--record and --policy go together");
  }
  URNA_ASSIGN_OR_RETURN(const Bytes text, ReadFile(options.claim, petition::kMaxClaimSize));
  absl::StatusOr<petition::Claim> claim = petition::Claim::Parse(AsText(text));
  if (!claim.ok()) return Annotate(claim.status(), options.claim);
  Judgement out;
  out.claim = *std::move(claim);
  if (const absl::Status proved = petition::VerifyClaim(out.claim); !proved.ok()) {
    out.reason = std::string(proved.message());
    return out;
  }
  if (options.record.empty()) {
    out.verdict = "claimed";
    out.status = 0;
    return out;
  }
  URNA_ASSIGN_OR_RETURN(out.record, Audit(options));
  const absl::StatusOr<audit::ClaimedSignature> found = audit::FindClaimed(out.claim, *out.record);
  out.verdict = found.ok() ? "counted" : "not counted";
  if (found.ok()) {
    out.found = *found;
    out.status = 0;
  } else {
    out.reason = std::string(found.status().message());
    out.status = out.record->report.verified() ? 1 : out.record->report.ExitStatus();
  }
  return out;
}

void PrintJson(const Judgement& judgement) {
  const petition::Claim& said = judgement.claim;
  nlohmann::ordered_json json;
  json["urna"] = "claim/1";
  json["verdict"] = judgement.verdict;
  json["status"] = judgement.status;
  json["origin"] = said.origin;
  json["petition"] = ToHex(said.poll);
  json["context"] = ToHex(said.context);
  json["tag"] = ToHex(said.tag);
  json["claim"] = said.sentence;
  if (judgement.found.has_value()) {
    json["index"] = judgement.found->index;
    json["district"] = judgement.found->district;
  }
  if (judgement.record.has_value()) json["size"] = judgement.record->size;
  json["reason"] = judgement.reason;
  std::cout << json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
}

void PrintText(const Judgement& judgement) {
  const petition::Claim& said = judgement.claim;
  std::cout << "\"" << Printable(said.sentence) << "\"\n  petition " << Printable(said.origin)
            << "\n  manifest " << ToHex(said.poll) << "\n  tag " << ToHex(said.tag) << "\n";
  if (judgement.record.has_value() && !judgement.record->report.verified()) {
    std::cout << "\n" << judgement.record->report.ToText();
  }
  if (judgement.found.has_value()) {
    std::cout << "  the signature is entry " << judgement.found->index << " of "
              << judgement.found->size << ", of district " << judgement.found->district << "\n";
  }
  if (!judgement.reason.empty()) std::cout << "  " << Printable(judgement.reason) << "\n";
  std::cout << "\n" << absl::AsciiStrToUpper(judgement.verdict) << "\n";
  if (judgement.verdict == "claimed") {
    std::cout << "Whoever made this knows the secret of the tag. Whether its signature counts, the "
                 "record says: --record.\n";
  }
}

int JudgeClaim(const ClaimOptions& options) {
  const absl::StatusOr<Judgement> judgement = Judge(options);
  if (!judgement.ok()) {
    std::cerr << "urna-verifier: " << Printable(judgement.status().message()) << "\n";
    return kUsage;
  }
  if (options.json) PrintJson(*judgement);
  if (!options.json) PrintText(*judgement);
  return judgement->status;
}

}  // namespace

void AddClaimCommand(CLI::App& app, std::function<int()>& run) {
  auto options = std::make_shared<ClaimOptions>();
  CLI::App* command = app.add_subcommand(
      "claim",
      "Judge a signer's claim that a signature of an anonymous petition is theirs: 'claimed' if it "
      "is proved and, with the record, 'counted' or 'not counted'.\n"
      "Exit status: 0 claimed or counted, 1 not proved or not counted, 2 the record could not be "
      "verified whole, 3 usage, input or output.");
  command->add_option("file", options->claim, "The claim")->required();
  command->add_option("--record", options->record,
                      "Directory of the petition's record, to be verified; with --policy");
  command->add_option("--policy", options->policy, "File with the keys you know beforehand");
  command
      ->add_option("--stage", options->stage,
                   "Stage up to which the record must be complete: voting, closed or final")
      ->capture_default_str();
  command->add_option("--threads", options->threads, "Threads; 0: one a core")
      ->capture_default_str();
  command->add_flag("--json", options->json, "Answer as JSON");
  command->callback([&run, options] { run = [options] { return JudgeClaim(*options); }; });
}

}  // namespace urna::verifier
