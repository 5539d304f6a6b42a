#!/bin/sh
# What messages advise works: their hints are followed, one by one, and the compiler is asked again.
exec python3 tests/support/hints.py "$NETC" tests/golden/errors
