#!/bin/sh
# Long sums in f32 are those in f64 but for a few roundings: means, norms, statistics, gradients of weights and long products, of
# terms that resemble each other, over up to 1024x1024 places. One after the other they would be off by percents.
. tests/support/trainers.sh
export PYTHONPATH=tests/support    # tensor_file.py
command -v python3 >/dev/null 2>&1 || { echo "SKIP: python3 is not installed"; exit 77; }

# net NAME BATCH TENSORS BODY OPTION...: of a number near 0.1 that is the same for all places; TENSORS: a part of the names of what is
# compared.
net() {
    name=$1 batch=$2 tensors=$3 body=$4
    shift 4
    cat >"$work/$name.net" <<END
net sums { input x: 1x1x1; even = x * 0.001 + 0.1; $body }
train { loss = mse(y, t); batch = $batch; optimizer = sgd(lr = 0.1, momentum = 0.9); }
END
    for precision in f32 f64; do
        "$NETC" -c "--precision=$precision" "$@" -o "$work/$name.o" "$work/$name.net" || die "$name: netc failed with status $?"
        # shellcheck disable=SC2046  # options are words
        cc -o "$work/numbers" "$work/$name.o" "$NETC_NUMBERS" "$(dirname "$NETC")/lib/netc/libnetrt.a" \
            $(cat "$(dirname "$NETC")/lib/netc/netrt.link") || die "$name: it does not link"
        "$work/numbers" -o "$work/$name.$precision" || die "$name: status $?"
    done
    python3 - "$work/$name.f32" "$work/$name.f64" "$tensors" <<'END' || die "$name: sums are not accurate"
import sys, tensor_file
got, wanted = map(tensor_file.read, sys.argv[1:3])
compared = {name: exact for name, exact in wanted.items() if sys.argv[3] in name}
bad = not compared
for name, exact in compared.items():
    scale = max(map(abs, exact))
    error = max(abs(a - b) for a, b in zip(got[name], exact)) / (scale or 1)
    if not error < 1e-5:
        print(f"{name}: relative error {error:.2g}")
        bad = 1
sys.exit(bad)
END
}

net mean 1 "" "output y = even -> upsample(1024) -> global_avgpool;"
net weights 20 "" "output y = even -> upsample(224) -> conv(2, 3x3) -> tanh -> conv(9, 1x1) -> tanh -> global_avgpool;"
net statistics 20 running_mean "output y = even -> upsample(224) -> batchnorm -> global_avgpool;"
# Nothing is left of what is the same everywhere: 0.1*y + 1 is 1.
net norm 1 output "z = even -> upsample(512) -> instancenorm -> global_avgpool; output y = z * 0.1 + 1;"
net products 2100 "" "output y = even -> upsample(128) -> flatten -> dense(1);" --backend=c
