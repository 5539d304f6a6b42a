#!/bin/sh
# The same weights, to the bit, whoever makes the machine code, for whatever CPU, tiles and threads.
#
# digits.net everywhere, and lenet5.net and mlp.net on a part of MNIST where $NETC_DATA holds it.
. tests/support/trainers.sh

wide=
if grep -q avx512vl /proc/cpuinfo; then wide=yes; else echo "no AVX-512: only x86-64-v3 is tested"; fi
llvm=
if "$NETC" --version | grep -q '^back ends:.*llvm'; then llvm=yes; else echo "LLVM is not built in: only C compilers are tested"; fi

# One line a build: back end or C compiler, CPU (test-*: invented, with other tiles), -O, numbers of threads.
builds() {
    echo "gcc x86-64-v3 3 1"
    echo "gcc test-w4r16 1 3"
    if command -v clang-19 >/dev/null 2>&1; then
        echo "clang-19 x86-64-v3 1 2"
        echo "clang-19 test-w8r16-smallcache 3 1"
        [ -z "$wide" ] || echo "clang-19 x86-64-v4 3 3"
    else
        echo "clang-19 is not installed: only gcc is tested" >&2
    fi
    [ -z "$wide" ] || echo "gcc x86-64-v4 3 2"
    [ -n "$llvm" ] || return
    echo "llvm x86-64-v3 3 2"
    echo "llvm x86-64-v3 1 1"
    echo "llvm native 3 1 2 7 16"
    echo "llvm native 0 3"
    echo "llvm test-w4r16 3 1"
    echo "llvm test-w8r16-smallcache 2 3"
    if [ -n "$wide" ]; then
        echo "llvm x86-64-v4 3 3"
        echo "llvm x86-64-v4 1 2"
        echo "llvm test-w16r32 3 2"
    fi
}

# train TRAINER THREADS OPTION...: writes the sum of the weights.
train() {
    trainer=$1 threads=$2
    shift 2
    rm -rf "$work/run"
    "$trainer" train --quiet --epochs 2 --threads "$threads" --out "$work/run" "$@" || die "$trainer: train failed with status $?"
    sha256sum <"$work/run/last.safetensors" | cut -c 1-16
}

# check NET OPTION...: all builds train to the same bits.
check() {
    net=$1 reference=
    shift
    while read -r maker cpu level counts; do
        backend=c
        [ "$maker" != llvm ] || backend=llvm
        CC=$maker
        [ "$maker" != llvm ] || CC=cc
        export CC
        compile "examples/$net.net" "$work/$net" "--backend=$backend" "-march=$cpu" "-O$level"
        for threads in $counts; do
            sum=$(train "$work/$net" "$threads" "$@") || die "$sum"
            reference=${reference:-$sum}
            echo "$sum $net $maker $cpu -O$level, $threads threads"
            [ "$sum" = "$reference" ] || die "$net: other bits: $maker $cpu -O$level with $threads threads"
        done
    done <"$work/builds"
}

builds >"$work/builds"
check digits --limit 130
if [ -f "${NETC_DATA:-}/mnist/train-images-idx3-ubyte.gz" ]; then
    grep -v ' 0 ' "$work/builds" >"$work/fewer" && mv "$work/fewer" "$work/builds"    # -O0 takes its time
    # Sixteen batches, the last one short.
    check lenet5 --limit 1000 --data "$NETC_DATA"
    check mlp --limit 1000 --data "$NETC_DATA"
else
    echo "no MNIST: set NETC_DATA to a folder with mnist/train-images-idx3-ubyte.gz to test lenet5 and mlp too"
fi
