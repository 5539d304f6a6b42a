# shellcheck shell=sh
# Sourced by the checks. They run in the root of the source tree, on the files that git tracks, or on all that are there where
# the tree is no git checkout.
cd "$(dirname "$0")/../.." || exit 2

# tracked PATTERN...: file names, one a line.
tracked() {
    if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git ls-files --cached -- "$@" | while IFS= read -r file; do
            if [ -f "$file" ]; then printf '%s\n' "$file"; fi
        done
    else
        for pattern in "$@"; do
            find . -path ./build -prune -o -path "./$pattern" -type f -print
        done | sed 's,^\./,,' | sort -u
    fi
}

# need TOOL: ends the check as skipped (status 77) where the tool is not installed.
need() {
    command -v "$1" >/dev/null 2>&1 && return
    echo "SKIP: $1 is not installed (tests/run.sh --setup installs it)"
    exit 77
}
