#!/bin/sh
# Every example compiles, says what it is, and runs training steps on drawn data. Nets for large pictures are made
# for small ones.
. tests/support/trainers.sh

# same_memory NET TRAINER [OPTION...]: what the compiler says that a trainer takes is what it says itself
same_memory() {
    memory_net=$1 memory_info=$("$2" info --json | sed 's/.*"memory_bytes":\([0-9]*\).*/\1/')
    shift 2
    memory_summary=$("$NETC" summary --json "$@" "$memory_net" | sed 's/.*"memory_bytes": \([0-9]*\).*/\1/')
    memory_plan=$("$NETC" --emit=memory "$@" "$memory_net" | sed -n 's/^uniform .* in all \([0-9]*\)$/\1/p')
    [ "$memory_info $memory_info" = "$memory_summary $memory_plan" ] ||
        die "memory: info tells $memory_info bytes, summary $memory_summary, --emit=memory $memory_plan"
}

for net in examples/*.net; do
    name=$(basename "$net" .net)
    echo "== $net"
    # shellcheck disable=SC2046  # a list of words
    compile "$net" "$work/$name" $(small "$name")
    "$work/$name" info >"$work/info" || die "info failed with status $?"
    grep -q "$name" "$work/info" || die "info does not name the net"
    # shellcheck disable=SC2046
    same_memory "$net" "$work/$name" $(small "$name")
    "$work/$name" bench --seconds 0.2 --threads 1 --log json >"$work/bench" || die "bench failed with status $?"
    grep -q '"samples_per_second"' "$work/bench" || die "bench reports no speed"
    rm "$work/$name"
done
