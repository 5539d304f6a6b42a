#!/bin/sh
# The same weights, to the bit: two C compilers, two instruction sets, one thread and three.
. tests/support/trainers.sh

# train NAME THREADS: leaves $work/NAME-THREADS.safetensors
train() {
    "$work/$1" train --quiet --limit 130 --epochs 2 --threads "$2" --out "$work/$1-$2" || die "$1: train failed with status $?"
    mv "$work/$1-$2/last.safetensors" "$work/$1-$2.safetensors"
}

compilers=gcc
if command -v clang-19 >/dev/null 2>&1; then compilers="gcc clang-19"; else echo "clang-19 is not installed: only gcc is tested"; fi
machines=x86-64-v3
if grep -q avx512vl /proc/cpuinfo; then machines="x86-64-v3 x86-64-v4"; else echo "no AVX-512: only x86-64-v3 is tested"; fi

reference=
for CC in $compilers; do
    export CC
    for machine in $machines; do
        name=digits.$CC.$machine
        compile examples/digits.net "$work/$name" --backend=c "-march=$machine"
        for threads in 1 3; do
            train "$name" "$threads"
            result=$work/$name-$threads.safetensors
            reference=${reference:-$result}
            echo "$(sha256sum <"$result" | cut -c 1-16) $name, $threads threads"
            cmp "$reference" "$result" || die "$name with $threads threads: other bits"
        done
    done
done
