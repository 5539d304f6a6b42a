#!/bin/sh
# usage: tests/budget/run.sh [CASE...]    instructions and bytes that a compilation takes, and how they grow with the net
#
# ctest gives the program that compiles as $NETC_BUDGET; by hand that of build/release is taken. Budgets are of optimised code.
. "$(dirname "$0")/../usage.sh"
: "${NETC_BUDGET:=${NETC_BUILD:-build/release}/tests/budget_compile}"
for tool in python3 valgrind; do
    if ! command -v "$tool" >/dev/null 2>&1; then
        echo "SKIP: $tool is not installed (tests/run.sh --setup installs it)"
        exit 77
    fi
done
if [ -n "${NETC_SANITIZE:-}" ] || [ -n "${NETC_COVERAGE:-}" ] || [ "${NETC_BUILD_TYPE:-Release}" != Release ]; then
    echo "SKIP: netc is not built for speed"
    exit 77
fi
exec python3 tests/budget/budget.py "$NETC_BUDGET" "$@"
