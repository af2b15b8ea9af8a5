#include "tally/revocations.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/bytes.h"
#include "core/record/entry.h"

namespace urna::tally {
namespace {

using election::ElectionState;
using Line = RevocationReport::Line;

Line DescribeRevoked(const ElectionState& election, const ListedCredential& listed) {
  const auto revoked = election.revoked().find(listed.credential);
  if (revoked != election.revoked().end()) {
    return {listed, "revoked already",
            absl::StrCat("is revoked already, by order ", revoked->second->order, " (",
                         revoked->second->reason, "): nothing changes")};
  }
  const auto ballot = election.Find(listed.credential);
  if (!ballot.has_value()) {
    return {listed, "no ballot", "has no ballot; none that it casts will count"};
  }
  return {listed, "ballot", absl::StrCat("its ballot at entry ", ballot->index, " will not count")};
}

Line DescribeRestored(const ElectionState& election, const ListedCredential& listed) {
  if (!election.revoked().contains(listed.credential)) {
    return {listed, "not revoked", "is not revoked: nothing changes"};
  }
  const auto ballot = election.Find(listed.credential);
  if (!ballot.has_value()) {
    return {listed, "no ballot", "has no ballot; it may vote again"};
  }
  return {listed, "ballot",
          absl::StrCat("its ballot at entry ", ballot->index, " will count again")};
}

}  // namespace

absl::StatusOr<std::vector<ListedCredential>> ParseCredentials(absl::string_view text,
                                                               absl::string_view name) {
  std::vector<ListedCredential> out;
  size_t number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line.front() == '#') continue;
    const absl::StatusOr<Bytes> bytes = FromHex(line);
    if (!bytes.ok() || bytes->size() != 32) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, " line ", number, ": 64 hex digits belong here"));
    }
    out.push_back({number, *ToArray<32>(*bytes)});
  }
  if (out.empty()) return absl::InvalidArgumentError(absl::StrCat(name, ": no credential in it"));
  return out;
}

RevocationReport ReportCredentials(const ElectionState& election, const roll::RollState& roll,
                                   RevocationKind kind,
                                   const std::vector<ListedCredential>& listed) {
  RevocationReport out;
  std::map<std::array<uint8_t, 32>, size_t> first;  // credential -> its first line
  for (const ListedCredential& one : listed) {
    const auto [at, fresh] = first.try_emplace(one.credential, one.line);
    if (!fresh) {
      out.lines.push_back(
          {one, "repeated", absl::StrCat("stands on line ", at->second, " already: left out")});
    } else if (roll.Find(one.credential) == nullptr) {
      out.lines.push_back({one, "not on the roll", "is not on the roll: refused"});
      out.refused.push_back(one.line);
    } else {
      out.lines.push_back(kind == RevocationKind::kRevoke ? DescribeRevoked(election, one)
                                                          : DescribeRestored(election, one));
      out.credentials.push_back(one.credential);
    }
  }
  std::sort(out.credentials.begin(), out.credentials.end());
  return out;
}

size_t MostCredentials(size_t reason_bytes, size_t officers) {
  // Of the entry: type, version, the lengths of body and signatures, and those; of the body: kind,
  // number, hash, time, the lengths of reason and credentials (docs/protocol.md §6).
  const size_t entry = 2 + 2 + 2 + 66 * officers;
  const size_t body = 1 + 4 + 32 + 8 + 2 + reason_bytes + 2;
  return (record::kMaxEntrySize - entry - body) / 32;
}

}  // namespace urna::tally
