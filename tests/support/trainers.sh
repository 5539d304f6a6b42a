# shellcheck shell=sh
# Sourced by the scripts that train nets. $NETC is the compiler; they run in the root of the source tree.
: "${NETC:?the compiler: set by ctest, or NETC=build/release/netc}"
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
export PYTHONPATH=tests/support    # tensor_file.py

die() {
    echo "$*"
    exit 1
}

# compile NET TRAINER [OPTION...]
compile() {
    compile_net=$1 compile_to=$2
    shift 2
    "$NETC" "$@" "$compile_net" -o "$compile_to" || die "$compile_net: netc $* failed with status $?"
}

# small EXAMPLE: options that make a small net of an example for large pictures
small() {
    case $1 in
    alexnet_2012) echo "-D size=67 -D classes=10 --batch=16" ;;
    googlenet) echo "-D size=80 -D classes=10 --batch=16" ;;
    mobilenet) echo "-D size=32 -D classes=10 -D width=0.25 --batch=16" ;;
    resnet50) echo "-D size=64 -D classes=10 --batch=16" ;;
    vgg16) echo "-D size=32 -D classes=10 --batch=16" ;;
    zfnet) echo "-D size=64 -D classes=10 --batch=16" ;;
    esac
}

# result FILE.jsonl PART NAME: a number of the latest line that has it: result metrics.jsonl test accuracy
result() {
    python3 - "$@" <<'END'
import json, sys
path, part, name = sys.argv[1:]
found = None
for line in open(path):
    record = json.loads(line)
    found = record.get(part, {}).get(name, found)
if found is None:
    sys.exit(f"{path}: no {part}.{name}")
print(found)
END
}

# at_least WHAT VALUE BOUND
at_least() {
    echo "$1: $2 (wanted: at least $3)"
    awk -v value="$2" -v bound="$3" 'BEGIN { exit !(value + 0 >= bound + 0) }' || die "$1 is too low"
}

# losses FILE.jsonl: those of the training part, one epoch a line
losses() {
    python3 - "$1" <<'END'
import json, sys
for line in open(sys.argv[1]):
    record = json.loads(line)
    if "train" in record:
        print(record["train"]["loss"])
END
}

# describes_itself NET TRAINER [OPTION...]: `info` names the net, and what the compiler says that a trainer takes is what it says itself.
describes_itself() {
    described=$1 trainer=$2
    shift 2
    "$trainer" info >"$work/info" || die "info failed with status $?"
    grep -q "$(basename "$described" .net)" "$work/info" || die "info does not name the net"
    memory_info=$("$trainer" info --json | sed 's/.*"memory_bytes":\([0-9]*\).*/\1/')
    memory_summary=$("$NETC" summary --json "$@" "$described" | sed 's/.*"memory_bytes": \([0-9]*\).*/\1/')
    memory_plan=$("$NETC" --emit=memory "$@" "$described" | sed -n 's/^uniform .* in all \([0-9]*\)$/\1/p')
    [ "$memory_info $memory_info" = "$memory_summary $memory_plan" ] ||
        die "memory: info tells $memory_info bytes, summary $memory_summary, --emit=memory $memory_plan"
}

# falls NAME SHARE ARGUMENT...: a trainer of $work/NAME.net describes itself, and in four epochs of small batches the loss falls below
# this share of the first one's; the ARGUMENTs are the trainer's
falls() {
    name=$1 share=$2
    shift 2
    options=$(small "$name")
    # shellcheck disable=SC2086  # a list of words
    compile "$work/$name.net" "$work/$name" ${options:---batch=16}
    # shellcheck disable=SC2086
    describes_itself "$work/$name.net" "$work/$name" ${options:---batch=16}
    "$work/$name" train --quiet --data "$work" --epochs 4 --out "$work/run" "$@" || die "$name: train failed with status $?"
    losses "$work/run/metrics.jsonl" >"$work/losses" || exit 1
    cat "$work/losses"
    awk -v share="$share" 'NR == 1 { first = $1 } END { exit !(NR == 4 && $1 < share * first) }' "$work/losses" || die "$name does not learn"
    rm -r "${work:?}/run" "${work:?}/$name"
}
