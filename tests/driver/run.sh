#!/bin/sh
# usage: NETC=COMPILER run.sh      the command line: options, exit statuses, where output goes, what is left behind
. "$(dirname "$0")/../usage.sh"
. tests/support/command_line.sh
sed -e '/^data/d' -e '/^train/d' tiny.net >plain.net
sed 's/dense(units)/dense(units, bais = true)/' plain.net >wrong.net
printf 'include "tiny.net";\n' >outer.net
printf '#define garbage' >garbage.net

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
holds '--kernel selects kernels' grep -q '^static void d(' "$work/first"
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
CC='gcc -pipe' expect 0 '' --backend=c -c tiny.net
"$NETC" --backend=c -v -c tiny.net 2>"$work/second"
holds '-v prints the command' grep -q -- '-ffp-contract=off' "$work/second"
for backend in $("$NETC" --version | sed -n 's/^back ends: //p' | tr -d ,); do
    rm -f trainer
    expect 0 '' --backend="$backend" tiny.net -o trainer
    holds 'the trainer knows what it is' sh -c './trainer info | grep -q tiny'
done
holds 'the executable can be run' test -x trainer
sum_up
