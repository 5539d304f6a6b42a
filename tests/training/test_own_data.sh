#!/bin/sh
# manual/your-own-data.md, as it stands there: its Python makes the data, its net learns them, its commands run.
if [ -n "${NETC_SANITIZE:-}" ]; then
    echo "sanitized build"
    exit 77
fi
. tests/support/trainers.sh

# block LANGUAGE: the page's block of code in it
block() {
    awk -v mark="\`\`\`$1" '$0 == mark { inside = 1; next } /^```$/ { inside = 0 } inside' manual/your-own-data.md
}

mkdir "$work/data" "$work/bin" && ln -s "$(realpath "$NETC")" "$work/bin/netc"
block python >"$work/data/make.py"
block net >"$work/textures.net"
block sh >"$work/commands"
for file in data/make.py textures.net commands; do
    [ -s "$work/$file" ] || die "manual/your-own-data.md has no block for $file"
done
cd "$work" || exit 3
PATH=$work/bin:$PATH sh -e commands >said 2>&1 || { cat said; die "a command of the page fails"; }
reached=$(sed -n 's/^test .*accuracy \([0-9]*\).*/\1/p' said | head -n 1)
echo "textures: $reached %"
[ "${reached:-0}" -ge 90 ] || { cat said; die "the net of the page learns less than 90 %"; }
[ "$(grep -c '"class"' said)" -eq 200 ] || die "predict prints no line for each of 200 records"
