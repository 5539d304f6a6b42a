#!/bin/sh
# usage: NETC=build/release/netc tests/trainer/test_predict.sh
# What `predict` prints for the arguments of each loss, how it takes labels that the net needs, and what it says of files that it cannot
# read. Inputs are pictures and IDX files made here; the nets have weights that can be followed by hand.
. "$(dirname "$0")/../usage.sh"
: "${NETC:?the compiler: set by ctest}"
case $NETC in /*) ;; *) NETC=$PWD/$NETC ;; esac
. tests/support/checks.sh

# expect STATUS TEXT TRAINER ARGUMENT...: the exit status of predict, and a text that it prints
expect() {
    expect_status=$1 expect_text=$2 expect_trainer=$3
    shift 3
    checks=$((checks + 1))
    timeout 60 "./$expect_trainer" predict --weights "$expect_trainer.run/last.safetensors" "$@" >out 2>err
    expect_got=$?
    if [ "$expect_got" -ne "$expect_status" ]; then
        fail "$expect_trainer $*: expected status $expect_status, found $expect_got"
    elif ! cat out err | grep -qF -- "$expect_text"; then
        fail "$expect_trainer $*: expected '$expect_text'"
    fi
}

# make NAME BODY LOSS [RECORDS]: compiles a net and trains it for a step that changes nothing, by default on two records of two bytes
make() {
    printf 'net %s { %s }\ndata { train = idx("%s", "labels"); }\ntrain { loss = %s; optimizer = sgd(lr = 1); batch = 2; epochs = 1; }\n' \
        "$1" "$2" "${4:-pairs}" "$3" >"$1.net"
    "$NETC" -Wno-probabilities-as-logits "$1.net" -o "$1" || exit 1
    "./$1" train --quiet --set train.optimizer.lr=0 --out "$1.run" || exit 1
}

python3 - <<'END' || exit 3
import struct, zlib

def idx(path, sizes, data):
    with open(path, "wb") as out:
        out.write(struct.pack(">BBBB", 0, 0, 8, len(sizes)) + struct.pack(f">{len(sizes)}I", *sizes) + bytes(data))

def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

def png(path, side, bits, kind, rows, *chunks):
    with open(path, "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", *side, bits, kind, 0, 0, 0)))
        out.write(b"".join(chunks) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))

idx("pairs", [2, 2], [0, 1, 2, 0])
idx("zeros", [2, 2], [0, 0, 0, 0])
idx("labels", [2], [0, 1])
idx("three", [3], [1, 0, 1])
idx("one", [1], [1])
idx("beyond", [2], [0, 7])
ramp = [0, 32, 64, 96, 128, 160, 192, 255]
idx("ramps", [2, 2, 4], 2 * ramp)
idx("colours", [2, 3, 2, 4], 6 * ramp)
gamma = chunk(b"gAMA", struct.pack(">I", 100000))
png("grey.png", (4, 2), 8, 0, b"\0" + bytes(ramp[:4]) + b"\0" + bytes(ramp[4:]), gamma)
wide = [struct.pack(">4H", *(257 * x + (x == 32) for x in row)) for row in (ramp[:4], ramp[4:])]
png("wide.png", (4, 2), 16, 0, b"\0" + wide[0] + b"\0" + wide[1], gamma)
png("red.png", (4, 2), 8, 2, (b"\0" + b"\xff\0\0" * 4) * 2)
with open("grey.png", "rb") as picture, open("cut.png", "wb") as out:
    out.write(picture.read()[:-20])
with open("photo.png", "wb") as out:
    out.write(b"\xff\xd8\xff\xe0 no PNG at all")
END

# Scores of classes. The first record is (0, 1): scores 0.7 and 0.3, which only the loss tells from probabilities.
two='input x: 2; output y = x -> dense(2, weight = [[0, 0.7], [0, 0.3]])'
make logits "$two;" 'cross_entropy(y, label)'
make scores "$two;" 'hinge(y, label)'
make shares "$two -> softmax;" 'categorical_cross_entropy(y, label)'
make bare "$two;" 'categorical_cross_entropy(y, label)'
make hidden "input x: 2; hidden = x -> dense(2, weight = [[0, 0.7], [0, 0.3]]); output y = hidden -> softmax;" 'cross_entropy(hidden, label)'
expect 0 '{"file":"pairs","record":0,"class":0,"probabilities":[0.59868765' logits pairs
expect 0 '"outputs":{"y":[0.699999988,0.300000012]}' logits --raw pairs
expect 0 '"class":0,"scores":[0.699999988,0.300000012]}' scores pairs
expect 0 '"class":0,"probabilities":[0.5986876' shares pairs
expect 0 '"class":0,"probabilities":[0.699999988,0.300000012]}' bare pairs
expect 0 '"class":0,"probabilities":[0.5986876' hidden pairs
expect 2 'what logits answers depends on no label' logits --label 1 pairs

# Yes or no, and numbers. The second record, 2 and 0, has the logit 2.
yes='input image: 2; wanted = image -> slice(0, 1); output p = image -> dense(1, weight = [[1, 0]])'
make yes "$yes;" 'binary_cross_entropy_with_logits(p, wanted)'
make share "$yes -> sigmoid;" 'binary_cross_entropy(p, wanted)'
make number "$yes;" 'mse(p, wanted)'
expect 0 '"record":1,"class":1,"probabilities":[0.119202922,0.880797078]}' yes pairs
expect 0 '"record":1,"class":1,"probabilities":[0.1192029' share pairs
expect 0 '"outputs":{"p":[2.0]}' number pairs

# An answer that is no number is none: null, and status 1 after all lines
make steep 'input x: 2; output y = x -> dense(2, weight = [[3e38, 0], [0, 1]]);' 'cross_entropy(y, label)' zeros
expect 1 '{"file":"pairs","record":1,"class":null,"probabilities":[null,' steep pairs
expect 1 '{"file":"pairs","record":0,"class":1,' steep pairs pairs
expect 1 "pairs, record 1: the net's answer is no number" steep pairs

# A label that the net needs: never made up
make decoder 'input image: 2; input label: int 1; output y = (label -> embedding(2, 2, weight = [[10, 20], [30, 40]]) -> flatten) + image;' \
    'mse(y, image)'
expect 2 'decoder also takes the input label, a class of 0 to 1: give --label N for all records, or --labels F' decoder pairs
expect 0 '"record":1,"outputs":{"y":[12.0,20.0]}' decoder --label 0 pairs
expect 0 '"record":0,"outputs":{"y":[30.0,41.0]}' decoder --label 1 pairs
expect 0 '"record":1,"outputs":{"y":[32.0,40.0]}' decoder --labels labels pairs
expect 0 '"record":0,"outputs":{"y":[10.0,21.0]}' decoder --labels labels pairs
expect 2 '--label 2: expected a class of 0 to 1 for the input label' decoder --label 2 pairs
expect 2 '--label and --labels exclude each other' decoder --label 1 --labels labels pairs
expect 1 'beyond: record 1, element 0: expected 0 to 1, found 7' decoder --labels beyond pairs
expect 1 'one has 1 labels, but this is record 2' decoder --labels one pairs
expect 1 'three has 3 labels for 2 records' decoder --labels three pairs

# Pictures: the bytes as they are stored, 16 bits as finely as they are, colours by their luma
make pixels 'input image: 1x2x4; output y = image -> conv(1, 1, bias = false, weight = [[[[1]]]]);' 'mse(y, image)' ramps
make colour 'input image: 3x2x4; output y = image -> conv(3, 1, bias = false, weight = [[[[1]], [[0]], [[0]]], [[[0]], [[1]], [[0]]], [[[0]], [[0]], [[1]]]]);' \
    'mse(y, image)' colours
expect 0 '{"file":"grey.png","outputs":{"y":[0.0,32.0,64.0,96.0,128.0,160.0,192.0,255.0]}}' pixels grey.png
expect 0 '{"file":"wide.png","outputs":{"y":[0.0,32.003891,64.0,96.0,128.0,160.0,192.0,255.0]}}' pixels wide.png
expect 0 '{"file":"red.png","outputs":{"y":[76.0,76.0,76.0,76.0,76.0,76.0,76.0,76.0]}}' pixels grey.png red.png wide.png red.png
expect 0 '"y":[255.0,255.0,255.0,255.0,255.0,255.0,255.0,255.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0]' colour red.png

# Files that cannot be read
expect 1 'photo.png: neither PNG nor IDX, but a JPEG picture; predict reads PNG pictures and IDX files' pixels photo.png
expect 1 'cut.png: a damaged PNG: it breaks off at byte ' pixels cut.png
expect 1 '"file":"grey.png"' pixels grey.png cut.png
expect 1 'pairs: expected 1x2x4 for the input image, but the prepared picture is 2' pixels pairs
expect 3 'cannot open missing.png: No such file or directory' pixels missing.png
mkfifo pipe
expect 3 'pipe is no regular file, but a named pipe' pixels pipe
expect 3 '/dev/zero is no regular file, but a device' pixels /dev/zero
expect 3 'pipe is no regular file, but a named pipe' decoder --labels pipe pairs
ln -s ../pipe pixels.run/pipe
mv pixels.run/last.safetensors pixels.run/kept
ln -s ../pipe pixels.run/last.safetensors
expect 3 'last.safetensors is no regular file, but a named pipe' pixels grey.png

# Data that are not there, and that are no data
# missing TEXT ARGUMENT...: what `train` says, with status 3
missing() {
    missing_text=$1
    shift
    checks=$((checks + 1))
    timeout 60 ./logits train --out none "$@" >out 2>err
    missing_got=$?
    if [ "$missing_got" -ne 3 ] || ! grep -qF -- "$missing_text" err; then
        fail "train $*: expected status 3 and '$missing_text', found $missing_got"
    fi
}
mkdir elsewhere
missing "cannot open pairs: there is no folder $PWD/nowhere; the part train takes its records from it, an IDX file (plain or .gz) of records of 2 bytes; --data DIR names the folder" \
    --data nowhere
missing "cannot open pairs in $PWD/elsewhere: No such file or directory" --data elsewhere
cp pairs elsewhere
missing "cannot open labels in $PWD/elsewhere: No such file or directory; the part train takes its labels from it, an IDX file (plain or .gz) of classes 0 to 1; --data DIR names another folder" \
    --data elsewhere
mkfifo elsewhere/labels
missing 'elsewhere/labels is no regular file, but a named pipe' --data elsewhere
if [ -d none ]; then
    fail 'a run that found no data left a folder'
fi

checks_end predict
