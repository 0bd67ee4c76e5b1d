# How every target of ncli is made: one function a kind, so that warnings,
# hardening and include paths are the same everywhere.

option(NCLI_WERROR "Treat compiler warnings as errors" OFF)
option(NCLI_FUZZERS "Build the libFuzzer targets (clang only)" OFF)
option(NCLI_FAST_START
  "Link libarchive and the C++ runtime statically: half as many libraries to load"
  OFF)
set(NCLI_SANITIZE "" CACHE STRING "Value of -fsanitize= for every target")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(ncli_options INTERFACE)
target_include_directories(ncli_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(ncli_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor
  -Wold-style-cast -Wcast-qual -Woverloaded-virtual
  $<$<BOOL:${NCLI_WERROR}>:-Werror>
  -fstack-protector-strong
  -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
if(NOT NCLI_SANITIZE)
  target_compile_definitions(ncli_options INTERFACE
    $<$<CONFIG:Release,RelWithDebInfo>:_FORTIFY_SOURCE=2>)
  target_compile_options(ncli_options INTERFACE -fstack-clash-protection)
  target_link_options(ncli_options INTERFACE
    -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed)
else()
  add_compile_options(-fsanitize=${NCLI_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${NCLI_SANITIZE})
  if(NCLI_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()
if(NCLI_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# ncli_add_library(NAME SOURCES... DEPS targets... PRIVATE_DEPS targets...)
function(ncli_add_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name}
    PUBLIC ncli_options ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
endfunction()
