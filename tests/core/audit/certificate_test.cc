#include "core/audit/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/audit/certificate_page.h"
#include "tests/core/audit/audit_kit.h"
#include "tests/support/witnesses.h"

namespace urna::audit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kProgram[] = "urna-test 1";

// A petition that three have signed, counted and verified.
class CertificateTest : public ::testing::Test {
 protected:
  CertificateTest() : rng_(5), auditor_(testing::MakeSigner("press.example", rng_)) {
    log_.Open();
    for (const size_t member : {0, 1, 3}) log_.Sign(member, 1);
    log_.Close();
    log_.Finish(log_.Result());
    result_ = std::make_unique<AuditResult>(log_.Audit(log_.Options()));
  }

  Certificate Made() const {
    absl::StatusOr<Certificate> certificate = Certificate::Of(*result_, kProgram);
    EXPECT_TRUE(certificate.ok()) << certificate.status();
    return *certificate;
  }
  const Policy& policy() {
    policy_ = log_.Options().policy;
    return *policy_;
  }
  static merkle::NoteSigner SignerOf(const testing::Signer& signer) {
    auto key = crypto::SigningKey::FromSeed(signer.key.ExposeSeedForKeyFile().ExposeSpan());
    return *merkle::NoteSigner::Create(signer.named.name, *std::move(key));
  }
  // The text under signatures of so many officers, and perhaps of the auditor.
  std::string Signed(const std::string& text, size_t officers, bool auditor) const {
    std::vector<merkle::NoteSignature> lines;
    for (size_t i = 0; i < officers; ++i) {
      lines.push_back(SignerOf(log_.kit.people.officers[i]).Sign(text));
    }
    if (auditor) lines.push_back(SignerOf(auditor_).Sign(text));
    return merkle::Note::Create(text, lines)->Serialize();
  }
  std::vector<merkle::NoteVerifier> Auditors() const {
    return {*merkle::NoteVerifier::Create(auditor_.named.name, auditor_.key.public_key())};
  }
  absl::StatusOr<AttestedCertificate> Open(const std::string& note) {
    return OpenCertificate(AsBytes(note), policy(), Auditors());
  }

  crypto::SeededRng rng_;
  testing::Signer auditor_;
  PetitionLog log_;
  std::unique_ptr<AuditResult> result_;
  std::optional<Policy> policy_;
};

TEST_F(CertificateTest, SaysWhatTheRecordSays) {
  const Certificate certificate = Made();
  EXPECT_EQ(certificate.origin, policy().log.name());
  EXPECT_EQ(certificate.signatures, 3u);
  EXPECT_EQ(certificate.thresholds.size(), 2u);
  EXPECT_TRUE(certificate.thresholds[0].reached);
  const std::string text = certificate.ToText();
  const auto parsed = Certificate::Parse(text);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->ToText(), text);
  EXPECT_TRUE(CheckCertificate(*parsed, *result_).ok());
}

TEST_F(CertificateTest, OfAnAnonymousPetitionSaysHowLargeTheSmallestCrowdIs) {
  EXPECT_EQ(Made().smallest_crowd, std::nullopt);
  PetitionLog log(7, petition::PetitionKit::SmallRings());
  log.Open();
  log.SignInRing(0, 1);
  log.Close();
  log.Finish(log.Result());
  const AuditResult result = log.Audit(log.Options());
  const auto certificate = Certificate::Of(result, kProgram);
  ASSERT_TRUE(certificate.ok()) << certificate.status();
  const std::string text = certificate->ToText();
  EXPECT_THAT(text, HasSubstr("\ncrowd 2\ntitle "));
  const auto parsed = Certificate::Parse(text);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_TRUE(CheckCertificate(*parsed, result).ok());
  const auto boast = Certificate::Parse(absl::StrReplaceAll(text, {{"crowd 2", "crowd 2000"}}));
  ASSERT_TRUE(boast.ok()) << boast.status();
  EXPECT_THAT(std::string(CheckCertificate(*boast, result).message()), HasSubstr("crowd 2000"));
  EXPECT_FALSE(Certificate::Parse(absl::StrReplaceAll(text, {{"crowd 2", "crowd 02"}})).ok());
  EXPECT_FALSE(
      Certificate::Parse(absl::StrReplaceAll(text, {{"crowd 2\n", "crowd 2\ncrowd 2\n"}})).ok());
  const AttestedCertificate attested{*parsed, {}};
  EXPECT_THAT(CertificatePage(attested, CertificateStanding::kVerified, nullptr, "en"),
              HasSubstr("at least 2 people"));
}

