#!/bin/sh
# Fails on common misspellings. Words that only look misspelt stand in spelling.words.
. "$(dirname "$0")/files.sh"
need codespell

tracked '*' | grep -Ev '\.(png|npy|npz|gz|safetensors|bin)$' | xargs -r codespell --ignore-words tests/checks/spelling.words
