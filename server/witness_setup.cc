#include "server/witness_setup.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/base/utf8.h"
#include "core/crypto/hash.h"
#include "core/merkle/checkpoint.h"
#include "server/checkpoint_files.h"

namespace urna::server {
namespace {

constexpr char kAlarmFormat[] = "urna/1/fork-alarm";
constexpr size_t kMaxAlarm = 1 << 20;  // bytes
constexpr size_t kNameBytes = 8;
constexpr absl::string_view kSuffix = ".alarm";

bool IsWebUrl(absl::string_view url) {
  const size_t scheme = absl::StartsWithIgnoreCase(url, "https://")  ? 8
                        : absl::StartsWithIgnoreCase(url, "http://") ? 7
                                                                     : url.size();
  return scheme < url.size() && url[scheme] != '/';
}

bool IsThere(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0;
}

// As it is if it is text, else in base64 under a name that says so: it is evidence.
void AddBytes(nlohmann::ordered_json& json, const std::string& name, const std::string& bytes) {
  if (IsUtf8Text(bytes)) {
    json[name] = bytes;
  } else {
    json[name + "_base64"] = absl::Base64Escape(bytes);
  }
}

absl::Status CheckPolicy(const merkle::WitnessPolicy& policy, const BoardIdentity& board) {
  if (policy.witnesses().empty()) {
    return absl::InvalidArgumentError("it names no witness");
  }
  for (const merkle::WitnessPolicy::Witness& witness : policy.witnesses()) {
    if (!witness.url.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("witness '", witness.name,
                       "' has no URL: the board cannot ask it. Put the URL behind its key"));
    }
    if (!IsWebUrl(*witness.url)) {
      return absl::InvalidArgumentError(
          absl::StrCat("witness '", witness.name, "': '", *witness.url,
                       "' is no URL with http:// or https:// and a host"));
    }
  }
  for (const merkle::WitnessPolicy::Log& log : policy.logs()) {
    if (!absl::StartsWith(log.key.name(), absl::StrCat(board.name, "/"))) {
      return absl::InvalidArgumentError(
          absl::StrCat("log '", log.key.name(), "' is not of the board '", board.name,
                       "'. Log lines may be left out: all logs of the board are sent"));
    }
    if (log.key.key() != board.log_key) {
      return absl::InvalidArgumentError(
          absl::StrCat("log '", log.key.name(), "' has another key there than this board's, which ",
                       "is ", ToHex(board.log_key.bytes())));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<merkle::WitnessPolicy> LoadWitnessPolicy(const std::string& path,
                                                        const BoardIdentity& board) {
  const absl::StatusOr<Bytes> text = ReadFile(path, merkle::kMaxPolicySize);
  if (!text.ok()) {
    // Whatever keeps it from being read: it is the operator's to name a file that can be.
    return absl::InvalidArgumentError(
        absl::StrCat("witness policy '", path, "': ", text.status().message()));
  }
  absl::StatusOr<merkle::WitnessPolicy> policy = merkle::WitnessPolicy::Parse(AsText(*text));
  const absl::Status status = policy.ok() ? CheckPolicy(*policy, board) : policy.status();
  if (!status.ok()) return Annotate(status, absl::StrCat("witness policy '", path, "'"));
  return policy;
}

absl::StatusOr<std::map<std::string, std::string>> ReadCosigned(const std::string& data) {
  const std::string directory = CosignedPath(data);
  if (!IsThere(directory)) return std::map<std::string, std::string>();
  return ReadCheckpoints(directory);
}

absl::Status CheckCosigned(const std::map<std::string, std::string>& cosigned, const Ledger& ledger,
                           const BoardIdentity& board) {
  for (const auto& [origin, note] : cosigned) {
    URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier key,
                          merkle::NoteVerifier::Create(origin, board.log_key));
    const absl::StatusOr<merkle::Checkpoint> checkpoint =
        merkle::OpenCheckpoint(AsBytes(note), key, merkle::OtherSignatures::kIgnored);
    if (!checkpoint.ok()) {
      return absl::DataLossError(absl::StrCat("log '", origin, "': its cosigned checkpoint is not ",
                                              "this board's: ", checkpoint.status().message()));
    }
    const std::optional<LogInfo> info = ledger.Find(origin);
    bool there = info.has_value() && info->head.size >= checkpoint->size();
    if (there) {
      URNA_ASSIGN_OR_RETURN(const merkle::Hash root,
                            merkle::RootAt(checkpoint->size(), ledger.Nodes(info->number)));
      there = root == checkpoint->root();
    }
    if (there) continue;
    return absl::DataLossError(
        absl::StrCat("log '", origin, "': witnesses have cosigned a tree of ", checkpoint->size(),
                     " entries that the ledger does not have. The board must not go on signing: "
                     "restore a backup "
                     "together with a mirror's record that has it (docs/operations.md)"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> WriteAlarm(const std::string& data, const WitnessAlarm& alarm) {
  URNA_RETURN_IF_ERROR(MakeDirectories(AlarmsPath(data)));
  nlohmann::ordered_json json{
      {"format", kAlarmFormat}, {"log", alarm.origin}, {"witness", alarm.witness.vkey()},
      {"url", alarm.url},       {"time", alarm.time},  {"what", alarm.what}};
  AddBytes(json, "request", alarm.request);
  json["code"] = alarm.reply.code;
  AddBytes(json, "type", alarm.reply.content_type);
  AddBytes(json, "answer", alarm.reply.body);
  const crypto::Hash32 name =
      crypto::Sha256(AsBytes(absl::StrCat(alarm.witness.vkey(), "\n", alarm.origin)));
  const std::string path =
      absl::StrCat(AlarmsPath(data), "/", ToHex(ByteSpan(name).first(kNameBytes)), kSuffix);
  if (IsThere(path)) return path;  // the first one is kept
  URNA_RETURN_IF_ERROR(WriteFileDurably(path, AsBytes(absl::StrCat(json.dump(2), "\n"))));
  return path;
}

std::string AlarmSentence(absl::string_view witness, absl::string_view origin,
                          absl::string_view what, absl::string_view path) {
  return absl::StrCat("the board takes nothing new: fork alarm of the witness '", witness,
                      "' about the log '", origin, "': ", what, ". What it said is in ", path,
                      "; docs/operations.md says how to go on");
}

absl::StatusOr<std::vector<std::string>> ReadAlarms(const std::string& data,
                                                    const merkle::WitnessPolicy& policy) {
  std::vector<std::string> paths;
  std::error_code error;
  for (std::filesystem::directory_iterator file(AlarmsPath(data), error), end;
       !error && file != end; file.increment(error)) {
    if (absl::EndsWith(file->path().string(), kSuffix)) paths.push_back(file->path().string());
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return absl::DataLossError(
        absl::StrCat("the alarms in '", AlarmsPath(data), "' cannot be listed: ", error.message()));
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> sentences;
  for (const std::string& path : paths) {
    URNA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(path, kMaxAlarm));
    const auto json = nlohmann::json::parse(bytes.begin(), bytes.end(), nullptr, false);
    const auto text = [&json](const char* field) {
      const bool there = json.is_object() && json.contains(field) && json[field].is_string();
      return there ? json[field].get<std::string>() : std::string();
    };
    if (text("format") != kAlarmFormat) {
      return absl::DataLossError(absl::StrCat("'", path, "' is no fork alarm as the board writes ",
                                              "them: look at it, and move it elsewhere"));
    }
    for (const merkle::WitnessPolicy::Witness& witness : policy.witnesses()) {
      if (witness.key.vkey() != text("witness")) continue;
      sentences.push_back(AlarmSentence(witness.name, text("log"), text("what"), path));
    }
  }
  return sentences;
}

}  // namespace urna::server
