#!/bin/sh
# manual/trainer.md: the lines of JSON that it shows have the keys of those that a trainer prints.
if [ -n "${NETC_SANITIZE:-}" ]; then
    echo "sanitized build"
    exit 77
fi
. tests/support/trainers.sh

cat >"$work/tiny.net" <<'END'
net tiny { input image: 1x28x28; output logits = image -> flatten -> dense(10); }
data { train = digits(64, seed = 1); val = digits(64, seed = 2); test = digits(64, seed = 3); prepare = scale(1/255); }
train { loss = cross_entropy(logits, label); metrics = [accuracy]; optimizer = sgd(lr = 0.05); epochs = 1; }
END
compile "$work/tiny.net" "$work/tiny"
"$work/tiny" train --log json --out "$work/run" >"$work/train" || die "train: status $?"
best=$work/run/best.safetensors
"$work/tiny" eval --log json --weights "$best" >"$work/eval" || die "eval: status $?"
"$work/tiny" bench --json --seconds 0.1 >"$work/bench" || die "bench: status $?"
"$work/tiny" bench --json --kernels --seconds 0.1 >"$work/kernels" || die "bench --kernels: status $?"
{ printf '\0\0\010\003\0\0\0\001\0\0\0\034\0\0\0\034' && head -c 784 /dev/zero; } >"$work/blank"
"$work/tiny" predict --weights "$best" "$work/blank" >"$work/predict" || die "predict: status $?"
python3 - "$work" manual/trainer.md <<'END'
import json, sys

folder, page = sys.argv[1:]


def keys(value):
    """The keys of an object, of those within it, and of the first element of a list."""
    if isinstance(value, dict):
        return {key: keys(inner) for key, inner in value.items()}
    return [keys(value[0])] if isinstance(value, list) and value else None


shown, name = {}, None
for line in open(page):
    if line.startswith("```json "):
        name = line.split()[1]
        shown[name] = []
    elif line.startswith("```"):
        name = None
    elif name:
        shown[name].append(keys(json.loads(line)))
if not shown:
    sys.exit(f"{page} shows no JSON")
faults = 0
for name, lines in shown.items():
    printed = [keys(json.loads(line)) for line in open(f"{folder}/{name}")]
    if printed[: len(lines)] != lines:
        print(f"{name}: the page shows {lines}\n  the trainer prints {printed}")
        faults += 1
sys.exit(faults > 0)
END
