#!/bin/sh
# usage: tests/checks/run.sh    the quick checks of the source text; a few seconds. The same as ctest's check.* tests.
. "$(dirname "$0")/../usage.sh"
cd "$(dirname "$0")" || exit 2
passed=0 failed=0 skipped=0
for check in ./*.sh; do
    case $check in ./run.sh | ./files.sh | ./tidy.sh) continue ;; esac
    "$check"
    case $? in
    0) passed=$((passed + 1)) ;;
    77) skipped=$((skipped + 1)) ;;
    *) failed=$((failed + 1)) && echo "FAIL: tests/checks/${check#./}" ;;
    esac
done
echo "checks: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
