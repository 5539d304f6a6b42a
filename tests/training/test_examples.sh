#!/bin/sh
# Every example compiles, says what it is, and runs training steps on drawn data. Nets for large pictures are made
# for small ones.
. tests/support/trainers.sh

for net in examples/*.net; do
    name=$(basename "$net" .net)
    echo "== $net"
    # shellcheck disable=SC2046  # a list of words
    compile "$net" "$work/$name" $(small "$name")
    "$work/$name" info >"$work/info" || die "info failed with status $?"
    grep -q "$name" "$work/info" || die "info does not name the net"
    "$work/$name" bench --seconds 0.2 --threads 1 --log json >"$work/bench" || die "bench failed with status $?"
    grep -q '"samples_per_second"' "$work/bench" || die "bench reports no speed"
    rm "$work/$name"
done
