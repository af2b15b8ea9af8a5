# Lists the test suites of one GoogleTest program and registers each with CTest, as
# `program.Suite`. A suite, not a single test, is the unit: what its SetUpTestSuite makes is made
# once, and the tests of one fixture never run beside each other.
#
# Run after linking with -D PROGRAM=file -D NAME=prefix -D TIMEOUT=seconds -D FOLDER=working
# directory -D OUTPUT=file.

execute_process(
  COMMAND "${PROGRAM}" --gtest_list_tests
  WORKING_DIRECTORY "${FOLDER}"
  OUTPUT_VARIABLE listing
  RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} --gtest_list_tests ended with '${result}'")
endif()

# A suite's line starts in the first column and ends in a dot, perhaps with a comment after it.
string(REGEX MATCHALL "(^|\n)[A-Za-z0-9_/]+\\.[^\n]*" lines "${listing}")
set(content)
foreach(line IN LISTS lines)
  string(REGEX REPLACE "^\n?([A-Za-z0-9_/]+)\\..*$" "\\1" suite "${line}")
  string(APPEND content
         "add_test([==[${NAME}.${suite}]==] [==[${PROGRAM}]==] [==[--gtest_filter=${suite}.*]==])\n"
         "set_tests_properties([==[${NAME}.${suite}]==] PROPERTIES TIMEOUT ${TIMEOUT} "
         "WORKING_DIRECTORY [==[${FOLDER}]==])\n")
endforeach()
if(NOT content)
  message(FATAL_ERROR "${PROGRAM} has no tests")
endif()
file(WRITE "${OUTPUT}" "${content}")
