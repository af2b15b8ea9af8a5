// Files of Pabulib (pabulib.org): what a real participatory budget asked, and one line for every
// vote that was cast. Text in UTF-8, three sections (META, PROJECTS, VOTES), each with a line of
// column names and then one line a record, columns apart by ';'. Not part of the protocol: this is
// where rehearsals get their polls and votes from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace urna::pabulib {

// The longest file that callers should read, in bytes.
inline constexpr size_t kMaxFileSize = 256 << 20;

struct Project {
  std::string id;                 // unique in the file
  std::string cost;               // digits, perhaps with decimals after a point
  std::string name;               // empty if there is no such column
  std::string category;           // empty if there is no such column
  std::optional<uint64_t> votes;  // as published: votes, or points where voters gave points
  std::optional<bool> selected;
  size_t line = 0;  // of the file, from 1
};

struct Vote {
  std::string voter;               // unique in the file
  std::vector<uint32_t> projects;  // positions in File::projects, in the voter's order, each once
  std::vector<uint32_t> points;  // one for each of `projects`, or empty if there is no such column
  std::string neighbourhood;     // empty if there is no such column
  size_t line = 0;
};

// A whole file. An aggregate: Parse makes only consistent ones.
struct File {
  std::map<std::string, std::string> meta;  // without the line "key;value"
  std::vector<Project> projects;            // in the file's order
  std::vector<Vote> votes;

  // The META value of a key; nothing if it isn't there.
  std::optional<std::string> Meta(absl::string_view key) const;
  // A META value that must be a whole number; `absent` if it isn't there. InvalidArgument if it is
  // no number.
  absl::StatusOr<uint64_t> MetaNumber(absl::string_view key, uint64_t absent) const;
  // The position of a project; nothing if there is none of this id.
  std::optional<uint32_t> FindProject(absl::string_view id) const;
};

// InvalidArgument, as "gdynia.pb line 17: project '99' is not in PROJECTS", if the text is not
// UTF-8, a section or a column is missing or stands twice, a line has too many or too few columns,
// a project or voter stands twice, a vote names an unknown project or one project twice, or the
// numbers of projects and votes are not those of META. Empty lines are passed over. A field that
// begins with '"' ends with '"', and '""' in it is '"'. `name` is the file's, for the sentences.
absl::StatusOr<File> Parse(absl::string_view text, absl::string_view name);

// How often every project was chosen, or the points it was given, by position.
std::vector<uint64_t> CountVotes(const File& file);

// Where the published votes are not what the lines under VOTES add up to: one sentence a project.
std::vector<std::string> DifferencesOfPublished(const File& file);

}  // namespace urna::pabulib
