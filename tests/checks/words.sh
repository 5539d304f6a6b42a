#!/bin/sh
# Fails on folders of somebody's machine, on notes without an issue number, and on tabs or spaces at the end of a line.
. "$(dirname "$0")/files.sh"
bad=0

refuse() {
    if tracked '*' | grep -Ev '\.(png|npy|npz|gz|safetensors|bin|expect)$' | xargs -r grep -nIE "$2" /dev/null; then
        echo "^ $1"
        bad=1
    fi
}

refuse "an absolute path of one machine" '(^|[^A-Za-z0-9_.])/([w]ork|[h]ome|[r]oot|[U]sers|[m]nt)/'
refuse "a note without an issue number" '\b([T]ODO|[F]IXME|[X]XX)\b($|[^(]|\([^#])'
refuse "white space at the end of a line" '[[:blank:]]$'
exit $bad
