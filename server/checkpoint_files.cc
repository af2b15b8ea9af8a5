#include "server/checkpoint_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/note.h"

namespace urna::server {
namespace {

constexpr absl::string_view kSuffix = ".checkpoint";

}  // namespace

std::string CheckpointFileName(absl::string_view origin) {
  return absl::StrCat(absl::StrReplaceAll(origin, {{"/", "_"}}), kSuffix);
}

absl::Status PublishCheckpoint(const std::string& directory, absl::string_view origin,
                               absl::string_view note) {
  return Annotate(
      WriteFileDurably(absl::StrCat(directory, "/", CheckpointFileName(origin)), AsBytes(note)),
      absl::StrCat("checkpoint of '", origin, "'"));
}

absl::StatusOr<std::vector<std::string>> ListCheckpoints(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator file(directory, error), end; !error && file != end;
       file.increment(error)) {
    // Whatever else lies there, such as the rest of a write that was cut off, is not published.
    std::string name = file->path().filename().string();
    if (absl::EndsWith(name, kSuffix)) names.push_back(std::move(name));
  }
  if (error) {
    return absl::NotFoundError(
        absl::StrCat("cannot list the checkpoints in '", directory, "': ", error.message()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<std::pair<std::string, std::string>> ReadCheckpoint(const std::string& directory,
                                                                   const std::string& name) {
  const std::string path = absl::StrCat(directory, "/", name);
  URNA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(path, merkle::kMaxNoteSize));
  absl::StatusOr<merkle::Note> note = merkle::Note::Parse(bytes);
  absl::StatusOr<merkle::Checkpoint> checkpoint =
      note.ok() ? merkle::Checkpoint::Parse(note->text()) : note.status();
  if (!checkpoint.ok() || CheckpointFileName(checkpoint->origin()) != name) {
    return absl::DataLossError(
        absl::StrCat("'", path, "' is not the checkpoint that its name says"));
  }
  return std::make_pair(checkpoint->origin(), std::string(AsText(bytes)));
}

absl::StatusOr<std::map<std::string, std::string>> ReadCheckpoints(const std::string& directory) {
  std::map<std::string, std::string> checkpoints;
  URNA_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListCheckpoints(directory));
  for (const std::string& name : names) {
    absl::StatusOr<std::pair<std::string, std::string>> file = ReadCheckpoint(directory, name);
    if (absl::IsDataLoss(file.status())) {
      return absl::DataLossError(absl::StrCat(
          file.status().message(), ". The board must not go on signing without it: put the log's ",
          "newest checkpoint there, as mirrors and witnesses have it (docs/operations.md)"));
    }
    if (!file.ok()) return file.status();
    checkpoints.insert(*std::move(file));
  }
  return checkpoints;
}

}  // namespace urna::server
