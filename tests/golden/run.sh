#!/bin/sh
# usage: run.sh COMPILER TEST.net|FOLDER...            compares what the compiler says of each TEST.net with TEST.expect
#        BLESS=1 run.sh COMPILER TEST.net|FOLDER...    writes TEST.expect instead; review with git diff
#
# The first line of a test may name its flags:  # netc: --emit=graph
# TEST.expect holds standard output, then standard error, then "exit STATUS". A folder stands for the tests directly in it;
# files that tests include belong into a folder below.
. "$(dirname "$0")/../usage.sh"
LC_ALL=C
export LC_ALL
case $1 in /*) compiler=$1 ;; *) compiler=$PWD/$1 ;; esac
shift
if [ ! -x "$compiler" ]; then
    echo "run.sh: $compiler is no executable" >&2
    exit 2
fi
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# Runs where the test lives, so that no message contains this machine's folders.
record() {
    flags=$(sed -n '1s/^# netc: *//p' "$1")
    # shellcheck disable=SC2086  # the flags are words
    (cd "$(dirname "$1")" && exec "$compiler" $flags "$(basename "$1")" >"$work/out" 2>"$work/err" </dev/null)
    echo "exit $?" | cat "$work/out" "$work/err" - >"$work/got"
}

check() {
    want=${1%.net}.expect
    record "$1"
    if [ -n "${BLESS:-}" ]; then
        cp "$work/got" "$want" && passed=$((passed + 1))
    elif [ ! -f "$want" ]; then
        echo "$1: there is no ${want##*/}: bless it with BLESS=1 and read it" && failed=$((failed + 1))
    elif diff -u "$want" "$work/got"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
}

for argument in "$@"; do
    if [ ! -d "$argument" ]; then
        check "$argument"
        continue
    fi
    for net in "$argument"/*.net; do
        [ ! -f "$net" ] || check "$net"
    done
    for want in "$argument"/*.expect; do
        if [ -f "$want" ] && [ ! -f "${want%.expect}.net" ]; then
            echo "$want belongs to no test" && failed=$((failed + 1))
        fi
    done
done
echo "golden: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
