#!/bin/sh
# usage: tests/oracle/run.sh [NAME...]    compiled nets and the interpreter against PyTorch's numbers, which make_references.py stored
#
# Largest error as a share of a tensor's largest entry: f64 (by LLVM, where it is built in) and the interpreter 1e-10, f32 (by the C
# compiler) 1e-5. ctest gives the programs as in tests/differential/run.sh.
. "$(dirname "$0")/../usage.sh"
LC_ALL=C
export LC_ALL
build=${NETC_BUILD:-build/release}
: "${NETC:=$PWD/$build/netc}" "${NETC_INTERPRETED:=$PWD/$build/tests/interpreted}" "${NETC_NUMBERS:=$PWD/$build/tests/libnumbers.a}"
export NETC
. tests/support/trainers.sh
command -v python3 >/dev/null 2>&1 || {
    echo "SKIP: python3 is not installed"
    exit 77
}
runtime=$(dirname "$NETC")/lib/netc
failed=0

# facts KEY FILE: steps or samples, from the metadata of a reference.
facts() { head -c 4096 "$2" | sed -n 's/.*"'"$1"'":"\([0-9]*\)".*/\1/p' | head -n 1; }

# compare WHAT PROGRAM TOLERANCE [ARGUMENT...]: runs a program and compares what it wrote with $reference.
compare() {
    what=$1 program=$2 tolerance=$3
    shift 3
    "$program" --samples "$samples" -o "$work/got.safetensors" "$@" || die "$name: $what ended with status $?"
    found=$(python3 tests/oracle/compare.py "$work/got.safetensors" "$reference" "$tolerance") || failed=1
    printf '%s, %s: %s\n' "$name" "$what" "$found"
}

double_by=c
if "$NETC" --version | grep -q '^back ends:.*llvm'; then double_by=llvm; fi

# compiled PRECISION LEVEL BACKEND: leaves $work/compiled
compiled() {
    "$NETC" "--backend=$3" "--precision=$1" "-O$2" -Wno-unused-border -c -o "$work/compiled.o" "$net" || die "$net: netc failed"
    # shellcheck disable=SC2046  # a list of words
    "${CC:-cc}" -o "$work/compiled" "$work/compiled.o" "$NETC_NUMBERS" "$runtime/libnetrt.a" $(cat "$runtime/netrt.link") ||
        die "$net: it does not link"
}

# check FOLDER/NAME TOLERANCE-OF-DOUBLE
check() {
    name=$1 net=tests/oracle/$1.net reference=tests/oracle/$1.safetensors
    samples=$(facts samples "$reference")
    steps=$(facts steps "$reference")
    interpreted_steps=$steps
    # The interpreter takes seconds for a step of a real net. Its losses are compared as far as it goes.
    if [ "$name" = training/lenet5 ]; then interpreted_steps=2; fi
    compare interpreter "$NETC_INTERPRETED" "$2" --steps "$interpreted_steps" "$net"
    compiled f64 1 "$double_by"
    compare "compiled f64" "$work/compiled" "$2" --steps "$steps"
    compiled f32 0 c
    compare "compiled f32" "$work/compiled" 1e-5 --steps "$steps" --threads 2
}

if [ $# -eq 0 ]; then
    # shellcheck disable=SC2013  # names have no spaces
    for operator in $(sed -n 's/^OP(\([a-z0-9_]*\),.*/\1/p' compiler/ops/ops.def); do
        [ -f "tests/oracle/operators/$operator.safetensors" ] || {
            echo "tests/oracle/operators has no reference of $operator"
            failed=1
        }
    done
    for file in tests/oracle/operators/*.net tests/oracle/training/*.net; do
        file=${file#tests/oracle/}
        echo "${file%.net}"
    done | xargs -n 4 -P "$(nproc)" "$0" || failed=1
fi
for case in "$@"; do
    # References of long runs are stored in f32.
    if [ "$case" = training/lenet5 ]; then check "$case" 1e-6; else check "$case" 1e-10; fi
done
exit $failed
