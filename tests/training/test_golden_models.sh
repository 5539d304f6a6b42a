#!/bin/sh
# manual/golden-tests.md, as it stands there: its CTest project writes golden values, holds to them, and notices a change.
if [ -n "${NETC_SANITIZE:-}" ]; then
    echo "sanitized build"
    exit 77
fi
. tests/support/trainers.sh

# block MARK: the page's block of code that begins with it
block() {
    awk -v mark="\`\`\`$1" '$0 == mark { inside = 1; next } /^```$/ { inside = 0 } inside' manual/golden-tests.md
}

mkdir "$work/models" "$work/bin" && ln -s "$(realpath "$NETC")" "$work/bin/netc"
block cmake >"$work/models/CMakeLists.txt"
block "sh golden.sh" >"$work/models/golden.sh"
block sh >"$work/commands"
sed -n '/^## A tour/,/^## Writing/p' README.md | awk '/^```/ { n += !inside; inside = !inside; next } inside && n == 2' >"$work/models/tiny.net"
for file in models/CMakeLists.txt models/golden.sh models/tiny.net commands; do
    [ -s "$work/$file" ] || die "the pages have no block for $file"
done
cd "$work/models" || exit 3
PATH=$work/bin:$PATH
sh -e ../commands >said 2>&1 || { cat said; die "a command of the page fails"; }
grep -q '^{"epoch":2,.*"val":.*}$' tiny.golden || { cat tiny.golden; die "the golden file has no second epoch"; }
[ "$(grep -c 'safetensors$' tiny.golden)" -eq 2 ] || die "the golden file has no hashes"

# Threads change nothing, a learning rate does.
sed 's/train --quiet/train --quiet --threads 3/' golden.sh >other.sh
sh other.sh build/tiny tiny.golden || die "three threads give other bits"
sed 's/train --quiet/train --quiet --set train.optimizer.lr=0.0500001/' golden.sh >other.sh
if sh other.sh build/tiny tiny.golden >/dev/null; then
    die "another learning rate is not noticed"
fi
