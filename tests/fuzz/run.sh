#!/bin/sh
# usage: tests/fuzz/run.sh [SECONDS [FUZZER...]]    builds the fuzzers and runs each for SECONDS (default 20), from all .net files here
#
# What breaks is left in build/fuzz/FUZZER.found/; run the fuzzer on that file to see it again. What was learnt stays in
# build/fuzz/FUZZER.corpus/. Exit status 77: clang 19 is missing.
cd "$(dirname "$0")/../.." || exit 2
seconds=${1:-20}
[ $# -eq 0 ] || shift
command -v clang-19 >/dev/null 2>&1 || {
    echo "clang-19 is not installed (tests/run.sh --setup installs it)"
    exit 77
}
cmake --preset fuzz && cmake --build --preset fuzz || exit 1
if [ $# -eq 0 ]; then
    for source in tests/fuzz/fuzz_*.c; do set -- "$@" "$(basename "$source" .c)"; done
fi

# Every net of the tests is a seed of the fuzzers of texts.
seeds=build/fuzz/seeds
rm -rf "$seeds"
mkdir -p "$seeds" build/fuzz/none
find examples tests/golden -name '*.net' | while IFS= read -r net; do
    cp "$net" "$seeds/$(printf '%s' "$net" | tr / -)"
done

bad=0
for fuzzer in "$@"; do
    case $fuzzer in
    fuzz_parse) from=$seeds dict=-dict=tests/fuzz/net.dict ;;
    *) from=build/fuzz/none dict=-use_value_profile=1 ;;
    esac
    mkdir -p "build/fuzz/$fuzzer.corpus" "build/fuzz/$fuzzer.found"
    "build/fuzz/tests/$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -seed=1 "$dict" \
        -artifact_prefix="build/fuzz/$fuzzer.found/" "build/fuzz/$fuzzer.corpus" "$from" || bad=1
done
exit $bad
