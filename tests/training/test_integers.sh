#!/bin/sh
# Records and labels beyond bytes: a vocabulary of 100,000 and as many classes are learnt to the same bits by either back end on any
# number of threads; the same numbers give the same weights whatever type holds them; what is no class is refused.
. tests/support/trainers.sh

cat >"$work/idx.py" <<'END'
"""write(path, type, sizes, numbers): a file in the IDX format."""
import struct
def write(path, code, sizes, numbers):
    letter = {8: "B", 9: "b", 11: "h", 12: "i", 13: "f"}[code]
    head = bytes([0, 0, code, len(sizes)]) + b"".join(struct.pack(">i", n) for n in sizes)
    open(path, "wb").write(head + struct.pack(f">{len(numbers)}{letter}", *numbers))
END
cat >"$work/words.net" <<'END'
const words = 100000;
net words {
    input tokens: int 3;
    output next = tokens -> embedding(words, 4) -> flatten -> dense(words);
}
data { train = idx("tokens", "next"); }
train { loss = cross_entropy(next, label); optimizer = adam(lr = 0.1); metrics = [accuracy]; batch = 16; epochs = 8; }
END
cat >"$work/numbers.net" <<'END'
net numbers {
    input image: 2x2;
    output y = image -> flatten -> dense(3);
}
data { train = idx("numbers", "kinds"); prepare = scale(1/255) -> normalize(0.5, 0.25); }
train { loss = cross_entropy(y, label); optimizer = sgd(lr = 0.1); batch = 16; epochs = 2; }
END
(cd "$work" && python3 - <<'END') || die "no data"
from idx import write
known = [0, 255, 256, 32768, 65535, 65536, 77777, 99999]
rows = [[known[(i + k * k) % 8] for k in range(3)] for i in range(40)]
write("tokens", 12, (40, 3), sum(rows, []))
write("next", 12, (40,), [known[(i + 5) % 8] for i in range(40)])
for name, wrong in ("over", 100000), ("under", -1):
    write(name, 12, (40, 3), [wrong] + sum(rows, [])[1:])
write("part", 13, (40, 3), [1.5] * 120)
bytes = [(7 * i + i // 3) % 128 for i in range(4 * 20)]
for code in 8, 9, 11, 12, 13:
    write(f"numbers-{code}", code, (20, 2, 2), bytes)
    write(f"kinds-{code}", code, (20,), [i % 3 for i in range(20)])
END

compile "$work/words.net" "$work/reference"
for build in "c 3 --backend=c" "other 2 -march=test-w4r16" "wide 1 --precision=f64"; do
    # shellcheck disable=SC2086  # a list of words
    set -- $build
    name=$1 threads=$2
    shift 2
    compile "$work/words.net" "$work/$name" "$@"
    "$work/$name" train --quiet --data "$work" --threads "$threads" --out "$work/run-$name" || die "$name: train failed with status $?"
done
"$work/reference" train --quiet --data "$work" --out "$work/run-reference" || die "train failed with status $?"
for name in c other; do
    cmp "$work/run-reference/last.safetensors" "$work/run-$name/last.safetensors" || die "$name: other bits"
done
for name in reference wide; do
    at_least "$name: accuracy" "$(result "$work/run-$name/metrics.jsonl" train accuracy)" 0.99
done
[ "$("$work/reference" predict --weights "$work/run-reference/last.safetensors" "$work/tokens" | grep -c '"class": *99999\b')" -eq 5 ] ||
    die "predict does not answer with the last class"

# refused FILE MESSAGE
refused() {
    "$work/reference" predict --weights "$work/run-reference/last.safetensors" "$work/$1" >"$work/out" 2>&1
    [ $? -eq 1 ] || die "$1: no status 1"
    grep -q "$2" "$work/out" || die "$1: $(cat "$work/out")"
}
refused over 'record 0, element 0: expected 0 to 99999, found 100000'
refused under 'record 0, element 0: expected 0 to 99999, found -1'
refused part 'record 0, element 0: expected 0 to 99999, found 1.5'

compile "$work/numbers.net" "$work/numbers.trainer"
for code in 8 9 11 12 13; do
    cp "$work/numbers-$code" "$work/numbers" && cp "$work/kinds-$code" "$work/kinds"
    "$work/numbers.trainer" train --quiet --data "$work" --out "$work/run-$code" || die "type $code: train failed with status $?"
    python3 -c 'import sys, tensor_file; a, b = map(tensor_file.read, sys.argv[1:]); sys.exit(a != b)' \
        "$work/run-8/last.safetensors" "$work/run-$code/last.safetensors" || die "type $code: other bits"
done
