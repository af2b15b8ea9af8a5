# The few functions that every folder's CMakeLists.txt is written with.
#
#   urna_library(NAME [SOURCES file…] [DEPS target…] [PRIVATE_DEPS target…])
#   urna_program(NAME SOURCES file… [DEPS target…])
#   urna_test(NAME [SOURCES file…] [DEPS target…] [TIMEOUT seconds])
#   urna_benchmark(NAME [SOURCES file…] [DEPS target…])
#   urna_proto_library(NAME PROTOS file… [SERVICES file…])
#
# Targets `programs`, `tests` and `benchmarks` build all of one kind.

add_library(urna_options INTERFACE)
target_compile_options(
  urna_options
  INTERFACE -Wall
            -Wextra
            -Wshadow
            -Wnon-virtual-dtor
            -Woverloaded-virtual
            -Wcast-align
            -Wcast-qual
            -Wunused
            -Wdouble-promotion
            -Wformat=2
            -Wimplicit-fallthrough
            -Wvla
            -fstack-protector-strong
            $<$<BOOL:${URNA_WERROR}>:-Werror>)
target_include_directories(urna_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_link_libraries(urna_options INTERFACE Threads::Threads)
if(URNA_SANITIZE)
  set(sanitizers address,undefined)
  if(URNA_SANITIZE STREQUAL "thread")
    set(sanitizers thread)
  endif()
  # Also over generated code: a sanitizer that sees only half of a container reports ghosts.
  add_compile_options(-fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${sanitizers})
endif()

if(URNA_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

add_custom_target(programs)
add_custom_target(tests)
add_custom_target(benchmarks)

# Adds every listed folder that has a CMakeLists.txt.
function(urna_add_folders)
  foreach(folder IN LISTS ARGN)
    if(EXISTS "${PROJECT_SOURCE_DIR}/${folder}/CMakeLists.txt")
      add_subdirectory("${PROJECT_SOURCE_DIR}/${folder}" "${PROJECT_BINARY_DIR}/${folder}")
    endif()
  endforeach()
endfunction()

# A static library of the folder: every *.cc but main.cc, *_main.cc, *_test.cc and *_bench.cc,
# or the given SOURCES. A folder of headers alone becomes an interface library.
function(urna_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS;PRIVATE_DEPS")
  if(NOT arg_SOURCES)
    file(GLOB arg_SOURCES CONFIGURE_DEPENDS *.cc)
    list(FILTER arg_SOURCES EXCLUDE REGEX "(/main|_main|_test|_bench)\\.cc$")
  endif()
  if(arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES})
    target_link_libraries(${name} PUBLIC urna_options ${arg_DEPS} PRIVATE ${arg_PRIVATE_DEPS})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE urna_options ${arg_DEPS} ${arg_PRIVATE_DEPS})
  endif()
endfunction()

# A program, built into bin/ of the build directory.
function(urna_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS")
  if(NOT arg_SOURCES)
    set(arg_SOURCES main.cc)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE urna_options ${arg_DEPS})
  add_dependencies(programs ${name})
  install(TARGETS ${name} RUNTIME)
endfunction()

# A GoogleTest program of every *_test.cc of the folder (or SOURCES), with gtest's main.
# CTest runs each of its suites by itself, in the repository's root: tests name their files from
# there. TIMEOUT is per suite, 120 seconds if not given.
function(urna_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SOURCES;DEPS")
  if(NOT arg_SOURCES)
    file(GLOB arg_SOURCES CONFIGURE_DEPENDS *_test.cc)
  endif()
  if(NOT arg_SOURCES)
    message(WARNING "urna_test(${name}): no *_test.cc in ${CMAKE_CURRENT_SOURCE_DIR}")
    return()
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  # Half of the time to compile a test goes into optimising what runs once.
  target_compile_options(${name} PRIVATE -O0 -U_FORTIFY_SOURCE)
  target_link_libraries(${name} PRIVATE urna_options ${arg_DEPS} GTest::gmock GTest::gtest_main)
  add_dependencies(tests ${name})

  # CTest reads the list that the build wrote; a program that was not built is a failed test.
  set(list "${CMAKE_CURRENT_BINARY_DIR}/${name}_suites.cmake")
  add_custom_command(
    TARGET ${name}
    POST_BUILD
    COMMAND
      "${CMAKE_COMMAND}" -D "PROGRAM=$<TARGET_FILE:${name}>" -D "NAME=${name}" -D
      "TIMEOUT=${arg_TIMEOUT}" -D "FOLDER=${PROJECT_SOURCE_DIR}" -D "OUTPUT=${list}" -P
      "${PROJECT_SOURCE_DIR}/cmake/UrnaDiscoverSuites.cmake"
    BYPRODUCTS "${list}"
    VERBATIM)
  set(include "${CMAKE_CURRENT_BINARY_DIR}/${name}_include.cmake")
  file(WRITE "${include}" "if(EXISTS [==[${list}]==])\n  include([==[${list}]==])\nelse()\n"
                          "  add_test(${name}_was_not_built ${name}_was_not_built)\nendif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${include}")
endfunction()

# A Google Benchmark program of every *_bench.cc of the folder (or SOURCES). Built by the target
# `benchmarks`, not by default; lies in benchmarks/ of the build directory.
function(urna_benchmark name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS")
  if(NOT arg_SOURCES)
    file(GLOB arg_SOURCES CONFIGURE_DEPENDS *_bench.cc)
  endif()
  add_executable(${name} EXCLUDE_FROM_ALL ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                                           "${PROJECT_BINARY_DIR}/benchmarks")
  target_link_libraries(${name} PRIVATE urna_options ${arg_DEPS} benchmark::benchmark
                                        benchmark::benchmark_main)
  add_dependencies(benchmarks ${name})
endfunction()

# A library of generated messages (PROTOS) and of generated messages and gRPC stubs (SERVICES).
# Files are named relative to the calling folder; a .proto imports another by its path from the
# repository's root, and C++ includes "proto/urna.pb.h" and "proto/urna.grpc.pb.h".
function(urna_proto_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "PROTOS;SERVICES")
  file(RELATIVE_PATH folder "${PROJECT_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
  set(sources)
  foreach(file IN LISTS arg_PROTOS arg_SERVICES)
    cmake_path(REMOVE_EXTENSION file LAST_ONLY OUTPUT_VARIABLE stem)
    set(base "${PROJECT_BINARY_DIR}/${folder}/${stem}")
    set(outputs "${base}.pb.cc" "${base}.pb.h")
    set(plugin)
    if(file IN_LIST arg_SERVICES)
      list(APPEND outputs "${base}.grpc.pb.cc" "${base}.grpc.pb.h")
      set(plugin "--grpc_out=${PROJECT_BINARY_DIR}"
                 "--plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>")
    endif()
    add_custom_command(
      OUTPUT ${outputs}
      COMMAND protobuf::protoc "--proto_path=${PROJECT_SOURCE_DIR}"
              "--cpp_out=${PROJECT_BINARY_DIR}" ${plugin} "${folder}/${file}"
      WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
      DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${file}"
      COMMENT "Generating ${folder}/${stem}.pb.*"
      VERBATIM)
    list(APPEND sources ${outputs})
  endforeach()
  add_library(${name} STATIC ${sources})
  # Generated code is not ours to warn about.
  target_compile_options(${name} PRIVATE -w)
  target_include_directories(${name} SYSTEM PUBLIC "${PROJECT_BINARY_DIR}")
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf Threads::Threads)
  if(arg_SERVICES)
    target_link_libraries(${name} PUBLIC gRPC::grpc++)
  endif()
endfunction()
