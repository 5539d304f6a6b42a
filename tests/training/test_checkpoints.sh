#!/bin/sh
# Runs that earlier compilers began go on: of each form of a net's hash (compiler/sema/hash.c) and of checkpoints one is kept.
. tests/support/trainers.sh

for kept in tests/training/checkpoints/*/; do
    name=$(basename "$kept")
    compile "$kept/run.net" "$work/$name"
    cp -r "$kept" "$work/run-$name" || exit 3
    chmod -R u+w "$work/run-$name"
    "$work/$name" train --quiet --epochs 3 --out "$work/run-$name" --resume || die "$name: a run of two epochs does not go on (status $?)"
    grep -q '"epoch": *3' "$work/run-$name/metrics.jsonl" || die "$name: there was no third epoch"
    "$work/$name" eval --weights "$kept/best.safetensors" >/dev/null || die "$name: its best weights are not these nets' any more"
done
