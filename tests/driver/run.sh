#!/bin/sh
# usage: NETC=COMPILER run.sh      the command line: options, exit statuses, where output goes, what is left behind
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
sed -e '/^data/d' -e '/^train/d' tiny.net >plain.net
sed 's/dense(units)/dense(units, bais = true)/' plain.net >wrong.net
printf 'include "tiny.net";\n' >outer.net
printf '#define garbage' >garbage.net

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

# ---- Asking for help -------------------------------------------------------------------------------------------------
expect 0 'usage: netc' --help
expect 0 'netc ' --version
for absent in inspect gradcheck --lib --target dot; do
    if "$NETC" --help | grep -qw -- "$absent"; then flunk "--help advertises $absent"; else pass; fi
done

# ---- Wrong command lines ---------------------------------------------------------------------------------------------
expect 2 'no FILE.net is given'
expect 2 "unknown option '--emti=ast'; did you mean '--emit'?" --emti=ast tiny.net
expect 2 "there is no stage 'grahp'; did you mean 'graph'?" --emit=grahp tiny.net
expect 2 "unknown command 'checq'; did you mean 'check'?" checq tiny.net
expect 2 '--emit=dot is not built yet' --emit=dot tiny.net
for command in inspect run gradcheck fmt explain import export; do
    expect 2 "'netc $command' is not built yet" $command tiny.net
done
expect 2 'not built yet' --lib tiny.net
expect 2 'not built yet' --target=aarch64-linux-gnu tiny.net
if "$NETC" --version | grep -q '^back ends:.*llvm'; then
    expect 0 'netrt_model' --emit=llvm --backend=llvm tiny.net
    expect 2 'two different back ends' --emit=llvm --backend=c tiny.net
    expect 2 'two different back ends' --emit=c --backend=llvm tiny.net
else
    expect 2 'is not built in' --emit=llvm tiny.net
    expect 2 'is not built in' --backend=llvm tiny.net
fi
expect 2 "there is no back end 'gcc'" --backend=gcc tiny.net
expect 2 "no CPU 'haswel' is known; did you mean 'haswell'?" -march=haswel tiny.net
expect 2 'the least is x86-64-v3' -march=x86-64-v2 tiny.net
expect 2 'the levels are' -O4 tiny.net
expect 2 'the levels are' -Ofast tiny.net
expect 2 'needs a value' tiny.net -o
expect 2 'write -D CONST=VALUE' -D units tiny.net
expect 2 'a whole number from 1' --batch=0 tiny.net
expect 2 'a whole number from 1' --batch=12x tiny.net
expect 2 'from 1 to 1048576' --batch=1048577 tiny.net
printf 'compile { precision = f64; }\n' | cat tiny.net - >wide.net
expect 0 'NETRT_PRECISION 8' --emit=c wide.net
expect 0 'NETRT_PRECISION 4' --emit=c --precision=f32 wide.net
expect 0 'NETRT_PRECISION 8' --emit=c --precision=f64 tiny.net
expect 2 'the precisions are f32 and f64' --precision=f16 tiny.net
expect 2 "did you mean 'dead-layer'?" -Wno-dead-layers tiny.net
expect 2 'auto, always or never' --color=sometimes tiny.net
expect 2 'text or json' --error-format=xml tiny.net
expect 2 'one file at a time' tiny.net plain.net
expect 2 'two different stages' -c -S tiny.net
expect 2 'two different stages' --emit=ast -c tiny.net
expect 2 'makes no sense with check' check --emit=ast tiny.net
expect 2 '--json belongs to netc summary' --json tiny.net
expect 2 '--kernel needs' --kernel='d*' --emit=graph tiny.net
expect 2 "no kernel's name matches 'zz*'" --kernel='zz*' --emit=loops tiny.net
expect 2 'only text goes to standard output' -o - tiny.net
expect 2 'check writes no file' check -o x tiny.net

# ---- Sources ---------------------------------------------------------------------------------------------------------
expect 0 '' check tiny.net
expect 0 '' check -- tiny.net
expect 1 'error:' check wrong.net
expect 1 'wrong.net:4:' check wrong.net
expect 1 'error:' check garbage.net
expect 1 'has no train section' --emit=loops plain.net
expect 1 '"severity":' check --error-format=json wrong.net
expect 3 "cannot read 'absent.net'" check absent.net
expect 3 "cannot read '.'" check .
expect 0 'tiny' summary tiny.net
expect 0 '"parameters"' summary --json tiny.net
expect 0 'dense' --emit=ast tiny.net
expect 1 'no const' check -D unit=4 tiny.net

# Colour is for terminals, or on demand.
expect 1 "$(printf '\033[')" check --color=always wrong.net
"$NETC" check wrong.net 2>"$work/err" >"$work/out"
if grep -q "$(printf '\033')" "$work/err"; then flunk 'colour on a file'; else pass; fi

# Every text stage, on standard output, the same twice.
for stage in tokens ast graph summary train-graph kernels memory loops c asm; do
    expect 0 '' --emit=$stage -march=x86-64-v3 --verify-each tiny.net
    cp "$work/out" "$work/first"
    "$NETC" --emit=$stage -march=x86-64-v3 tiny.net >"$work/second" 2>"$work/err"
    holds "--emit=$stage prints the same each time" cmp "$work/first" "$work/second"
    holds "--emit=$stage prints something" test -s "$work/first"
