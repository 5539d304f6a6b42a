#!/bin/sh
# usage: tests/reference/run.sh            grammar/REFERENCE.md: its examples compile, and its last part is what operators say
#        BLESS=1 tests/reference/run.sh    writes that part instead
#
# ctest gives the compiler as $NETC and the program that prints the operators' part as $NETC_MANUAL; by hand those of
# build/release are taken.
build=${NETC_BUILD:-build/release}
: "${NETC:=$PWD/$build/netc}" "${NETC_MANUAL:=$PWD/$build/tests/manual}"
manual=grammar/REFERENCE.md
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT

# Up to the line that says so the text is written by hand.
sed '/^<!-- operators: /q' "$manual" >"$work/whole"
"$NETC_MANUAL" >>"$work/whole" || exit 1
if [ -n "${BLESS:-}" ]; then
    cp "$work/whole" "$manual"
elif ! diff -u "$manual" "$work/whole"; then
    echo "$manual: the operators say something else: BLESS=1 tests/reference/run.sh, and read the difference"
    exit 1
fi

# Examples, each in a file named after the line on which it begins. A fragment is well-formed, but no whole program.
awk -v folder="$work" '
    /^```net/ { file = folder "/" NR ($2 == "fragment" ? ".fragment" : ".net"); next }
    /^```$/   { file = ""; next }
    file      { print > file }' "$manual"
mkdir "$work/blocks" && : >"$work/blocks/residual.net"    # one of them includes it
checked=0 failed=0

# check EXAMPLE OPTION...
check() {
    example=$1
    shift
    checked=$((checked + 1))
    "$NETC" "$@" "$example" >/dev/null 2>"$work/said" && return
    echo "the example after line $(basename "${example%.*}") of $manual:" && cat "$work/said"
    failed=$((failed + 1))
}

for example in "$work"/*.net; do
    check "$example" check -Werror
done
for example in "$work"/*.fragment; do
    check "$example" --emit=ast
done
echo "$checked examples, $failed fail"
[ "$checked" -gt 0 ] && [ "$failed" -eq 0 ]
