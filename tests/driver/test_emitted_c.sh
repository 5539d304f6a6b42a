#!/bin/sh
# What --emit=c prints compiles without a warning: nets with borders, pools, recurrences, tables of connections.
set -u
NETC=${NETC:-build/release/netc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

check() {
    "$NETC" --emit=c -march="$2" "examples/$1.net" >"$work/net.c" || { failed=1; return; }
    for compiler in gcc clang-19; do
        command -v "$compiler" >/dev/null 2>&1 || continue
        "$compiler" -std=c11 -fsyntax-only -march="$2" -Wall -Wextra -Wshadow -Werror -ffp-contract=off -I runtime/include "$work/net.c" ||
            { echo "$1 -march=$2: $compiler warns" >&2; failed=1; }
    done
}

check lenet5_1998 x86-64-v3
check cnn_bn x86-64-v4
check gru x86-64-v3
[ "$failed" -eq 0 ] && echo "emitted C: 3 nets compile without a warning"
exit "$failed"
