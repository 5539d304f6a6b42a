#!/bin/sh
# usage: tests/fuzz/run.sh [SECONDS [FUZZER...]]    builds the fuzzers and runs each for SECONDS (default 20), from all .net files here
#
# What breaks is left in build/fuzz/FUZZER.found/; run the fuzzer on that file to see it again. What was learnt stays in
# build/fuzz/FUZZER.corpus/. Exit status 77: clang 19 is missing.
. "$(dirname "$0")/../usage.sh"
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

# A fuzzer without a folder of seeds reads nets: all that the tests have.
nets=build/fuzz/nets
rm -rf "$nets"
mkdir -p "$nets"
find examples tests/golden -name '*.net' | while IFS= read -r net; do
    cp "$net" "$nets/$(printf '%s' "$net" | tr / -)"
done

bad=0
for fuzzer in "$@"; do
    from=tests/fuzz/seeds/$fuzzer dict=-use_value_profile=1
    [ -d "$from" ] || from=$nets dict=-dict=tests/fuzz/net.dict
    mkdir -p "build/fuzz/$fuzzer.corpus" "build/fuzz/$fuzzer.found"
    "build/fuzz/tests/$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -seed=1 "$dict" \
        -artifact_prefix="build/fuzz/$fuzzer.found/" "build/fuzz/$fuzzer.corpus" "$from" || bad=1
done
exit $bad
