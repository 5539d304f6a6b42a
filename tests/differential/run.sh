#!/bin/sh
# usage: tests/differential/run.sh [-n NETS] [-s SEED]    random nets: compiled code, interpreter and graph against each other
#
# ctest gives the compiler as $NETC, the interpreter of nets as $NETC_INTERPRETED, and the library to link with compiled nets as
# $NETC_NUMBERS; by hand those of build/release are taken.
. "$(dirname "$0")/../usage.sh"
build=${NETC_BUILD:-build/release}
: "${NETC:=$PWD/$build/netc}" "${NETC_INTERPRETED:=$PWD/$build/tests/interpreted}" "${NETC_NUMBERS:=$PWD/$build/tests/libnumbers.a}"
export NETC NETC_INTERPRETED NETC_NUMBERS
export PYTHONPATH=tests/support    # tensor_file.py
if ! command -v python3 >/dev/null 2>&1; then
    echo "SKIP: python3 is not installed"
    exit 77
fi
exec python3 tests/differential/differential.py "$@"
