#!/bin/sh
# Fails when a diagnostic of diags.def has no golden test that shows it; or, for those that only hundreds of files or many megabytes
# bring about, no unit test that names it.
. "$(dirname "$0")/files.sh"
missing=0 count=0

for id in $(sed -nE 's/^(DIAG|WARNING)\(([A-Z0-9_]+),.*/\2/p' compiler/support/diags.def | tr '[:upper:]' '[:lower:]'); do
    count=$((count + 1))
    test=tests/golden/errors/$id
    case $id in
    too_large|include_depth)
        grep -rqi "DIAG_$id" tests/unit && continue
        echo "no unit test names DIAG_$id" && missing=$((missing + 1)) && continue ;;
    esac
    if [ ! -f "$test.net" ]; then
        echo "missing: $test.net"
    elif ! grep -qE 'error: |warning: |"severity"' "$test.expect" 2>/dev/null; then
        echo "shows no diagnostic: $test.expect"
    else
        continue
    fi
    missing=$((missing + 1))
done
[ "$count" -gt 0 ] || { echo "no rows found in compiler/support/diags.def"; exit 1; }
[ "$missing" -eq 0 ] || { echo "$missing of $count diagnostics have no test"; exit 1; }
