#!/bin/sh
# The net of examples/transformer.net on real data: 20,000 pictures of the folder mnist of $NETC_DATA, twice.
if [ ! -f "${NETC_DATA:-}/mnist/train-images-idx3-ubyte.gz" ]; then
    echo "no mnist: set NETC_DATA to a folder with mnist/train-images-idx3-ubyte.gz and its companions"
    exit 77
fi
if [ -n "${NETC_SANITIZE:-}" ]; then
    echo "sanitized build"
    exit 77
fi
. tests/support/trainers.sh

sed 's/take(55000)/take(20000)/; s/epochs    = 3/epochs    = 2/' examples/transformer.net >"$work/transformer.net"
compile "$work/transformer.net" "$work/transformer"
"$work/transformer" train --quiet --data "$NETC_DATA" --out "$work/run" || die "train failed with status $?"
accuracy=$(result "$work/run/metrics.jsonl" test accuracy) || exit 1
at_least "accuracy on 10000 test images" "$accuracy" 0.89
