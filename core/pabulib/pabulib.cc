#include "core/pabulib/pabulib.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/status.h"
#include "core/base/utf8.h"

namespace urna::pabulib {
namespace {

constexpr char kSeparator = ';';

// One decimal number without sign or anything around it.
absl::StatusOr<uint64_t> ParseNumber(absl::string_view text, absl::string_view what) {
  uint64_t value = 0;
  if (text.empty() || !std::all_of(text.begin(), text.end(), absl::ascii_isdigit) ||
      !absl::SimpleAtoi(text, &value)) {
    return absl::InvalidArgumentError(absl::StrCat(what, " '", text, "' is no whole number"));
  }
  return value;
}

bool IsCost(absl::string_view text) {
  const size_t point = text.find('.');
  const absl::string_view whole = text.substr(0, point);
  const absl::string_view decimals =
      point == absl::string_view::npos ? absl::string_view("0") : text.substr(point + 1);
  return !whole.empty() && !decimals.empty() &&
         std::all_of(whole.begin(), whole.end(), absl::ascii_isdigit) &&
         std::all_of(decimals.begin(), decimals.end(), absl::ascii_isdigit);
}

// Takes a quoted field off `rest`, which begins with '"'; afterwards `rest` is empty or begins with
// the separator.
absl::StatusOr<std::string> TakeQuoted(absl::string_view& rest) {
  std::string out;
  for (size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] != '"') {
      out.push_back(rest[i]);
    } else if (i + 1 < rest.size() && rest[i + 1] == '"') {
      out.push_back('"');
      ++i;
    } else {
      rest.remove_prefix(i + 1);
      if (!rest.empty() && rest[0] != kSeparator) {
        return absl::InvalidArgumentError("characters follow the end of a quoted field");
      }
      return out;
    }
  }
  return absl::InvalidArgumentError("a quoted field doesn't end");
}

absl::StatusOr<std::vector<std::string>> SplitLine(absl::string_view line) {
  std::vector<std::string> fields;
  absl::string_view rest = line;
  while (true) {
    if (absl::StartsWith(rest, "\"")) {
      URNA_ASSIGN_OR_RETURN(std::string field, TakeQuoted(rest));
      fields.push_back(std::move(field));
    } else {
      const size_t end = std::min(rest.find(kSeparator), rest.size());
      fields.emplace_back(rest.substr(0, end));
      rest.remove_prefix(end);
    }
    if (rest.empty()) return fields;
    rest.remove_prefix(1);
  }
}

// The columns that a section has, and one of its records.
class Columns {
 public:
  static absl::StatusOr<Columns> Parse(absl::string_view line,
                                       const std::vector<std::string>& required) {
    URNA_ASSIGN_OR_RETURN(const std::vector<std::string> names, SplitLine(line));
    Columns out;
    out.count_ = names.size();
    for (size_t i = 0; i < names.size(); ++i) {
      if (!out.positions_.emplace(names[i], i).second) {
        return absl::InvalidArgumentError(absl::StrCat("column '", names[i], "' stands twice"));
      }
    }
    for (const std::string& name : required) {
      if (!out.Has(name)) {
        return absl::InvalidArgumentError(absl::StrCat("there is no column '", name, "'"));
      }
    }
    return out;
  }

  bool Has(const std::string& name) const { return positions_.contains(name); }

  absl::StatusOr<std::vector<std::string>> Record(absl::string_view line) const {
    URNA_ASSIGN_OR_RETURN(std::vector<std::string> fields, SplitLine(line));
    if (fields.size() != count_) {
      return absl::InvalidArgumentError(
          absl::StrCat(fields.size(), " columns where ", count_, " belong"));
    }
    return fields;
  }

  // Empty if there is no such column.
  std::string Get(const std::vector<std::string>& record, const std::string& name) const {
    const auto found = positions_.find(name);
    return found == positions_.end() ? std::string() : record[found->second];
  }

 private:
  std::map<std::string, size_t> positions_;
  size_t count_ = 0;
};

// Takes the file line by line.
class Parser {
 public:
  explicit Parser(absl::string_view name) : name_(name) {}

  absl::Status Line(absl::string_view line) {
    ++line_;
    if (absl::EndsWith(line, "\r")) line.remove_suffix(1);
    if (absl::StripAsciiWhitespace(line).empty()) return absl::OkStatus();
    return Annotate(Take(line), absl::StrCat(name_, " line ", line_));
  }

  absl::StatusOr<File> Finish() {
    URNA_RETURN_IF_ERROR(Annotate(CheckWhole(), name_));
    return std::move(file_);
  }

 private:
  enum class Section { kNone, kMeta, kProjects, kVotes };

