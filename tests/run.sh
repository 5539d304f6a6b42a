#!/bin/sh
# usage: tests/run.sh            installs what is missing, builds netc and runs all tests; the last line sums them up
#        tests/run.sh --setup    installs what is missing and stops
#
# Needs no data set. Tests of real data take them from $NETC_DATA, by default ../shared/data beside the source tree, and are
# skipped, loudly, where there is none. Logs go to build/logs/. Exit status: 0 all passed, 1 something failed, 2 wrong usage,
# 3 packages are missing.
. "$(dirname "$0")/usage.sh"
root=$(cd "$(dirname "$0")/.." && pwd) || exit 3
case ${NETC_DATA:-} in
'') NETC_DATA=$root/../shared/data ;;
/*) ;;
*) NETC_DATA=$PWD/$NETC_DATA ;;
esac
export NETC_DATA
cd "$root" || exit 3
. tests/setup.sh

case $#:${1:-} in
0:) ;;
1:--setup)
    setup tests/packages.txt build test || exit 3
    echo "setup: all packages are installed"
    exit 0
    ;;
*)
    usage >&2
    exit 2
    ;;
esac

passed=0 failed=0 skipped=0
logs=build/logs
jobs=$(nproc)

title() { printf '\n== %s (%s s)\n' "$1" "$(($(date +%s) - started))"; }
pass() { passed=$((passed + 1)) && echo "PASS: $1"; }
fail() { failed=$((failed + 1)) && echo "FAIL: $1"; }
skip() { skipped=$((skipped + 1)) && echo "SKIP: $1"; }

# step NAME COMMAND...: one test; shows the end of its log when it fails. Status 77 means skipped.
step() {
    name=$1
    shift
    "$@" >"$logs/$name.log" 2>&1
    status=$?
    case $status in
    0) pass "$name" ;;
    77) skip "$name: $(tail -n 1 "$logs/$name.log")" ;;
    *) tail -n 60 "$logs/$name.log" && fail "$name (exit status $status; all of it: $logs/$name.log)" ;;
    esac
    return $status
}

build() {
    preset=$1
    shift
    cmake --preset "$preset" && cmake --build --preset "$preset" -j "$jobs" "$@"
}

# attribute NAME FILE: a number of the first <testsuite> of a JUnit file.
attribute() { sed -n 's/.*[[:space:]]'"$1"'="\([0-9][0-9]*\)".*/\1/p' "$2" | head -n 1; }

# run_ctest PRESET ARGUMENT...: adds ctest's numbers to ours.
run_ctest() {
    preset=$1
    shift
    report=$root/$logs/ctest-$preset.xml
    rm -f "$report"
    ctest --preset "$preset" -j "$jobs" --no-tests=error --output-junit "$report" "$@" >"$logs/ctest-$preset.log" 2>&1
    status=$?
    count=$(sed -n '/<testsuite/,/>/p' "$report" 2>/dev/null | tr '\n' ' ' >"$logs/counts" && attribute tests "$logs/counts")
    if [ -z "$count" ]; then
        tail -n 60 "$logs/ctest-$preset.log"
        fail "ctest $preset ran nothing (exit status $status)"
        return
    fi
    bad=$(attribute failures "$logs/counts")
    out=$(($(attribute skipped "$logs/counts") + $(attribute disabled "$logs/counts")))
    passed=$((passed + count - bad - out)) failed=$((failed + bad)) skipped=$((skipped + out))
    [ "$bad" -eq 0 ] || sed -n '/^ *[0-9]*\/[0-9]* Test.*\*\*\*/,/^ *Start/p' "$logs/ctest-$preset.log" | head -n 200
    sed -n 's/^.*Test *#[0-9]*: \([^ ]*\) .*\*\*\*\(Failed\|Timeout\|Exception\|Not Run\).*/FAIL: \1/p' "$logs/ctest-$preset.log"
    sed -n 's/^.*Test *#[0-9]*: \([^ ]*\) .*\*\*\*Skipped.*/SKIP: \1/p' "$logs/ctest-$preset.log"
    echo "ctest $preset: $((count - bad - out)) passed, $bad failed, $out skipped"
    # A crash of ctest itself must not look like success.
    [ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || fail "ctest $preset (exit status $status)"
}

started=$(date +%s)
if ! setup tests/packages.txt build; then
    echo "0 passed, 1 failed, 0 skipped"
    exit 3
fi
setup tests/packages.txt test || echo "setup: going on; what needs the missing packages is skipped"
mkdir -p "$logs"
[ -d "$NETC_DATA" ] || echo "SKIP: no data sets: set NETC_DATA to their folder; the tests of real data are skipped"

title "release"
step build-release build release && run_ctest release

title "address and undefined-behaviour sanitizers"
# Numbers and generated code are the release build's business: what compares them at length runs there alone.
numbers='oracle|differential|gradient\.gradient|driver\.older_cpus|llvm|unit\.loop\.functions|training\.(models|worked|recurrent)|replay'
step build-asan build asan && run_ctest asan -E "^($numbers)"

title "clang-tidy"
step clang-tidy tests/checks/tidy.sh build/asan

title "thread sanitizer, runtime"
step build-tsan build tsan --target runtime_tests && run_ctest tsan -R '^unit\.runtime\.'

title "fuzzing"
step fuzz tests/fuzz/run.sh

title "done"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
