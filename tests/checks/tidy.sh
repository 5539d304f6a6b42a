#!/bin/sh
# usage: tests/checks/tidy.sh [BUILD] [FILE.c...]    clang-tidy over the files, by default all of the compiler and the runtime
# BUILD is a configured build tree with assertions, which tell the analyser what holds; by default build/debug.
. "$(dirname "$0")/../usage.sh"
. "$(dirname "$0")/files.sh"
need clang-tidy-19
build=${1:-build/debug}
[ $# -eq 0 ] || shift
if [ ! -f "$build/compile_commands.json" ]; then
    echo "tidy.sh: $build is no configured build tree: cmake --preset debug" >&2
    exit 2
fi
if [ $# -gt 0 ]; then printf '%s\n' "$@"; else tracked 'compiler/*.c' 'runtime/*.c'; fi |
    xargs -r -P "$(nproc)" -n 4 clang-tidy-19 --quiet -p "$build" 2>/dev/null
