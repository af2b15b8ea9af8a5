#include "tests/server/fake_witnesses.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/status.h"

namespace urna::testing {

using std::chrono::milliseconds;

FakeWitnesses::FakeWitnesses(const Clock& clock, size_t count, size_t needed)
    : clock_(clock),
      keys_(count, needed),
      manners_(count, Manner::kHonest),
      known_(count),
      asked_(count) {}

std::string FakeWitnesses::Url(size_t witness) const {
  return absl::StrCat("https://w", witness, ".example/");
}

std::string FakeWitnesses::PolicyText() const {
  std::vector<std::string> urls;
  for (size_t i = 0; i < manners_.size(); ++i) urls.push_back(Url(i));
  return keys_.PolicyLines(urls);
}

void FakeWitnesses::Set(size_t witness, Manner manner) {
  {
    std::lock_guard lock(mutex_);
    manners_.at(witness) = manner;
  }
  changed_.notify_all();
}

std::vector<merkle::AddCheckpointRequest> FakeWitnesses::Asked(size_t witness) const {
  std::lock_guard lock(mutex_);
  return asked_.at(witness);
}

server::WitnessSenderOptions FakeWitnesses::Options(const std::string& policy_file) {
  server::WitnessSenderOptions options;
  options.policy_file = policy_file;
  options.book.pause = milliseconds(1);
  options.book.renew = milliseconds(5);
  options.book.first_backoff = milliseconds(4);
  options.book.most_backoff = milliseconds(20);
  options.connect = [this]() -> absl::StatusOr<server::WitnessTransport> {
    return server::WitnessTransport(
        [this](const std::string& url, const std::string& body) { return Answer(url, body); });
  };
  return options;
}

merkle::AddCheckpointReply FakeWitnesses::AnswerHonestly(
    size_t witness, const merkle::AddCheckpointRequest& request) {
  const merkle::Checkpoint& checkpoint = request.unverified_checkpoint();
  auto& known = known_[witness];
  const auto found =
      known.try_emplace(checkpoint.origin(), merkle::TreeHead{0, merkle::EmptyRoot()}).first;
  if (request.old_size() != found->second.size) {
    return {409, std::string(merkle::kTreeSizeType), absl::StrCat(found->second.size, "\n")};
  }
  if (!request.VerifyProof(found->second.root).ok()) return {422, "text/plain", "no\n"};
  found->second = {checkpoint.size(), checkpoint.root()};
  return {200, "text/plain",
          keys_.signer(witness)
              .Sign(checkpoint.Body(), static_cast<uint64_t>(clock_.NowSeconds()))
              .value()
              .Line()};
}

absl::StatusOr<merkle::AddCheckpointReply> FakeWitnesses::Answer(const std::string& url,
                                                                 const std::string& body) {
  std::unique_lock lock(mutex_);
  size_t witness = 0;
  while (merkle::AddCheckpointUrl(Url(witness)) != url) {
    URNA_CHECK(++witness < manners_.size(), "a witness's URL");
  }
  URNA_ASSIGN_OR_RETURN(const merkle::AddCheckpointRequest request,
                        merkle::AddCheckpointRequest::Parse(AsBytes(body)));
  asked_[witness].push_back(request);
  if (manners_[witness] == Manner::kStands) {
    changed_.wait_for(lock, std::chrono::seconds(20),
                      [&] { return manners_[witness] != Manner::kStands; });
  }
  switch (manners_[witness]) {
    case Manner::kAway:
    case Manner::kStands:
      return absl::UnavailableError("nobody answers");
    case Manner::kBusy:
      return merkle::AddCheckpointReply{503, "text/plain", "busy\n"};
    case Manner::kUnaware:
      return merkle::AddCheckpointReply{404, "text/plain", "which log?\n"};
    case Manner::kConflict:
      return merkle::AddCheckpointReply{409, "text/plain", "another root\n"};
    case Manner::kUnprocessable:
      return merkle::AddCheckpointReply{422, "text/plain", "bad \xff proof\n"};
    case Manner::kKnowsMore:
      return merkle::AddCheckpointReply{409, std::string(merkle::kTreeSizeType), "1000\n"};
    case Manner::kWrongSignature:
      return merkle::AddCheckpointReply{
          200, "text/plain", keys_.signer(witness).Sign("another\n1\ntree\n", 1).value().Line()};
    case Manner::kHonest:
      break;
  }
  return AnswerHonestly(witness, request);
}

}  // namespace urna::testing
