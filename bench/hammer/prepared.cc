#include "bench/hammer/prepared.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/synthetic_record/ballots.h"
#include "bench/synthetic_record/casting_order.h"
#include "bench/synthetic_record/election_log.h"
#include "bench/synthetic_record/growing_log.h"
#include "bench/synthetic_record/people.h"
#include "bench/synthetic_record/petition_log.h"
#include "bench/synthetic_record/voters.h"
#include "core/base/parallel.h"
#include "core/base/status.h"
#include "core/record/directory.h"
#include "server/board.h"
#include "server/data_directory.h"
#include "server/recovery.h"

namespace urna::bench {
namespace {

constexpr char kBoard[] = "bench.example";
constexpr char kRoll[] = "bench.example/roll";
constexpr size_t kMembersInMessage = 1000;
constexpr size_t kBallotsInRun = 64;

std::string BallotsPath(const std::string& directory) { return directory + "/ballots"; }

absl::Status Submit(server::Board& board, server::Door door, const std::string& origin,
                    std::vector<Bytes> entries) {
  std::promise<absl::Status> answer;
  server::AdmissionRequest request;
  request.door = door;
  request.administrator = true;
  request.origin = door == server::Door::kCreateLog ? "" : origin;
  request.entries = std::move(entries);
  request.done = [&answer](const absl::StatusOr<server::Receipt>& receipt) {
    answer.set_value(receipt.status());
  };
  board.Submit(std::move(request));
  return answer.get_future().get();
}

// Logs everything in `directory` under `origin`; roll members many at once.
absl::Status Feed(server::Board& board, const std::string& origin, const std::string& directory) {
  URNA_ASSIGN_OR_RETURN(const record::LogReader log, record::LogReader::Open(directory));
  std::vector<Bytes> members;
  const auto send_members = [&]() -> absl::Status {
    if (members.empty()) return absl::OkStatus();
    return Submit(board, server::Door::kAppend, origin, std::exchange(members, {}));
  };
  URNA_RETURN_IF_ERROR(
      log.ForEachEntry(0, log.size(), [&](uint64_t index, ByteSpan entry) -> absl::Status {
        if (index == 0) return Submit(board, server::Door::kCreateLog, origin, {ToBytes(entry)});
        if (entry[0] == static_cast<uint8_t>(record::EntryType::kRollMember)) {
          members.push_back(ToBytes(entry));
          return members.size() < kMembersInMessage ? absl::OkStatus() : send_members();
        }
        URNA_RETURN_IF_ERROR(send_members());
        return Submit(board, server::Door::kAppend, origin, {ToBytes(entry)});
      }));
  return send_members();
}

void WriteEntry(const Bytes& entry, std::ofstream& file) {
  const char length[2] = {static_cast<char>(entry.size() >> 8),
                          static_cast<char>(entry.size() & 0xff)};
  file.write(length, 2);
  file.write(reinterpret_cast<const char*>(entry.data()),
             static_cast<std::streamsize>(entry.size()));
}

absl::Status WriteBallots(const std::string& path, const CastingOrder& order,
                          const election::Manifest& manifest, const BallotMaker& maker,
                          const tally::Context& context) {
  constexpr uint64_t kRound = 64 * kBallotsInRun;
  std::ofstream file(path, std::ios::binary);
  const tally::Progress progress = context.ShowProgress("ballots sealed");
  for (uint64_t first = 0; first < order.ballots(); first += kRound) {
    const auto count = static_cast<size_t>(std::min<uint64_t>(kRound, order.ballots() - first));
    std::vector<Bytes> entries(count);
    ParallelForRuns(count, kBallotsInRun, context.threads, [&](size_t from, size_t to) {
      KnownSums unused = ZeroSums(manifest);
      std::vector<Bytes> made = maker.Make(order, first + from, to - from, unused);
      std::move(made.begin(), made.end(), entries.begin() + static_cast<ptrdiff_t>(from));
    });
    for (const Bytes& entry : entries) WriteEntry(entry, file);
    if (progress) progress(first + count, order.ballots());
  }
  file.close();
  return file ? absl::OkStatus() : absl::UnknownError(absl::StrCat("writing ", path));
}

// A new board, and people whose logs it signs.
absl::StatusOr<People> MakeBoard(const std::string& data, const tally::Context& context) {
  URNA_ASSIGN_OR_RETURN(const server::BoardIdentity identity,
                        server::InitializeBoard(data, kBoard, context.rng));
  URNA_ASSIGN_OR_RETURN(const crypto::SigningKey key,
                        server::LoadLogKey(server::LogKeyPath(data), identity));
  People people = People::Make(context.rng);
  URNA_ASSIGN_OR_RETURN(people.poll_log, server::MakeLogSigner(key, kPreparedOrigin));
  URNA_ASSIGN_OR_RETURN(people.roll_log, server::MakeLogSigner(key, kRoll));
  return people;
}

// Puts roll and poll of a record on the board.
absl::Status FeedAll(const std::string& data, const std::string& record, const roll::RollPin& pin,
                     const tally::Context& context) {
  server::BoardOptions options;
  options.data = data;
  URNA_ASSIGN_OR_RETURN(const auto board, server::Board::Open(options, context.clock));
  URNA_RETURN_IF_ERROR(Feed(*board, kRoll, record::RollDirectory(record, pin.roll_id)));
  URNA_RETURN_IF_ERROR(Feed(*board, kPreparedOrigin, record::PollDirectory(record)));
  board->Stop();
  std::filesystem::remove_all(record);
  return absl::OkStatus();
}

}  // namespace

std::string PreparedBoard(const std::string& directory) { return directory + "/board"; }

absl::Status PrepareElection(const PrepareOptions& options, const tally::Context& context) {
  if (std::filesystem::exists(options.directory)) {
    return absl::AlreadyExistsError(absl::StrCat("'", options.directory, "' is there already"));
  }
  std::filesystem::create_directories(options.directory);
  const std::string data = PreparedBoard(options.directory);
  const std::string record = options.directory + "/record";
  URNA_ASSIGN_OR_RETURN(const People people, MakeBoard(data, context));

  const CastingOrder order(options.ballots, options.revote_percent);
  const Voters voters(options.seed, order.voters(), context);
  URNA_ASSIGN_OR_RETURN(const roll::RollPin pin, WriteRoll(record, voters, people, context));
  GrowingLog log(record::PollDirectory(record), people.poll_log);
  ElectionLog election(options.shape, people, log, context.rng);
  URNA_RETURN_IF_ERROR(election.SetUp(pin));
  URNA_RETURN_IF_ERROR(log.Write());

  URNA_RETURN_IF_ERROR(FeedAll(data, record, pin, context));
  const BallotMaker maker(election.manifest(), election.voting(), voters);
  return WriteBallots(BallotsPath(options.directory), order, election.manifest(), maker, context);
}

absl::Status PreparePetition(const PreparePetitionOptions& options, const tally::Context& context) {
  if (std::filesystem::exists(options.directory)) {
    return absl::AlreadyExistsError(absl::StrCat("'", options.directory, "' is there already"));
  }
  std::filesystem::create_directories(options.directory);
  const std::string data = PreparedBoard(options.directory);
  URNA_ASSIGN_OR_RETURN(People people, MakeBoard(data, context));
  people.trustees.clear();
  OpenPetitionOptions open;
  open.petition = {options.signatures, options.ring_size, options.seed,
                   options.directory + "/record"};
  const uint64_t least = std::max(options.members, options.signatures);
  open.members = (least + options.ring_size - 1) / options.ring_size * options.ring_size;
  const std::string path = BallotsPath(options.directory);
  std::ofstream file(path, std::ios::binary);
  URNA_RETURN_IF_ERROR(MakeOpenPetition(
      open, people, context,
      [&](const roll::RollPin& pin) { return FeedAll(data, open.petition.record, pin, context); },
      [&](const petition::RingAct& act) -> absl::Status {
        URNA_ASSIGN_OR_RETURN(const Bytes entry, record::EncodeEntry(act));
        WriteEntry(entry, file);
        return absl::OkStatus();
      }));
  file.close();
  return file ? absl::OkStatus() : absl::UnknownError(absl::StrCat("writing ", path));
}

absl::StatusOr<std::vector<Bytes>> ReadBallots(const std::string& directory) {
  const std::string path = BallotsPath(directory);
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("there is no ", path));
  std::vector<Bytes> ballots;
  char length[2];
  while (file.read(length, 2)) {
    Bytes& ballot = ballots.emplace_back(static_cast<uint8_t>(length[0]) * size_t{256} +
                                         static_cast<uint8_t>(length[1]));
    file.read(reinterpret_cast<char*>(ballot.data()), static_cast<std::streamsize>(ballot.size()));
    if (!file) return absl::DataLossError(absl::StrCat(path, " breaks off"));
  }
  return ballots;
}

absl::StatusOr<merkle::NoteVerifier> PreparedLog(const std::string& directory) {
  URNA_ASSIGN_OR_RETURN(const server::BoardIdentity identity,
                        server::LoadIdentity(PreparedBoard(directory)));
  return merkle::NoteVerifier::Create(kPreparedOrigin, identity.log_key);
}

}  // namespace urna::bench
