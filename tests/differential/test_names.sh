#!/bin/sh
# Layers may be called anything: the bits are the same. Options are those of renamed.py.
build=${NETC_BUILD:-build/release}
: "${NETC:=$PWD/$build/netc}" "${NETC_NUMBERS:=$PWD/$build/tests/libnumbers.a}"
export NETC NETC_NUMBERS
export PYTHONPATH=tests/support:tests/differential
if ! command -v python3 >/dev/null 2>&1; then
    echo "SKIP: python3 is not installed"
    exit 77
fi
exec python3 tests/differential/renamed.py "$@"
