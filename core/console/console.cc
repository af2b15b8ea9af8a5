#include "core/console/console.h"

#include <termios.h>
#include <unistd.h>

#include <iostream>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/base/utf8.h"

namespace urna::console {
namespace {

constexpr size_t kMaxPassphraseFile = 4096;

// Turns the terminal's echo off while it lives.
class QuietTerminal {
 public:
  QuietTerminal() {
    changed_ = tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!changed_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~QuietTerminal() {
    if (changed_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;

 private:
  termios before_{};
  bool changed_ = false;
};

absl::StatusOr<crypto::SecretBytes> Ask(absl::string_view prompt) {
  std::cerr << prompt << ": " << std::flush;
  std::string line;
  bool read;
  {
    const QuietTerminal quiet;
    read = static_cast<bool>(std::getline(std::cin, line));
  }
  std::cerr << "\n";
  if (!read) return absl::FailedPreconditionError("no passphrase was entered");
  crypto::SecretBytes secret = crypto::SecretBytes::CopyOf(AsBytes(line));
  crypto::Wipe({reinterpret_cast<uint8_t*>(line.data()), line.size()});
  return secret;
}

absl::StatusOr<crypto::SecretBytes> ReadPassphraseFile(const std::string& file) {
  URNA_ASSIGN_OR_RETURN(Bytes bytes, ReadFile(file, kMaxPassphraseFile));
  size_t length = 0;
  while (length < bytes.size() && bytes[length] != '\n' && bytes[length] != '\r') ++length;
  crypto::SecretBytes secret = crypto::SecretBytes::CopyOf(ByteSpan(bytes).first(length));
  crypto::Wipe(bytes);
  if (secret.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(file, ": the passphrase is empty"));
  }
  return secret;
}

}  // namespace

int ExitStatusOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kDone;
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnauthenticated:
      return kRefused;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return kNotRun;
    default:
      return kUsage;
  }
}

int Finish(absl::string_view program, const absl::Status& status) {
  if (!status.ok()) std::cerr << program << ": " << PrintableLines(status.message()) << "\n";
  return ExitStatusOf(status);
}

void PassphraseSource::AddTo(CLI::App& command) {
  command.add_option("--passphrase-file", file,
                     "File whose first line is the passphrase; without it you are asked");
}

absl::StatusOr<crypto::SecretBytes> PassphraseSource::Read(absl::string_view prompt,
                                                           bool again) const {
  if (!file.empty()) return ReadPassphraseFile(file);
  if (isatty(STDIN_FILENO) == 0) {
    return absl::FailedPreconditionError(
        "a passphrase is needed: give --passphrase-file, or run this in a terminal");
  }
  URNA_ASSIGN_OR_RETURN(crypto::SecretBytes secret, Ask(prompt));
  if (secret.empty()) return absl::InvalidArgumentError("the passphrase is empty");
  if (again) {
    URNA_ASSIGN_OR_RETURN(const crypto::SecretBytes second, Ask("The same again"));
    if (!crypto::ConstantTimeEqual(secret.ExposeSpan(), second.ExposeSpan())) {
      return absl::InvalidArgumentError("the two passphrases differ");
    }
  }
  return secret;
}

void BoardOptions::AddTo(CLI::App& command, bool required) {
  CLI::Option* option = command.add_option("--server", server, "host:port of the board");
  if (required) option->required();
  command.add_flag("--tls", connect.tls, "Connect by TLS");
  command.add_option("--tls-roots", connect.root_certificates_file,
                     "PEM file of root certificates; implies --tls");
  command.add_option("--tls-cert", connect.client_certificate_file,
                     "PEM file, with chain: the certificate to show to a board that asks officials "
                     "for one; implies --tls");
  command.add_option("--tls-key", connect.client_key_file,
                     "PEM file without passphrase: the key of --tls-cert");
  command.add_flag("--plain-anywhere", connect.allow_plain_anywhere,
                   "Without TLS also to other machines");
  command.add_option("--admin-token-file", connect.admin_token_file,
                     "The board's administration token, for new logs and rolls");
}

absl::StatusOr<remote::BoardClient> BoardOptions::Connect() const {
  remote::ConnectOptions options = connect;
  options.tls = options.tls || !options.root_certificates_file.empty() ||
                !options.client_certificate_file.empty();
  return remote::BoardClient::Connect(server, options);
}

}  // namespace urna::console
