#include "core/tls/certificate_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "core/base/file.h"
#include "tests/server/board_fixture.h"
#include "tests/support/certificates.h"

namespace urna::tls {
namespace {

using ::testing::HasSubstr;
using testing::WriteCertificate;

class CertificateFilesTest : public ::testing::Test {
 protected:
  CertificateFilesTest() { WriteCertificate(certificate_, key_, {.name = "mari"}); }
  std::string File(const std::string& name) const { return directory_.File(name); }
  Bytes Read(const std::string& file) const { return ReadFile(file, 1 << 20).value(); }
  void Write(const std::string& file, Bytes bytes) {
    ASSERT_EQ(WriteFileDurably(file, bytes), absl::OkStatus());
  }
  static std::string Sentence(const absl::Status& status) { return std::string(status.message()); }

  testing::TempDirectory directory_;
  const std::string certificate_ = File("mari.pem");
  const std::string key_ = File("mari-key.pem");
};

TEST_F(CertificateFilesTest, SaysWhoseItIsAndHowLong) {
  WriteCertificate(File("peeter.pem"), File("peeter-key.pem"),
                   {.name = "peeter",
                    .issuer_certificate_file = certificate_,
                    .issuer_key_file = key_,
                    .valid_from = -100,
                    .valid_to = 1000});
  const auto facts = ReadCertificates(File("peeter.pem"));
  ASSERT_EQ(facts.status(), absl::OkStatus());
  EXPECT_EQ(facts->subject, "CN = peeter");
  EXPECT_EQ(facts->issuer, "CN = mari");
  EXPECT_EQ(facts->not_after - facts->not_before, 1100);
  EXPECT_LE(std::abs(facts->not_after - 1000 - absl::ToUnixSeconds(absl::Now())), 100);
  EXPECT_THAT(Describe(*facts),
              HasSubstr("of 'CN = peeter', issued by 'CN = mari', valid until 2"));
}

TEST_F(CertificateFilesTest, ReadsAChainAndRefusesWhatIsNone) {
  Bytes chain = Read(certificate_);
  const Bytes once = chain;
  chain.insert(chain.end(), once.begin(), once.end());
  Write(File("chain.pem"), chain);
  EXPECT_EQ(ReadCertificates(File("chain.pem")).status(), absl::OkStatus());
  chain[once.size() + once.size() / 2] = '!';
  Write(File("chain.pem"), chain);
  absl::Status status = ReadCertificates(File("chain.pem")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Sentence(status), HasSubstr("chain.pem' has something after its first"));
  status = ReadCertificates(key_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Sentence(status), HasSubstr("mari-key.pem' is no certificate in PEM form"));
  EXPECT_EQ(ReadCertificates(File("none.pem")).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(CertificateFilesTest, AKeyIsThatOfItsCertificate) {
  EXPECT_EQ(CheckKeyPair(certificate_, key_), absl::OkStatus());
  WriteCertificate(File("peeter.pem"), File("peeter-key.pem"));
  EXPECT_THAT(Sentence(CheckKeyPair(certificate_, File("peeter-key.pem"))),
              HasSubstr("peeter-key.pem' is not that of the certificate in"));
  EXPECT_THAT(Sentence(CheckKeyPair(certificate_, certificate_)), HasSubstr("is no private key"));
  EXPECT_EQ(CheckKeyPair(certificate_, "").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CheckKeyPair("", key_).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CheckKeyPair(certificate_, File("none.pem")).code(), absl::StatusCode::kNotFound);
}

TEST_F(CertificateFilesTest, IsValidFromItsFirstSecondToItsLast) {
  const CertificateFacts facts = *ReadCertificates(certificate_);
  EXPECT_EQ(CheckValidAt(certificate_, facts, facts.not_before), absl::OkStatus());
  EXPECT_EQ(CheckValidAt(certificate_, facts, facts.not_after), absl::OkStatus());
  const absl::Status early = CheckValidAt(certificate_, facts, facts.not_before - 1);
  EXPECT_EQ(early.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Sentence(early), HasSubstr("mari.pem' is not valid yet: it will be from 2"));
  const absl::Status late = CheckValidAt(certificate_, facts, facts.not_after + 1);
  EXPECT_EQ(late.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Sentence(late), HasSubstr("mari.pem' has expired: it was valid until 2"));
}

}  // namespace
}  // namespace urna::tls
