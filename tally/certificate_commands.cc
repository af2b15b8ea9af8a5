// certificate make, sign.
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "core/audit/certificate.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/base/version.h"
#include "core/console/key_file.h"
#include "tally/commands.h"

namespace urna::tally {
namespace {

constexpr size_t kMaxPolicySize = 1 << 20;

struct CertificateOptions {
  console::PassphraseSource passphrase;
  std::string file, record, policy, key;
};

// Nobody signs what the record does not say: the whole verifier is run, every time.
// `before`: the checkpoint of a certificate that was made before, if there is one.
absl::StatusOr<audit::AuditResult> VerifyRecord(const CertificateOptions& options,
                                                const Context& context, const Bytes& before = {}) {
  URNA_ASSIGN_OR_RETURN(const Bytes text, ReadFile(options.policy, kMaxPolicySize));
  audit::AuditOptions audit;
  URNA_ASSIGN_OR_RETURN(audit.policy, audit::Policy::Parse(AsText(text)));
  audit.threads = context.threads;
  if (!before.empty()) audit.older_checkpoints.push_back({options.file, before});
  audit.progress = context.ShowProgress("entries verified");
  return audit::AuditRecord(options.record, audit);
}

absl::StatusOr<merkle::NoteSigner> OpenSigner(const CertificateOptions& options) {
  URNA_ASSIGN_OR_RETURN(const console::KeyFileLabel label, console::ReadKeyFileLabel(options.key));
  if (label.kind != "officer" && label.kind != "auditor") {
    return absl::InvalidArgumentError(absl::StrCat(
        options.key, ": certificates are signed by officers and auditors, not by a ", label.kind));
  }
  URNA_ASSIGN_OR_RETURN(crypto::SigningKey key,
                        OpenSigningKey(options.key, label.kind, options.passphrase));
  return merkle::NoteSigner::Create(label.name, std::move(key));
}

void AnswerSigned(const audit::Certificate& certificate, const merkle::Note& note,
                  const std::string& file, const Context& context) {
  Json answer;
  answer["certificate"] = file;
  answer["petition"] = ToHex(certificate.poll);
  answer["signatures"] = certificate.signatures;
  answer["signed_by"] = Json::array();
  std::string names;
  for (const merkle::NoteSignature& line : note.signatures()) {
    answer["signed_by"].push_back(line.name);
    absl::StrAppend(&names, names.empty() ? "" : ", ", line.name);
  }
  context.Answer(absl::StrCat(certificate.ToText(), "\nwritten to ", file, "; signed by ", names),
                 answer);
}

absl::Status MakeCertificate(const CertificateOptions& options, const Context& context) {
  if (const auto there = ReadFile(options.file, 1); !absl::IsNotFound(there.status())) {
    return absl::AlreadyExistsError(
        absl::StrCat(options.file, " is there already: 'certificate sign' adds a signature to it"));
  }
  URNA_ASSIGN_OR_RETURN(const audit::AuditResult result, VerifyRecord(options, context));
  URNA_ASSIGN_OR_RETURN(const audit::Certificate certificate,
                        audit::Certificate::Of(result, WithVersion("urna-tally")));
  URNA_ASSIGN_OR_RETURN(const merkle::NoteSigner signer, OpenSigner(options));
  const std::string text = certificate.ToText();
  URNA_ASSIGN_OR_RETURN(const merkle::Note note, merkle::Note::Create(text, {signer.Sign(text)}));
  URNA_RETURN_IF_ERROR(WriteFileDurably(options.file, AsBytes(note.Serialize())));
  AnswerSigned(certificate, note, options.file, context);
  return absl::OkStatus();
}

absl::Status SignCertificate(const CertificateOptions& options, const Context& context) {
  URNA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(options.file, merkle::kMaxNoteSize));
  absl::StatusOr<merkle::Note> note = merkle::Note::Parse(bytes);
  if (!note.ok()) return Annotate(note.status(), options.file);
  absl::StatusOr<audit::Certificate> certificate = audit::Certificate::Parse(note->text());
  if (!certificate.ok()) return Annotate(certificate.status(), options.file);
  URNA_ASSIGN_OR_RETURN(const audit::AuditResult result,
                        VerifyRecord(options, context, certificate->checkpoint_note));
  URNA_RETURN_IF_ERROR(audit::CheckCertificate(*certificate, result));
  URNA_ASSIGN_OR_RETURN(const merkle::NoteSigner signer, OpenSigner(options));
  std::vector<merkle::NoteSignature> signatures;
  for (const merkle::NoteSignature& line : note->signatures()) {
    if (!signer.verifier().Matches(line)) signatures.push_back(line);
  }
  signatures.push_back(signer.Sign(note->text()));
  URNA_ASSIGN_OR_RETURN(note, merkle::Note::Create(note->text(), std::move(signatures)));
  URNA_RETURN_IF_ERROR(WriteFileDurably(options.file, AsBytes(note->Serialize())));
  AnswerSigned(*certificate, *note, options.file, context);
  return absl::OkStatus();
}

void AddOptions(CLI::App& command, CertificateOptions& options) {
  command.add_option("file", options.file, "The certificate")->required();
  command.add_option("--record", options.record, "Directory of the petition's record")->required();
  command.add_option("--policy", options.policy, "File with the keys you know beforehand")
      ->required();
  command.add_option("--key", options.key, "Key file of an officer or auditor")->required();
  options.passphrase.AddTo(command);
}

}  // namespace

void AddCertificateCommands(Commands& commands) {
  Context& context = commands.context();
  CLI::App* group = commands.AddGroup(
      "certificate", "Certificates of petitions: what was counted, signed by who verified it");
  auto make = std::make_shared<CertificateOptions>();
  AddOptions(
      *commands.Add(*group, "make", "Verify a petition's record, write its certificate and sign it",
                    [make, &context] { return MakeCertificate(*make, context); }),
      *make);
  auto sign = std::make_shared<CertificateOptions>();
  AddOptions(*commands.Add(*group, "sign",
                           "Verify the record, and sign the certificate if the record says the "
                           "same",
                           [sign, &context] { return SignCertificate(*sign, context); }),
             *sign);
}

}  // namespace urna::tally
