#include "core/election/tally.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/crypto/equality_proof.h"

namespace urna::election {
namespace {

// α ‖ β of all options.
Bytes EncodeAll(const std::vector<crypto::Ciphertext>& ciphertexts) {
  Bytes out;
  out.reserve(ciphertexts.size() * crypto::Ciphertext::kSize);
  for (const crypto::Ciphertext& ciphertext : ciphertexts) {
    const auto bytes = ciphertext.Encode();
    out.insert(out.end(), bytes.begin(), bytes.end());
  }
  return out;
}

}  // namespace

absl::Status Sums::Add(const Ballot& ballot) {
  // Nothing is added unless everything can be.
  std::vector<std::vector<crypto::Ciphertext>> decoded;
  std::set<uint16_t> contests;
  for (const ContestBallot& contest : ballot.contests) {
    const std::string where = absl::StrCat("contest ", contest.contest);
    if (!contests.insert(contest.contest).second) {
      return absl::InvalidArgumentError(absl::StrCat(where, " stands twice"));
    }
    const ByteSpan bytes = contest.ciphertexts;
    const auto sum = sums_.find(contest.contest);
    const size_t options = bytes.size() / crypto::Ciphertext::kSize;
    if (bytes.size() % crypto::Ciphertext::kSize != 0 ||
        (sum != sums_.end() && sum->second.size() != options)) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, ": ciphertexts of ", bytes.size(), " bytes"));
    }
    std::vector<crypto::Ciphertext>& list = decoded.emplace_back();
    for (size_t i = 0; i < options; ++i) {
      auto ciphertext = crypto::Ciphertext::Decode(
          bytes.subspan(i * crypto::Ciphertext::kSize, crypto::Ciphertext::kSize));
      if (!ciphertext.ok()) {
        return Annotate(ciphertext.status(), absl::StrCat(where, ", option ", i + 1));
      }
      list.push_back(*ciphertext);
    }
  }
  for (size_t q = 0; q < decoded.size(); ++q) {
    const auto [sum, fresh] = sums_.try_emplace(ballot.contests[q].contest, decoded[q]);
    if (fresh) continue;
    for (size_t i = 0; i < decoded[q].size(); ++i) sum->second[i] = sum->second[i] + decoded[q][i];
  }
  return absl::OkStatus();
}

absl::Status Sums::Merge(const Sums& other) {
  for (const auto& [contest, theirs] : other.sums_) {
    const auto ours = sums_.find(contest);
    if (ours != sums_.end() && ours->second.size() != theirs.size()) {
      return absl::InvalidArgumentError(absl::StrCat("contest ", contest, ": sums of ",
                                                     ours->second.size(), " and of ", theirs.size(),
                                                     " options"));
    }
  }
  for (const auto& [contest, theirs] : other.sums_) {
    const auto [ours, fresh] = sums_.try_emplace(contest, theirs);
    if (fresh) continue;
    for (size_t i = 0; i < theirs.size(); ++i) ours->second[i] = ours->second[i] + theirs[i];
  }
  return absl::OkStatus();
}

const std::vector<crypto::Ciphertext>* Sums::Find(uint16_t contest) const {
  const auto it = sums_.find(contest);
  return it == sums_.end() ? nullptr : &it->second;
}

absl::StatusOr<PartSums> SumsOfParts(const Sums& sums, const std::vector<poll::Part>& parts) {
  PartSums out;
  for (const poll::Part& part : parts) {
    const std::vector<crypto::Ciphertext>* sum = sums.Find(part.contest);
    if (sum == nullptr) {
      return absl::FailedPreconditionError(
          absl::StrCat("no ballot has contest ", part.contest, ", which is a part"));
    }
    out.push_back(*sum);
  }
  return out;
}

crypto::Hash32 CountedHash(const crypto::Hash32& poll_context,
                           const std::vector<uint64_t>& indices) {
  crypto::Transcript transcript("counted set");
  transcript.Field("context", poll_context)
      .BeginField("indices", static_cast<uint32_t>(8 * indices.size()));
  for (uint64_t index : indices) {
    std::array<uint8_t, 8> bytes;
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<uint8_t>(index >> (56 - 8 * i));
    transcript.Append(bytes);
  }
  return transcript.Hash32();
}

crypto::Hash32 SumsHash(const crypto::Hash32& poll_context, const std::vector<poll::Part>& parts,
                        const PartSums& sums) {
  crypto::Transcript transcript("sums");
  transcript.Field("context", poll_context);
  for (size_t i = 0; i < parts.size() && i < sums.size(); ++i) {
    transcript.FieldU16("part", parts[i].contest).Field("ciphertexts", EncodeAll(sums[i]));
  }
  return transcript.Hash32();
}

std::vector<poll::Part> PartsOf(const Manifest& manifest,
                                const std::map<uint16_t, uint64_t>& ballots_by_style) {
  std::map<uint16_t, poll::Part> by_contest;
  for (const Style& style : manifest.styles) {
    const auto ballots = ballots_by_style.find(style.number);
    for (uint16_t contest : style.contests) {
      poll::Part& part = by_contest[contest];
      if (ballots != ballots_by_style.end()) part.ballots += ballots->second;
    }
  }
  for (const District& district : manifest.districts) {
    const Style* style = manifest.FindStyle(district.style);
    if (style == nullptr) continue;
    for (uint16_t contest : style->contests) {
      by_contest[contest].districts.push_back(district.number);
    }
  }
  std::vector<poll::Part> out;
  for (auto& [contest, part] : by_contest) {
    if (part.ballots == 0 || part.ballots < manifest.minimum_ballots) continue;
    part.contest = contest;
    out.push_back(std::move(part));
  }
  return out;
}

crypto::Hash64 DecryptionShareTranscript(const crypto::Hash32& poll_context,
                                         const crypto::Hash32& sum_order, uint16_t /*contest*/,
                                         ByteSpan verification_key,
                                         const std::vector<crypto::Ciphertext>& sums,
                                         const DecryptionShare& share) {
  constexpr size_t kProof = crypto::EqualityProof::kSize;
  Bytes commitments;  // A1 ‖ A2 of every option
  for (size_t at = 0; at + kProof <= share.proofs.size(); at += kProof) {
    commitments.insert(commitments.end(), share.proofs.begin() + static_cast<ptrdiff_t>(at),
                       share.proofs.begin() + static_cast<ptrdiff_t>(at + 64));
  }
  return crypto::Transcript("decryption share")
      .Field("context", poll_context)
      .Field("sum", sum_order)
      .FieldU16("trustee", share.trustee)
      .FieldU16("part", share.part)
      .Field("verification key", verification_key)
      .Field("ciphertexts", EncodeAll(sums))
      .Field("shares", share.shares)
      .Field("commitments", commitments)
      .Hash();
}

}  // namespace urna::election