TEST_F(CertificateTest, IsMadeOfNothingButAVerifiedFinalPetition) {
  EXPECT_FALSE(Certificate::Of(*result_, "").ok());
  EXPECT_FALSE(Certificate::Of(*result_, "two\nlines").ok());
  EXPECT_FALSE(Certificate::Of(*result_, std::string(kMaxCertificateProgram + 1, 'x')).ok());
  const AuditResult without_policy = log_.Audit({});
  EXPECT_TRUE(absl::IsFailedPrecondition(Certificate::Of(without_policy, kProgram).status()));
  PetitionLog open(8);
  open.Open();
  const AuditResult collecting = open.Audit(open.Options(Stage::kVoting));
  ASSERT_TRUE(collecting.report.verified());
  EXPECT_TRUE(absl::IsFailedPrecondition(Certificate::Of(collecting, kProgram).status()));
}

TEST_F(CertificateTest, IsAttestedByEnoughOfficersAndAllNamedAuditors) {
  const std::string text = Made().ToText();
  const auto enough = Open(Signed(text, policy().officer_quorum, true));
  ASSERT_TRUE(enough.ok()) << enough.status();
  EXPECT_TRUE(enough->attestation.holds());
  EXPECT_EQ(enough->attestation.officers.size(), policy().officer_quorum);
  EXPECT_THAT(enough->attestation.auditors, ElementsAre("press.example"));

  const auto one_less = Open(Signed(text, policy().officer_quorum - 1, true));
  ASSERT_TRUE(one_less.ok()) << one_less.status();
  EXPECT_FALSE(one_less->attestation.holds());

  const auto no_auditor = Open(Signed(text, policy().officer_quorum, false));
  ASSERT_TRUE(no_auditor.ok()) << no_auditor.status();
  EXPECT_FALSE(no_auditor->attestation.holds());
  EXPECT_THAT(no_auditor->attestation.missing, ElementsAre("press.example"));
}

TEST_F(CertificateTest, ItsCheckpointMustHaveMetThePolicysWitnessQuorum) {
  const testing::TestWitnesses witnesses;
  Certificate certificate = Made();
  const Bytes bare = certificate.checkpoint_note;
  const auto open = [&](const std::vector<uint64_t>& times) {
    certificate.checkpoint_note = witnesses.Cosign(bare, times);
    Policy asks = policy();
    asks.witnesses = witnesses.Policy();
    return OpenCertificate(AsBytes(Signed(certificate.ToText(), policy().officer_quorum, true)),
                           asks, Auditors());
  };
  EXPECT_EQ(open({10, 20}).status(), absl::OkStatus());
  EXPECT_EQ(open({10, 20, 30}).status(), absl::OkStatus());
  for (const std::vector<uint64_t>& few : {std::vector<uint64_t>{}, {0, 20}}) {
    const absl::Status refused = open(few).status();
    EXPECT_TRUE(absl::IsPermissionDenied(refused)) << refused;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("witness quorum"));
  }
  // Cosignatures of another checkpoint.
  const Bytes other = witnesses.Cosign(
      testing::SignedCheckpoint(policy().log.name(), log_.kit.people.poll_log, {Bytes{1}}),
      {10, 20});
  const merkle::Note lines = *merkle::Note::Parse(other);
  const merkle::Note mine = *merkle::Note::Parse(bare);
  certificate.checkpoint_note = ToBytes(
      AsBytes(merkle::Note::Create(
                  mine.text(), {mine.signatures()[0], lines.signatures()[1], lines.signatures()[2]})
                  ->Serialize()));
  Policy asks = policy();
  asks.witnesses = witnesses.Policy();
  EXPECT_TRUE(absl::IsPermissionDenied(
      OpenCertificate(AsBytes(Signed(certificate.ToText(), policy().officer_quorum, true)), asks,
                      Auditors())
          .status()));
}

TEST_F(CertificateTest, SignaturesOfNobodyKnownAreNotCounted) {
  const std::string text = Made().ToText();
  const testing::Signer stranger = testing::MakeSigner("stranger.example", rng_);
  const std::string note = merkle::Note::Create(text, {SignerOf(stranger).Sign(text)})->Serialize();
  EXPECT_TRUE(absl::IsPermissionDenied(Open(note).status()));
  const std::string both =
      merkle::Note::Create(
          text, {SignerOf(log_.kit.people.officers[0]).Sign(text), SignerOf(stranger).Sign(text)})
          ->Serialize();
  const auto opened = Open(both);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_THAT(opened->attestation.unknown, ElementsAre("stranger.example"));
}

TEST_F(CertificateTest, AnotherTextUnderTheSignaturesIsRefused) {
  const std::string text = Made().ToText();
  const std::string note = Signed(text, policy().officer_quorum, true);
  const std::string forged =
      absl::StrReplaceAll(note, {{"program urna-test 1", "program urna-test 2"}});
  ASSERT_NE(forged, note);
  EXPECT_TRUE(absl::IsPermissionDenied(Open(forged).status()));
}

// Officers who sign what is not so: attested, but no record agrees.
TEST_F(CertificateTest, OneSignatureMoreIsAttestedButNotVerified) {
  Certificate more = Made();
  ++more.signatures;
  ++more.districts[0].signatures;
  const auto opened = Open(Signed(more.ToText(), policy().officer_quorum, true));
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_TRUE(opened->attestation.holds());
  const absl::Status agrees = CheckCertificate(opened->certificate, *result_);
  EXPECT_TRUE(absl::IsFailedPrecondition(agrees));
  EXPECT_THAT(std::string(agrees.message()), HasSubstr("'signatures 4'"));
}

