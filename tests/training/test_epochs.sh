#!/bin/sh
# A trainer's epochs against PyTorch's: the order of samples, a last batch that is not full, running statistics, penalty and clipping, what
# is measured, and the weights that are left (tests/oracle/make_references.py, epochs).
. tests/support/trainers.sh

for part in train:37 val:21; do
    python3 tests/support/pictures.py 2x6x6 "${part#*:}" "$work/${part%:*}-images" "$work/${part%:*}-labels" 3 || die "no pictures"
done
compile tests/oracle/epochs/epochs.net "$work/epochs" --precision=f64
"$work/epochs" train --quiet --data "$work" --weights tests/oracle/epochs/initial.safetensors --threads 2 --out "$work/run" ||
    die "train failed with status $?"
python3 tests/oracle/compare.py "$work/run/last.safetensors" tests/oracle/epochs/trained.safetensors 1e-9 || die "other weights"
python3 - "$work/run/metrics.jsonl" tests/oracle/epochs/metrics.jsonl <<'END' || die "other measurements"
import json, sys
got, wanted = ([json.loads(line) for line in open(path)] for path in sys.argv[1:])
wrong = [f"epoch {epoch}, {part}.{name}: {mine[part].get(name)}, not {value}"
         for epoch, (mine, theirs) in enumerate(zip(got, wanted), 1) for part in theirs for name, value in theirs[part].items()
         if not abs(mine[part].get(name, float("nan")) - value) <= 1e-8 * max(1, abs(value))]
print("\n".join(wrong) or f"{len(wanted)} epochs are measured alike")
sys.exit(bool(wrong) or len(got) < len(wanted))
END
