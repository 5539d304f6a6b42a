#!/bin/sh
# usage: tests/reference/run.sh            the manual: generated parts are what netc's tables say, and its examples compile
#        BLESS=1 tests/reference/run.sh    writes the generated parts instead
#
# A page has generated parts between "<!-- generated: NAME -->" and "<!-- end -->" (tests/reference/manual.c lists the names; "help netc"
# and "help trainer" are what --help prints, "netc OPTIONS" what netc prints about the page's first net). Blocks of code: `net` passes netc check without a warning, `net fragment` is well-formed.
# ctest gives the compiler as $NETC, a trainer as $TRAINER and the program that prints the parts as $NETC_MANUAL; by hand those of
# build/release are taken.
. "$(dirname "$0")/../usage.sh"
build=${NETC_BUILD:-build/release}
: "${NETC:=$PWD/$build/netc}" "${NETC_MANUAL:=$PWD/$build/tests/manual}" "${TRAINER:=$PWD/$build/tests/mock_trainer}"
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
checked=0 failed=0

# part NAME: what stands between the marks
part() {
    case $1 in
    'help netc') "$NETC" --help | as_text ;;
    'help trainer') "$TRAINER" --help | as_text ;;
    'netc '*) about_first_net "${1#netc }" ;;
    *) "$NETC_MANUAL" "$1" ;;
    esac
}

# about_first_net OPTIONS: what netc prints about the first net of $page, in a file of the net's name.
about_first_net() {
    awk '/^```net$/ { inside = 1; next } /^```$/ && inside { exit } inside' "$page" >"$work/first"
    net=$work/$(sed -n '1s/^net \([a-z_0-9]*\) .*/\1/p' "$work/first").net
    mv "$work/first" "$net"
    # shellcheck disable=SC2086  # options are meant to split
    "$NETC" $1 "$net" | as_text
}

# as_text: a block of code. The trainer goes by its own name, which is that of the model.
as_text() {
    echo '```'
    sed "s|$(basename "$TRAINER")|MODEL|g"
    echo '```'
}

# regenerate PAGE: the page, with its generated parts as they should be
regenerate() {
    skipping=
    while IFS= read -r line; do
        case $line in
        '<!-- end -->') skipping= ;;
        esac
        [ -n "$skipping" ] || printf '%s\n' "$line"
        case $line in
        '<!-- generated: '*)
            name=${line#<!-- generated: }
            part "${name% -->}" || echo "there is no part $name"
            skipping=1
            ;;
        esac
    done <"$1"
}

# check EXAMPLE NETC-ARGUMENT...
check() {
    example=$1
    shift
    checked=$((checked + 1))
    "$NETC" "$@" "$example" >/dev/null 2>"$work/said" && return
    echo "the example after line $(basename "${example%.*}") of $page:" && cat "$work/said"
    failed=$((failed + 1))
}

for page in grammar/REFERENCE.md manual/*.md README.md; do
    [ -f "$page" ] || continue
    regenerate "$page" >"$work/whole"
    if [ -n "${BLESS:-}" ]; then
        cp "$work/whole" "$page"
    elif ! diff -u "$page" "$work/whole"; then
        echo "$page: netc says something else: BLESS=1 tests/reference/run.sh, and read the difference"
        failed=$((failed + 1))
    fi

    # Examples, each in a file named after the line on which it begins.
    folder=$work/$(basename "$page" .md)
    mkdir -p "$folder/blocks" && : >"$folder/blocks/residual.net" # one of them includes it
    awk -v folder="$folder" '
        /^```net/ { file = folder "/" NR ($2 == "fragment" ? ".fragment" : ".net"); next }
        /^```$/   { file = ""; next }
        file      { print > file }' "$page"
    for example in "$folder"/*.net; do
        [ ! -f "$example" ] || check "$example" check -Werror
    done
    for example in "$folder"/*.fragment; do
        [ ! -f "$example" ] || check "$example" --emit=ast
    done
done

# Links from page to page lead somewhere.
for page in grammar/REFERENCE.md manual/*.md README.md compiler/HACKING.md; do
    [ -f "$page" ] || continue
    grep -o ']([^)#]*' "$page" | sed 's/^](//' | grep -v '^https\?:' | sort -u | while IFS= read -r target; do
        [ -z "$target" ] || [ -e "$(dirname "$page")/$target" ] || echo "$page: the link $target leads nowhere"
    done
done >"$work/links"
if [ -s "$work/links" ]; then
    cat "$work/links"
    failed=$((failed + 1))
fi

# What the manual lists as not built yet is refused in these words.
# listed ROW: its names, one a line
# shellcheck disable=SC2016  # backticks of Markdown
listed() { sed -n "s/^| $1 | \(.*\) |$/\1/p" grammar/REFERENCE.md | grep -o '`[^`]*`' | tr -d '`'; }

# refused PROGRAM WORD...
refused() {
    tried=$((tried + 1))
    "$@" >/dev/null 2>"$work/said" </dev/null
    status=$?
    [ "$status" -eq 2 ] && grep -q 'not built yet' "$work/said" && return
    shift
    echo "'$*' is listed as not built yet, but: status $status, $(cat "$work/said")"
    failed=$((failed + 1))
}

echo 'net tiny { input x: 4; output y = x -> dense(2); }' >"$work/tiny.net"
tried=0
for word in $(listed 'commands of netc') $(listed 'options of netc'); do
    refused "$NETC" "$word" "$work/tiny.net"
done
for word in $(listed 'commands of the trainer'); do
    refused "$TRAINER" "$word"
done
listed 'options of the trainer' >"$work/options"
while IFS= read -r words; do
    # shellcheck disable=SC2086  # a command and its option
    refused "$TRAINER" $words
done <"$work/options"
[ "$tried" -gt 15 ] || { echo "grammar/REFERENCE.md lists only $tried things as not built" && failed=$((failed + 1)); }

echo "$checked examples, $failed faults"
[ "$checked" -gt 0 ] && [ "$failed" -eq 0 ]
