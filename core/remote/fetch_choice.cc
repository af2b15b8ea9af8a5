#include "core/remote/fetch_choice.h"

#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/merkle/checkpoint.h"

namespace urna::remote {
namespace {

constexpr int kLooks = 40;
constexpr std::chrono::milliseconds kBetweenLooks{250};

// The size that the note states; 0 if it is no checkpoint.
uint64_t SizeOf(const std::optional<std::string>& note) {
  if (!note.has_value()) return 0;
  const absl::StatusOr<merkle::Note> parsed = merkle::Note::Parse(AsBytes(*note));
  if (!parsed.ok()) return 0;
  const absl::StatusOr<merkle::Checkpoint> checkpoint = merkle::Checkpoint::Parse(parsed->text());
  return checkpoint.ok() ? checkpoint->size() : 0;
}

}  // namespace

absl::StatusOr<std::string> ChooseCheckpoint(
    FetchAt at, const std::function<absl::StatusOr<ShownCheckpoints>()>& show) {
  URNA_ASSIGN_OR_RETURN(ShownCheckpoints shown, show());
  if (at == FetchAt::kNewest) return std::move(shown.newest);
  const uint64_t wanted = SizeOf(shown.newest);
  for (int looks = 1;; ++looks) {
    const uint64_t size = SizeOf(shown.final);
    if (size == 0 && (!shown.has_quorum || looks == kLooks)) return std::move(shown.newest);
    if (size >= wanted || looks == kLooks) return *std::move(shown.final);
    std::this_thread::sleep_for(kBetweenLooks);
    URNA_ASSIGN_OR_RETURN(shown, show());
  }
}

std::string FetchedOf(absl::string_view origin) {
  return absl::StrCat("entries of ", origin, " fetched");
}

}  // namespace urna::remote