  absl::Status Take(absl::string_view line) {
    static constexpr absl::string_view kNames[] = {"", "META", "PROJECTS", "VOTES"};
    for (int i = 1; i <= 3; ++i) {
      if (line != kNames[i]) continue;
      if (i != static_cast<int>(section_) + 1) {
        return absl::InvalidArgumentError(
            absl::StrCat("section ", line, " is out of place: META, PROJECTS, VOTES is the order"));
      }
      if (section_ != Section::kNone && !columns_) return HeaderMissing();
      section_ = static_cast<Section>(i);
      columns_.reset();
      return absl::OkStatus();
    }
    if (section_ == Section::kNone) {
      return absl::InvalidArgumentError("the file doesn't begin with the section META");
    }
    if (!columns_) return TakeHeader(line);
    switch (section_) {
      case Section::kMeta:
        return TakeMeta(line);
      case Section::kProjects:
        return TakeProject(line);
      default:
        return TakeVote(line);
    }
  }

  static absl::Status HeaderMissing() {
    return absl::InvalidArgumentError("the section before has no line of column names");
  }

  absl::Status TakeHeader(absl::string_view line) {
    const std::vector<std::string> required =
        section_ == Section::kMeta       ? std::vector<std::string>{"key", "value"}
        : section_ == Section::kProjects ? std::vector<std::string>{"project_id", "cost"}
                                         : std::vector<std::string>{"voter_id", "vote"};
    URNA_ASSIGN_OR_RETURN(columns_, Columns::Parse(line, required));
    return absl::OkStatus();
  }

  // Values of META are free text, in which some files have separators without quotes.
  absl::Status TakeMeta(absl::string_view line) {
    const size_t end = line.find(kSeparator);
    if (end == 0 || end == absl::string_view::npos) {
      return absl::InvalidArgumentError("a line of META is a key, ';' and a value");
    }
    std::string key(line.substr(0, end));
    absl::string_view rest = line.substr(end + 1);
    std::string value(rest);
    if (absl::StartsWith(rest, "\"")) {
      URNA_ASSIGN_OR_RETURN(value, TakeQuoted(rest));
      if (!rest.empty()) return absl::InvalidArgumentError("more than one value in META");
    }
    if (!file_.meta.emplace(key, std::move(value)).second) {
      return absl::InvalidArgumentError(absl::StrCat("key '", key, "' stands twice"));
    }
    return absl::OkStatus();
  }

  absl::Status TakeProject(absl::string_view line) {
    URNA_ASSIGN_OR_RETURN(const std::vector<std::string> record, columns_->Record(line));
    Project project;
    project.line = line_;
    project.id = columns_->Get(record, "project_id");
    project.cost = columns_->Get(record, "cost");
    project.name = columns_->Get(record, "name");
    project.category = columns_->Get(record, "category");
    if (project.id.empty()) return absl::InvalidArgumentError("the project has no id");
    if (!IsCost(project.cost)) {
      return absl::InvalidArgumentError(absl::StrCat("cost '", project.cost, "' is no number"));
    }
    // Where voters give points, 'score' is what was published of them.
    for (const char* column : {"votes", "score"}) {
      const std::string text = columns_->Get(record, column);
      if (text.empty()) continue;
      URNA_ASSIGN_OR_RETURN(project.votes, ParseNumber(text, column));
    }
    if (const std::string text = columns_->Get(record, "selected"); !text.empty()) {
      URNA_ASSIGN_OR_RETURN(const uint64_t selected, ParseNumber(text, "selected"));
      project.selected = selected != 0;
    }
    if (!positions_.emplace(project.id, file_.projects.size()).second) {
      return absl::InvalidArgumentError(absl::StrCat("project '", project.id, "' stands twice"));
    }
    file_.projects.push_back(std::move(project));
    return absl::OkStatus();
  }

  absl::Status TakeVote(absl::string_view line) {
    URNA_ASSIGN_OR_RETURN(const std::vector<std::string> record, columns_->Record(line));
    Vote vote;
    vote.line = line_;
    vote.voter = columns_->Get(record, "voter_id");
    vote.neighbourhood = columns_->Get(record, "neighborhood");
    if (vote.voter.empty()) return absl::InvalidArgumentError("the vote has no voter_id");
    if (!voters_.insert(vote.voter).second) {
      return absl::InvalidArgumentError(absl::StrCat("voter '", vote.voter, "' stands twice"));
    }
    const std::string ids = columns_->Get(record, "vote");
    if (!ids.empty()) {
      for (absl::string_view id : absl::StrSplit(ids, ',')) {
        id = absl::StripAsciiWhitespace(id);
        const auto found = positions_.find(std::string(id));
        if (found == positions_.end()) {
          return absl::InvalidArgumentError(absl::StrCat("project '", id, "' is not in PROJECTS"));
        }
        if (std::count(vote.projects.begin(), vote.projects.end(), found->second) > 0) {
          return absl::InvalidArgumentError(
              absl::StrCat("project '", id, "' stands twice in the vote"));
        }
        vote.projects.push_back(found->second);
      }
    }
    if (columns_->Has("points")) {
      URNA_RETURN_IF_ERROR(TakePoints(columns_->Get(record, "points"), vote));
    }
    file_.votes.push_back(std::move(vote));
    return absl::OkStatus();
  }

