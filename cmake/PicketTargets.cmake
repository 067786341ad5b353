# Target helpers: picket_library, picket_test, picket_bench, picket_fuzzer.

# FORCE: project() has cached empty flags for a build type that it does not know.
set(CMAKE_CXX_FLAGS_DEV "-O1 -g1 -fno-omit-frame-pointer" CACHE STRING "Flags of the Dev build" FORCE)
set(CMAKE_EXE_LINKER_FLAGS_DEV "" CACHE STRING "Linker flags of the Dev build" FORCE)
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -g1 -DNDEBUG" CACHE STRING "Flags of the Release build" FORCE)

add_library(picket_options INTERFACE)
target_compile_options(picket_options INTERFACE -Wall -Wextra -Wno-missing-field-initializers)
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

# picket_library(NAME DEPS...): every .cc of this folder as the static library picket_NAME.
function(picket_library name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  if(sources)
    add_library(picket_${name} STATIC ${sources})
    target_link_libraries(picket_${name} PUBLIC picket_options ${ARGN})
  else()
    add_library(picket_${name} INTERFACE)
    target_link_libraries(picket_${name} INTERFACE picket_options ${ARGN})
  endif()
endfunction()

# picket_test(NAME DEPS...): every .cc of this folder and those below as the one program NAME_tests.
function(picket_test name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  add_executable(${name}_tests ${sources})
  target_link_libraries(${name}_tests PRIVATE picket_options ${ARGN} GTest::gmock_main GTest::gtest)
  add_test(NAME ${name} COMMAND ${name}_tests WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
endfunction()

# picket_bench(FOLDER NAME DEPS...): FOLDER/NAME_bench.cc as the Google Benchmark program NAME_bench.
function(picket_bench folder name)
  add_executable(${name}_bench ${folder}/${name}_bench.cc)
  target_link_libraries(${name}_bench PRIVATE picket_options ${ARGN} benchmark::benchmark)
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
  endif()
  target_link_libraries(${name}_fuzzer PRIVATE picket_options ${ARGN})
endfunction()
