# Everything Urna takes from outside, all of it packaged in Debian 12 (scripts/packages.txt).
#
# Folders name these targets in DEPS:
#   absl::…              abseil, by its own target names
#   urna_sodium          libsodium            (core/crypto only)
#   OpenSSL::Crypto      libcrypto
#   urna_gmp             GMP with its C++ form (core/election: quotients of seats)
#   urna_rocksdb         RocksDB              (server only)
#   urna_microhttpd      libmicrohttpd        (core/http, server, witness)
#   urna_curl            libcurl              (core/http, core/remote)
#   urna_prometheus      prometheus-cpp's core (server only)
#   protobuf::libprotobuf, gRPC::grpc++       (proto, core/remote, server only)
#   nlohmann_json::nlohmann_json, CLI11::CLI11, spdlog::spdlog
# Their headers are SYSTEM headers, so that our warnings speak of our code only.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)

pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium>=1.0.18)
add_library(urna_sodium INTERFACE)
target_link_libraries(urna_sodium INTERFACE PkgConfig::SODIUM)

pkg_check_modules(GMPXX REQUIRED IMPORTED_TARGET gmpxx>=6.2)
add_library(urna_gmp INTERFACE)
target_link_libraries(urna_gmp INTERFACE PkgConfig::GMPXX)

# The module form of Protobuf comes before the configuration of gRPC, which would otherwise look
# for a Protobuf of its own.
find_package(Protobuf REQUIRED MODULE)
find_package(absl REQUIRED CONFIG)
find_package(gRPC REQUIRED CONFIG)

# Debian's RocksDB configuration only knows the static archive and what that drags in; the shared
# library needs nothing else.
find_path(URNA_ROCKSDB_INCLUDE_DIR rocksdb/db.h REQUIRED)
find_library(URNA_ROCKSDB_LIBRARY rocksdb REQUIRED)
mark_as_advanced(URNA_ROCKSDB_INCLUDE_DIR URNA_ROCKSDB_LIBRARY)
add_library(urna_rocksdb INTERFACE)
target_include_directories(urna_rocksdb SYSTEM INTERFACE "${URNA_ROCKSDB_INCLUDE_DIR}")
target_link_libraries(urna_rocksdb INTERFACE "${URNA_ROCKSDB_LIBRARY}")

pkg_check_modules(MICROHTTPD REQUIRED IMPORTED_TARGET libmicrohttpd>=0.9.75)
add_library(urna_microhttpd INTERFACE)
target_link_libraries(urna_microhttpd INTERFACE PkgConfig::MICROHTTPD)

pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl>=7.88)
add_library(urna_curl INTERFACE)
target_link_libraries(urna_curl INTERFACE PkgConfig::CURL)

# Counting and writing down; its own HTTP servers are not used.
pkg_check_modules(PROMETHEUS REQUIRED IMPORTED_TARGET prometheus-cpp-core>=1.0)
add_library(urna_prometheus INTERFACE)
target_link_libraries(urna_prometheus INTERFACE PkgConfig::PROMETHEUS)

find_package(nlohmann_json 3.11 REQUIRED CONFIG)
find_package(CLI11 2.1 REQUIRED CONFIG)
find_package(spdlog 1.10 REQUIRED CONFIG)
find_package(benchmark REQUIRED CONFIG)
if(URNA_TESTS)
  find_package(GTest 1.12 REQUIRED CONFIG)
endif()
