#!/bin/sh
# Debuggers know kernels by the names and lines of their layers.
: "${NETC:?the compiler: set by ctest, or NETC=build/release/netc}"
if ! "$NETC" --version | grep -q '^back ends:.*llvm'; then
    echo "SKIP: LLVM is not built in"
    exit 77
fi
dump=$(command -v llvm-dwarfdump-19) || {
    echo "SKIP: llvm-dwarfdump-19 is not installed"
    exit 77
}
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT

die() {
    echo "$*"
    exit 1
}

"$NETC" --backend=llvm -c -march=x86-64-v3 tests/llvm/conv.net -o "$work/small.o" || exit 1
"$dump" --verify "$work/small.o" >"$work/verify" || die "the debug information is broken: $(cat "$work/verify")"
"$dump" --name=c "$work/small.o" >"$work/kernel"
grep -q 'DW_AT_decl_file.*"\./conv\.net"\|DW_AT_decl_file.*"conv\.net"' "$work/kernel" || die "kernel c is not of conv.net: $(cat "$work/kernel")"
grep -q 'DW_AT_decl_line.*(4)' "$work/kernel" || die "kernel c is not at line 4: $(cat "$work/kernel")"
"$dump" --debug-line "$work/small.o" | grep -q '^0x[0-9a-f]* *4 ' || die "no address belongs to line 4"
"$dump" --debug-info "$work/small.o" | grep -q 'c_weight_gradient' || die "the gradient of c.weight has no name"
if "$dump" --debug-info "$work/small.o" | grep -qF "$PWD"; then die "the debug information names a folder of this machine"; fi
