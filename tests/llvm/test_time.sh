#!/bin/sh
# LeNet-5 to an executable within a second of processor time: netc, LLVM and the linker, the best of three.
: "${NETC:?the compiler: set by ctest, or NETC=build/release/netc}"
if ! "$NETC" --version | grep -q '^back ends:.*llvm' || [ -n "${NETC_SANITIZE:-}" ] || [ -n "${NETC_COVERAGE:-}" ]; then
    echo "SKIP: LLVM is not built in, or netc is not built for speed"
    exit 77
fi
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
exec python3 - "$NETC" "$work/lenet5" <<'END_OF_PYTHON'
import resource
import subprocess
import sys

LIMIT = 1.0
netc, trainer = sys.argv[1:]


def processor_time():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


best = None
for _ in range(3):
    before = processor_time()
    subprocess.run([netc, "--backend=llvm", "examples/lenet5.net", "-o", trainer], check=True)
    seconds = processor_time() - before
    best = seconds if best is None else min(best, seconds)
print(f"lenet5: {best:.2f} s")
sys.exit(best > LIMIT)
END_OF_PYTHON
