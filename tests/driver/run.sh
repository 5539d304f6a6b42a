#!/bin/sh
# usage: NETC=COMPILER run.sh      the command line: options, exit statuses, where output goes, what is left behind
. "$(dirname "$0")/../usage.sh"
. tests/support/command_line.sh
sed -e '/^data/d' -e '/^train/d' tiny.net >plain.net
sed 's/dense(units)/dense(units, bais = true)/' plain.net >wrong.net
printf 'include "tiny.net";\n' >outer.net
printf '#define garbage' >garbage.net
printf 'net one { input x: 4; output y = x; }\nnet two { input x: 4; output y = x; }\n' >two.net

# ---- Asking for help -------------------------------------------------------------------------------------------------
expect 0 'usage: netc' --help
expect 0 'usage: netc' -h
expect 0 'usage: netc' help
expect 0 'usage: netc check' help check
expect 0 'usage: netc summary' summary --help
if "$NETC" help check | grep -q -- '--backend'; then flunk 'netc help check shows what check does not take'; else pass; fi
expect 2 "there is no command 'checc'; did you mean 'check'?" help checc
expect 0 'netc ' --version
expect 0 'runtime: /' -V
expect 0 '-march=native (this CPU, an x86-64-v' -V
expect 0 'LLVM: ' -V
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
expect 2 '-o needs a value: -o PATH' tiny.net -o
expect 2 "value follows without '=': -o PATH" -o=x tiny.net
expect 2 '-march needs a value: -march=CPU' tiny.net -march
expect 2 '--json takes no value' summary --json=1 tiny.net
expect 2 "-o is given twice: 'a' and 'b'" -o a -o b tiny.net
expect 2 "-O is given twice: '0' and '3'" -O0 -O3 tiny.net
expect 2 '--backend is given twice' --backend=c --backend=c tiny.net
expect 2 '-c is given twice' -c -c tiny.net
expect 2 '-D units is given twice: 3 and 4' -D units=3 -D units=4 tiny.net
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
expect 2 'there is no such warning; there are unused-binding' -Wextra tiny.net
expect 0 '' check -Wall -Wno-all -Wno-error tiny.net
sed 's/input image.*/& unused = image;/' plain.net >warned.net
expect 1 '[-Werror=unused-binding]' check -Wall -Werror warned.net
expect 1 '[-Werror=unused-binding]' check -Wno-all -Werror=unused-binding warned.net
expect 0 '' check -Werror -Wno-error=unused-binding warned.net
expect 0 '' check -Werror -Wno-unused-binding warned.net
expect 2 'auto, always or never' --color=sometimes tiny.net
expect 2 'text or json' --error-format=xml tiny.net
expect 2 'one file at a time' tiny.net plain.net
expect 2 'two different stages' -c -S tiny.net
expect 2 'two different stages' --emit=ast -c tiny.net
expect 2 'netc check does not take --emit; it takes --net -D' check --emit=ast tiny.net
expect 2 'netc summary does not take -O' summary -O2 tiny.net
expect 2 '--json belongs to netc summary' --json tiny.net
expect 2 '--kernel needs' --kernel='d*' --emit=graph tiny.net
expect 2 "no kernel's name matches 'zz*'" --kernel='zz*' --emit=loops tiny.net
expect 2 'only text goes to standard output' -o - tiny.net
expect 2 'netc check does not take -o' check -o x tiny.net

