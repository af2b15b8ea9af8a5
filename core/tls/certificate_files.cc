#include "core/tls/certificate_files.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <time.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/base/bytes.h"
#include "core/base/file.h"
#include "core/base/status.h"

namespace urna::tls {
namespace {

constexpr size_t kMaxPemFile = 1 << 20;

using Memory = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Memory Open(const Bytes& contents) {
  return Memory(BIO_new_mem_buf(contents.data(), static_cast<int>(contents.size())), &BIO_free);
}

// The first certificate of a file whose others can be read.
absl::StatusOr<Certificate> ReadFirst(const std::string& file) {
  URNA_ASSIGN_OR_RETURN(const Bytes pem, ReadFile(file, kMaxPemFile));
  const Memory memory = Open(pem);
  ERR_clear_error();
  Certificate first(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr), &X509_free);
  if (first == nullptr) {
    ERR_clear_error();
    return absl::InvalidArgumentError(absl::StrCat("'", file, "' is no certificate in PEM form"));
  }
  while (Certificate(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr), &X509_free)) {
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!at_end) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", file, "' has something after its first certificate that is none"));
  }
  return first;
}

// Key files have no passphrase; this one says so instead of asking on the terminal.
int NoPassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*context*/) { return -1; }

std::string NameOf(const X509_NAME* name) {
  const Memory memory(BIO_new(BIO_s_mem()), &BIO_free);
  X509_NAME_print_ex(memory.get(), name, 0, XN_FLAG_ONELINE);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

int64_t SecondsOf(const ASN1_TIME* time) {
  tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? static_cast<int64_t>(timegm(&parts)) : 0;
}

std::string Rfc3339(int64_t seconds) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(seconds),
                          absl::UTCTimeZone());
}

}  // namespace

absl::StatusOr<CertificateFacts> ReadCertificates(const std::string& file) {
  URNA_ASSIGN_OR_RETURN(const Certificate first, ReadFirst(file));
  return CertificateFacts{
      NameOf(X509_get_subject_name(first.get())), NameOf(X509_get_issuer_name(first.get())),
      SecondsOf(X509_get0_notBefore(first.get())), SecondsOf(X509_get0_notAfter(first.get()))};
}

absl::Status CheckKeyPair(const std::string& certificate_file, const std::string& key_file) {
  if (certificate_file.empty() || key_file.empty()) {
    return absl::InvalidArgumentError("TLS needs a certificate and its key");
  }
  URNA_ASSIGN_OR_RETURN(const Certificate certificate, ReadFirst(certificate_file));
  URNA_ASSIGN_OR_RETURN(const Bytes pem, ReadFile(key_file, kMaxPemFile));
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(Open(pem).get(), nullptr, &NoPassphrase, nullptr), &EVP_PKEY_free);
  ERR_clear_error();
  if (key == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", key_file, "' is no private key in PEM form without passphrase"));
  }
  const bool fits = X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  if (!fits) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the key in '", key_file, "' is not that of the certificate in '", certificate_file, "'"));
  }
  return absl::OkStatus();
}

absl::Status CheckValidAt(const std::string& file, const CertificateFacts& facts, int64_t now) {
  if (now > facts.not_after) {
    return absl::FailedPreconditionError(absl::StrCat("the certificate in '", file,
                                                      "' has expired: it was valid until ",
                                                      Rfc3339(facts.not_after)));
  }
  if (now < facts.not_before) {
    return absl::FailedPreconditionError(
        absl::StrCat("the certificate in '", file, "' is not valid yet: it will be from ",
                     Rfc3339(facts.not_before), " on, by this machine's clock"));
  }
  return absl::OkStatus();
}

std::string Describe(const CertificateFacts& facts) {
  return absl::StrCat("of '", facts.subject, "', issued by '", facts.issuer, "', valid until ",
                      Rfc3339(facts.not_after));
}

}  // namespace urna::tls
