#!/bin/sh
# On a CPU that lacks what a trainer was compiled for, the trainer says so and ends in good order; where nothing lacks, it trains to
# the bits of any other. The compiler itself runs on every x86-64, and makes there what it makes here. qemu plays the CPUs.
#
# qemu leaves AVX-512 out of every model, so Skylake-Server stands for a CPU whose AVX-512 is switched off. Source: what it warns of.
. tests/support/trainers.sh
qemu=$(command -v qemu-x86_64) || {
    echo "SKIP: qemu-x86_64 is not installed (package qemu-user)"
    exit 77
}
if [ -n "${NETC_SANITIZE:-}" ]; then
    echo "SKIP: sanitized programs do not run under qemu"
    exit 77
fi

# on CPU PROGRAM ARGUMENT...: standard output and error together; qemu warns of features that it leaves out.
on() {
    cpu=$1
    shift
    "$qemu" -cpu "$cpu" "$@" >"$work/raw" 2>&1
    status=$?
    grep -v "^qemu-x86_64: warning: TCG doesn't support" "$work/raw" >"$work/said"
    return $status
}

# refused CPU TRAINER FEATURE: nothing but `info` runs, and the message names what is missing.
refused() {
    for command in "train --out $work/refused" bench; do
        # shellcheck disable=SC2086  # words
        on "$1" "$2" $command
        status=$?
        [ $status -eq 3 ] || die "$2 $command on $1: status $status instead of 3: $(cat "$work/said")"
        grep -q "^error: this CPU lacks $3, which the net was compiled for" "$work/said" ||
            die "$2 $command on $1 did not say that $3 is missing: $(cat "$work/said")"
    done
    [ ! -e "$work/refused" ] || die "$2 on $1 began to write"
    on "$1" "$2" info || die "$2 info on $1: status $?: $(cat "$work/said")"
    grep -q 'compiled by .*-march=' "$work/said" || die "$2 info on $1 does not say what it was compiled for"
    echo "$(basename "$2") on $1: lacks $3"
}

# trained FOLDER: the sum of its weights must be that of the others.
trained() {
    sum=$(sha256sum <"$work/$1/last.safetensors")
    [ "$sum" = "${reference:=$sum}" ] || die "$1 trained to other bits"
    echo "$1: ${sum%"${sum#????????????????}"}"
}

# same OPTION...: under an old CPU netc writes the same file.
same() {
    on Nehalem "$NETC" "$@" examples/digits.net -o "$work/there" || die "netc $* on Nehalem: status $?: $(cat "$work/said")"
    "$NETC" "$@" examples/digits.net -o "$work/here" || die "netc $*: status $?"
    cmp "$work/here" "$work/there" || die "netc $* makes something else on Nehalem"
}

for backend in $("$NETC" --version | sed -n 's/^back ends: //p' | tr -d ,); do
    for level in v3 v4; do
        compile examples/digits.net "$work/$backend-$level" "--backend=$backend" "-march=x86-64-$level"
        refused Nehalem "$work/$backend-$level" avx
        refused SandyBridge "$work/$backend-$level" avx2
        same "--backend=$backend" "-march=x86-64-$level" -c
    done
    for cpu in Haswell Skylake-Server EPYC; do
        refused $cpu "$work/$backend-v4" avx512f
    done
    on Haswell "$work/$backend-v3" train --quiet --epochs 1 --limit 20 --out "$work/$backend-v3-haswell" ||
        die "$backend-v3 on Haswell: status $?: $(cat "$work/said")"
    trained "$backend-v3-haswell"
done
if grep -qw avx2 /proc/cpuinfo; then
    compile examples/digits.net "$work/native"
    "$work/native" train --quiet --epochs 1 --limit 20 --out "$work/native-here" || die "native: status $?"
    trained native-here
fi

# Without -march= there is nothing that this CPU could run.
on Nehalem "$NETC" -c examples/digits.net -o "$work/none"
status=$?
[ $status -eq 2 ] || die "netc for Nehalem itself: status $status instead of 2: $(cat "$work/said")"
grep -q 'name another with -march=' "$work/said" || die "netc on Nehalem does not say how to go on: $(cat "$work/said")"
