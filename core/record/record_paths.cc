#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/status.h"
#include "core/record/directory.h"
#include "core/record/plain_files.h"

namespace urna::record {

std::string PollDirectory(const std::string& record) { return absl::StrCat(record, "/poll"); }

std::string RollDirectory(const std::string& record, const crypto::Hash32& roll_id) {
  return absl::StrCat(record, "/roll-", ToHex(roll_id));
}

namespace {

// The roll id in "roll-<64 hex digits>".
absl::StatusOr<crypto::Hash32> ParseRollName(absl::string_view name) {
  if (!absl::ConsumePrefix(&name, "roll-")) return absl::InvalidArgumentError("not a roll");
  URNA_ASSIGN_OR_RETURN(const Bytes id, FromHex(name));
  return ToArray<32>(id);
}

}  // namespace

absl::StatusOr<RecordListing> ListRecord(const std::string& record) {
  URNA_ASSIGN_OR_RETURN(const std::vector<DirectoryItem> items, ListDirectory(record));
  RecordListing listing;
  for (const DirectoryItem& item : items) {
    const absl::StatusOr<crypto::Hash32> roll_id = ParseRollName(item.name);
    if (item.name != "poll" && !roll_id.ok()) {
      listing.problems.push_back(absl::StrCat("'", item.name, "' has no place in a record"));
    } else if (item.kind != FileKind::kDirectory) {
      listing.problems.push_back(
          item.kind == FileKind::kPlain
              ? absl::StrCat("'", item.name, "' is a file where a log's directory belongs")
              : NotPlain(item.name, item.kind));
    } else if (roll_id.ok()) {
      listing.rolls.push_back(*roll_id);
    } else {
      listing.has_poll = true;
    }
  }
  return listing;
}

}  // namespace urna::record
