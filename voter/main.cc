// urna-voter: what voters and signers of petitions do, and rehearsals with many of them.
#include "voter/cli/commands.h"

int main(int argc, char** argv) { return urna::voter::Main(argc, argv); }