  static absl::Status TakePoints(absl::string_view text, Vote& vote) {
    if (!text.empty()) {
      for (absl::string_view number : absl::StrSplit(text, ',')) {
        URNA_ASSIGN_OR_RETURN(const uint64_t value,
                              ParseNumber(absl::StripAsciiWhitespace(number), "points"));
        if (value > UINT32_MAX) {
          return absl::InvalidArgumentError(absl::StrCat("points ", value, " are too many"));
        }
        vote.points.push_back(static_cast<uint32_t>(value));
      }
    }
    if (vote.points.size() != vote.projects.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat(vote.points.size(), " points for ", vote.projects.size(), " projects"));
    }
    return absl::OkStatus();
  }

  absl::Status CheckWhole() const {
    if (section_ != Section::kVotes) {
      return absl::InvalidArgumentError(absl::StrCat("section ",
                                                     section_ == Section::kNone   ? "META"
                                                     : section_ == Section::kMeta ? "PROJECTS"
                                                                                  : "VOTES",
                                                     " is missing"));
    }
    if (!columns_) return absl::InvalidArgumentError("VOTES has no line of column names");
    if (file_.projects.empty()) return absl::InvalidArgumentError("there are no projects");
    const std::pair<const char*, size_t> counts[] = {{"num_projects", file_.projects.size()},
                                                     {"num_votes", file_.votes.size()}};
    for (const auto& [key, count] : counts) {
      URNA_ASSIGN_OR_RETURN(const uint64_t stated, file_.MetaNumber(key, count));
      if (stated != count) {
        return absl::InvalidArgumentError(
            absl::StrCat("META says ", key, " ", stated, ", the file has ", count));
      }
    }
    return absl::OkStatus();
  }

  std::string name_;
  size_t line_ = 0;
  Section section_ = Section::kNone;
  std::optional<Columns> columns_;
  File file_;
  std::unordered_map<std::string, uint32_t> positions_;
  std::set<std::string> voters_;
};

}  // namespace

std::optional<std::string> File::Meta(absl::string_view key) const {
  const auto found = meta.find(std::string(key));
  if (found == meta.end()) return std::nullopt;
  return found->second;
}

absl::StatusOr<uint64_t> File::MetaNumber(absl::string_view key, uint64_t absent) const {
  const std::optional<std::string> text = Meta(key);
  if (!text) return absent;
  return ParseNumber(*text, key);
}

std::optional<uint32_t> File::FindProject(absl::string_view id) const {
  for (size_t i = 0; i < projects.size(); ++i) {
    if (projects[i].id == id) return static_cast<uint32_t>(i);
  }
  return std::nullopt;
}

absl::StatusOr<File> Parse(absl::string_view text, absl::string_view name) {
  if (absl::StartsWith(text, "\xEF\xBB\xBF")) text.remove_prefix(3);
  if (!IsUtf8Text(text)) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": the file is not UTF-8"));
  }
  Parser parser(name);
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    URNA_RETURN_IF_ERROR(parser.Line(line));
  }
  return parser.Finish();
}

std::vector<uint64_t> CountVotes(const File& file) {
  std::vector<uint64_t> counts(file.projects.size());
  for (const Vote& vote : file.votes) {
    for (size_t i = 0; i < vote.projects.size(); ++i) {
      counts[vote.projects[i]] += vote.points.empty() ? 1 : vote.points[i];
    }
  }
  return counts;
}

std::vector<std::string> DifferencesOfPublished(const File& file) {
  const std::vector<uint64_t> counts = CountVotes(file);
  std::vector<std::string> out;
  for (size_t i = 0; i < counts.size(); ++i) {
    const Project& project = file.projects[i];
    if (project.votes && *project.votes != counts[i]) {
      out.push_back(absl::StrCat("project '", project.id, "': ", *project.votes,
                                 " published, the votes add up to ", counts[i]));
    }
  }
  return out;
}

}  // namespace urna::pabulib
