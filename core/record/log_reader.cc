#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/merkle/note.h"
#include "core/merkle/tile.h"
#include "core/record/directory.h"
#include "core/record/log_files.h"
#include "core/record/log_scan.h"
#include "core/record/plain_files.h"

namespace urna::record {
namespace {

constexpr size_t kCachedBundles = 4;

}  // namespace

absl::StatusOr<EntryBundle> EntryBundle::Parse(Bytes contents, uint32_t width) {
  URNA_ASSIGN_OR_RETURN(std::vector<ByteSpan> entries, merkle::ParseEntryBundle(contents, width));
  return EntryBundle(std::move(contents), std::move(entries));  // moving keeps the bytes in place
}

struct LogReader::Impl {
  std::string directory;
  Bytes note;
  merkle::Checkpoint checkpoint;
  std::mutex mutex;                                      // guards what follows
  std::deque<std::pair<uint64_t, EntryBundle>> bundles;  // the last ones asked for
  std::optional<std::pair<merkle::TileId, Bytes>> tile;  // the last one asked for
};

LogReader::LogReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LogReader::LogReader(LogReader&&) noexcept = default;
LogReader& LogReader::operator=(LogReader&&) noexcept = default;
LogReader::~LogReader() = default;

absl::StatusOr<LogReader> LogReader::Open(const std::string& directory) {
  URNA_ASSIGN_OR_RETURN(LogCheckpoint read, ReadCheckpoint(directory));
  return LogReader(std::unique_ptr<Impl>(
      new Impl{directory, std::move(read.note), std::move(read.checkpoint), {}, {}, std::nullopt}));
}

const std::string& LogReader::directory() const { return impl_->directory; }
const Bytes& LogReader::checkpoint_note() const { return impl_->note; }
const merkle::Checkpoint& LogReader::checkpoint() const { return impl_->checkpoint; }

absl::StatusOr<EntryBundle> LogReader::ReadBundle(uint64_t n) const {
  const merkle::TileId tile = TileIn(merkle::TileId::kEntries, n, size());
  if (tile.width == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("a log of ", size(), " entries has no bundle ", n));
  }
  const std::string path = absl::StrCat(impl_->directory, "/", tile.Path());
  URNA_ASSIGN_OR_RETURN(Bytes contents, ReadPlainFile(path, merkle::kMaxBundleSize));
  absl::StatusOr<EntryBundle> bundle = EntryBundle::Parse(std::move(contents), tile.width);
  if (!bundle.ok()) return Annotate(bundle.status(), path);
  return bundle;
}

absl::StatusOr<Bytes> LogReader::ReadEntry(uint64_t index) const {
  if (index >= size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("a log of ", size(), " entries has no entry ", index));
  }
  const uint64_t n = index / merkle::kTileWidth;
  const size_t place = index % merkle::kTileWidth;
  const std::lock_guard lock(impl_->mutex);
  for (const auto& [number, bundle] : impl_->bundles) {
    if (number == n) return ToBytes(bundle.entries()[place]);
  }
  URNA_ASSIGN_OR_RETURN(EntryBundle bundle, ReadBundle(n));
  if (impl_->bundles.size() == kCachedBundles) impl_->bundles.pop_front();
  impl_->bundles.emplace_back(n, std::move(bundle));
  return ToBytes(impl_->bundles.back().second.entries()[place]);
}

absl::Status LogReader::ForEachEntry(
    uint64_t from, uint64_t to,
    const std::function<absl::Status(uint64_t index, ByteSpan entry)>& body) const {
  if (from > to || to > size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("a log of ", size(), " entries has none from ", from, " to ", to));
  }
  for (uint64_t index = from; index < to;) {
    const uint64_t n = index / merkle::kTileWidth;
    URNA_ASSIGN_OR_RETURN(const EntryBundle bundle, ReadBundle(n));
    for (size_t i = index % merkle::kTileWidth; i < bundle.entries().size() && index < to; ++i) {
      URNA_RETURN_IF_ERROR(body(index, bundle.entries()[i]));
      ++index;
    }
  }
  return absl::OkStatus();
}

merkle::NodeReader LogReader::nodes() const {
  Impl* impl = impl_.get();
  return merkle::NodesFromTiles(
      size(), [impl](const merkle::TileId& tile) -> absl::StatusOr<Bytes> {
        const std::lock_guard lock(impl->mutex);
        if (impl->tile.has_value() && impl->tile->first == tile) return impl->tile->second;
        const std::string path = absl::StrCat(impl->directory, "/", tile.Path());
        URNA_ASSIGN_OR_RETURN(Bytes contents,
                              ReadPlainFile(path, merkle::kTileWidth * sizeof(merkle::Hash)));
        impl->tile.emplace(tile, contents);
        return contents;
      });
}

std::vector<std::string> LogReader::CheckFiles() const {
  return ScanLog(*this, 1, [](ScannedBundle) {}).problems;
}

}  // namespace urna::record
