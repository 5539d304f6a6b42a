#!/bin/sh
# What layers draw: the same bytes for any number of threads and either back end, other ones for another seed; nothing outside training;
# and seed and epoch are no settings for users.
. tests/support/trainers.sh

cat >"$work/drawn.net" <<'END'
net drawn {
    input image: 1x28x28;
    output logits = image -> gaussian_noise(0.2) -> conv(5, 4x4, stride = 3) -> relu -> spatial_dropout(20%)
        -> flatten -> dense(21) -> tanh -> dropout(50%) -> dense(10);
}
data  { train = digits(200); test = digits(50, seed = 2); prepare = scale(1/255); }
train { loss = cross_entropy(logits, label); optimizer = sgd(lr = 0.05, momentum = 0.9); batch = 40; epochs = 2; }
END
sed 's/ -> gaussian_noise(0.2)//; s/ -> spatial_dropout(20%)//; s/ -> dropout(50%)//' "$work/drawn.net" >"$work/plain.net"

# train TRAINER OPTION...: writes the sum of the weights
train() {
    trainer=$1
    shift
    rm -rf "$work/run"
    "$trainer" train --quiet --out "$work/run" "$@" || die "$trainer: train $* failed with status $?"
    sha256sum <"$work/run/last.safetensors"
}

# loss TRAINER: of the first run's weights on the test part
loss() {
    "$1" eval --weights "$work/weights" --log json | sed -n 's/.*"loss": *\([0-9.e-]*\).*/\1/p'
}

compile "$work/drawn.net" "$work/drawn"
compile "$work/drawn.net" "$work/drawn_c" --backend=c
compile "$work/plain.net" "$work/plain"

first=$(train "$work/drawn" --threads 1) || die "$first"
cp "$work/run/last.safetensors" "$work/weights" || exit 3
[ "$(train "$work/drawn" --threads 1)" = "$first" ] || die "a second run ends in other bytes"
[ "$(train "$work/drawn" --threads 3)" = "$first" ] || die "three threads end in other bytes"
[ "$(train "$work/drawn_c" --threads 2)" = "$first" ] || die "C ends in other bytes"
[ "$(train "$work/drawn" --seed 2)" != "$first" ] || die "another seed ends in the same bytes"
[ "$(train "$work/plain")" != "$first" ] || die "without drawn layers the same bytes"

# Layers that draw have no parameters: the weights fit the net without them, and evaluation is the same.
drawn=$(loss "$work/drawn") plain=$(loss "$work/plain")
[ -n "$drawn" ] || die "eval gives no loss"
[ "$drawn" = "$plain" ] || die "eval gives $drawn with and $plain without layers that draw"

"$work/drawn" train --set netrt.seed.0=3 2>"$work/said" && die "a seed can be set behind the run's back"
grep -q 'this net has no setting netrt.seed.0' "$work/said" || die "$(cat "$work/said")"
"$work/drawn" info | grep -q 'netrt' && die "info lists what is not the user's"
exit 0
