#!/bin/sh
# A net without a train section: it predicts with the weights of one that has one, to the same digits, and says that it does not learn.
. tests/support/trainers.sh

net='block part(units) { return in -> dense(units) -> batchnorm -> relu -> dropout(0.3); }
net alone { input image: 1x28x28; output y = image -> flatten -> part(20) -> dense(10) -> softmax; }'
{
    echo "$net"
    echo 'data { train = digits(200, seed = 1); prepare = scale(1/255); }'
    echo 'train { loss = categorical_cross_entropy(y, label); optimizer = sgd(lr = 0.1); epochs = 1; }'
} >"$work/taught.net"
{
    echo "$net"
    echo 'data { prepare = scale(1/255); }'
} >"$work/alone.net"
python3 tests/support/pictures.py 28x28 40 "$work/images" "$work/labels" || die "no pictures"
weights=$work/run/last.safetensors

for backend in c llvm; do
    "$NETC" --version | grep -q "^back ends:.*$backend" || continue
    compile "$work/taught.net" "$work/taught" --backend=$backend
    compile "$work/alone.net" "$work/alone" --backend=$backend
    [ -f "$weights" ] || "$work/taught" train --quiet --out "$work/run" || die "train ended with status $?"
    for program in taught alone; do
        "$work/$program" predict --raw --weights "$weights" "$work/images" >"$work/$program.out" || die "$program: predict ended with $?"
    done
    [ "$(wc -l <"$work/alone.out")" -eq 40 ] || die "$(wc -l <"$work/alone.out") predictions of 40"
    cmp "$work/taught.out" "$work/alone.out" || die "$backend: the two predict otherwise"
done

"$work/alone" info >"$work/info" || die "info ended with status $?"
grep -q '^batch *32$' "$work/info" || die "info: $(cat "$work/info")"
"$work/alone" bench --seconds 0.1 --threads 1 | grep -q '^alone inference: ' || die "bench does not measure the forward pass"
for command in train "eval --weights $weights"; do
    # shellcheck disable=SC2086  # a list of words
    "$work/alone" $command >"$work/said" 2>&1
    [ $? -eq 1 ] || die "$command: status is not 1"
    grep -q '^error: alone was compiled without a train section' "$work/said" || die "$command: $(cat "$work/said")"
done
