#!/bin/sh
# What a run shows on a terminal, and how it answers signals.
: "${TRAINER:?the trainer: set by ctest}"
exec python3 tests/trainer/terminal.py "$TRAINER"
