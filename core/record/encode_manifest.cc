#include "core/base/status.h"
#include "core/record/entry.h"
#include "core/record/field_writer.h"

namespace urna::record {
namespace {

void WriteSchedule(FieldWriter& out, const poll::Schedule& schedule) {
  out.U64(schedule.opens);
  out.U64(schedule.closes);
  out.U32(schedule.tolerance);
}

void WriteNumber(FieldWriter& out, uint16_t number) { out.U16(number); }

void WriteDistrict(FieldWriter& out, const election::District& district) {
  out.U16(district.number);
  out.Texts(district.name, "name");
  out.U16(district.style);
}

void WriteStyle(FieldWriter& out, const election::Style& style) {
  out.U16(style.number);
  out.List(style.contests, "contests", WriteNumber);
}

void WriteOption(FieldWriter& out, const election::Option& option) {
  out.Text8(option.id, "id");
  out.Texts(option.name, "name");
  out.U64(option.cost);
  out.U16(option.list);
}

void WriteList(FieldWriter& out, const election::List& list) {
  out.Text8(list.id, "id");
  out.Texts(list.name, "name");
}

void WriteLimit(FieldWriter& out, const election::Limit& limit) {
  out.Texts(limit.name, "name");
  out.U8(static_cast<uint8_t>(limit.measure));
  out.U64(limit.at_least);
  out.U64(limit.at_most);
  out.List(limit.options, "options", WriteNumber);
}

// What stands after the kind.
struct WriteResultRule {
  FieldWriter& out;

  void operator()(const election::NoResultRule&) const {}
  void operator()(const election::MostVotes& rule) const {
    out.U16(rule.seats);
    out.U8(static_cast<uint8_t>(rule.tie));
  }
  void operator()(const election::ListSeats& rule) const {
    out.U16(rule.seats);
    out.U8(static_cast<uint8_t>(rule.method));
    out.U16(rule.threshold);
  }
  void operator()(const election::GreedyBudget& rule) const {
    out.U64(rule.budget);
    out.U8(static_cast<uint8_t>(rule.reading));
    out.U8(static_cast<uint8_t>(rule.tie));
  }
  void operator()(const election::YesNo& rule) const {
    out.U16(rule.quorum);
    out.U8(static_cast<uint8_t>(rule.base));
    out.U16(rule.numerator);
    out.U16(rule.denominator);
    out.U8(static_cast<uint8_t>(rule.comparison));
  }
};

void WriteContest(FieldWriter& out, const election::Contest& contest) {
  out.U16(contest.number);
  out.Texts(contest.title, "title");
  out.U8(static_cast<uint8_t>(contest.rule));
  out.U16(contest.option_max);
  out.U32(contest.sum_min);
  out.U32(contest.sum_max);
  out.U8(contest.blank ? 1 : 0);
  out.U8(contest.by_district ? 1 : 0);
  out.List(contest.options, "options", WriteOption);
  out.List(contest.lists, "lists", WriteList);
  out.List(contest.limits, "limits", WriteLimit);
  out.U8(static_cast<uint8_t>(contest.result.index()));
  std::visit(WriteResultRule{out}, contest.result);
}

void WriteCount(FieldWriter& out, uint64_t count) { out.U64(count); }

void WriteAnonymous(FieldWriter& out, const election::AnonymousRules& rules) {
  out.U8(election::kAnonymous);
  out.U16(rules.ring_size);
  out.U16(rules.fewest);
  out.Text16(rules.beacon_source, "beacon_source");
  out.List(rules.categories, "categories", WriteNumber);
}

void WriteAnonymous(FieldWriter& out, const petition::AnonymousRules& rules) {
  out.U8(petition::kAnonymous);
  out.U16(rules.ring_size);
  out.U16(rules.fewest);
  out.Text16(rules.beacon_source, "beacon_source");
  out.Text8(rules.profile, "profile");
  out.List(rules.categories, "categories", WriteNumber);
  out.List(rules.paper_categories, "paper_categories", WriteNumber);
  out.U8(rules.initiators);
  out.U32(rules.invitation);
  out.U8(rules.review ? 1 : 0);
  out.List(rules.minimums, "minimums", [](FieldWriter& inner, const petition::Minimum& minimum) {
    inner.U32(minimum.after);
    inner.U64(minimum.at_least);
  });
  out.List(rules.district_minimums, "district_minimums", WriteCount);
  out.U16(rules.districts_needed);
}

}  // namespace

absl::StatusOr<Bytes> EncodeBody(const election::Manifest& manifest) {
  FieldWriter out;
  out.Text8(manifest.origin, "origin");
  out.Raw(manifest.log_key);
  out.Raw(manifest.nonce);
  out.Texts(manifest.title, "title");
  WriteSchedule(out, manifest.schedule);
  out.Key(manifest.registrar, "registrar");
  out.Keys(manifest.officers, "officers");
  out.U16(manifest.officer_quorum);
  out.Keys(manifest.trustees, "trustees");
  out.U16(manifest.trustee_threshold);
  out.U32(manifest.minimum_ballots);
  out.U16(manifest.challenges);
  out.List(manifest.districts, "districts", WriteDistrict);
  out.List(manifest.styles, "styles", WriteStyle);
  out.List(manifest.contests, "contests", WriteContest);
  if (manifest.anonymous.has_value()) WriteAnonymous(out, *manifest.anonymous);
  URNA_ASSIGN_OR_RETURN(Bytes body, out.Take());
  URNA_RETURN_IF_ERROR(DecodeElectionManifest(body, VersionOf(manifest)).status());
  return body;
}

absl::StatusOr<Bytes> EncodeBody(const petition::Manifest& manifest) {
  FieldWriter out;
  out.Text8(manifest.origin, "origin");
  out.Raw(manifest.log_key);
  out.Raw(manifest.nonce);
  out.Texts(manifest.title, "title");
  out.Texts(manifest.text, "text");
  WriteSchedule(out, manifest.schedule);
  out.Key(manifest.registrar, "registrar");
  out.Keys(manifest.officers, "officers");
  out.U16(manifest.officer_quorum);
  out.Names(manifest.districts, "districts");
  out.List(manifest.thresholds, "thresholds",
           [](FieldWriter& inner, uint64_t threshold) { inner.U64(threshold); });
  if (manifest.anonymous.has_value()) {
    WriteAnonymous(out, *manifest.anonymous);
  }
  URNA_ASSIGN_OR_RETURN(Bytes body, out.Take());
  URNA_RETURN_IF_ERROR(DecodePetitionManifest(body, VersionOf(manifest)).status());
  return body;
}

}  // namespace urna::record
