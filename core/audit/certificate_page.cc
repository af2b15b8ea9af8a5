#include "core/audit/certificate_page.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "core/base/utf8.h"
#include "core/merkle/checkpoint.h"

namespace urna::audit {
namespace {

constexpr absl::string_view kStyle = R"(
  body { font: 11pt/1.45 Georgia, serif; color: #111; max-width: 44em; margin: 2.5em auto; padding: 0 1.5em; }
  h1 { font-size: 1.5em; line-height: 1.25; margin: 0 0 .2em; }
  .count { font-size: 2.6em; margin: .5em 0 0; font-variant-numeric: tabular-nums; }
  .standing { display: inline-block; border: 1.5pt solid; padding: .15em .7em; margin: .8em 0; font-weight: bold; }
  .verified { color: #14532d; } .attested { color: #1e3a8a; } .not-attested { color: #991b1b; }
  table { border-collapse: collapse; margin: .4em 0 1.2em; }
  td, th { padding: .15em 1.2em .15em 0; text-align: left; border-bottom: .5pt solid #bbb; }
  td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
  code { font: .78em/1.3 monospace; overflow-wrap: anywhere; }
  .small { font-size: .85em; color: #333; }
  @media print { body { margin: 0; max-width: none; } }
)";

std::string Escape(absl::string_view text) {
  return absl::StrReplaceAll(Printable(text),
                             {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
}

// 1234567 as 1 234 567, with thin spaces that don't break.
std::string Grouped(uint64_t number) {
  std::string digits = absl::StrCat(number), out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i != 0 && (digits.size() - i) % 3 == 0) out += "\u202f";
    out += digits[i];
  }
  return out;
}

std::string DistrictName(const petition::Manifest* manifest, uint16_t number,
                         absl::string_view language) {
  const roll::NumberedName* district =
      manifest == nullptr ? nullptr : manifest->FindDistrict(number);
  if (district == nullptr) return absl::StrCat("District ", number);
  return Escape(PickText(district->name, language));
}

std::string Thresholds(const Certificate& certificate) {
  if (certificate.thresholds.empty()) return "";
  std::string out =
      "<table><tr><th class=\"number\">Threshold</th><th>Reached with entry</th></tr>\n";
  for (const poll::ThresholdReached& threshold : certificate.thresholds) {
    absl::StrAppend(
        &out, "<tr><td class=\"number\">", Grouped(threshold.threshold), "</td><td>",
        threshold.reached ? absl::StrCat("no. ", Grouped(threshold.index)) : "not reached",
        "</td></tr>\n");
  }
  return out + "</table>\n";
}

// Of an anonymous petition: online and on paper apart.
std::string Channels(const Certificate::Anonymous& of, const petition::Manifest* manifest,
                     absl::string_view language) {
  std::string out =
      "<table><tr><th>District</th><th class=\"number\">Online</th><th class=\"number\">On "
      "paper</th></tr>\n";
  const auto row = [&](const std::string& name, uint64_t online, uint64_t paper) {
    absl::StrAppend(&out, "<tr><td>", name, "</td><td class=\"number\">", Grouped(online),
                    "</td><td class=\"number\">", Grouped(paper), "</td></tr>\n");
  };
  for (const poll::ChannelCount& district : of.districts) {
    row(DistrictName(manifest, district.district, language), district.online, district.paper);
  }
  row("In all", of.online, of.paper);
  return out + "</table>\n";
}

// "1 day", "50 days": `one` begins with a space.
std::string Amount(uint64_t many, absl::string_view one) {
  return absl::StrCat(Grouped(many), one, many == 1 ? "" : "s");
}

// After how long, for people.
std::string After(uint32_t seconds) {
  constexpr uint32_t kDay = 86400;
  if (seconds % kDay == 0) {
    return Amount(seconds / kDay, " day");
  }
  return Amount(seconds, " second");
}

// Whether an anonymous petition has passed, and what it needed beside its threshold.
std::string Passed(const Certificate& certificate) {
  if (!certificate.anonymous.has_value()) return "";
  const Certificate::Anonymous& of = *certificate.anonymous;
  std::string out =
      absl::StrCat("<p>The petition has ", of.passed ? "" : "<b>not</b> ", "what its rules ask for",
                   of.profile.empty() ? "" : absl::StrCat(": ", Escape(of.profile)), ".</p>\n");
  if (of.minimums.empty() && of.districts_needed == 0) return out;
  out += "<table><tr><th>Needed</th><th class=\"number\">There were</th><th></th></tr>\n";
  for (const poll::MinimumSeen& minimum : of.minimums) {
    absl::StrAppend(&out, "<tr><td>", Amount(minimum.at_least, " signature"), " ",
                    After(minimum.after), " after the opening</td><td class=\"number\">",
                    Grouped(minimum.seen), "</td><td>", minimum.met ? "met" : "missed",
                    "</td></tr>\n");
  }
  if (of.districts_needed != 0) {
    absl::StrAppend(&out, "<tr><td>", Amount(of.districts_needed, " district"),
                    " with their minimum</td><td class=\"number\">", of.districts_met, "</td><td>",
                    of.districts_met >= of.districts_needed ? "met" : "missed", "</td></tr>\n");
  }
  return out + "</table>\n";
}

std::string Districts(const Certificate& certificate, const petition::Manifest* manifest,
                      absl::string_view language) {
  if (certificate.anonymous.has_value()) {
    return Channels(*certificate.anonymous, manifest, language);
  }
  std::string out = "<table><tr><th>District</th><th class=\"number\">Signatures</th></tr>\n";
  for (const poll::DistrictCount& district : certificate.districts) {
    absl::StrAppend(&out, "<tr><td>", DistrictName(manifest, district.district, language),
                    "</td><td class=\"number\">", Grouped(district.signatures), "</td></tr>\n");
  }
  return out + "</table>\n";
}

// How many people each signer hides among, at least.
std::string Crowd(const Certificate& certificate) {
  if (!certificate.anonymous.has_value()) return "";
  return absl::StrCat(
      "<p>Nobody can tell who has signed online: every such signature is that of one of at "
      "least ",
      Grouped(certificate.anonymous->smallest_crowd),
      " people entitled to sign in the same district.</p>\n");
}

std::string StandingSentence(CertificateStanding standing) {
  switch (standing) {
    case CertificateStanding::kVerified:
      return "Enough officers and all auditors named have signed, and the public record, every "
             "signature in it checked again, says exactly this.";
    case CertificateStanding::kAttested:
      return "Enough officers and all auditors named have signed. The public record itself was not "
             "at hand: give urna-verifier --record to have every signature checked.";
    case CertificateStanding::kNotAttested:
      break;
  }
  return "Not everybody has signed whose signature is needed. This page is worth nothing yet.";
}

std::string Names(const std::vector<std::string>& names) {
  std::vector<std::string> escaped;
  for (const std::string& name : names) escaped.push_back(Escape(name));
  return escaped.empty() ? "nobody" : absl::StrJoin(escaped, ", ");
}

std::string Signers(const Attestation& attestation) {
  std::string out = absl::StrCat("<table><tr><td>Officers (", attestation.officers_needed,
                                 " needed)</td><td>", Names(attestation.officers), "</td></tr>\n");
  if (!attestation.auditors.empty() || !attestation.missing.empty()) {
    absl::StrAppend(&out, "<tr><td>Auditors</td><td>", Names(attestation.auditors), "</td></tr>\n");
  }
  if (!attestation.missing.empty()) {
    absl::StrAppend(&out, "<tr><td>Missing</td><td>", Names(attestation.missing), "</td></tr>\n");
  }
  return out + "</table>\n";
}

std::string Fingerprints(const Certificate& certificate) {
  std::string out =
      absl::StrCat("<table class=\"small\"><tr><td>Log</td><td><code>", Escape(certificate.origin),
                   "</code></td></tr>\n<tr><td>Petition</td><td><code>", ToHex(certificate.poll),
                   "</code></td></tr>\n<tr><td>Text</td><td><code>", ToHex(certificate.text_hash),
                   "</code></td></tr>\n");
  // It was opened before, so both of these are there.
  const auto note = merkle::Note::Parse(certificate.checkpoint_note);
  const auto checkpoint = note.ok() ? merkle::Checkpoint::Parse(note->text()) : note.status();
  if (checkpoint.ok()) {
    absl::StrAppend(&out, "<tr><td>Entries</td><td>", Grouped(checkpoint->size()),
                    "</td></tr>\n<tr><td>Root</td><td><code>", ToHex(checkpoint->root()),
                    "</code></td></tr>\n");
  }
  return absl::StrCat(out, "<tr><td>Verified with</td><td>", Escape(certificate.program),
                      "</td></tr></table>\n");
}

}  // namespace

absl::string_view StandingName(CertificateStanding standing) {
  switch (standing) {
    case CertificateStanding::kVerified:
      return "verified";
    case CertificateStanding::kAttested:
      return "attested";
    case CertificateStanding::kNotAttested:
      break;
  }
  return "not attested";
}

std::string CertificatePage(const AttestedCertificate& attested, CertificateStanding standing,
                            const petition::Manifest* manifest, absl::string_view language) {
  const Certificate& certificate = attested.certificate;
  const std::string title = Escape(PickText(certificate.title, language));
  const std::string name(StandingName(standing));
  return absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"", Escape(language), "\">\n<head><meta charset=\"utf-8\">",
      "<title>", title, "</title>\n<style>", kStyle, "</style></head>\n<body>\n",
      "<p class=\"small\">Certificate of a petition</p>\n<h1>", title, "</h1>\n",
      "<p class=\"count\">", Grouped(certificate.signatures), " signatures</p>\n",
      "<p class=\"standing ", absl::StrReplaceAll(name, {{" ", "-"}}), "\">", name, "</p>\n<p>",
      StandingSentence(standing), "</p>\n", Passed(certificate), Thresholds(certificate),
      Districts(certificate, manifest, language), Crowd(certificate), Signers(attested.attestation),
      Fingerprints(certificate),
      "<p class=\"small\">Anybody can check this: <code>urna-verifier certificate FILE --policy "
      "POLICY --record RECORD</code>, with the file that this page was made from, the keys of the "
      "officers from a source of one’s own, and the public record.</p>\n</body>\n</html>\n");
}

}  // namespace urna::audit
