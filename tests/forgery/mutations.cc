#include "tests/forgery/mutations.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "tests/core/audit/audit_kit.h"
#include "tests/forgery/elections.h"

namespace urna::forgery {
namespace {

size_t Pick(crypto::Rng& rng, size_t below) {
  const auto bytes = rng.Array<8>();
  uint64_t value = 0;
  for (uint8_t byte : bytes) value = value << 8 | byte;
  return static_cast<size_t>(value % below);
}

class ElectionSource : public Source {
 public:
  explicit ElectionSource(std::unique_ptr<ElectionFixture> election)
      : election_(std::move(election)) {}
  const testing::TestPeople& people() const override { return election_->people(); }
  const std::vector<Bytes>& entries() const override { return election_->encoded(); }
  const testing::TestRoll& roll() const override { return election_->roll(); }
  uint16_t threshold() const override { return election_->manifest().trustee_threshold; }
  std::string policy_lines() const override {
    if (!election_->manifest().anonymous.has_value()) return "";
    return absl::StrCat("beacon ", ToHex(ElectionFixture::kBeacon), "\n");
  }

 private:
  std::unique_ptr<ElectionFixture> election_;
};

class PetitionSource : public Source {
 public:
  PetitionSource() {
    petition_.Open();
    petition_.Sign(0, 1);
    petition_.Sign(1, 1);
    petition_.Withdraw(0, 2);
    petition_.Sign(0, 3);
    petition_.Close();
    petition_.Finish();
  }
  const testing::TestPeople& people() const override { return petition_.kit.people; }
  const std::vector<Bytes>& entries() const override { return petition_.entries; }
  const testing::TestRoll& roll() const override { return petition_.kit.roll; }
  uint16_t threshold() const override { return 0; }

 private:
  audit::PetitionLog petition_;
};

class AnonymousPetitionSource : public Source {
 public:
  AnonymousPetitionSource() : petition_(8, petition::PetitionKit::SmallRings()) {
    petition_.Open();
    petition_.SignInRing(0, 1);
    petition_.SignInRing(1, 1);
    petition_.ActByTag(0, petition::Act::kWithdraw, 2);
    petition_.ActByTag(0, petition::Act::kSign, 3);
    petition_.Close();
    petition_.Finish();
  }
  const testing::TestPeople& people() const override { return petition_.kit.people; }
  const std::vector<Bytes>& entries() const override { return petition_.entries; }
  const testing::TestRoll& roll() const override { return petition_.kit.roll; }
  uint16_t threshold() const override { return 0; }
  std::string policy_lines() const override {
    return absl::StrCat("beacon ", ToHex(petition::PetitionKit::kBeacon), "\n");
  }