# ---- Sources ---------------------------------------------------------------------------------------------------------
expect 0 '' check tiny.net
expect 0 '' check -- tiny.net
expect 1 'error:' check wrong.net
expect 1 'wrong.net:4:' check wrong.net
expect 1 'error:' check garbage.net
expect 0 '' --emit=loops plain.net
expect 1 'there is no train section' --emit=train-graph plain.net
expect 1 '"severity":' check --error-format=json wrong.net
expect 3 "cannot read 'absent.net'" check absent.net
expect 3 "'.': it is not a regular file" check .
expect 3 "'/dev/null': it is not a regular file (netc reads standard input as -)" check /dev/null
mkfifo pipe.net
expect 3 "'pipe.net': it is not a regular file" check pipe.net
expect 3 '"message": "cannot read ' check --error-format=json absent.net
expect 3 '"file": "absent.net"' check absent.net --error-format=json
expect 2 '"message": "unknown option' --bogus --error-format json
# Several at once: each is told about, and the worst decides.
expect 3 'wrong.net:4:' check wrong.net absent.net tiny.net
expect 3 "cannot read 'absent.net'" check wrong.net absent.net tiny.net
expect 1 'wrong.net:4:' check tiny.net wrong.net tiny.net
expect 0 '' check tiny.net plain.net
holds 'netc summary takes several' sh -c "[ \$('$NETC' summary --json tiny.net plain.net | wc -l) -eq 2 ]"
expect 2 '-o writes one file, but there are 2' summary -o x tiny.net plain.net
# Standard input.
standard_input() { "$NETC" "$@" - <tiny.net; }
holds '- is standard input' standard_input check
holds 'it is compiled to a file named after the net' sh -c "'$NETC' -c -MF list.mk - <tiny.net && [ -s tiny.o ]"
holds 'and make is not told of it' sh -c "[ \"\$(cat list.mk)\" = tiny.o: ]"
holds 'what it includes lies here' sh -c "'$NETC' --emit=graph - <outer.net"
"$NETC" check - <wrong.net 2>"$work/said"
holds 'messages call it <stdin>' grep -q '^<stdin>:4:' "$work/said"
expect 0 'tiny' summary tiny.net
expect 0 '"parameters"' summary --json tiny.net
expect 0 'dense' --emit=ast tiny.net
expect 2 'tiny.net: error: -D unit=4: there is no const unit; there are: units' check -D unit=4 tiny.net
expect 2 'there is none' check -D unit=4 two.net
expect 2 'there is no net foo; there are: one, two' check --net=foo two.net
expect 2 '"file": "two.net"' check --error-format=json --net=foo two.net
expect 0 '' check --net=two two.net

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
for backend in $("$NETC" --version | sed -n 's/^back ends: //p' | tr -d ,); do
    "$NETC" --emit=asm --backend="$backend" --kernel='d*' tiny.net >"$work/first"
    holds "--kernel selects kernels in the assembly of $backend" grep -qE '^(kernel_)?d_weight_gradient:' "$work/first"
    if grep -qE '^(kernel_)?loss|netrt_model:' "$work/first"; then flunk "--kernel leaves the rest of the assembly out"; else pass; fi
done
# The head of the C tells how it is compiled.
for march in x86-64-v3 x86-64-v4; do
    rm -f tiny.c tiny.o
    "$NETC" --emit=c -march=$march -o tiny.c tiny.net
    sed -n '/^ \*     cc /,/\*\/$/{s/^ \*//;s/ \*\/$//;p}' tiny.c >how.sh
    holds "the C for $march compiles as it says" env PATH="$(dirname "$NETC"):$PATH" sh -e how.sh
    holds 'and an object is there' test -s tiny.o
done
# The train section that is proposed compiles.
for last in 'dense(10)' 'dense(1)' 'dense(12) -> reshape(3x2x2)'; do
    sed "s/dense(units)/$last/" plain.net >hinted.net
    "$NETC" --emit=train-graph hinted.net 2>"$work/said"
    sed -n 's/^ *hint: add: //p' "$work/said" >>hinted.net
    holds "the hint is followed behind $last" grep -q '^train' hinted.net
    expect 0 '' -c hinted.net -o hinted.o
done
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

# ---- An output that is an input ----------------------------------------------------------------------------------------
cp tiny.net precious.net
printf 'include "./precious.net";\n' >including.net
ln -s precious.net link.net
ln precious.net hard.net
cp tiny.net tiny
for output in precious.net ./precious.net ../in/precious.net link.net hard.net; do
    expect 2 "the output '$output' is the input" precious.net -o $output
    expect 2 "the output '$output' is the input" --emit=ast including.net -o $output
    expect 2 "the dependency file '$output' is the input" -MF $output -c -o new.o including.net
done
expect 2 "the output 'precious.net' is the input 'link.net'" -S link.net -o precious.net
expect 2 "the output 'tiny' is the input 'tiny'; name another with -o PATH" tiny
expect 2 "the dependency file './new.o' is the output" -MF ./new.o -c -o new.o precious.net
expect 2 "the dependency file 'new.d' is the output" -MD -c -o new.d precious.net
# shellcheck disable=SC2094  # that is the point
"$NETC" --emit=ast precious.net >>precious.net 2>"$work/said"
holds 'standard output is an output, too' test $? -eq 2
holds 'nothing was written' sh -c "cmp tiny.net precious.net && cmp tiny.net tiny && [ ! -e new.o ]"

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
