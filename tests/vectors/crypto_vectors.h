// Known answers of core/crypto, made by the code itself from a fixed seed, committed beside this
// file and checked by check_vectors.py, which shares no line with it.
#pragma once

#include <map>
#include <string>

namespace urna::crypto {

// File name ("transcript.json") → whole content. The same on every machine.
std::map<std::string, std::string> MakeCryptoVectors();

}  // namespace urna::crypto
