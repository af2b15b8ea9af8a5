// urna-server: runs a board. It can stop it, but not cheat unseen: everything it accepts is in a
// log whose checkpoints it has signed.
#include "server/cli/commands.h"

int main(int argc, char** argv) { return urna::server::Main(argc, argv); }
