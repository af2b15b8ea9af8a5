#include "voter/sealed_store.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/codec.h"
#include "core/base/status.h"

namespace urna::voter {
namespace {

using Json = nlohmann::ordered_json;
using crypto::PasswordStrength;
using crypto::SecretBytes;

constexpr char kFormat[] = "sealed ballot/1";
constexpr size_t kMaxFile = 4 << 20;

Json ToJson(SealedState state, const SealedLabel& label) {
  Json json;
  json["urna"] = kFormat;
  json["state"] = std::string(SealedStateName(state));
  json["origin"] = label.origin;
  json["poll"] = ToHex(label.poll_id);
  json["credential"] = ToHex(label.credential);
  json["sequence"] = label.sequence;
  json["hash"] = ToHex(label.hash);
  return json;
}

Bytes ToText(const Json& json) { return ToBytes(AsBytes(json.dump(2) + "\n")); }

// What a box begins with: the clear part of the file that it is in.
Bytes Heading(SealedState state, const SealedLabel& label, PasswordStrength strength) {
  Writer writer;
  writer.Vector8(AsBytes(SealedStateName(state)));
  writer.Vector16(AsBytes(label.origin));
  writer.Raw(label.poll_id);
  writer.Raw(label.credential);
  writer.U64(label.sequence);
  writer.Raw(label.hash);
  writer.U8(static_cast<uint8_t>(strength));
  return writer.Take();
}

absl::StatusOr<Bytes> SealBox(const Bytes& heading, ByteSpan rest, const SecretBytes& passphrase,
                              PasswordStrength strength, crypto::Rng& rng) {
  SecretBytes plain(heading.size() + rest.size());
  std::copy(heading.begin(), heading.end(), plain.data());
  std::copy(rest.begin(), rest.end(), plain.data() + heading.size());
  return crypto::SealWithPassword(AsText(passphrase.ExposeSpan()), plain.ExposeSpan(), strength,
                                  rng);
}

struct OpenedBox {
  PasswordStrength strength = PasswordStrength::kModerate;
  SecretBytes plain;
  size_t heading = 0;  // bytes before the rest
  ByteSpan rest() const { return plain.ExposeSpan().subspan(heading); }
};

absl::StatusOr<OpenedBox> OpenBox(SealedState state, const SealedLabel& label, ByteSpan box,
                                  const SecretBytes& passphrase) {
  OpenedBox out;
  URNA_ASSIGN_OR_RETURN(out.plain, crypto::OpenWithPassword(AsText(passphrase.ExposeSpan()), box));
  for (PasswordStrength strength :
       {PasswordStrength::kRehearsal, PasswordStrength::kModerate, PasswordStrength::kSensitive}) {
    const Bytes heading = Heading(state, label, strength);
    const ByteSpan plain = out.plain.ExposeSpan();
    if (plain.size() < heading.size() ||
        !std::equal(heading.begin(), heading.end(), plain.begin())) {
      continue;
    }
    out.strength = strength;
    out.heading = heading.size();
    return out;
  }
  return absl::PermissionDeniedError("what stands outside the box was changed");
}

// The ballot without responses; public once it is cast.
void WriteStatement(const election::Ballot& ballot, Writer& writer) {
  writer.U64(ballot.sequence);
  writer.U16(ballot.style);
  writer.Raw(ballot.credential);
  writer.U16(static_cast<uint16_t>(ballot.contests.size()));
  for (const election::ContestBallot& contest : ballot.contests) {
    writer.U16(contest.contest);
    writer.Vector32(contest.ciphertexts);
    writer.Vector32(contest.commitments);
  }
  writer.Raw(ballot.commitment);
}

absl::StatusOr<election::Ballot> ReadStatement(Reader& reader) {
  election::Ballot ballot;
  URNA_ASSIGN_OR_RETURN(ballot.sequence, reader.U64("sequence"));
  URNA_ASSIGN_OR_RETURN(ballot.style, reader.U16("style"));
  URNA_ASSIGN_OR_RETURN(ballot.credential, reader.Array<32>("credential"));
  URNA_ASSIGN_OR_RETURN(const uint16_t contests, reader.U16("contests"));
  for (uint16_t i = 0; i < contests; ++i) {
    election::ContestBallot& contest = ballot.contests.emplace_back();
    URNA_ASSIGN_OR_RETURN(contest.contest, reader.U16("contest"));
    URNA_ASSIGN_OR_RETURN(const ByteSpan ciphertexts, reader.Vector32("ciphertexts"));
    URNA_ASSIGN_OR_RETURN(const ByteSpan commitments, reader.Vector32("commitments"));
    contest.ciphertexts = ToBytes(ciphertexts);
    contest.commitments = ToBytes(commitments);
  }
  URNA_ASSIGN_OR_RETURN(ballot.commitment, reader.Array<32>("commitment"));
  return ballot;
}

absl::Status Malformed(const std::string& path, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": no sealed ballot of Urna: ", why));
}

template <size_t N>
absl::Status TakeHex(const Json& json, const char* field, std::array<uint8_t, N>& out) {
  URNA_ASSIGN_OR_RETURN(const Bytes bytes, FromHex(json[field].get<std::string>()));
  URNA_ASSIGN_OR_RETURN(out, ToArray<N>(bytes));
  return absl::OkStatus();
}

}  // namespace

absl::string_view SealedStateName(SealedState state) {
  switch (state) {
    case SealedState::kSealed:
      return "sealed";
    case SealedState::kCast:
      return "cast";
    case SealedState::kChallenged:
      return "challenged";
  }
  return "";
}

