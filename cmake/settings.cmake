# Compiler settings for everything that people write here: include this once, link `netc_settings`.
add_library(netc_settings INTERFACE)
target_include_directories(netc_settings INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_definitions(netc_settings INTERFACE _POSIX_C_SOURCE=200809L NETC_VERSION="${PROJECT_VERSION}")
target_compile_options(netc_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wswitch-enum -Wvla
  $<$<BOOL:${NETC_WERROR}>:-Werror>
  # A source's place on this machine never reaches a binary.
  "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=")

# What a program needs when its parts were built this way. Trainers that netc links need it too: see netrt.link.
set(NETC_LINK_OPTIONS "")
if(NETC_SANITIZE)
  list(APPEND NETC_LINK_OPTIONS "-fsanitize=${NETC_SANITIZE}")
  target_compile_options(netc_settings INTERFACE "-fsanitize=${NETC_SANITIZE}" -fno-sanitize-recover=all -fno-omit-frame-pointer)
endif()
if(NETC_FUZZ)
  target_compile_options(netc_settings INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(NETC_COVERAGE)
  list(APPEND NETC_LINK_OPTIONS --coverage)
  target_compile_options(netc_settings INTERFACE --coverage -O0)
endif()
target_link_options(netc_settings INTERFACE ${NETC_LINK_OPTIONS})
