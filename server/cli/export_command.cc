#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "server/cli/commands.h"
#include "server/export.h"

namespace urna::server {
namespace {

struct Options {
  std::string data;
  std::string poll;
  std::string record;
  bool newest = false;
  bool json = false;
};

int Export(const Options& options) {
  const absl::StatusOr<Exported> exported = ExportRecord(
      options.data, options.poll, options.record,
      options.newest ? ExportAt::kNewest : ExportAt::kFinal, ShowProgressUnless(options.json));
  if (!exported.ok()) return Fail(exported.status());
  if (options.json) {
    std::cout << nlohmann::json{{"poll", options.poll},
                                {"record", options.record},
                                {"entries", exported->size},
                                {"published", exported->published}}
                     .dump(2)
              << "\n";
    return kDone;
  }
  std::cout << "the record of '" << options.poll << "' is in " << options.record << ", "
            << exported->size << " entries\n";
  if (exported->size < exported->published) {
    std::cout << "the last " << exported->published - exported->size
              << " entries are not in it: the witnesses have not cosigned them (--newest)\n";
  }
  return kDone;
}

}  // namespace

void AddExportCommand(CLI::App& app, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("export", "write a poll's record as static files");
  command->add_option("--data", options->data, "the board's data directory")->required();
  command->add_option("--poll", options->poll, "the poll's origin")->required();
  command->add_option("RECORD", options->record, "the directory to write")->required();
  command->add_flag("--newest", options->newest,
                    "under the last published checkpoint, also if the witnesses have not cosigned "
                    "it; otherwise under the largest that met their quorum");
  command->add_flag("--json", options->json, "machine-readable output");
  command->callback([&run, options] { run = [options] { return Export(*options); }; });
}

}  // namespace urna::server
