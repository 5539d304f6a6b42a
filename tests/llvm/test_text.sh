#!/bin/sh
# What LLVM is given, in a few lines that hold for every version of it: FileCheck reads them from conv.check.
: "${NETC:?the compiler: set by ctest, or NETC=build/release/netc}"
if ! "$NETC" --version | grep -q '^back ends:.*llvm'; then
    echo "SKIP: LLVM is not built in"
    exit 77
fi
check=$(command -v FileCheck-19) || {
    echo "SKIP: FileCheck-19 is not installed"
    exit 77
}
failed=0
for march in v3 v4; do
    for text in KERNEL MODULE; do
        set -- --emit=llvm "-march=x86-64-$march"
        [ $text = MODULE ] || set -- "$@" --kernel=c
        if ! "$NETC" "$@" tests/llvm/conv.net |
            "$check" --check-prefixes="$text,$text-$march" --allow-unused-prefixes --dump-input=never tests/llvm/conv.check; then
            echo "FAILED: netc $* tests/llvm/conv.net: not what tests/llvm/conv.check says of a $text"
            failed=1
        fi
    done
done
exit $failed
