#!/bin/sh
# usage: tests/coverage.sh    runs the tests on a build that counts; fails when less than 90 % of the compiler's lines ran
# The page is build/coverage/report.html. Look at the branches of ops/ and sema/ first.
. "$(dirname "$0")/usage.sh"
cd "$(dirname "$0")/.." || exit 2
command -v gcovr >/dev/null 2>&1 || {
    echo "SKIP: gcovr is not installed: apt-get install gcovr"
    exit 77
}
cmake --preset coverage && cmake --build --preset coverage -j "$(nproc)" || exit 1
find build/coverage -name '*.gcda' -delete
ctest --preset coverage -j "$(nproc)" || exit 1
gcovr --root . --filter compiler/ --exclude-throw-branches --object-directory build/coverage --html-details build/coverage/report.html \
    --txt --fail-under-line 90
