# Target helpers: picket_library, picket_test, picket_bench, picket_fuzzer.

# FORCE: project() has cached empty flags for a build type that it does not know.
set(CMAKE_CXX_FLAGS_DEV "-O1 -g1 -fno-omit-frame-pointer" CACHE STRING "Flags of the Dev build" FORCE)
set(CMAKE_EXE_LINKER_FLAGS_DEV "" CACHE STRING "Linker flags of the Dev build" FORCE)
# -O3 is for the code that runs once per record (picket_library with HOT); the rest compiles faster with -O2.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG" CACHE STRING "Flags of the Release build" FORCE)

add_library(picket_options INTERFACE)
target_compile_options(picket_options INTERFACE -Wall -Wextra -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC bug 105651: false alarms on operator+ of std::string.
  target_compile_options(picket_options INTERFACE -Wno-restrict)
endif()
if(PICKET_WERROR)
  target_compile_options(picket_options INTERFACE -Werror)
endif()
target_include_directories(picket_options INTERFACE ${PROJECT_SOURCE_DIR})
if(PICKET_SANITIZE)
  target_compile_options(picket_options INTERFACE -fsanitize=${PICKET_SANITIZE}
                                                  -fno-sanitize-recover=all)
  target_link_options(picket_options INTERFACE -fsanitize=${PICKET_SANITIZE})
endif()
if(PICKET_SANITIZE MATCHES thread)
  add_library(picket_tsan_threads SHARED ${CMAKE_CURRENT_LIST_DIR}/tsan_threads.cc)
  target_link_libraries(picket_options INTERFACE picket_tsan_threads)
endif()
if(PICKET_FUZZ)
  target_compile_options(picket_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# picket_unity(TARGET): with PICKET_UNITY, several sources of the target are compiled as one, which saves most of the
# time that headers take. Names in anonymous namespaces must therefore differ between the sources of a target.
function(picket_unity target)
  if(PICKET_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 16)
    # The compiler takes the sources for headers and warns of types in their anonymous namespaces.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
endfunction()

# picket_test_headers(TARGET): with PICKET_UNITY, the headers that almost every test includes are compiled once for all
# test programs.
function(picket_test_headers target)
  if(NOT PICKET_UNITY)
    return()
  endif()
  if(NOT TARGET picket_test_headers)
    set(source ${PROJECT_BINARY_DIR}/picket_test_headers.cc)
    file(CONFIGURE OUTPUT ${source} CONTENT "")
    add_library(picket_test_headers OBJECT ${source})
    target_link_libraries(picket_test_headers PRIVATE picket_options GTest::gmock GTest::gtest)
    # The compiler refuses headers that were compiled without an option of the program that uses them.
    target_compile_options(picket_test_headers PRIVATE -pthread)
    target_precompile_headers(picket_test_headers PRIVATE
      <gmock/gmock.h> <gtest/gtest.h>
      <algorithm> <functional> <map> <memory> <optional> <string> <string_view> <vector>
      <absl/status/status.h> <absl/status/statusor.h> <absl/strings/str_cat.h> <absl/strings/str_join.h>
      <absl/strings/str_split.h> <absl/time/time.h>)
  endif()
  target_precompile_headers(${target} REUSE_FROM picket_test_headers)
  # GCC bug 105651 again: the system's headers count as our own when they are compiled before.
  target_compile_options(${target} PRIVATE -Wno-array-bounds -Wno-stringop-overflow
                                            -Wno-stringop-overread)
endfunction()

# picket_library(NAME [HOT] DEPS...): every .cc of this folder as the static library picket_NAME.
# HOT: the library runs once per record, so Release compiles it with -O3.
function(picket_library name)
  cmake_parse_arguments(arg "HOT" "" "" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  if(sources)
    add_library(picket_${name} STATIC ${sources})
    target_link_libraries(picket_${name} PUBLIC picket_options ${arg_UNPARSED_ARGUMENTS})
    picket_unity(picket_${name})
    if(arg_HOT)
      target_compile_options(picket_${name} PRIVATE $<$<CONFIG:Release>:-O3>)
    endif()
  else()
    add_library(picket_${name} INTERFACE)
    target_link_libraries(picket_${name} INTERFACE picket_options ${arg_UNPARSED_ARGUMENTS})
  endif()
endfunction()

# picket_test(NAME DEPS...): every .cc of this folder and those below as the one program NAME_tests.
function(picket_test name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  add_executable(${name}_tests ${sources})
  target_link_libraries(${name}_tests PRIVATE picket_options ${ARGN} GTest::gmock_main GTest::gtest)
  picket_test_headers(${name}_tests)
  add_test(NAME ${name} COMMAND ${name}_tests WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS unit)
endfunction()

# picket_bench(FOLDER NAME DEPS...): FOLDER/NAME_bench.cc as the Google Benchmark program NAME_bench.
function(picket_bench folder name)
  add_executable(${name}_bench ${folder}/${name}_bench.cc)
  target_link_libraries(${name}_bench PRIVATE picket_options ${ARGN} benchmark::benchmark)
  target_compile_options(${name}_bench PRIVATE $<$<CONFIG:Release>:-O3>)
endfunction()

# picket_fuzzer(NAME DEPS...): NAME_fuzzer.cc; with PICKET_FUZZ a libFuzzer program, else a program that replays its
# corpus, tests/fuzz/corpus/NAME, as a test.
function(picket_fuzzer name)
  if(PICKET_FUZZ)
    add_executable(${name}_fuzzer ${name}_fuzzer.cc)
    target_link_options(${name}_fuzzer PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(${name}_fuzzer ${name}_fuzzer.cc replay_main.cc)
    add_test(NAME fuzz_corpus_${name} COMMAND ${name}_fuzzer ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
    set_tests_properties(fuzz_corpus_${name} PROPERTIES LABELS unit)
  endif()
  target_link_libraries(${name}_fuzzer PRIVATE picket_options ${ARGN})
endfunction()
