// Cheats of the operator with the log's files, and policies that are about somebody else.
#include <filesystem>
#include <fstream>

#include "core/merkle/tlog_proof.h"
#include "core/record/directory.h"
#include "tests/core/merkle/naive_tree.h"
#include "tests/forgery/elections.h"
#include "tests/support/record_files.h"

namespace urna::forgery {
namespace {

// An honest election that is open, spoilt on disk.
std::function<void(Case&)> Spoilt(const std::function<void(Case&)>& spoil) {
  return [spoil](Case& out) {
    MakeTo(out, Phase::kVoting, {}, Stage::kVoting);
    spoil(out);
  };
}

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void WriteAll(const std::string& path, absl::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

// Changes a file of the record.
void Edit(const Case& out, const std::string& file,
          const std::function<void(std::string&)>& change) {
  std::string text = ReadAll(out.record() + "/" + file);
  change(text);
  WriteAll(out.record() + "/" + file, text);
}

// A checkpoint that the log's key has signed over quite other entries.
Bytes OtherHistory(uint64_t size) {
  const ElectionFixture same_people;
  const testing::TemporaryDirectory directory;
  testing::WriteLogFiles(directory.path(), same_people.people().poll_log.named.name,
                         same_people.people().poll_log, std::vector<Bytes>(size, Bytes{1, 2, 3}));
  return record::LogReader::Open(directory.path()).value().checkpoint_note();
}

// The receipt that was given for the entry at `index` when the log had these entries.
Bytes ReceiptFor(const ElectionFixture& election, const std::vector<Bytes>& entries,
                 uint64_t index) {
  const testing::TemporaryDirectory directory;
  testing::WriteLogFiles(directory.path(), election.people().poll_log.named.name,
                         election.people().poll_log, entries);
  const Bytes note = record::LogReader::Open(directory.path()).value().checkpoint_note();
  std::vector<merkle::Hash> leaves;
  for (const Bytes& entry : entries) leaves.push_back(merkle::LeafHash(entry));
  const auto proof = merkle::naive::Path(index, leaves);
  return ToBytes(
      AsBytes(merkle::TlogProof::Create(index, proof, AsText(note)).value().Serialize()));
}

// A ballot that has a receipt, and the finished log without it.
void DroppedBallot(Case& out) {
  ElectionFixture election;
  election.RunTo(Phase::kVoting);
  std::vector<Bytes> entries = election.encoded();
  entries.push_back(record::EncodeEntry(election.Ballot(kSouth, {{1, 0}})).value());
  out.receipts = {{"receipt", ReceiptFor(election, entries, entries.size() - 1)}};
  election.Close();
  election.LogSum();
  election.LogCountAcknowledgements();
  for (uint16_t trustee : {1, 2}) election.LogDecryptionShares(trustee);
  election.LogResult();
  out.Write(election);
}

}  // namespace

std::vector<Forgery> LogForgeries() {
  const auto tile = [](const std::string& folder) {
    return [folder](const Case& out) {
      for (const auto& file :
           std::filesystem::recursive_directory_iterator(out.record() + folder)) {
        if (file.is_regular_file()) return file.path().string();
      }
      return std::string();
    };
  };
  const auto first_hash_tile = tile("/poll/tile/0");
  return {
      {{Check::kL1},
       "CheckpointSignedByAnother",
       Cheat::kOperator,
       [](Case& out) {
         ElectionFixture election;
         election.RunTo(Phase::kVoting);
         out.stage = Stage::kVoting;
         out.Write(election);
         std::filesystem::remove_all(record::PollDirectory(out.record()));
         testing::WriteLogFiles(record::PollDirectory(out.record()),
                                election.people().poll_log.named.name, election.people().roll_log,
                                election.encoded());
       }},
      {{Check::kL1}, "SecondSignatureLine", Cheat::kOperator, Spoilt([](Case& out) {
         Edit(out, "poll/checkpoint",
              [](std::string& note) { note += note.substr(note.rfind("\xe2\x80\x94")); });
       })},
      {{Check::kL1}, "SloppyBase64InTheCheckpoint", Cheat::kOperator, Spoilt([](Case& out) {
         // The last character but the padding has unused bits: 'A' to 'B', 'w' to 'x' and so on.
         Edit(out, "poll/checkpoint", [](std::string& note) {
           const size_t padding = note.find("=\n");
           note[padding - 1] = static_cast<char>(note[padding - 1] + 1);
         });
       })},
      {{Check::kL2}, "StrayFile", Cheat::kOperator, Spoilt([](Case& out) {
         WriteAll(out.record() + "/poll/tile/readme", "hello");
       })},
      {{Check::kL2}, "StrayDirectoryBesideThePoll", Cheat::kOperator, Spoilt([](Case& out) {
         std::filesystem::create_directory(out.record() + "/pool");
       })},
      {{Check::kL2}, "StalePartialTile", Cheat::kOperator, Spoilt([=](Case& out) {
         const std::string path = first_hash_tile(out);
         const std::string text = ReadAll(path);
         WriteAll(path.substr(0, path.rfind('/')) + "/1", text.substr(0, 32));
       })},
      {{Check::kL2}, "TileOfOtherHashes", Cheat::kOperator, Spoilt([=](Case& out) {
         const std::string path = first_hash_tile(out);
         std::string text = ReadAll(path);
         text[40] = static_cast<char>(text[40] ^ 1);
         WriteAll(path, text);
       })},
      {{Check::kL2}, "LinkInsteadOfAFile", Cheat::kOperator, Spoilt([=](Case& out) {
         const std::string path = first_hash_tile(out);
         std::filesystem::rename(path, out.directory + "/elsewhere");
         std::filesystem::create_symlink(out.directory + "/elsewhere", path);
       })},
      {{Check::kL2, Check::kS14},
       "RollLeftOut",
       Cheat::kOperator,
       [](Case& out) {
         out.Write(*ElectionWithEverything());
         for (const auto& folder : std::filesystem::directory_iterator(out.record())) {
           if (folder.path().filename() != "poll") std::filesystem::remove_all(folder.path());
         }
       }},
      {{Check::kL4}, "AnotherHistory", Cheat::kOperator, Spoilt([](Case& out) {
         out.older_checkpoint = {"older", OtherHistory(1)};
       })},
      {{Check::kL4}, "ShorterThanBefore", Cheat::kOperator, Spoilt([](Case& out) {
         out.older_checkpoint = {"older", OtherHistory(90)};
       })},
      {{Check::kL5}, "ReceiptOfAnotherTree", Cheat::kOperator, Spoilt([](Case& out) {
         const std::string receipt =
             merkle::TlogProof::Create(0, {}, AsText(OtherHistory(1))).value().Serialize();
         out.receipts = {{"receipt", ToBytes(AsBytes(receipt))}};
       })},
      {{Check::kL5}, "BallotDroppedThatHadAReceipt", Cheat::kOperator, DroppedBallot},
  };
}

// --- Who the auditor expects, and who is there.

std::vector<Forgery> IdentityForgeries() {
  // The line of the policy that begins so is exchanged for another's key, or a number.
  const auto exchange = [](Check check, const std::string& name, Cheat cheat,
                           const std::string& word, int which, const std::string& number = "") {
    return Forgery{
        {check}, name, cheat, [=](Case& out) {
          MakeTo(out, Phase::kSetup, {}, Stage::kSetup);
          size_t at = 0;
          for (int i = 0; i <= which; ++i) at = out.policy.find("\n" + word + " ", at) + 1;
          const size_t end = out.policy.find('\n', at);
          crypto::SeededRng rng(99);
          const std::string other =
              merkle::NoteVerifier::Create(
                  word == "log" ? ElectionFixture().people().poll_log.named.name : "other",
                  crypto::SigningKey::Generate(rng).public_key())
                  .value()
                  .vkey();
          out.policy.replace(at, end - at, word + " " + (number.empty() ? other : number));
        }};
  };
  return {
      exchange(Check::kI1, "AnotherLog", Cheat::kOperator, "log", 0),
      exchange(Check::kI2, "AnotherOfficer", Cheat::kOfficers, "officer", 1),
      exchange(Check::kI2, "SmallerQuorum", Cheat::kOfficers, "officer-quorum", 0, "1"),
      exchange(Check::kI3, "AnotherRegistrar", Cheat::kRegistrar, "registrar", 0),
      exchange(Check::kI4, "AnotherTrustee", Cheat::kOfficers, "trustee", 2),
      exchange(Check::kI4, "LowerThreshold", Cheat::kOfficers, "trustee-threshold", 0, "1"),
  };
}

}  // namespace urna::forgery
