#include "core/remote/mirror.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/status.h"
#include "core/merkle/note.h"
#include "core/record/directory.h"
#include "core/record/fetched_log.h"
#include "core/record/log_files.h"

namespace urna::remote {
namespace {

// One log's entries, one bundle at a time.
class RemoteEntries {
 public:
  RemoteEntries(HttpReader& reader, std::string url, uint64_t size)
      : reader_(reader), url_(std::move(url)), size_(size) {}

  absl::StatusOr<Bytes> Read(uint64_t index) {
    const uint64_t n = index / merkle::kTileWidth;
    if (!bundle_.has_value() || n_ != n) {
      bundle_.reset();
      URNA_ASSIGN_OR_RETURN(bundle_, Fetch(n));
      n_ = n;
    }
    return ToBytes(bundle_->entries()[index % merkle::kTileWidth]);
  }

 private:
  absl::StatusOr<record::EntryBundle> Fetch(uint64_t n) {
    merkle::TileId tile = record::TileIn(merkle::TileId::kEntries, n, size_);
    absl::StatusOr<Bytes> contents = Get(tile);
    if (absl::IsNotFound(contents.status()) && tile.width != merkle::kTileWidth) {
      // Whoever has only the newest tiles may have the whole one by now; it begins the same.
      tile.width = merkle::kTileWidth;
      absl::StatusOr<Bytes> full = Get(tile);
      if (full.ok() || !absl::IsNotFound(full.status())) contents = std::move(full);
    }
    if (!contents.ok()) return contents.status();
    absl::StatusOr<record::EntryBundle> bundle =
        record::EntryBundle::Parse(*std::move(contents), tile.width);
    if (bundle.ok()) return bundle;
    return absl::DataLossError(
        absl::StrCat(url_, "/", tile.Path(), ": ", bundle.status().message()));
  }

  absl::StatusOr<Bytes> Get(const merkle::TileId& tile) {
    return reader_.Get(absl::StrCat(url_, "/", tile.Path()), merkle::kMaxBundleSize);
  }

  HttpReader& reader_;
  const std::string url_;
  const uint64_t size_;
  uint64_t n_ = 0;
  std::optional<record::EntryBundle> bundle_;
};

// The notes of the log, as far as they are there: who has a record's files alone has no final one.
absl::StatusOr<ShownCheckpoints> Show(HttpReader& reader, const std::string& url, FetchAt at) {
  ShownCheckpoints shown;
  URNA_ASSIGN_OR_RETURN(
      const Bytes newest,
      reader.Get(absl::StrCat(url, "/", record::kCheckpointName), merkle::kMaxNoteSize));
  shown.newest = std::string(AsText(newest));
  if (at == FetchAt::kNewest) return shown;
  const absl::StatusOr<Bytes> final =
      reader.Get(absl::StrCat(url, "/", record::kFinalCheckpointName), merkle::kMaxNoteSize);
  if (!final.ok() && !absl::IsNotFound(final.status())) return final.status();
  if (final.ok()) shown.final = std::string(AsText(*final));
  return shown;
}

absl::Status MirrorLog(HttpReader& reader, const std::string& url, const std::string& directory,
                       FetchAt at, const ProgressOf& progress_of) {
  const std::string checkpoint_url = absl::StrCat(url, "/", record::kCheckpointName);
  URNA_ASSIGN_OR_RETURN(const std::string note,
                        ChooseCheckpoint(at, [&] { return Show(reader, url, at); }));
  absl::StatusOr<record::LogCheckpoint> said = record::ParseCheckpoint(ToBytes(AsBytes(note)));
  if (!said.ok()) {
    return absl::DataLossError(absl::StrCat(checkpoint_url, ": ", said.status().message()));
  }
  const merkle::Checkpoint& checkpoint = said->checkpoint;
  if (checkpoint.size() == 0) {
    return absl::DataLossError(absl::StrCat(checkpoint_url, ": the log is empty"));
  }
  RemoteEntries entries(reader, url, checkpoint.size());
  URNA_ASSIGN_OR_RETURN(const Bytes first, entries.Read(0));
  const auto opened = record::OpenFetchedCheckpoint(checkpoint.origin(), said->note, first);
  if (!opened.ok()) {
    return absl::DataLossError(absl::StrCat(checkpoint_url, ": ", opened.status().message()));
  }
  const Progress progress = Begin(progress_of, FetchedOf(checkpoint.origin()));
  const auto source = [&](uint64_t index) {
    if (progress) progress(index + 1, checkpoint.size());
    return entries.Read(index);
  };
  return Annotate(record::WriteLog(directory, said->note, source), url);
}

}  // namespace

bool IsWebUrl(absl::string_view text) {
  return absl::StartsWithIgnoreCase(text, "http://") ||
         absl::StartsWithIgnoreCase(text, "https://");
}

absl::Status MirrorRecord(const std::string& url, const std::string& record,
                          const HttpOptions& options, FetchAt at, const ProgressOf& progress) {
  absl::string_view poll = url;
  while (absl::ConsumeSuffix(&poll, "/")) {
  }
  const size_t path = poll.find('/', poll.find("//") + 2);
  if (!IsWebUrl(poll) || path == absl::string_view::npos ||
      poll.find_first_of("?#") != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", url, "' is not the URL of a poll, such as https://board.example/poll"));
  }
  URNA_ASSIGN_OR_RETURN(HttpReader reader, HttpReader::Create(options));
  const std::string directory = record::PollDirectory(record);
  URNA_RETURN_IF_ERROR(MirrorLog(reader, std::string(poll), directory, at, progress));
  URNA_ASSIGN_OR_RETURN(const std::optional<roll::RollPin> pin, record::FindPin(directory));
  if (!pin.has_value()) return absl::OkStatus();
  // Beside the poll there as in a record here.
  const std::string beside(poll.substr(0, poll.rfind('/')));
  const std::string roll = record::RollDirectory(record, pin->roll_id);
  URNA_RETURN_IF_ERROR(MirrorLog(reader, record::RollDirectory(beside, pin->roll_id), roll,
                                 FetchAt::kNewest, progress));
  return record::CheckPinnedRoll(roll, *pin);
}

}  // namespace urna::remote
