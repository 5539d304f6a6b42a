#!/bin/sh
# Fails on functions of more than 60 lines, from the line of the name to the closing brace.
. "$(dirname "$0")/files.sh"

# shellcheck disable=SC2016  # the dollars are awk's
tracked '*.c' '*.h' | xargs -r awk '
FNR == 1 { start = 0 }
/^[A-Za-z_].*\(/ && !/;[ \t]*$/ { start = FNR; name = $0 }
# A prototype that goes on.
start && FNR == start + 1 && /^[ \t].*;[ \t]*$/ { start = 0 }
/^}/ {
    if (start && FNR - start + 1 > 60) {
        printf "%s:%d: %d lines: %s\n", FILENAME, start, FNR - start + 1, name
        bad = 1
    }
    start = 0
}
END { exit bad }'
