# shellcheck shell=sh
# Sourced by scripts that check what a program prints: they run in a folder of their own, $work, which goes away with them, count
# their checks and what failed, and leave in `out` and `err` what the latest program said.
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 3
checks=0 failed=0

fail() {
    failed=$((failed + 1))
    echo "FAIL: $*"
    sed 's/^/    /' out err
}

# Whether none failed: says how many there were.
checks_end() {
    echo "$1: $checks checks, $failed failed"
    [ "$failed" -eq 0 ]
}