TEST_F(CertificateTest, EveryLineIsCompared) {
  const auto differs = [&](auto&& change) {
    Certificate other = Made();
    change(other);
    EXPECT_TRUE(absl::IsFailedPrecondition(CheckCertificate(other, *result_))) << other.ToText();
  };
  differs([](Certificate& c) { c.origin += "x"; });
  differs([](Certificate& c) { c.poll[0] ^= 1; });
  differs([](Certificate& c) { c.text_hash[31] ^= 1; });
  differs([](Certificate& c) { c.checkpoint_note.back() ^= 1; });
  differs([](Certificate& c) { c.signatures = 0; });
  differs([](Certificate& c) { c.districts.pop_back(); });
  differs([](Certificate& c) { ++c.thresholds[0].index; });
  differs([](Certificate& c) { c.thresholds.push_back({99, false, 0}); });
  differs([](Certificate& c) { c.title[0].text += "!"; });
}

TEST_F(CertificateTest, RefusesEveryOtherForm) {
  const std::string text = Made().ToText();
  const auto refuses = [&](absl::string_view from, absl::string_view to) {
    const std::string other = absl::StrReplaceAll(text, {{from, to}});
    ASSERT_NE(other, text) << from;
    const auto parsed = Certificate::Parse(other);
    EXPECT_FALSE(parsed.ok()) << other;
    EXPECT_THAT(std::string(parsed.status().message()), Not(IsEmpty()));
  };
  refuses("urna/1", "urna/2");
  refuses("origin ", "origin  ");
  refuses("origin ", "Origin ");
  refuses("\ntext ", "\ntext 0");
  refuses("checkpoint ", "checkpoint =");
  refuses("program urna-test 1", "program ");
  refuses("program urna-test 1", "program \xc3\xa9");
  refuses("signatures 3", "signatures 03");
  refuses("signatures 3", "signatures 4");
  refuses("signatures 3", "signatures -3");
  refuses("district 2 ", "district 1 ");
  refuses("threshold 2 ", "threshold 4 ");
  refuses("threshold 3 ", "threshold 3 x");
  refuses("\ntitle en", "\nheading en");
  refuses("\ntitle en ", "\ntitle en");
  for (size_t size = 0; size < text.size(); ++size) {
    // Shorter by whole lines of the last list it may be a certificate, of another title.
    const auto parsed = Certificate::Parse(absl::string_view(text).substr(0, size));
    EXPECT_TRUE(!parsed.ok() || text[size - 1] == '\n') << size;
  }
  EXPECT_FALSE(Certificate::Parse(text + "\n").ok());
  EXPECT_FALSE(Certificate::Parse(text + "more\n").ok());
}

TEST_F(CertificateTest, AnotherLogsPolicyIsRefused) {
  Certificate other = Made();
  other.origin = "board.example/other";
  EXPECT_FALSE(Open(Signed(other.ToText(), policy().officer_quorum, true)).ok());
  // A checkpoint that the log has not signed.
  Certificate unsigned_one = Made();
  const testing::Signer stranger = testing::MakeSigner(unsigned_one.origin, rng_);
  const auto note = merkle::Note::Parse(unsigned_one.checkpoint_note);
  unsigned_one.checkpoint_note = ToBytes(AsBytes(
      merkle::Note::Create(note->text(), {SignerOf(stranger).Sign(note->text())})->Serialize()));
  EXPECT_TRUE(absl::IsPermissionDenied(
      Open(Signed(unsigned_one.ToText(), policy().officer_quorum, true)).status()));
}

TEST_F(CertificateTest, ThePageEscapesWhatComesFromElsewhere) {
  Certificate certificate = Made();
  certificate.title = {{"en", "<script>alert('x')</script> & \"more\""}};
  certificate.signatures = 1234567;
  const AttestedCertificate attested{certificate, {{"o<1>"}, 2, {}, {"late.example"}, {}}};
  const std::string page =
      CertificatePage(attested, CertificateStanding::kNotAttested, nullptr, "en");
  EXPECT_THAT(page, Not(HasSubstr("<script>")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(page, HasSubstr("o&lt;1&gt;"));
  EXPECT_THAT(page, HasSubstr("1\u202f234\u202f567 signatures"));
  EXPECT_THAT(page, HasSubstr("not attested"));
  EXPECT_THAT(page, HasSubstr("late.example"));
  petition::Manifest manifest = result_->petition->manifest();
  manifest.districts[0].name = {{"en", "Old <Town>"}};
  const std::string verified =
      CertificatePage(attested, CertificateStanding::kVerified, &manifest, "en");
  EXPECT_THAT(verified, HasSubstr(">verified<"));
  EXPECT_THAT(verified, HasSubstr("Old &lt;Town&gt;"));
}

}  // namespace
}  // namespace urna::audit
