#include "voter/receipt_store.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/merkle/text.h"
#include "core/merkle/tlog_proof.h"
#include "core/record/entry.h"
#include "voter/enrolment.h"

namespace urna::voter {
namespace {

using Json = nlohmann::ordered_json;

constexpr mode_t kOwnerOnly = 0600;
constexpr size_t kMaxLabelFile = 1 << 16;
constexpr char kLabelFile[] = "poll.json";
constexpr char kEntrySuffix[] = ".entry";
constexpr char kReceiptSuffix[] = ".tlog-proof";
constexpr char kRefusalSuffix[] = ".refused";

Json ToJson(const ReceiptLabel& label) {
  Json json;
  json["origin"] = label.origin;
  json["poll"] = ToHex(label.poll_id);
  json["log"] = label.log.vkey();
  json["credential"] = ToHex(label.credential);
  return json;
}

absl::StatusOr<ReceiptLabel> ReadLabel(const std::string& path) {
  URNA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(path, kMaxLabelFile));
  const Json json = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
  for (const char* field : {"origin", "poll", "log", "credential"}) {
    if (!json.is_object() || !json.contains(field) || !json[field].is_string()) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": there is no field '", field, "'"));
    }
  }
  absl::StatusOr<merkle::NoteVerifier> log =
      merkle::NoteVerifier::Parse(json["log"].get<std::string>());
  if (!log.ok()) return Annotate(log.status(), path);
  const std::string origin = json["origin"];
  if (log->name() != origin) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": the log key is not that of ", origin));
  }
  URNA_ASSIGN_OR_RETURN(const crypto::Hash32 poll,
                        ParseHex32(json["poll"].get<std::string>(), path));
  URNA_ASSIGN_OR_RETURN(const auto credential,
                        ParseHex32(json["credential"].get<std::string>(), path));
  return ReceiptLabel{origin, poll, *std::move(log), credential};
}

