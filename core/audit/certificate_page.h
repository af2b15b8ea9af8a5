// A petition's certificate as one page of HTML that a person can read, print and file. It says what
// was checked of it and how anybody checks it again; it proves nothing by itself.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "core/audit/certificate.h"
#include "core/petition/petition.h"

namespace urna::audit {

enum class CertificateStanding {
  kNotAttested,  // signatures are missing
  kAttested,
  kVerified,  // attested, and the record says the same
};
absl::string_view StandingName(CertificateStanding standing);  // "attested", …

// `manifest`: of the record, for the names of districts; null if it is not at hand. Everything that
// comes from the certificate or the manifest is escaped. The page needs nothing from elsewhere.
std::string CertificatePage(const AttestedCertificate& certificate, CertificateStanding standing,
                            const petition::Manifest* manifest, absl::string_view language);

}  // namespace urna::audit
