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
    log_.Finish();
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
  EXPECT_FALSE(Made().anonymous.has_value());
  PetitionLog log(7, petition::PetitionKit::SmallRings());
  log.Open();
  log.SignInRing(0, 1);
  log.Close();
  log.Finish();
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

// Steps that follow the result do not undo it, but for its end.
TEST_F(CertificateTest, HoldsWhenTheRecordHasGrownSinceItsResult) {
  PetitionLog log(7, petition::PetitionKit::SmallRings());
  log.Open();
  for (const size_t member : {0, 1, 3}) log.SignInRing(member, 1);
  log.Close();
  const auto closed = log.Audit(log.Options(Stage::kClosed));
  log.Finish();
  const AuditResult before = log.Audit(log.Options());
  const auto certificate = Certificate::Of(before, kProgram);
  ASSERT_TRUE(certificate.ok()) << certificate.status();
  const auto step = [&](poll::StepKind kind, uint16_t code = 0) {
    log.Order(log.kit.Next(poll::Step{kind, code, {}}, log.kit.state.orders().last_time() + 1));
  };
  step(poll::StepKind::kVerify);
  // Only if the record was compared with the certificate's checkpoint.
  EXPECT_FALSE(CheckCertificate(*certificate, log.Audit(log.Options())).ok());
  AuditOptions options = log.Options();
  options.older_checkpoints = {{"certificate", certificate->checkpoint_note}};
  const absl::Status grown = CheckCertificate(*certificate, log.Audit(options));
  EXPECT_TRUE(grown.ok()) << grown;
  // A checkpoint from before the result does not say it.
  Certificate early = *certificate;
  early.checkpoint_note = closed.checkpoint_note;
  options.older_checkpoints = {{"certificate", early.checkpoint_note}};
  EXPECT_THAT(std::string(CheckCertificate(early, log.Audit(options)).message()),
              HasSubstr("and the result is entry"));
  // Nor does one of a petition that was given up.
  step(poll::StepKind::kWithdraw, 21);
  options.older_checkpoints = {{"certificate", certificate->checkpoint_note}};
  EXPECT_THAT(std::string(CheckCertificate(*certificate, log.Audit(options)).message()),
              HasSubstr("it is withdrawn"));
}

TEST_F(CertificateTest, OfAnAnonymousPetitionSaysOnlineAndPaperApart) {
  petition::AnonymousRules rules = petition::PetitionKit::SmallRings();
  rules.profile = "Kaldalinn";
  rules.paper_categories = {2};
  rules.minimums = {{5, 1}};
  rules.district_minimums = {2, 9};
  rules.districts_needed = 1;
  PetitionLog log(7, rules, {.members = 12, .districts = {1, 2, 3}, .categories = {1, 2}});
  log.Open();
  log.SignInRing(0, 1);
  log.Order(
      log.kit.Next(poll::PaperBatch{"a", {1}, 1, {{1, 2, 0}}}, petition::PetitionKit::kOpens + 1));
  log.Close();
  log.Finish();
  const AuditResult result = log.Audit(log.Options());
  const auto certificate = Certificate::Of(result, kProgram);
  ASSERT_TRUE(certificate.ok()) << certificate.status();
  const std::string text = certificate->ToText();
  EXPECT_THAT(text, HasSubstr("\nprofile Kaldalinn\nsignatures 3\nonline 1\npaper 2\n"
                              "district 1 1 2\ndistrict 2 0 0\nthreshold 2 "));
  EXPECT_THAT(text, HasSubstr("\nminimum 5 1 3 met\ndistricts 1 1\npassed yes\ncrowd 2\n"));
  const auto parsed = Certificate::Parse(text);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_TRUE(CheckCertificate(*parsed, result).ok());
  const auto refused = [&](const std::string& from, const std::string& to) {
    ASSERT_THAT(text, HasSubstr(from));
    EXPECT_FALSE(Certificate::Parse(absl::StrReplaceAll(text, {{from, to}})).ok()) << to;
  };
  refused("\nonline 1\n", "\nonline 2\n");
  refused("\npaper 2\n", "\npaper 3\n");
  refused("\nsignatures 3\n", "\nsignatures 4\n");
  refused("district 1 1 2", "district 1 1 3");
  refused("district 1 1 2", "district 1 3");
  refused("district 2 0 0", "district 1 0 0");
  refused("minimum 5 1 3 met", "minimum 5 1 3 yes");
  refused("minimum 5 1 3 met", "minimum 5 1 3");
  refused("\ndistricts 1 1\n", "\ndistricts 0 1\n");
  refused("passed yes", "passed maybe");
  refused("passed yes\n", "");
  refused("crowd 2\n", "");
  const AttestedCertificate attested{*parsed, {}};
  const std::string page = CertificatePage(attested, CertificateStanding::kVerified, nullptr, "en");
  EXPECT_THAT(page, HasSubstr("On paper"));
  EXPECT_THAT(page, HasSubstr("5 seconds after the opening"));
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
