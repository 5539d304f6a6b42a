#!/bin/sh
# Losses and weights that are no numbers: they are never the best, the run says so, and what reads such weights refuses them.
. tests/support/trainers.sh

# sqrt(w x + b)/3 from w = -1, b = 5: finite where x = 1, NaN where x = 100 until training has made w positive. One step an epoch.
# shellcheck disable=SC2059  # bytes are arguments
idx() { printf "\\0\\0\\010\\002\\0\\0\\0\\$1\\0\\0\\0\\001" && for _ in $(seq "$2"); do printf "\\$3"; done; }
cd "$work" || exit 3
idx 020 16 001 >train-points && idx 004 4 144 >val-points && printf '\0\0\010\001\0\0\0\020' >train-labels && printf '\0\0\010\001\0\0\0\004' >val-labels
head -c 16 /dev/zero >>train-labels && head -c 4 /dev/zero >>val-labels
cat >root.net <<'END'
net root {
    input x: 1;
    output y = (x -> dense(1, weight = [[-1]], bias = [5]) -> sqrt) * (1/3);
}
data { train = idx("train-points", "train-labels"); val = idx("val-points", "val-labels"); test = idx("val-points", "val-labels"); }
train { loss = 100 * mse(y, image); optimizer = sgd(lr = 0.1); batch = 16; epochs = 6; }
END
"$NETC" root.net -o root || die "root.net does not compile"

# run STATUS TEXT COMMAND...: what standard error says
run() {
    wanted=$1 text=$2
    shift 2
    ./root "$@" >said 2>errors
    status=$?
    [ "$status" -eq "$wanted" ] || { cat said errors; die "$*: expected status $wanted, found $status"; }
    grep -qF -- "$text" errors || { cat said errors; die "$*: expected '$text'"; }
}

run 0 'warning: epoch 1: the validation loss is NaN' train --out late
best=$(python3 -c 'import json, struct
data = open("late/best.safetensors", "rb").read()
print(json.loads(data[8:8 + struct.unpack("<Q", data[:8])[0]])["__metadata__"]["netc.epoch"])')
losses=$(python3 -c 'import json
print(*[json.loads(line)["val"]["loss"] for line in open("late/metrics.jsonl") if "val" in line])')
echo "validation losses: $losses; best after epoch $best"
case $losses in None*[0-9]*) ;; *) die "the validation loss does not go from NaN to numbers" ;; esac
[ "$best" -gt 1 ] || die "an epoch whose validation loss is NaN is the best"

# A resumed run takes a NaN of an earlier version's best for none.
run 1 'no epoch had a finite validation loss' train --epochs 1 --out never
[ ! -e never/best.safetensors ] || die "weights without a finite loss are the best"
[ -s never/last.safetensors ] || die "a run without a best has no last weights"
python3 -c 'import json, struct
data = bytearray(open("never/last.safetensors", "rb").read())
length = struct.unpack("<Q", data[:8])[0]
begin = 8 + length + json.loads(data[8:8 + length])["netc.position"]["data_offsets"][0]
data[begin + 16:begin + 24] = struct.pack("<d", float("nan"))
open("never/last.safetensors", "wb").write(data)'
run 0 'epoch 2: the validation loss is NaN' train --epochs 6 --out never --resume
cmp late/best.safetensors never/best.safetensors || die "a run that goes on from a NaN has another best"

# The last update of all is looked at, too; nothing of such a run is saved.
run 1 'epoch 1, step 1: the update made dense1.weight NaN or infinite' train --epochs 1 --set train.optimizer.lr=1e38 --out gone
if [ -e gone/best.safetensors ] || [ -e gone/last.safetensors ]; then
    die "weights that are no numbers were saved"
fi

# Finite weights with a loss that is none; weights that are no numbers
python3 -c 'import json, struct
data = bytearray(open("late/best.safetensors", "rb").read())
length = struct.unpack("<Q", data[:8])[0]
begin = 8 + length + json.loads(data[8:8 + length])["dense1.weight"]["data_offsets"][0]
for name, value in ("negative", -1), ("nan", float("nan")):
    data[begin:begin + 4] = struct.pack("<f", value)
    open(name, "wb").write(data)'
run 1 'the loss of the test part is NaN' eval --weights negative
run 1 'nan: dense1.weight: element 0 is NaN' eval --weights nan
run 1 'nan: dense1.weight: element 0 is NaN' predict --weights nan val-points
