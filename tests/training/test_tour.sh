#!/bin/sh
# The tour of the README, as it stands there: where netc is put on the path, the net, the commands; what it ends with.
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

# A source tree that is built already: of the first block only the path is left to do.
mkdir -p "$work/source/build" && ln -s "$(dirname "$(realpath "$NETC")")" "$work/source/build/release"
block 1 | grep '^export PATH=' >"$work/path"
block 2 >"$work/tiny.net"
block 3 | sed 's/   .*//' >"$work/commands"
for file in path tiny.net commands; do
    [ -s "$work/$file" ] || die "README.md has no tour of three blocks: $file is empty"
done
# shellcheck disable=SC2016  # backticks of Markdown
ends=$(sed -n 's/^ends with `\(.*\)`.*/\1/p' README.md)
# shellcheck disable=SC1091  # a line of the README
cd "$work/source" && . "$work/path"
[ "$(command -v netc)" = "$work/source/build/release/netc" ] || die "the tour puts no netc on the path"
cd "$work" || exit 3
while read -r command; do
    sh -c "$command" >said || die "$command: status $?"
    cat said
done <commands
[ "$(tail -n 1 said)" = "$ends" ] || die "the tour ends with '$(tail -n 1 said)', README.md says '$ends'"