absl::Status SealedStore::Create(const std::string& path, const SealedLabel& label,
                                 const election::SealedBallot& sealed,
                                 const SecretBytes& passphrase, PasswordStrength strength,
                                 crypto::Rng& rng) {
  const election::SealedBallot::Stored stored = sealed.ExposeForStorage();
  Writer public_part;
  public_part.Raw(Heading(SealedState::kSealed, label, strength));
  WriteStatement(stored.statement, public_part);
  URNA_ASSIGN_OR_RETURN(const Bytes box, SealBox(public_part.bytes(), stored.secrets.ExposeSpan(),
                                                 passphrase, strength, rng));
  Json json = ToJson(SealedState::kSealed, label);
  json["box"] = ToBase64(box);
  return StepFile::Create(path, ToText(json));
}

absl::StatusOr<SealedStore> SealedStore::Open(const std::string& path) {
  URNA_ASSIGN_OR_RETURN(StepFile file, StepFile::Open(path, kMaxFile));
  SealedStore store(std::move(file));
  URNA_RETURN_IF_ERROR(store.Parse());
  return store;
}

absl::Status SealedStore::Parse() {
  const Bytes& bytes = file_.contents();
  const Json json = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
  if (!json.is_object()) return Malformed(path(), "not JSON");
  for (const char* field : {"urna", "state", "origin", "poll", "credential", "hash"}) {
    if (!json.contains(field) || !json[field].is_string()) {
      return Malformed(path(), absl::StrCat("there is no field '", field, "'"));
    }
  }
  if (json["urna"] != kFormat) return Malformed(path(), "another format");
  if (!json.contains("sequence") || !json["sequence"].is_number_unsigned()) {
    return Malformed(path(), "there is no field 'sequence'");
  }
  label_.origin = json["origin"];
  label_.sequence = json["sequence"];
  for (const absl::Status& status :
       {TakeHex(json, "poll", label_.poll_id), TakeHex(json, "credential", label_.credential),
        TakeHex(json, "hash", label_.hash)}) {
    if (!status.ok()) return Malformed(path(), status.message());
  }
  bool known = false;
  for (SealedState state : {SealedState::kSealed, SealedState::kCast, SealedState::kChallenged}) {
    if (SealedStateName(state) != json["state"].get<std::string>()) continue;
    state_ = state;
    known = true;
  }
  if (!known) return Malformed(path(), "an unknown state");
  const auto take = [&](const char* field, bool wanted, auto decode, Bytes& out) -> absl::Status {
    if (!wanted) return absl::OkStatus();
    if (!json.contains(field) || !json[field].is_string()) {
      return Malformed(path(), absl::StrCat("there is no field '", field, "'"));
    }
    URNA_ASSIGN_OR_RETURN(out, decode(json[field].template get<std::string>()));
    return absl::OkStatus();
  };
  URNA_RETURN_IF_ERROR(take("entry", state_ != SealedState::kSealed, FromHex, entry_));
  return take("box", state_ != SealedState::kCast, FromBase64, box_);
}

absl::Status SealedStore::CheckState(SealedState wanted) const {
  if (state_ == wanted) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      path(), ": this ballot is ", SealedStateName(state_), ", not ", SealedStateName(wanted)));
}

absl::StatusOr<SealedStore::Sealed> SealedStore::ReadSealed(const SecretBytes& passphrase) const {
  URNA_RETURN_IF_ERROR(CheckState(SealedState::kSealed));
  const absl::StatusOr<OpenedBox> box = OpenBox(state_, label_, box_, passphrase);
  if (!box.ok()) return Annotate(box.status(), path());
  Reader reader(box->rest());
  Sealed out;
  out.strength = box->strength;
  absl::StatusOr<election::Ballot> statement = ReadStatement(reader);
  if (!statement.ok()) return Malformed(path(), statement.status().message());
  out.stored.statement = *std::move(statement);
  URNA_ASSIGN_OR_RETURN(const ByteSpan secrets, reader.Raw(reader.remaining(), "secrets"));
  out.stored.secrets = SecretBytes::CopyOf(secrets);
  return out;
}

absl::Status SealedStore::TurnIntoCast(ByteSpan ballot_entry) {
  URNA_RETURN_IF_ERROR(CheckState(SealedState::kSealed));
  Json json = ToJson(SealedState::kCast, label_);
  json["entry"] = ToHex(ballot_entry);
  URNA_RETURN_IF_ERROR(file_.Replace(ToText(json)));
  return Parse();
}

absl::Status SealedStore::TurnIntoChallenged(ByteSpan challenge_entry, ByteSpan opening,
                                             const SecretBytes& passphrase,
                                             PasswordStrength strength, crypto::Rng& rng) {
  URNA_RETURN_IF_ERROR(CheckState(SealedState::kSealed));
  URNA_ASSIGN_OR_RETURN(const Bytes box,
                        SealBox(Heading(SealedState::kChallenged, label_, strength), opening,
                                passphrase, strength, rng));
  Json json = ToJson(SealedState::kChallenged, label_);
  json["entry"] = ToHex(challenge_entry);
  json["box"] = ToBase64(box);
  URNA_RETURN_IF_ERROR(file_.Replace(ToText(json)));
  return Parse();
}

absl::StatusOr<Bytes> SealedStore::ReadOpening(const SecretBytes& passphrase) const {
  URNA_RETURN_IF_ERROR(CheckState(SealedState::kChallenged));
  const absl::StatusOr<OpenedBox> box = OpenBox(state_, label_, box_, passphrase);
  if (!box.ok()) return Annotate(box.status(), path());
  return ToBytes(box->rest());
}

}  // namespace urna::voter
