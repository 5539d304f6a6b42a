#!/bin/sh
# The net of examples/signals.net on real sound: the spoken digits of the folder fsdd of $NETC_DATA, 600 to learn from and 300 others.
if [ ! -d "${NETC_DATA:-}/fsdd/recordings" ]; then
    echo "SKIP: no spoken digits: set NETC_DATA to a folder with fsdd/recordings"
    exit 77
fi
if [ -n "${NETC_SANITIZE:-}" ]; then
    echo "sanitized build"
    exit 77
fi
. tests/support/trainers.sh

python3 tests/support/recordings.py "$NETC_DATA/fsdd/recordings" 8192 "$work/spoken" || die "no recordings"
{
    cat examples/signals.net
    echo 'data {'
    echo '    train = idx("spoken-train-signals", "spoken-train-labels"); test = idx("spoken-test-signals", "spoken-test-labels");'
    echo '    prepare = normalize(mean = 128, std = 64);'
    echo '}'
} >"$work/signals.net"
compile "$work/signals.net" "$work/signals"
"$work/signals" train --quiet --data "$work" --out "$work/run" || die "train failed with status $?"
accuracy=$(result "$work/run/metrics.jsonl" test accuracy) || exit 1
at_least "accuracy on 300 recordings" "$accuracy" 0.8
