#include "bench/ballot_shapes.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace urna::bench {
namespace {

election::Contest MakeContest(const Shape& shape, uint16_t number) {
  election::Contest contest;
  contest.number = number;
  contest.title = {{"en", absl::StrCat("Contest ", number)}};
  contest.rule = shape.most == 1 ? election::Rule::kOneOfN : election::Rule::kKOfN;
  contest.sum_min = 1;
  contest.sum_max = shape.most;
  for (size_t i = 0; i < shape.options; ++i) {
    contest.options.push_back({absl::StrCat(i), {{"en", absl::StrCat("Option ", i)}}});
  }
  return contest;
}

}  // namespace

const Shape* FindShape(absl::string_view name) {
  for (const Shape& shape : kShapes) {
    if (name == shape.name) return &shape;
  }
  return nullptr;
}

std::string ShapeNames() {
  return absl::StrJoin(kShapes, ", ", [](std::string* out, const Shape& shape) {
    absl::StrAppend(out, shape.name);
  });
}

void AddContests(const Shape& shape, election::Manifest& manifest) {
  manifest.districts = {{1, {{"en", "City"}}, 1}};
  manifest.styles = {{1, {}}};
  for (uint16_t number = 1; number <= shape.contests; ++number) {
    manifest.contests.push_back(MakeContest(shape, number));
    manifest.styles[0].contests.push_back(number);
  }
}

}  // namespace urna::bench
