#!/bin/sh
# The reference models, nets of other hands, are taken unchanged, have the parameters and multiply-adds of the table beside them, and,
# compiled with other data, learn made-up pictures: $NETC_DATA/../models/README.md and the files that it lists.
models=${NETC_DATA:-}/../models
if [ ! -f "$models/README.md" ]; then
    echo "SKIP: no reference models: set NETC_DATA to a folder with a folder models beside it"
    exit 77
fi
. tests/support/trainers.sh

# number FILE.json KEY
number() { sed -n 's/.*"'"$2"'": \([0-9]*\)[,}].*/\1/p' "$1"; }

# rate NAME: another one than the file's, where that is too large for images of noise or too small to be seen after eight steps
rate() {
    case $1 in
    alexnet) echo "--set train.optimizer.lr=0.001" ;;
    conv_autoencoder) echo "--set train.optimizer.lr=0.01" ;;
    esac
}

# learns FILE.net: what it reads are pictures of the size of its input. Eight steps are few: any fall counts.
learns() {
    shape=$(sed -n 's/^ *input [a-z]*: *\([0-9x]*\).*/\1/p' "$1" | head -n 1)
    python3 tests/support/pictures.py "$shape" 32 "$work/images" "$work/labels" ||
        die "no pictures"
    {
        sed '/^data {/,/^}/d' "$1"
        echo 'data { train = idx("images", "labels"); test = idx("images", "labels"); prepare = scale(1/255); }'
    } >"$work/$name.net"
    # shellcheck disable=SC2046  # a list of words
    falls "$name" 0.995 $(rate "$name")
}

# check FILE PARAMETERS MULTIPLY-ADDS
check() {
    net=$models/$1 name=${1%.net}
    "$NETC" summary --json "$net" >"$work/summary" || die "$1: netc summary failed with status $?"
    # The layers' own numbers stand before the sums: a greedy pattern finds the last.
    [ "$(number "$work/summary" parameters)" = "$2" ] || die "$1: $(number "$work/summary" parameters) parameters, not $2"
    [ "$(number "$work/summary" multiply_adds)" = "$3" ] || die "$1: $(number "$work/summary" multiply_adds) multiply-adds, not $3"
    echo "$name: $2 parameters, $3 multiply-adds"
    if [ -n "${NETC_SANITIZE:-}" ]; then
        "$NETC" -c "$net" -o "$work/object" || die "$1: netc -c failed with status $?"    # the arithmetic is the same
    else
        learns "$net"
    fi
}

# Rows such as: | `mlp.net` | mlp | 669,706 | 668,672 | 128 |
# shellcheck disable=SC2016  # quotes of Markdown
sed -n 's/^| `\([a-z0-9_]*\.net\)` |[^|]*| *\([0-9,]*\) *| *\([0-9,]*\) *|.*/\1 \2 \3/p' "$models/README.md" | tr -d , >"$work/rows"
[ -s "$work/rows" ] || die "$models/README.md has no table"
for net in "$models"/*.net; do
    grep -q "^$(basename "$net") " "$work/rows" || die "$models/README.md has no row for $net"
done
while read -r file parameters multiply_adds; do
    check "$file" "$parameters" "$multiply_adds"
done <"$work/rows"
