#!/bin/sh
# usage: tests/replay/run.sh [NET...]            the C of each kernel of the examples and of kinds.net is what it was: its hash
#        BLESS=1 tests/replay/run.sh [NET...]    writes the hashes, tests/replay/NET.hashes, instead; say in the commit what moved and why
#
# A change that is to move no code shows here what it moved. ctest gives the program that prints the hashes as $NETC_REPLAY; by hand
# that of build/release is taken. NET: a name without path or ending.
. "$(dirname "$0")/../usage.sh"
: "${NETC_REPLAY:=${NETC_BUILD:-build/release}/tests/replay}"
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
failed=0 kernels=0

# moved OLD NEW: the kernels that differ, and in which of the variants
moved() {
    awk 'NR == FNR { old[$1] = $0; next }
        { variants = split("f32-v3 f32-v4 f64-v3 f64-v4", name, " "); seen[$1] = 1 }
        !($1 in old) { print "    " $1 ": new"; next }
        $0 != old[$1] {
            split(old[$1], was, " ")
            text = ""
            for (i = 1; i <= variants; i++) if ($(i + 1) != was[i + 1]) text = text " " name[i]
            print "    " $1 ": other C:" text
        }
        END { for (k in old) if (!(k in seen)) print "    " k ": gone" }' "$1" "$2"
}

# check FILE.net
check() {
    name=$(basename "$1" .net) want=tests/replay/$(basename "$1" .net).hashes
    if ! "$NETC_REPLAY" "$1" >"$work/got"; then
        echo "$1: $NETC_REPLAY failed" && failed=$((failed + 1))
    elif [ -n "${BLESS:-}" ]; then
        cp "$work/got" "$want"
    elif [ ! -f "$want" ]; then
        echo "$name: there is no $want: BLESS=1 $0 $name" && failed=$((failed + 1))
    elif ! cmp -s "$want" "$work/got"; then
        echo "$name: the C of kernels moved; if it was meant to: BLESS=1 $0 $name"
        moved "$want" "$work/got"
        failed=$((failed + 1))
    fi
    kernels=$((kernels + $(wc -l <"$work/got") - 1))
}

if [ $# -eq 0 ]; then
    for net in examples/*.net tests/replay/*.net; do set -- "$@" "$(basename "$net" .net)"; done
    for want in tests/replay/*.hashes; do
        name=$(basename "$want" .hashes)
        [ -f "examples/$name.net" ] || [ -f "tests/replay/$name.net" ] || {
            echo "$want belongs to no net" && failed=$((failed + 1))
        }
    done
fi
for name in "$@"; do
    net=examples/$name.net
    [ -f "$net" ] || net=tests/replay/$name.net
    check "$net"
done
echo "replay: $kernels kernels of $# nets, $failed nets with other C"
[ "$failed" -eq 0 ]
