#!/bin/sh
# Register tiles stay in registers: no vector goes through the stack in a loop of multiply-adds of an example. Counted in the
# assembly, because code that spills is not always slow enough to notice.
: "${NETC:?the compiler: set by ctest, or NETC=build/release/netc}"
if ! "$NETC" --version | grep -q '^back ends:.*llvm'; then
    echo "SKIP: LLVM is not built in"
    exit 77
fi
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
failed=0

# check NET MARCH LOOPS: at least as many loops must be found, so that a change of the assembly's form cannot hide them.
check() {
    name=$1-$2
    "$NETC" --backend=llvm "-march=$2" -S "examples/$1.net" -o "$work/$name.s" || exit 1
    python3 tests/support/inner_loops.py "$work/$name.s" >"$work/$name.loops" || exit 1
    found=$(awk '$3 >= 8' "$work/$name.loops" | wc -l)
    spills=$(awk '$3 >= 8 && $4 > 0' "$work/$name.loops")
    echo "$name: $found loops"
    if [ "$found" -lt "$3" ]; then
        echo "FAILED: $name: at least $3 loops were expected"
        failed=1
    fi
    if [ -n "$spills" ]; then
        echo "FAILED: $name: kernel, instructions, multiply-adds, vectors through the stack:"
        echo "$spills"
        failed=1
    fi
}

for march in x86-64-v4 znver4 sapphirerapids; do
    check lenet5 "$march" 10
    check mlp "$march" 6
    check digits "$march" 8
done
for march in x86-64-v3 haswell; do
    check lenet5 "$march" 10
    check mlp "$march" 6
    check digits "$march" 6
done
exit $failed