 private:
  audit::PetitionLog petition_;
};

// --- Changes of one entry's bytes, which nobody signs again.

std::string Spoil(Bytes& entry, const std::vector<Bytes>& all, crypto::Rng& rng) {
  const size_t at = Pick(rng, entry.size());
  const size_t window = std::min<size_t>(32, entry.size() - at);
  switch (Pick(rng, 6)) {
    case 0:
      entry[at] ^= static_cast<uint8_t>(1 << Pick(rng, 8));
      return absl::StrCat("a bit of byte ", at);
    case 1:
      entry[at] = static_cast<uint8_t>(Pick(rng, 256));
      return absl::StrCat("byte ", at);
    case 2: {
      const Bytes& other = all[Pick(rng, all.size())];
      const size_t from = Pick(rng, other.size());
      std::copy_n(other.begin() + static_cast<ptrdiff_t>(from),
                  std::min(window, other.size() - from),
                  entry.begin() + static_cast<ptrdiff_t>(at));
      return absl::StrCat("bytes of another entry at ", at);
    }
    case 3: {
      const size_t to = Pick(rng, entry.size() - window + 1);
      std::swap_ranges(entry.begin() + static_cast<ptrdiff_t>(std::min(at, to)),
                       entry.begin() + static_cast<ptrdiff_t>(
                                           std::min(at, to) +
                                           std::min(window, std::max(at, to) - std::min(at, to))),
                       entry.begin() + static_cast<ptrdiff_t>(std::max(at, to)));
      return absl::StrCat("bytes at ", at, " and ", to, " exchanged");
    }
    case 4:
      entry.resize(at);
      return absl::StrCat("cut to ", at, " bytes");
    default:
      entry.insert(entry.begin() + static_cast<ptrdiff_t>(at),
                   static_cast<uint8_t>(Pick(rng, 256)));
      return absl::StrCat("a byte more at ", at);
  }
}

// --- Changes that leave every entry as it was signed.

std::string Rearrange(std::vector<Bytes>& entries, crypto::Rng& rng) {
  const size_t at = 1 + Pick(rng, entries.size() - 1);
  const size_t to = 1 + Pick(rng, entries.size() - 1);
  switch (Pick(rng, 3)) {
    case 0:
      entries.erase(entries.begin() + static_cast<ptrdiff_t>(at));
      return absl::StrCat("entry ", at, " left out");
    case 1:
      entries.insert(entries.begin() + static_cast<ptrdiff_t>(to), Bytes(entries[at]));
      return absl::StrCat("entry ", at, " once more at ", to);
    default:
      std::swap(entries[at], entries[to]);
      return absl::StrCat("entries ", at, " and ", to, " exchanged");
  }
}

// --- Orders and trustee messages that chance changed and their signers sign all the same.

std::optional<Bytes> SignAgain(const Source& source, const Bytes& bytes, crypto::Rng& rng) {
  const absl::StatusOr<record::Entry> entry = record::DecodeEntry(bytes);
  if (!entry.ok()) return std::nullopt;
  const crypto::Hash32 poll = poll::ManifestHash([&] {
    const auto first = record::DecodeEntry(source.entries()[0]);
    URNA_CHECK(first.ok(), "an honest record begins with a manifest");
    if (const auto* manifest = std::get_if<election::SignedManifest>(&*first)) {
      return manifest->signed_body.body;
    }
    return std::get<petition::SignedManifest>(*first).signed_body.body;
  }());
  const auto change = [&rng](Bytes body) {
    const size_t at = Pick(rng, body.size());
    body[at] = static_cast<uint8_t>(Pick(rng, 4) == 0 ? Pick(rng, 256) : body[at] + 1);
    return body;
  };
  absl::StatusOr<Bytes> encoded = bytes;
  if (const auto* order = std::get_if<poll::SignedOrder>(&*entry)) {
    const auto changed = record::DecodeOrder(change(order->signed_body.body));
    if (!changed.ok()) return std::nullopt;
    encoded = record::EncodeEntry(testing::SignOrder(source.people().officers, poll, *changed));
  } else if (const auto* message = std::get_if<election::SignedTrusteeMessage>(&*entry)) {
    election::SignedTrusteeMessage again = *message;
    again.fields = change(message->fields);
    const auto changed = record::DecodeTrusteeMessage(message->type, again.fields);
    if (!changed.ok()) return std::nullopt;
    again.message = *changed;
    const auto& trustees = source.people().trustees;
    const size_t j = std::clamp<size_t>(again.trustee(), 1, trustees.size());
    again.signature =
        trustees[j - 1].key.Sign(election::TrusteeSignatureMessage(poll, again.type, again.fields));
    encoded = record::EncodeEntry(again);
  } else {
    return std::nullopt;
  }
  if (!encoded.ok()) return std::nullopt;
  return *encoded;
}

std::unique_ptr<ElectionFixture> AnonymousElection() {
  ElectionOptions options;
  options.anonymous = true;
  auto election = std::make_unique<ElectionFixture>(std::move(options));
  election->RunTo(Phase::kFinal);
  return election;
}

}  // namespace

std::vector<std::unique_ptr<Source>> HonestSources() {
  std::vector<std::unique_ptr<Source>> out;
  out.push_back(std::make_unique<ElectionSource>(ElectionWithEverything()));
  out.push_back(std::make_unique<ElectionSource>(ElectionWithLists()));
  out.push_back(std::make_unique<ElectionSource>(AnonymousElection()));
  out.push_back(std::make_unique<PetitionSource>());
  out.push_back(std::make_unique<AnonymousPetitionSource>());
  return out;
}

Mutation Mutate(const Source& source, crypto::Rng& rng) {
  for (;;) {
    Mutation out;
    out.entries = source.entries();
    const size_t kind = Pick(rng, 4);
    const size_t at = Pick(rng, out.entries.size());
    if (kind == 0) {
      out.must_fail = false;
      out.description = Rearrange(out.entries, rng);
    } else if (kind == 1) {
      std::optional<Bytes> again = SignAgain(source, out.entries[at], rng);
      if (!again.has_value()) continue;
      out.must_fail = false;
      out.entries[at] = *std::move(again);
      out.description = absl::StrCat("entry ", at, " changed and signed again");
    } else {
      out.description =
          absl::StrCat("entry ", at, ": ", Spoil(out.entries[at], source.entries(), rng));
    }
    // An entry of no bytes cannot be written into a tile.
    const bool empty = std::any_of(out.entries.begin(), out.entries.end(),
                                   [](const Bytes& entry) { return entry.empty(); });
    if (!empty && out.entries != source.entries()) return out;
  }
}

void WriteMutation(Case& out, const Source& source, const Mutation& mutation) {
  out.Write(source.people(), source.threshold(), mutation.entries, source.roll(), true);
  out.policy += source.policy_lines();
}

}  // namespace urna::forgery
