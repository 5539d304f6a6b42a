#!/bin/sh
# Four epochs in one go, and two epochs, a stop, and two more, end in the same bytes: also of a net that draws masks and noise.
. tests/support/trainers.sh

cat >"$work/drawn.net" <<'END'
net drawn {
    input image: 1x28x28;
    output logits = image -> gaussian_noise(0.2) -> conv(5, 4x4, stride = 3) -> relu -> spatial_dropout(20%)
        -> flatten -> dense(21) -> relu -> dropout(50%) -> dense(10);
}
data  { train = digits(300); test = digits(50, seed = 2); prepare = scale(1/255); }
train { loss = cross_entropy(logits, label); optimizer = sgd(lr = 0.05, momentum = 0.9); batch = 64; epochs = 4; }
END
cp examples/digits.net "$work" || exit 3

for name in digits drawn; do
    compile "$work/$name.net" "$work/$name"
    "$work/$name" train --quiet --limit 200 --epochs 4 --out "$work/straight" || die "$name: train failed with status $?"
    "$work/$name" train --quiet --limit 200 --epochs 2 --out "$work/stopped" || die "$name: train failed with status $?"
    cmp -s "$work/straight/last.safetensors" "$work/stopped/last.safetensors" && die "$name: two epochs equal four: nothing is learnt"
    "$work/$name" train --quiet --limit 200 --epochs 4 --out "$work/stopped" --resume || die "$name: train --resume failed with status $?"
    cmp "$work/straight/last.safetensors" "$work/stopped/last.safetensors" || die "$name: a run that was resumed ends in other bytes"
    rm -r "$work/straight" "$work/stopped"
done

# Stopped in the middle of an epoch, wherever that is, as a user would.
many=6000
[ -z "${NETC_SANITIZE:-}" ] || many=2000    # they are drawn slowly
sed "s/digits(300)/digits($many)/;"'  s/dense(21)/dense(300)/; s/stride = 3/padding = 1/; s/epochs = 4/epochs = 2/' "$work/drawn.net" >"$work/long.net"
compile "$work/long.net" "$work/long"
"$work/long" train --quiet --out "$work/straight" || die "train failed with status $?"
"$work/long" train --quiet --out "$work/stopped" 2>"$work/said" &
run=$!
# The folder is there once the data are.
while [ ! -d "$work/stopped" ] && kill -0 "$run" 2>/dev/null; do sleep 0.05; done
sleep 0.2
kill -INT "$run" 2>/dev/null
wait "$run"
status=$?
cat "$work/said"
[ $status -eq 130 ] || [ $status -eq 0 ] || die "a stopped run ended with status $status"
"$work/long" train --quiet --out "$work/stopped" --resume || die "train --resume failed with status $?"
cmp "$work/straight/last.safetensors" "$work/stopped/last.safetensors" || die "a run that was stopped ends in other bytes"
