#!/bin/sh
# Four epochs in one go, and two epochs, a stop, and two more, end in the same bytes.
. tests/support/trainers.sh

compile examples/digits.net "$work/digits"
"$work/digits" train --quiet --limit 200 --epochs 4 --out "$work/straight" || die "train failed with status $?"
"$work/digits" train --quiet --limit 200 --epochs 2 --out "$work/stopped" || die "train failed with status $?"
cmp -s "$work/straight/last.safetensors" "$work/stopped/last.safetensors" && die "two epochs equal four: nothing is learnt"
if "$work/digits" train --quiet --resume --limit 200 --epochs 1 --out "$work/probe" 2>&1 | grep 'not built yet'; then
    exit 77
fi
"$work/digits" train --quiet --limit 200 --epochs 4 --out "$work/stopped" --resume || die "train --resume failed with status $?"
cmp "$work/straight/last.safetensors" "$work/stopped/last.safetensors" || die "a run that was resumed ends in other bytes"
