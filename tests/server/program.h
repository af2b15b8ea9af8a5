// Running the programs themselves, with their output in files.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace urna::testing {

// One run of a program; it is killed if it is still there when this goes.
class Program {
 public:
  // Its output goes to the files stdout and stderr in `folder`.
  Program(std::string program, const std::string& folder, std::vector<std::string> arguments);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // The exit status, or -1 if a signal ended it.
  int Wait();
  void Signal(int signal);
  pid_t pid() const { return pid_; }
  std::string Output() const;
  std::string Errors() const;

  // The address of urna-server's line "listening on ...", once it is there.
  std::string Address() const { return After("listening on "); }
  // That of "administration on ...".
  std::string AdministrationAddress() const { return After("administration on "); }
  // The port of "public files on http://.../".
  int HttpPort() const;

 private:
  // The rest of the line of its output that begins so, once it is there; empty after 30 seconds.
  std::string After(const std::string& before) const;

  std::string out_;
  std::string err_;
  pid_t pid_ = 0;
};

}  // namespace urna::testing
