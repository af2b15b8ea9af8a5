// How long the ledger's syncs take.
#pragma once

#include <functional>

namespace rocksdb {
struct Options;
}

namespace urna::server {

// Has `synced` told the seconds of every fsync of the write-ahead log, on the thread that waits for
// it. It must outlive the database that is opened with these options.
void TimeSyncs(rocksdb::Options& options, std::function<void(double seconds)> synced);

}  // namespace urna::server
