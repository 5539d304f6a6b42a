#!/bin/sh
# usage: TRAINER=build/debug/tests/mock_trainer tests/trainer/run.sh
# The command line of a trainer, on a net written by hand: exit statuses, messages, files, signals, and the same bytes for any
# number of threads.
. "$(dirname "$0")/../usage.sh"
: "${TRAINER:?the trainer: set by ctest}"
case $TRAINER in /*) ;; *) TRAINER=$PWD/$TRAINER ;; esac
. tests/support/checks.sh

# expect STATUS TEXT ARGUMENT...: the exit status, and a text in standard output or standard error
expect() {
    expect_status=$1 expect_text=$2
    shift 2
    checks=$((checks + 1))
    "$TRAINER" "$@" >out 2>err
    expect_got=$?
    if [ "$expect_got" -ne "$expect_status" ]; then
        fail "$*: expected status $expect_status, found $expect_got"
    elif [ -n "$expect_text" ] && ! cat out err | grep -qF -- "$expect_text"; then
        fail "$*: expected '$expect_text'"
    fi
}

# check WHAT COMMAND...
check() {
    check_what=$1
    shift
    checks=$((checks + 1))
    "$@" >out 2>err || fail "$check_what"
}

json_lines() {
    python3 -c 'import json, sys
for line in open(sys.argv[1]):
    record = json.loads(line)
    for key in sys.argv[2:]:
        value = record
        for part in key.split("."):
            value = value[part]' "$@"
}

# The command line
expect 2 'expected a command'
expect 2 'unknown command trainn: did you mean train?' trainn
expect 2 'the command golden is not built yet' golden
expect 2 'unknown option --epoch: did you mean --epochs?' train --epoch 3
expect 2 'unknown option --zzzzzz: see --help' train --zzzzzz
expect 2 '--stage is not built yet' train --stage one
expect 2 'netc --batch=N' train --batch 3
expect 2 'eval takes no --epochs' eval --epochs 3
expect 2 'expected a whole number from 1' train --threads 0
expect 2 'expected a whole number from 1' train --threads 99999
expect 2 'expected a whole number from 1' train --epochs=0
expect 2 'expected a whole number from 1' train --epochs 3x
expect 2 'expected a whole number from 0' train --seed -1
expect 2 '--epochs: expected N after it' train --epochs
expect 2 '--epochs: expected N, found nothing' train --epochs=
expect 2 '--quiet takes no value' train --quiet=1
expect 2 'expected text or json' train --log xml
expect 2 'expected KEY=VALUE' train --set lr
expect 2 'did you mean train.optimizer.lr?' train --set train.optimizer.rl=1
expect 2 'expected a number' train --set train.optimizer.lr=fast
expect 2 'expected a value from 0 to inf' train --set train.optimizer.lr=-1
expect 2 'train takes no file, but found file' train file
expect 2 'eval needs --weights F' eval
expect 2 'predict needs files' predict --weights w
expect 2 'expected a number from 0.01' bench --seconds 0
expect 0 'usage: ' --help
expect 0 '--epochs N' train --help
expect 0 'mock (netc ' --version
expect 0 'dense1' info
expect 0 '"net":"mock"' info --json
[ "$("$TRAINER" --help | grep -c golden)" -eq 0 ] || fail '--help lists what is not built'

# Training, its files and its report
expect 0 'epoch 2/2' train --epochs 2 --out one --threads 1
check 'a run has four files' test -f one/last.safetensors -a -f one/best.safetensors -a -f one/config.json -a -f one/metrics.jsonl
check 'metrics.jsonl has a line an epoch and one for the test' test "$(wc -l <one/metrics.jsonl)" -eq 3
head -2 one/metrics.jsonl >epochs
tail -1 one/metrics.jsonl >tested
check 'epochs have their keys' json_lines epochs epoch steps train.loss train.accuracy train.penalty val.loss val.accuracy seconds \
    samples_per_second waiting_share
check 'the test has its keys' json_lines tested test.loss test.accuracy weights
expect 2 'one holds a run already' train --out one
for threads in 2 3; do
    expect 0 '' train --epochs 2 --out "threads$threads" --threads "$threads" --quiet
    check "quiet prints nothing" test ! -s out
    for file in last.safetensors best.safetensors config.json; do
        check "$file is the same for $threads threads" cmp "one/$file" "threads$threads/$file"
    done
done
expect 0 '' train --epochs 2 --out other --seed 2 --quiet
check 'another seed makes another net' sh -c '! cmp -s one/last.safetensors other/last.safetensors'
expect 0 'runs/mock-1/best.safetensors' train --epochs 1 --limit 64
expect 0 'runs/mock-2/best.safetensors' train --epochs 1 --limit 64
expect 0 '' train --epochs 1 --log json --out json
# The single quotes are meant: the inner shell expands them.
# shellcheck disable=SC2016
check 'standard output has the lines of metrics.jsonl' sh -c '"$0" train --epochs 1 --limit 64 --log json --out json2 >lines &&
    cmp lines json2/metrics.jsonl' "$TRAINER"
expect 0 '' train --epochs 1 --weights one/best.safetensors --set train.optimizer.lr=0 --out kept --quiet
check 'a learning rate of zero keeps the weights' sh -c 'tail -c 31400 one/best.safetensors >a && tail -c 31400 kept/best.safetensors >b &&
    cmp a b'

# Resuming
expect 2 '--resume needs --out' train --resume
expect 3 'cannot open nothing: there is no run to go on with' train --resume --out nothing
expect 0 '' train --epochs 1 --out resumed --quiet
expect 0 'epoch 2/2' train --epochs 2 --out resumed --resume --threads 2
for file in last.safetensors best.safetensors config.json; do
    check "$file is the same after a stop" cmp "one/$file" "resumed/$file"
done
check 'a resumed run has one line an epoch and one test' test "$(wc -l <resumed/metrics.jsonl)" -eq 3
expect 2 'the run was begun with seed 1, now it is 5: go on with --seed 1' train --epochs 3 --out resumed --resume --seed 5
expect 2 'begun with limit 0, now it is 64: go on without --limit' train --epochs 3 --out resumed --resume --limit 64
expect 0 'note: train.optimizer.lr was' train --epochs 2 --out resumed --resume --set train.optimizer.lr=0.001
check 'a finished run has no lock' test ! -e resumed/lock

# edit FILE KEY VALUE: another value for a number of the position, or for a metadata text
edit() {
    python3 - "$@" <<'END'
import json, struct, sys
path, key, value = sys.argv[1:]
data = bytearray(open(path, "rb").read())
length = struct.unpack("<Q", data[:8])[0]
header = json.loads(data[8:8 + length])
if key == "samples":
    begin = 8 + length + header["netc.position"]["data_offsets"][0]
    data[begin + 8:begin + 16] = struct.pack("<d", float(value))
else:
    header["__metadata__"][key] = value
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    data = struct.pack("<Q", len(text)) + text + data[8 + length:]
open(path, "wb").write(data)
END
}
cp -r resumed crafted
edit crafted/last.safetensors samples 7
expect 1 'neither a number of whole batches' train --epochs 3 --out crafted --resume
edit crafted/last.safetensors netc.train '9 samples, check sum 00000000'
expect 1 'begun with other data: train had 9 samples, check sum 00000000, now it has' train --epochs 3 --out crafted --resume

# A log that cannot be read to its end stays as it is; one line is no JSON and belongs to no epoch.
cp -r resumed torn
printf '{"epoch":2,"steps"' >>torn/metrics.jsonl
expect 0 'epoch 3/3' train --epochs 3 --out torn --resume
check 'a torn line goes, the others stay' test "$(grep -c '^{"epoch":[123],.*}$' torn/metrics.jsonl)" -eq 3
rm torn/metrics.jsonl && mkfifo torn/metrics.jsonl
expect 3 'torn/metrics.jsonl is no regular file, but a named pipe' train --epochs 4 --out torn --resume
check 'what cannot be read is left alone' test -p torn/metrics.jsonl -a ! -e torn/metrics.jsonl.partial

# A folder has one trainer at a time. One that was killed leaves no lock behind, and every epoch has its line.
"$TRAINER" train --epochs 100000 --out live --quiet 2>err &
trainer=$!
tries=0
until [ -s live/last.safetensors ] || [ $tries -ge 300 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
expect 2 "another trainer is writing to this folder, process $trainer" train --out live
expect 2 "another trainer is writing to this folder, process $trainer" train --out live --resume
kill -9 $trainer
wait $trainer 2>/dev/null
epochs=$(python3 -c 'import json, struct
data = open("live/last.safetensors", "rb").read()
print(int(json.loads(data[8:8 + struct.unpack("<Q", data[:8])[0]])["__metadata__"]["netc.epoch"]) + 1)')
expect 0 '' train --epochs "$epochs" --out live --resume --quiet
check 'after a kill every epoch has its line' test "$(grep -c '^{"epoch"' live/metrics.jsonl)" -eq "$epochs"

# The system's refusals: files that may not grow, descriptors that are used up
# shellcheck disable=SC2016  # the inner shell expands them
check 'a limit of file sizes is status 3' sh -c 'prlimit --fsize=10240 "$0" train --epochs 1 --limit 64 --out small 2>err
    [ $? -eq 3 ] && grep -q "cannot write small/best.safetensors: File too large" err' "$TRAINER"
# shellcheck disable=SC2016
check 'a limit of open files is status 3' sh -c 'prlimit --nofile=4 "$0" train --epochs 1 --limit 64 --out few 2>err 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
    [ $? -eq 3 ] && grep -q "Too many open files" err' "$TRAINER"

# Measuring and predicting
expect 0 'samples 500' eval --weights one/best.safetensors
expect 0 'rows: target' eval --weights one/last.safetensors --confusion
expect 0 '"samples":10' eval --weights one/best.safetensors --log json --limit 10
expect 3 'cannot open missing' eval --weights missing
expect 1 'no safetensors file' eval --weights one/config.json
printf '\0\0\10\3\0\0\0\2\0\0\0\34\0\0\0\34' >two.idx
head -c 1568 /dev/zero >>two.idx
expect 0 '"record":1,"class":' predict --weights one/best.safetensors two.idx
# shellcheck disable=SC2016
check 'probabilities add up to 1' sh -c '"$0" predict --weights one/best.safetensors two.idx two.idx | python3 -c "
import json, sys
lines = [json.loads(line) for line in sys.stdin]
assert len(lines) == 4
assert all(abs(sum(line[\"probabilities\"]) - 1) < 1e-6 for line in lines)"' "$TRAINER"
python3 -c 'import struct, sys, zlib
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
for side in 28, 27:
    rows = b"".join(b"\0" + bytes(side) for _ in range(side))
    with open(f"{side}.png", "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)))
        out.write(chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))'
expect 0 '"file":"28.png","class":' predict --weights one/best.safetensors 28.png two.idx
# shellcheck disable=SC2016
check '--json and --log json are one' sh -c '"$0" predict --weights one/best.safetensors --json two.idx >a &&
    "$0" predict --weights one/best.safetensors --log json two.idx >b && cmp a b && "$0" info --json >a && "$0" info --log json >b && cmp a b &&
    "$0" eval --weights one/best.safetensors --json >a && "$0" eval --weights one/best.safetensors --log json >b && cmp a b' "$TRAINER"
expect 1 'expected 1x28x28 for the input image, but the prepared picture is 1x27x27' predict --weights one/best.safetensors 27.png
expect 1 'neither PNG nor IDX, but text; predict reads PNG pictures and IDX files' predict --weights one/best.safetensors one/config.json
expect 0 '% of the measured peak' bench --seconds 0.1
expect 0 '"kernels":[{"name":"dense1.' bench --seconds 0.2 --kernels --json
cp out table
check 'kernels are sorted by time, have shares of the step, and none is faster than the peak' python3 -c 'import json, sys
kernels = json.load(open(sys.argv[1]))["kernels"]
times = [kernel["milliseconds"] for kernel in kernels]
assert len(kernels) == 3 and times == sorted(times, reverse=True), times
assert abs(sum(kernel["share"] for kernel in kernels) - 1) < 1e-6
assert all(abs(kernel["share"] - kernel["milliseconds"] / sum(times)) < 1e-6 for kernel in kernels)
assert all(0 <= kernel["peak_share"] <= 1 for kernel in kernels), kernels' table
# A step takes three seconds: there is time for one, and no more.
began=$(date +%s)
expect 0 '"milliseconds_per_step":3' bench --seconds 0.5 --set mock.pause=3 --kernels --threads 1 --json
check 'bench ends one step after its time' test $(($(date +%s) - began)) -lt 6
expect 0 '"peak_share":' bench --seconds 0.1 --inference --log json --threads 2

# Failures
expect 1 'epoch 1, step 1: the loss is NaN: the first kernel that made a NaN or infinity is loss' train --set mock.blow_up=1 --out nan
check 'a run that diverges at once leaves no weights' test ! -e nan/last.safetensors
expect 1 'the update of the step before made dense1.weight' train --set train.optimizer.lr=1e30 --out inf
: >plain
expect 3 'cannot create the folder plain: Not a directory' train --out plain/run
if [ -w /dev/full ]; then
    for command in '--help' 'info' 'train --epochs 1 --limit 64 --out full' 'eval --weights one/best.safetensors'; do
        checks=$((checks + 1))
        # shellcheck disable=SC2086
        "$TRAINER" $command >/dev/full 2>err
        [ $? -eq 3 ] || fail "$command to a full device: expected status 3"
    done
fi

# Streams that are closed: what is printed is lost, and lands in none of the files.
for closed in '>&-' '2>&-' '<&-' '<&- >&- 2>&-'; do
    rm -rf closed
    check "train $closed" sh -c "\"\$0\" train --epochs 2 --limit 64 --out closed $closed" "$TRAINER"
    check "train $closed: metrics.jsonl holds nothing but its lines" test "$(grep -c '^{.*}$' closed/metrics.jsonl)" -eq 3 \
        -a "$(wc -l <closed/metrics.jsonl)" -eq 3
    expect 0 'samples 10' eval --weights closed/best.safetensors --limit 10
done

# Signals: the step is finished, the checkpoint written, and the run can go on as if nothing had been
for signal in INT:130 TERM:143; do
    name=${signal%:*}
    "$TRAINER" train --epochs 100000 --out "stopped$name" --threads 2 >out 2>err &
    trainer=$!
    tries=0
    until [ -s "stopped$name/metrics.jsonl" ] || [ $tries -ge 100 ]; do
        tries=$((tries + 1))
        sleep 0.1
    done
    kill -"$name" $trainer
    wait $trainer
    status=$?
    checks=$((checks + 1))
    [ $status -eq "${signal#*:}" ] || fail "SIG$name: expected status ${signal#*:}, found $status"
    grep -q "stopped by SIG$name" err || fail "SIG$name is not reported"
    expect 0 'samples 500' eval --weights "stopped$name/last.safetensors"
    epochs=$(python3 -c 'import json, struct, sys
data = open(sys.argv[1], "rb").read()
print(int(json.loads(data[8:8 + struct.unpack("<Q", data[:8])[0]])["__metadata__"]["netc.epoch"]) + 2)' \
        "stopped$name/last.safetensors")
    expect 0 '' train --epochs "$epochs" --out "straight$name" --quiet
    expect 0 '' train --epochs "$epochs" --out "stopped$name" --resume --quiet
    check "after SIG$name a resumed run ends in the same bytes" cmp "straight$name/last.safetensors" "stopped$name/last.safetensors"
    check "after SIG$name a resumed run has the same best weights" cmp "straight$name/best.safetensors" "stopped$name/best.safetensors"
done

checks_end trainer
