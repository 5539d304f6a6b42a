#!/bin/sh
# Fails when a script that tells its usage does not do so when it is asked: --help prints it and is status 0.
. "$(dirname "$0")/files.sh"
bad=0
for script in $(tracked '*.sh' | xargs grep -l '^# usage:'); do
    # What does not know the word would run.
    if ! grep -q '/usage\.sh"$' "$script"; then
        echo "$script: does not source tests/usage.sh"
        bad=1
    elif ! told=$("$script" --help 2>&1) || ! printf '%s' "$told" | grep -q '^usage: '; then
        echo "$script: --help: $told"
        bad=1
    fi
done
exit $bad
