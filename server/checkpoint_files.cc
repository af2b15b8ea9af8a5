#include "server/checkpoint_files.h"

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

absl::StatusOr<std::map<std::string, std::string>> ReadCheckpoints(const std::string& directory) {
  std::map<std::string, std::string> checkpoints;
  std::error_code error;
  for (std::filesystem::directory_iterator file(directory, error), end; !error && file != end;
       file.increment(error)) {
    const std::string name = file->path().filename().string();
    // Whatever else lies there, such as the rest of a write that was cut off, is not published.
    if (!absl::EndsWith(name, kSuffix)) continue;
    URNA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(file->path().string(), merkle::kMaxNoteSize));
    absl::StatusOr<merkle::Note> note = merkle::Note::Parse(bytes);
    absl::StatusOr<merkle::Checkpoint> checkpoint =
        note.ok() ? merkle::Checkpoint::Parse(note->text()) : note.status();
    if (!checkpoint.ok() || CheckpointFileName(checkpoint->origin()) != name) {
      return absl::DataLossError(
          absl::StrCat("'", file->path().string(), "' is not the checkpoint that its name says"));
    }
    checkpoints[checkpoint->origin()] = std::string(AsText(bytes));
  }
  if (error) {
    return absl::NotFoundError(
        absl::StrCat("cannot list the checkpoints in '", directory, "': ", error.message()));
  }
  return checkpoints;
}

}  // namespace urna::server
