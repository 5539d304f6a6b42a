#!/bin/sh
# Fails on what shellcheck finds in the scripts.
. "$(dirname "$0")/files.sh"
need shellcheck

tracked '*.sh' '.ci/run' | xargs -r shellcheck --external-sources --source-path=SCRIPTDIR
