// What is different in an anonymous election: rings in place of names, tags in place of
// credentials. docs/protocol.md §4.1, §7.6.
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/bytes.h"
#include "core/election/state_impl.h"
#include "core/election/turn.h"

namespace urna::election {

std::shared_ptr<const roll::Rings> ElectionState::MakeRings(
    std::shared_ptr<const roll::RollState> roll, const crypto::Hash32& beacon) const {
  return impl_->MakeRings(std::move(roll), beacon);
}

std::shared_ptr<const roll::Rings> ElectionState::Impl::MakeRings(
    std::shared_ptr<const roll::RollState> of_roll, const crypto::Hash32& beacon) const {
  const AnonymousRules& rules = *manifest().anonymous;
  roll::RingPlan plan;
  for (const District& district : manifest().districts) plan.districts.push_back(district.number);
  plan.categories = rules.categories;
  plan.ring_size = rules.ring_size;
  plan.fewest = rules.fewest;
  plan.beacon = beacon;
  return std::make_shared<const roll::Rings>(std::move(of_roll), plan);
}

// B12.
void ElectionState::Impl::CheckRings(const poll::OpenAnonymousElection& order,
                                     const roll::Rings& rings, std::vector<Violation>& out) const {
  if (!rings.too_small().empty()) {
    AddViolation(out, Check::kB12, "opening: district ", rings.too_small().front(),
                 " has members who may vote, but fewer than ", manifest().anonymous->fewest,
                 ", so that none of them could");
  } else if (rings.size() == 0) {
    AddViolation(out, Check::kB12,
                 "opening: nobody on the roll is of a district of the election and may vote");
  } else if (!rings.broken().empty()) {
    AddViolation(out, Check::kB12, "opening: a point stands twice in ring ",
                 rings.broken().front());
  } else if (order.rings != rings.size()) {
    AddViolation(out, Check::kB12, "opening: it says ", order.rings, " rings, the roll gives ",
                 rings.size());
  } else if (order.rings_hash != rings.hash()) {
    AddViolation(out, Check::kB12, "opening: it says rings_hash ", ToHex(order.rings_hash),
                 ", the roll gives ", ToHex(rings.hash()));
  }
}

roll::Census ElectionState::Impl::EntitledOn(const roll::RollState& of_roll) const {
  if (!manifest().anonymous.has_value()) return of_roll.CountMembers();
  roll::Census out = of_roll.CountMembers(manifest().anonymous->categories);
  std::erase_if(out, [this](const auto& members) {
    return manifest().FindDistrict(members.first.district) == nullptr;
  });
  return out;
}

// S8: the kind of ballots that this election does not have.
std::optional<Violation> ElectionState::Impl::CheckKind(bool anonymous) const {
  if (anonymous == manifest().anonymous.has_value()) return std::nullopt;
  return Violation{Check::kS8, absl::InvalidArgumentError(
                                   anonymous ? "it is anonymous, and the election is pseudonymous"
                                             : "it names its credential, and the election is "
                                               "anonymous")};
}

// B2 and B3 of a voter's first ballot.
void ElectionState::Impl::CheckRingBallot(const Ballot& ballot, const RingAnswer& answer,
                                          std::vector<Violation>& out) const {
  const roll::Rings* rings = voting->anonymous->rings.get();
  const auto deny = [&](const std::string& why) {
    out.push_back({Check::kB2, absl::PermissionDeniedError(why)});
  };
  if (rings == nullptr) {
    AddViolation(out, Check::kB2, "the roll is not at hand");
  } else if (answer.ring >= rings->size()) {
    deny(absl::StrCat("there is no ring ", answer.ring, ", there are ", rings->size()));
  } else {
    const District* district = manifest().FindDistrict(rings->DistrictOf(answer.ring));
    const auto tags = tags_of_rings.find(answer.ring);
    if (district->style != ballot.style) {
      deny(absl::StrCat("ring ", answer.ring, " is of district ", district->number, " with style ",
                        district->style, ", not style ", ballot.style));
    } else if (tags != tags_of_rings.end() && tags->second >= rings->CrowdOf(answer.ring)) {
      // Cannot be if the proofs are sound.
      deny(absl::StrCat("ring ", answer.ring, " has ", rings->CrowdOf(answer.ring),
                        " members and as many tags already"));
    }
  }
  if (auto wrong = CheckTurn(ballot, LastSequence(ballot.credential))) {
    out.push_back(*std::move(wrong));
  }
}

// B2 and B3 of a later one.
void ElectionState::Impl::CheckTagBallot(const Ballot& ballot, std::vector<Violation>& out) const {
  const std::optional<Violation> wrong = CheckTurn(ballot, LastSequence(ballot.credential));
  if (wrong.has_value() && wrong->check == Check::kB2) {
    out.push_back(*wrong);
    return;
  }
  const District* district =
      manifest().FindDistrict(last_ballots.MemberOf(ballot.credential).district);
  // None if the roll is not at hand.
  if (district != nullptr && district->style != ballot.style) {
    out.push_back(
        {Check::kB2, absl::PermissionDeniedError(absl::StrCat(
                         "tag ", ToHex(ballot.credential), " is of district ", district->number,
                         " with style ", district->style, ", not style ", ballot.style))});
  }
  if (wrong.has_value()) out.push_back(*wrong);
}

roll::DistrictWeight ElectionState::MemberOf(const Ballot& ballot) const {
  const RingAnswer* answer = ballot.ring_answer();
  return answer == nullptr ? MemberOf(ballot.credential) : impl_->MemberOf(*answer);
}

roll::DistrictWeight ElectionState::Impl::MemberOf(const RingAnswer& answer) const {
  roll::DistrictWeight out;
  if (!voting.has_value() || voting->anonymous == nullptr) return out;
  const roll::Rings* rings = voting->anonymous->rings.get();
  if (rings != nullptr && answer.ring < rings->size()) {
    out.district = rings->DistrictOf(answer.ring);
  }
  return out;
}

void ElectionState::Impl::SetLastOfTag(const Ballot& ballot, uint64_t index) {
  const LastBallots::Ballot last{ballot.sequence, index, ballot.style};
  const RingAnswer* answer = ballot.ring_answer();
  if (answer == nullptr) {
    last_ballots.Set(ballot.credential, last);
    return;
  }
  ++tags_of_rings[answer->ring];
  last_ballots.SetTag(ballot.credential, last, MemberOf(*answer));
}

}  // namespace urna::election
