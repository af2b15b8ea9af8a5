#include "tests/support/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <utility>

#include "core/base/check.h"

namespace urna::testing {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using File = std::unique_ptr<FILE, decltype(&fclose)>;

File Open(const std::string& file, const char* mode) {
  File open(fopen(file.c_str(), mode), &fclose);
  URNA_CHECK(open != nullptr, "a file of the test");
  return open;
}

void AddExtension(X509* certificate, int kind, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  URNA_CHECK(extension != nullptr, "an extension");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

void WriteCertificate(const std::string& certificate_file, const std::string& key_file,
                      const CertificateOptions& options) {
  static int serial = 0;
  const Key key(options.rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const Certificate certificate(X509_new(), &X509_free);
  URNA_CHECK(key != nullptr && certificate != nullptr, "a key and a certificate");
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), options.valid_from);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), options.valid_to);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(options.name.c_str()), -1, -1,
                             0);
  AddExtension(certificate.get(), NID_subject_alt_name, "DNS:" + options.name);
  AddExtension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  if (options.issuer_certificate_file.empty()) {
    X509_set_issuer_name(certificate.get(), name);
    URNA_CHECK(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0, "a signature");
  } else {
    const Certificate issuer(
        PEM_read_X509(Open(options.issuer_certificate_file, "r").get(), nullptr, nullptr, nullptr),
        &X509_free);
    const Key issuer_key(
        PEM_read_PrivateKey(Open(options.issuer_key_file, "r").get(), nullptr, nullptr, nullptr),
        &EVP_PKEY_free);
    URNA_CHECK(issuer != nullptr && issuer_key != nullptr, "an issuer");
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer.get()));
    URNA_CHECK(X509_sign(certificate.get(), issuer_key.get(), EVP_sha256()) > 0, "a signature");
  }
  PEM_write_X509(Open(certificate_file, "w").get(), certificate.get());
  PEM_write_PrivateKey(Open(key_file, "w").get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
}

}  // namespace urna::testing
