#!/bin/sh
# Fails when a diagnostic of diags.def has no golden test that shows it.
. "$(dirname "$0")/files.sh"
missing=0 count=0

for id in $(sed -nE 's/^(DIAG|WARNING)\(([A-Z0-9_]+),.*/\2/p' compiler/support/diags.def | tr '[:upper:]' '[:lower:]'); do
    count=$((count + 1))
    test=tests/golden/errors/$id
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
