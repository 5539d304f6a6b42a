#!/bin/sh
# Every example compiles, says what it is, and runs training steps on drawn data. Nets for large pictures are made
# for small ones. Those that test_pictures.sh trains are left to it, except on sanitized builds, which it leaves out.
. tests/support/trainers.sh

trained=
[ -n "${NETC_SANITIZE:-}" ] || trained=$(sed -n 's/^learns[a-z_]* \([a-z0-9_]*\) .*/\1/p' tests/training/test_pictures.sh)
for net in examples/*.net; do
    name=$(basename "$net" .net)
    if echo "$trained" | grep -qx "$name"; then
        continue
    fi
    echo "== $net"
    # shellcheck disable=SC2046  # a list of words
    compile "$net" "$work/$name" $(small "$name")
    # shellcheck disable=SC2046
    describes_itself "$net" "$work/$name" $(small "$name")
    "$work/$name" bench --seconds 0.2 --threads 1 --log json >"$work/bench" || die "bench failed with status $?"
    grep -q '"samples_per_second"' "$work/bench" || die "bench reports no speed"
    rm "$work/$name"
done
