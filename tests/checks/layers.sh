#!/bin/sh
# Fails when an include points upwards, sideways between the IRs, from the runtime into the compiler, or by a bare file name,
# or when a source file does not include its own header first.
. "$(dirname "$0")/files.sh"

# shellcheck disable=SC2016  # the dollars are awk's
tracked '*.c' '*.h' | grep -E '^(compiler|runtime|tests)/' | xargs -r awk '
BEGIN {
    n = split("support 0 target 1 syntax 1 graph 1 loop 1 analysis 2 ops 2 differentiate 3 plan 3 sema 4 lower 4 describe 5 emit 6 driver 7", a, " ")
    for (i = 1; i < n; i += 2) rank[a[i]] = a[i + 1]
}
function fail(why) { printf "%s:%d: %s: %s\n", FILENAME, FNR, why, $0; bad = 1 }
FNR == 1 {
    split(FILENAME, from, "/")
    own = FILENAME
    first = sub(/\.c$/, ".h", own) && (getline line < own) >= 0 ? own : ""
    close(own)
}
!/^[ \t]*#[ \t]*include/ { next }
first != "" {
    public = first
    sub(/^runtime\/include\//, "", public)
    if (index($0, "\"" public "\"") == 0) fail("a file includes its own header first")
    first = ""
}
!/"/ { next }
{
    split($0, quoted, "\"")
    split(quoted[2], to, "/")
    if (to[1] !~ /^(compiler|runtime|netrt|tests|grammar)$/) fail("includes name the full path from the root")
    if (from[1] == "runtime" && to[1] != "runtime" && to[1] != "netrt") fail("the runtime stands alone")
    if (from[1] == "compiler" && to[1] == "tests") fail("the compiler does not know its tests")
    if (from[1] == "compiler" && to[1] == "grammar" && from[2] != "syntax") fail("only syntax/ knows the grammar")
    if (from[1] == "compiler" && to[1] == "compiler" && from[2] != to[2] && rank[to[2]] >= rank[from[2]])
        fail("includes point downwards")
    if (from[1] == "compiler" && from[2] == "sema" && to[1] == "compiler" && to[2] ~ /^(loop|analysis|differentiate|plan|target)$/)
        fail("sema makes a graph, and knows nothing of what becomes of it")
}
END { exit bad }' || exit 1

# What the compiler writes into generated C: of our headers only netrt/.
if tracked 'compiler/emit/*.c' | xargs -r grep -nE '#include *\\"' | grep -v '#include *\\"netrt/'; then
    echo "generated code includes only netrt/"
    exit 1
fi
