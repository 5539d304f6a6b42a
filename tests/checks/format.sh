#!/bin/sh
# Fails when a C file is not laid out as .clang-format says. Cure: clang-format-19 -i FILE
. "$(dirname "$0")/files.sh"
need clang-format-19

tracked '*.c' '*.h' | xargs -r clang-format-19 --dry-run -Werror
