# shellcheck shell=sh
# Sourced by the scripts that test netc's command line. $NETC is the compiler. They run in $work/in, an empty folder but for tiny.net;
# temporary files go to $TMPDIR beside it.
LC_ALL=C
export LC_ALL
NETC=${NETC:?the compiler to test}
case $NETC in /*) ;; *) NETC=$PWD/$NETC ;; esac
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
TMPDIR=$work/tmp
export TMPDIR
unset CC TERM
mkdir "$TMPDIR" "$work/in" && cd "$work/in" || exit 3
passed=0 failed=0

cat >tiny.net <<'END'
const units = 10;
net tiny {
    input image: 1x28x28;
    output logits = image -> flatten -> d: dense(units);
}
data { train = digits(count = 32, seed = 1, noise = 0); }
train { loss = cross_entropy(logits, label); optimizer = sgd(lr = 0.1); batch = 16; epochs = 1; }
END
pass() { passed=$((passed + 1)); }
flunk() {
    failed=$((failed + 1))
    echo "FAILED: $1"
    sed 's/^/    out: /' "$work/out" | head -5
    sed 's/^/    err: /' "$work/err" | head -5
}

# expect STATUS TEXT ARGUMENT...: the exit status, and a fixed text in standard error (standard output if the status is 0).
expect() {
    want=$1 text=$2
    shift 2
    "$NETC" "$@" >"$work/out" 2>"$work/err" </dev/null
    got=$?
    stream=$work/err
    [ "$want" -ne 0 ] || stream=$work/out
    if [ "$got" -ne "$want" ]; then
        flunk "netc $*: status $got instead of $want"
    elif [ -n "$text" ] && ! grep -qF -- "$text" "$stream"; then
        flunk "netc $*: '$text' was not printed"
    else
        pass
    fi
}

# holds DESCRIPTION COMMAND...: the command succeeds.
holds() {
    what=$1
    shift
    if "$@" >"$work/out" 2>"$work/err"; then pass; else flunk "$what"; fi
}

nothing_left() {
    left=$(find "$work/in" "$TMPDIR" -name '.netc-*')
    [ -z "$left" ]
}

# The last line of such a script: sums it up.
sum_up() {
    holds 'no temporary file is left' nothing_left
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}
