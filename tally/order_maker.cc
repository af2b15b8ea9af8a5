#include "tally/order_maker.h"

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/record/entry.h"
#include "tally/commands.h"
#include "tally/describe.h"
#include "tally/officer_signing.h"
#include "tally/spec_reader.h"

namespace urna::tally {

void OrderOptions::AddTo(CLI::App& command) {
  poll.AddTo(command);
  passphrase.AddTo(command);
  command.add_option("--reason", reason, "Why; needed for an opening or closing off the schedule");
  command.add_option("--time", time, "Time of the order; without it: now");
  command.add_option("--out", out, "Message file to write");
  command.add_option("--key", keys, "Officer's key file; may be given several times");
  command.add_flag("--submit", submit, "Post it (without --out it is posted in any case)");
}

absl::Status OrderMaker::CheckOptions() const {
  URNA_RETURN_IF_ERROR(options_.poll.Check());
  if (options_.out.empty() && !options_.poll.board.given()) {
    return absl::InvalidArgumentError("give --out, or --server to post the order");
  }
  if (options_.submit && !options_.poll.board.given()) {
    return absl::InvalidArgumentError("--submit needs --server");
  }
  return absl::OkStatus();
}

OrderMaker::Poll OrderMaker::PollOf(const PollReplay& replay) {
  return {{replay.election(), replay.petition()}, replay.size(), replay.manifest_bytes()};
}

absl::StatusOr<std::unique_ptr<PollReader>> OrderMaker::Read() const {
  URNA_RETURN_IF_ERROR(CheckOptions());
  URNA_ASSIGN_OR_RETURN(std::unique_ptr<PollReader> reader, PollReader::Open(options_.poll));
  URNA_RETURN_IF_ERROR(reader->replay().CheckNoProblems());
  return reader;
}

absl::Status OrderMaker::Finish(const Poll& poll, OrderAct act, const roll::RollState* roll,
                                const election::PartSums* sums, const Json& more) const {
  uint64_t time = 0;
  if (!options_.time.empty()) {
    URNA_ASSIGN_OR_RETURN(time, ParseTimeText(options_.time));
  }
  URNA_ASSIGN_OR_RETURN(
      const poll::SignedOrder order,
      DraftOrder(poll.state, std::move(act), time,
                 static_cast<uint64_t>(context_.clock.NowSeconds()), options_.reason));
  URNA_RETURN_IF_ERROR(CheckDraft(poll.state, order, poll.size, roll, sums, false));

  URNA_ASSIGN_OR_RETURN(const record::Entry manifest, record::DecodeEntry(poll.manifest));
  URNA_ASSIGN_OR_RETURN(const PollOfficers officers, OfficersOf(manifest));
  Message message{*OriginOf(manifest), order, poll.manifest};
  context_.Say(Describe(message.entry, &manifest, context_.language));
  for (const std::string& path : options_.keys) {
    URNA_ASSIGN_OR_RETURN(const crypto::SigningKey key,
                          OpenSigningKey(path, "officer", options_.passphrase));
    URNA_RETURN_IF_ERROR(Annotate(AddSignature(officers, key, message.entry), path));
  }
  URNA_ASSIGN_OR_RETURN(const std::vector<std::string> signers,
                        CheckedSigners(officers, message.entry));
  Json answer;
  answer["order"] = std::string(poll::OrderName(order.order));
  answer["number"] = order.order.number;
  answer["time"] = order.order.time;
  answer["poll"] = ToHex(officers.poll);
  answer["order_hash"] = ToHex(poll::OrderHash(officers.poll, order.signed_body.body));
  answer["signed_by"] = signers;
  answer["quorum"] = officers.officers.quorum;
  if (!more.is_null()) answer.update(more);
  std::string said = absl::StrCat("order ", order.order.number, " '", poll::OrderName(order.order),
                                  "', signed by ", signers.size(), " of the ",
                                  officers.officers.quorum, " that are needed\n");
  if (!options_.out.empty()) {
    URNA_RETURN_IF_ERROR(WriteMessageFile(options_.out, message));
    answer["out"] = options_.out;
    absl::StrAppend(&said, "written to ", options_.out, "\n");
  }
  if (options_.submit || options_.out.empty()) {
    URNA_RETURN_IF_ERROR(CheckDraft(poll.state, std::get<poll::SignedOrder>(message.entry),
                                    poll.size, roll, sums, true));
    URNA_RETURN_IF_ERROR(Post(message, answer, said));
  }
  context_.Answer(said, answer);
  return absl::OkStatus();
}

absl::Status OrderMaker::Post(const Message& message, Json& answer, std::string& said) const {
  URNA_ASSIGN_OR_RETURN(remote::BoardClient board, options_.poll.board.Connect());
  URNA_ASSIGN_OR_RETURN(const Bytes bytes, record::EncodeEntry(message.entry));
  PollReplay replay;
  URNA_RETURN_IF_ERROR(replay.Take(*message.manifest));
  URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier log, replay.log());
  URNA_ASSIGN_OR_RETURN(const remote::Receipt receipt, PostEntry(board, log, bytes));
  answer["index"] = receipt.index;
  absl::StrAppend(&said, "posted: entry ", receipt.index, "\n");
  return absl::OkStatus();
}

}  // namespace urna::tally