// Names of the files of a directory.
absl::StatusOr<std::vector<std::string>> NamesIn(const std::string& directory) {
  std::error_code error;
  std::vector<std::string> names;
  std::filesystem::directory_iterator at(directory, error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    names.push_back(at->path().filename().string());
  }
  if (error) {
    return absl::NotFoundError(absl::StrCat("cannot list ", directory, ": ", error.message()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::string ReceiptStore::DirectoryOf(const std::string& receipts, absl::string_view origin) {
  return absl::StrCat(receipts, "/", absl::StrReplaceAll(origin, {{"/", "_"}}));
}

absl::StatusOr<ReceiptStore> ReceiptStore::Create(const std::string& receipts,
                                                  const ReceiptLabel& label) {
  const std::string directory = DirectoryOf(receipts, label.origin);
  absl::StatusOr<ReceiptStore> existing = Open(directory);
  if (absl::IsNotFound(existing.status())) {
    URNA_RETURN_IF_ERROR(MakeDirectories(directory));
    const std::string text = ToJson(label).dump(2) + "\n";
    URNA_RETURN_IF_ERROR(
        WriteNewFileDurably(absl::StrCat(directory, "/", kLabelFile), AsBytes(text), kOwnerOnly));
    return ReceiptStore(directory, label);
  }
  if (!existing.ok()) return existing;
  const ReceiptLabel& known = existing->label();
  if (known.poll_id != label.poll_id || known.log != label.log) {
    return absl::FailedPreconditionError(absl::StrCat(
        directory, " knows '", label.origin, "' as another poll (", ToHex(known.poll_id),
        ") than the board shows now (", ToHex(label.poll_id), ")"));
  }
  if (known.credential != label.credential) {
    return absl::FailedPreconditionError(
        absl::StrCat(directory, " holds the receipts of another credential (",
                     ToHex(known.credential), "); name another --receipts directory"));
  }
  return existing;
}

absl::StatusOr<ReceiptStore> ReceiptStore::Open(const std::string& directory) {
  URNA_ASSIGN_OR_RETURN(ReceiptLabel label, ReadLabel(absl::StrCat(directory, "/", kLabelFile)));
  return ReceiptStore(directory, std::move(label));
}

absl::StatusOr<std::vector<std::string>> ReceiptStore::List(const std::string& receipts) {
  URNA_ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesIn(receipts));
  std::vector<std::string> out;
  for (const std::string& name : names) {
    std::string directory = absl::StrCat(receipts, "/", name);
    if (std::filesystem::exists(absl::StrCat(directory, "/", kLabelFile))) {
      out.push_back(std::move(directory));
    }
  }
  return out;
}

absl::StatusOr<std::vector<StoredAct>> ReceiptStore::Acts() const {
  URNA_ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesIn(directory_));
  std::map<uint64_t, StoredAct> acts;
  for (absl::string_view name : names) {
    const bool receipt = absl::ConsumeSuffix(&name, kReceiptSuffix);
    const bool refused = !receipt && absl::ConsumeSuffix(&name, kRefusalSuffix);
    if (!receipt && !refused && !absl::ConsumeSuffix(&name, kEntrySuffix)) continue;
    const absl::StatusOr<uint64_t> sequence = merkle::ParseDecimal(name, UINT64_MAX);
    if (!sequence.ok()) continue;
    StoredAct& act = acts[*sequence];
    act.sequence = *sequence;
    act.receipt |= receipt;
    act.refused |= refused;
  }
  std::vector<StoredAct> out;
  for (const auto& [sequence, act] : acts) out.push_back(act);
  return out;
}

absl::StatusOr<uint64_t> ReceiptStore::LastSequence() const {
  URNA_ASSIGN_OR_RETURN(const std::vector<StoredAct> acts, Acts());
  return acts.empty() ? 0 : acts.back().sequence;
}

absl::StatusOr<std::optional<uint64_t>> ReceiptStore::Pending() const {
  URNA_ASSIGN_OR_RETURN(const std::vector<StoredAct> acts, Acts());
  if (acts.empty() || acts.back().receipt || acts.back().refused) return std::nullopt;
  return acts.back().sequence;
}

std::string ReceiptStore::EntryPath(uint64_t sequence) const {
  return absl::StrCat(directory_, "/", sequence, kEntrySuffix);
}

std::string ReceiptStore::ReceiptPath(uint64_t sequence) const {
  return absl::StrCat(directory_, "/", sequence, kReceiptSuffix);
}

absl::Status ReceiptStore::SaveEntry(uint64_t sequence, ByteSpan entry) const {
  return WriteNewFileDurably(EntryPath(sequence), entry, kOwnerOnly);
}

absl::Status ReceiptStore::SaveReceipt(uint64_t sequence, absl::string_view proof) const {
  return WriteFileDurably(ReceiptPath(sequence), AsBytes(proof), kOwnerOnly);
}

absl::Status ReceiptStore::SaveRefusal(uint64_t sequence, absl::string_view sentence) const {
  return WriteFileDurably(absl::StrCat(directory_, "/", sequence, kRefusalSuffix),
                          AsBytes(absl::StrCat(sentence, "\n")), kOwnerOnly);
}

absl::StatusOr<Bytes> ReceiptStore::ReadEntry(uint64_t sequence) const {
  return ReadFile(EntryPath(sequence), record::kMaxEntrySize);
}

absl::StatusOr<Bytes> ReceiptStore::ReadReceipt(uint64_t sequence) const {
  return ReadFile(ReceiptPath(sequence), merkle::kMaxTlogProofSize);
}

absl::StatusOr<std::optional<std::string>> ReceiptStore::ReadCheckpoint() const {
  const absl::StatusOr<Bytes> bytes =
      ReadFile(absl::StrCat(directory_, "/checkpoint"), merkle::kMaxNoteSize);
  if (absl::IsNotFound(bytes.status())) return std::nullopt;
  if (!bytes.ok()) return bytes.status();
  return std::string(AsText(*bytes));
}

absl::Status ReceiptStore::SaveCheckpoint(absl::string_view note) const {
  return WriteFileDurably(absl::StrCat(directory_, "/checkpoint"), AsBytes(note), kOwnerOnly);
}

absl::StatusOr<std::string> ReceiptStore::SaveEvidence(absl::string_view reason,
                                                       absl::string_view first_note,
                                                       absl::string_view second_note) const {
  Json json;
  json["reason"] = std::string(reason);
  json["first"] = std::string(first_note);
  json["second"] = std::string(second_note);
  const std::string text = json.dump(2) + "\n";
  for (int n = 1;; ++n) {
    std::string path = absl::StrCat(directory_, "/evidence-", n, ".json");
    const absl::Status status = WriteNewFileDurably(path, AsBytes(text), kOwnerOnly);
    if (status.ok()) return path;
    if (!absl::IsAlreadyExists(status)) return status;
  }
}

}  // namespace urna::voter
