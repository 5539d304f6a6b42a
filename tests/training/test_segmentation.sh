#!/bin/sh
# The net of examples/segmentation.net learns to find discs and squares: more pixels are right than the ground alone would be.
if [ -n "${NETC_SANITIZE:-}" ]; then
    echo "sanitized build"
    exit 77
fi
. tests/support/trainers.sh

python3 tests/support/shapes.py 256 "$work/images" "$work/masks" || die "no pictures"
{
    cat examples/segmentation.net
    echo 'data {'
    echo '    train = idx("images", "masks") -> drop(64); test = idx("images", "masks") -> take(64);'
    echo '    prepare = scale(1/255);'
    echo '}'
} >"$work/segmentation.net"
compile "$work/segmentation.net" "$work/segmentation"
"$work/segmentation" train --quiet --data "$work" --epochs 6 --out "$work/run" || die "train failed with status $?"
accuracy=$(result "$work/run/metrics.jsonl" test accuracy) || exit 1
at_least "share of 64 pictures' pixels" "$accuracy" 0.87
