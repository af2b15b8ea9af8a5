// Certificates of petitions: one file for the clerk of a parliament or council, in place of the
// letter of a register office. A signed note of what the record of a petition that has been closed
// and counted says, signed by its officers and by auditors, each of whom has verified the record.
// docs/protocol.md §14.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/audit/audit.h"
#include "core/audit/policy.h"
#include "core/base/bytes.h"
#include "core/base/localized_text.h"
#include "core/merkle/note.h"
#include "core/poll/orders.h"

namespace urna::audit {

inline constexpr size_t kMaxCertificateProgram = 100;  // bytes
// 1 to so many printable ASCII characters; InvalidArgument else.
absl::Status CheckCertificateProgram(absl::string_view program);

// What a certificate says. Immutable once made by one of the two.
struct Certificate {
  std::string origin;
  crypto::Hash32 poll{};                       // manifest hash
  crypto::Hash32 text_hash{};                  // of the opening order
  Bytes checkpoint_note;                       // as it stands in the record
  std::string program;                         // that verified the record first, with its version
  uint64_t signatures = 0;                     // online and on paper
  std::vector<poll::DistrictCount> districts;  // likewise
  std::vector<poll::ThresholdReached> thresholds;
  LocalizedTexts title;  // in force; with spaces for control characters

  // What only an anonymous petition has.
  struct Anonymous {
    std::string profile;  // may be empty
    uint64_t online = 0;
    uint64_t paper = 0;
    std::vector<poll::ChannelCount> districts;
    std::vector<poll::MinimumSeen> minimums;
    uint16_t districts_needed = 0;
    uint16_t districts_met = 0;
    bool passed = false;
    uint64_t smallest_crowd = 0;  // the least of any ring
  };
  std::optional<Anonymous> anonymous;

  // Of a record that was verified as final. FailedPrecondition if it was not, or is no petition's;
  // InvalidArgument if `program` is empty, too long or has characters outside of printable ASCII.
  static absl::StatusOr<Certificate> Of(const AuditResult& result, absl::string_view program);

  // Accepts exactly what ToText writes. InvalidArgument naming the line; also where the districts
  // do not add up to the signatures, or the checkpoint is none of this origin.
  static absl::StatusOr<Certificate> Parse(absl::string_view text);

  std::string ToText() const;
};

// Whose signatures a certificate has.
struct Attestation {
  std::vector<std::string> officers;  // of the policy, by name, in its order
  uint16_t officers_needed = 0;
  std::vector<std::string> auditors;  // of those that were named
  std::vector<std::string> missing;   // auditors that were named and have not signed
  std::vector<std::string> unknown;   // keys that nobody has named: not checked
  bool holds() const { return officers.size() >= officers_needed && missing.empty(); }
};

struct AttestedCertificate {
  Certificate certificate;
  Attestation attestation;
};

// Opens a certificate and checks the signatures that the policy's officers and the named auditors
// have put under it, the log's under its checkpoint, and there the cosignatures of the policy's
// witness quorum, if it has one; whether enough people have signed, the attestation says.
// InvalidArgument if it is malformed, or of another log than the policy's; PermissionDenied if a
// signature by a known key is wrong, none is by a known key, or the witness quorum is missed.
absl::StatusOr<AttestedCertificate> OpenCertificate(ByteSpan note, const Policy& policy,
                                                    std::span<const merkle::NoteVerifier> auditors);

// Whether the record, verified as final with the certificate's checkpoint among its older ones
// (AuditOptions), says exactly what the certificate does; since its result it may have grown.
// FailedPrecondition naming the first line that differs.
absl::Status CheckCertificate(const Certificate& certificate, const AuditResult& result);

}  // namespace urna::audit
