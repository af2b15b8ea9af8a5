// strace over programs that a test runs: what they ask of the system, and what becomes of them if
// it fails or the process is killed there.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/server/program.h"

namespace urna::testing {

// What is asked of the system to write files durably: openat and close too, for a kill lands before
// the call.
inline constexpr char kWritingCalls[] = "write,pwrite64,fdatasync,fsync,rename,openat,close";

// strace over a process, or one thread of it, with these arguments, once it watches. Its output
// goes to `folder`.
std::unique_ptr<Program> Watch(pid_t thread, const std::string& folder,
                               std::vector<std::string> arguments);

// The arguments that have it killed before the `when`-th of these calls from now on.
std::vector<std::string> KillBefore(const std::string& call, int when);

// Why no process may watch another on this machine; empty if it may.
std::string WhyNotWatched(const std::string& folder);
// Whether that is all right: the environment says so.
bool MayBeLeftOut();
// What to do about it.
std::string WithoutWatching(const std::string& why);

// How often each call is in a file of strace's, in lines that name `path` (with -y).
std::map<std::string, int> CallsOn(const std::string& file, const std::string& path);
// The thread of the first line that names `path` in a file of strace's, with -f; 0 if there is
// none.
pid_t ThreadOf(const std::string& file, const std::string& path);

}  // namespace urna::testing
