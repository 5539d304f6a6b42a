#!/bin/sh
# Fails where a comment or a page names a file of the tree that is not there, and where two decisions have one number.
. "$(dirname "$0")/files.sh"
bad=0

# Each file that a comment or a page names with its room, as "file:name", is a tail of a tracked file.
# shellcheck disable=SC2046  # file names have no blanks
grep -HoE '\b(compiler|runtime|tests|manual|grammar|examples|ops|sema|graph|loop|analysis|differentiate|plan|lower|describe|emit|driver|passes|support|syntax|target)/[A-Za-z0-9_/-]*[A-Za-z0-9_]\.(c|h|def|md|sh|py)\b' \
    $(tracked 'compiler/*.[ch]' 'compiler/*.def' 'compiler/*.md' 'runtime/*.[ch]' 'manual/*.md' README.md) | sort -u >"${TMPDIR:-/tmp}/references.$$"
tracked '*' | awk '
NR == FNR { for (name = $0; name != ""; name = index(name, "/") ? substr(name, index(name, "/") + 1) : "") known[name]; next }
{
    at = index($0, ":")
    name = substr($0, at + 1)
    if (name !~ /NAME|FILE|ROOM/ && !(name in known)) { print substr($0, 1, at) " there is no " name; bad = 1 }
}
END { exit bad }' - "${TMPDIR:-/tmp}/references.$$" || bad=1
rm -f "${TMPDIR:-/tmp}/references.$$"

# Pages that only some readers have.
# shellcheck disable=SC2046
if grep -nE '\b(language|cli|architecture|house|style|performance)\.md\b' $(tracked 'compiler/*' 'runtime/*' 'manual/*' 'grammar/*' README.md); then
    echo "^ a page that is not part of the tree"
    bad=1
fi

twice=$(tracked 'compiler/decisions/*.md' | sed 's,.*/\([0-9]*\)-.*,\1,' | sort | uniq -d)
if [ -n "$twice" ]; then
    echo "two decisions have the number $twice"
    bad=1
fi
exit $bad
