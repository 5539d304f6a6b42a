#!/bin/sh
# usage: tests/fuzz/run.sh [SECONDS [FUZZER...]]    builds the fuzzers and runs each for SECONDS (default 20) on one core, from all .net files
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

# As many at a time as there are cores.
# shellcheck disable=SC2016  # the variables are for the inner shell
printf '%s\n' "$@" | seconds=$seconds nets=$nets xargs -P "$(nproc)" -n 1 sh -c '
    from=tests/fuzz/seeds/$0 dict=-use_value_profile=1
    [ -d "$from" ] || from=$nets dict=-dict=tests/fuzz/net.dict
    mkdir -p "build/fuzz/$0.corpus" "build/fuzz/$0.found"
    "build/fuzz/tests/$0" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -seed=1 "$dict" \
        -artifact_prefix="build/fuzz/$0.found/" "build/fuzz/$0.corpus" "$from" >"build/fuzz/$0.log" 2>&1'
bad=$?
for fuzzer in "$@"; do
    cat "build/fuzz/$fuzzer.log"
done
[ $bad -eq 0 ]
