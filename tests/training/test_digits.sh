#!/bin/sh
# The first net of a newcomer learns what its file says, in about a minute. Not on sanitized builds: they are slow and the arithmetic
# is the same.
if [ -n "${NETC_SANITIZE:-}" ]; then
    echo "sanitized build"
    exit 77
fi
. tests/support/trainers.sh

compile examples/digits.net "$work/digits"
"$work/digits" train --quiet --out "$work/run" || die "train failed with status $?"
accuracy=$(result "$work/run/metrics.jsonl" test accuracy) || exit 1
at_least "accuracy on the test set" "$accuracy" 0.97