done
"$NETC" --emit=c tiny.net --kernel='d' >"$work/first"
holds '--kernel selects kernels' grep -q '^static void kernel_d(' "$work/first"
if grep -q 'netrt_model' "$work/first"; then flunk '--kernel leaves the rest out'; else pass; fi
"$NETC" --time-passes --emit=graph tiny.net >"$work/first" 2>"$work/second"
holds '--time-passes names the stages' grep -q ' ms  graph' "$work/second"

# ---- Files -----------------------------------------------------------------------------------------------------------
expect 0 '' --emit=graph -o graph.txt tiny.net
holds '-o writes the file' test -s graph.txt
expect 0 '' -c tiny.net
holds '-c writes NET.o' test -s tiny.o
expect 0 '' -S tiny.net
holds '-S writes NET.s' test -s tiny.s
expect 0 '' --emit=obj -o other.o -O1 tiny.net
holds '--emit=obj -o' test -s other.o
expect 0 '' --emit=graph -o /dev/null tiny.net
expect 0 '' -c -o /dev/null tiny.net
holds '/dev/null is still a device' test -c /dev/null
"$NETC" -c tiny.net >&- 2>"$work/second"
holds 'a closed standard output matters only to who writes to it' test $? -eq 0
"$NETC" --emit=graph tiny.net >&- 2>"$work/second"
holds 'writing to a closed standard output ends with status 3' test $? -eq 3
echo before >keep.txt
expect 1 '' --emit=graph -o keep.txt wrong.net
holds 'an error leaves the output as it was' grep -qx before keep.txt
expect 3 "cannot write 'absent/x.txt'" --emit=graph -o absent/x.txt tiny.net
mkdir folder
expect 3 "cannot write 'folder'" --emit=graph -o folder tiny.net
(ulimit -f 1 && exec "$NETC" --emit=c -o keep.c tiny.net) >"$work/out" 2>"$work/err"
holds 'a file that grows too large is a refusal of the system' test $? -eq 3
holds 'nothing is left of it' sh -c '[ ! -e keep.c ]'
holds 'and no temporary file' nothing_left
if [ -c /dev/full ]; then
    expect 3 "cannot write '/dev/full'" --emit=c -o /dev/full tiny.net
    expect 3 "cannot write '/dev/full'" -c -o /dev/full tiny.net
    "$NETC" --emit=c tiny.net >/dev/full 2>"$work/second"
    holds 'a full standard output ends with status 3' test $? -eq 3
    holds 'a full standard output is reported' grep -q 'standard output' "$work/second"
fi
expect 0 '' -MD -c -o deps.o outer.net
holds '-MD names the output' grep -q '^deps.o:' deps.d
holds '-MD lists what is included' grep -q 'tiny.net' deps.d
expect 0 '' -MF list.mk --emit=graph -o graph.txt outer.net
holds '-MF names the file' grep -q '^graph.txt:' list.mk
expect 2 '-MD needs -MF' -MD --emit=graph tiny.net

# ---- Tools -----------------------------------------------------------------------------------------------------------
CC=/no/such/compiler expect 3 "cannot run '/no/such/compiler'" --backend=c -c tiny.net
CC=false expect 70 'defect of netc' --backend=c -c tiny.net
CC='sh -c exit\ 1' expect 70 'refused the generated C' --backend=c -c tiny.net
CC='gcc -pipe' expect 0 '' --backend=c -c tiny.net
"$NETC" --backend=c -v -c tiny.net 2>"$work/second"
holds '-v prints the command' grep -q -- '-ffp-contract=off' "$work/second"
for backend in $("$NETC" --version | sed -n 's/^back ends: //p' | tr -d ,); do
    rm -f trainer
    expect 0 '' --backend="$backend" tiny.net -o trainer
    holds 'the trainer knows what it is' sh -c './trainer info | grep -q tiny'
done
holds 'the executable can be run' test -x trainer
# A tool that ends netc itself: nothing may be left behind. Sanitizers report crashes in their own way.
make_killer() {
    # shellcheck disable=SC2016  # the variable is for the script
    printf '#!/bin/sh\nkill -%s $PPID\nsleep 1\n' "$1" >killer
    chmod +x killer
}
for signal in TERM INT; do
    make_killer $signal
    CC=$work/in/killer "$NETC" --backend=c tiny.net -o keep.txt >"$work/out" 2>"$work/err"
    holds "SIG$signal ends netc by that signal" test $? -gt 128
    holds "SIG$signal leaves no temporary file" nothing_left
done
if [ -z "${NETC_SANITIZE:-}" ]; then
    for signal in SEGV ABRT; do
        make_killer $signal
        CC=$work/in/killer expect 70 'This is a defect of netc' --backend=c tiny.net -o keep.txt
        holds "SIG$signal leaves no temporary file" nothing_left
    done
fi
holds 'the output of before is still there' grep -qx before keep.txt
mkdir far
cp "$NETC" far/netc
NETC_BEFORE=$NETC
NETC=$work/in/far/netc
expect 3 'cannot find the runtime' --backend=c tiny.net
NETC=$NETC_BEFORE

holds 'no temporary file is left' nothing_left
echo "driver: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
