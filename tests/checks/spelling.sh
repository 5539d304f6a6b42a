#!/bin/sh
# Fails on common misspellings. Golden tests of errors misspell on purpose; other words that are meant stand in spelling.words.
. "$(dirname "$0")/files.sh"
need codespell

tracked '*' | grep -Ev '^tests/golden/errors/|\.(png|npy|npz|gz|safetensors|bin)$' | xargs -r codespell --ignore-words tests/checks/spelling.words
