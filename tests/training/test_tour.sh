#!/bin/sh
# The tour of the README, as it stands there: the net of its first block, the commands of its second.
if [ -n "${NETC_SANITIZE:-}" ]; then
    echo "sanitized build"
    exit 77
fi
. tests/support/trainers.sh

# block N: the N-th block of code of the tour
block() {
    sed -n '/^## A tour/,/^## Writing/p' README.md |
        awk -v wanted="$1" '/^```/ { n += !inside; inside = !inside; next } inside && n == wanted'
}

block 1 >"$work/tiny.net"
block 2 | sed 's/   .*//' >"$work/commands"
if [ ! -s "$work/tiny.net" ] || [ ! -s "$work/commands" ]; then
    die "README.md has no tour of two blocks"
fi
mkdir "$work/bin" && ln -s "$(realpath "$NETC")" "$work/bin/netc"
cd "$work" || exit 3
while read -r command; do
    PATH=$work/bin:$PATH sh -c "$command" || die "$command: status $?"
done <commands
