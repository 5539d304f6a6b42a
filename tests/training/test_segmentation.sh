#!/bin/sh
# A class for each pixel: the loss of examples/segmentation.net falls. No source of data gives such labels yet, so the
# batch is made up beside the trainer.
. tests/support/trainers.sh
: "${NETC_NUMBERS:?the library to link with a compiled net: set by ctest}"
runtime=$(dirname "$NETC")/lib/netc

"$NETC" -c -o "$work/net.o" examples/segmentation.net || die "netc failed with status $?"
# shellcheck disable=SC2046  # a list of words
"${CC:-cc}" -o "$work/net" "$work/net.o" "$NETC_NUMBERS" "$runtime/libnetrt.a" $(cat "$runtime/netrt.link") || die "it does not link"
"$work/net" --learn --steps 12 -o "$work/numbers" || die "training failed with status $?"
python3 - "$work/numbers" <<'END' || die "the loss does not fall"
import sys
import tensor_file
losses = tensor_file.read(sys.argv[1])["loss"]
print(*(f"{loss:.4f}" for loss in losses))
sys.exit(not losses[-1] < 0.9 * losses[0])
END
