#!/bin/sh
# What the system refuses, and what ends netc early: the status, the reason, and that nothing is left behind.
. tests/support/command_line.sh
backends=$("$NETC" --version | sed -n 's/^back ends: //p' | tr -d ,)
echo before >keep.txt

# tool NAME LINE...: a program of these lines, for CC.
tool() {
    name=$1
    shift
    printf '%s\n' '#!/bin/sh' "$@" >"$name"
    chmod +x "$name"
}

# ---- Tools at fault --------------------------------------------------------------------------------------------------
CC=/no/such/compiler expect 3 "cannot run '/no/such/compiler'" --backend=c -c tiny.net
CC=$work/in/tiny.net expect 3 'Permission denied' --backend=c -c tiny.net
CC=false expect 3 "'false' could not compile the generated C (status 1)" --backend=c -c tiny.net
CC=false expect 3 "'false' could not link the trainer (status 1)" tiny.net -o keep.txt
for backend in $backends; do
    CC=true expect 3 "'true' ended without an error, but wrote nothing" --backend="$backend" tiny.net -o keep.txt
done
CC=true expect 3 'wrote nothing' --backend=c -c tiny.net
CC='echo' expect 3 'wrote nothing' --backend=c --emit=asm tiny.net
CC='echo' "$NETC" --backend=c --emit=asm tiny.net >"$work/printed" 2>"$work/said"
holds 'what a tool prints is no result of netc' cmp "$work/printed" /dev/null
# shellcheck disable=SC2016  # the variable is for the script
tool killed 'kill -9 $$'
CC=./killed expect 3 'was ended by a signal and could not compile the generated C: Killed' --backend=c -c tiny.net
tool no_space 'cat >/dev/null' 'echo "<stdin>:7:1: fatal error: error writing to /t/x.s: No space left on device" >&2' 'exit 1'
CC=./no_space expect 3 "temporary files lie in '$TMPDIR', as TMPDIR says" --backend=c -c tiny.net
CC=./no_space expect 3 '"message": "<stdin>:7:1: fatal error:' --error-format=json --backend=c -c tiny.net
# Only an error at a line of the text is netc's.
tool refuses 'cat >/dev/null' 'echo "tiny.net:4:12: error: no such thing" >&2' 'exit 1'
CC=./refuses expect 70 "'./refuses' refused the generated C (status 1)" --backend=c -c tiny.net

# ---- No place for temporary files ------------------------------------------------------------------------------------
for backend in $backends; do
    TMPDIR=$work/absent expect 3 "lie in '$work/absent', as TMPDIR says" --backend="$backend" tiny.net -o keep.txt
    TMPDIR=$work/absent expect 3 "lie in '$work/absent', as TMPDIR says" --backend="$backend" --emit=asm tiny.net
    TMPDIR=$work/absent expect 3 "\"file\": \"$work/absent\"" --backend="$backend" --error-format=json -c -o /dev/null tiny.net
    TMPDIR=$work/in/tiny.net expect 3 'Not a directory' --backend="$backend" -S -o /dev/null tiny.net
    (ulimit -f 1 && exec "$NETC" --backend="$backend" --emit=asm tiny.net) >"$work/out" 2>"$work/said"
    holds "--backend=$backend: a temporary file that grows too large is a refusal" test $? -eq 3
    holds 'and what failed is told' grep -q "as TMPDIR says" "$work/said"
done

# ---- Limits ----------------------------------------------------------------------------------------------------------
for options in --emit=c "--backend=c -S" "--backend=c -c" "--backend=c" -S; do
    # shellcheck disable=SC2086  # a list of words
    (ulimit -f 1 && exec "$NETC" $options -o keep.txt tiny.net) >"$work/out" 2>"$work/said"
    holds "$options: a file that grows too large is a refusal of the system" test $? -eq 3
    holds "$options: and no temporary file" nothing_left
done
for files in 4 5 6; do
    # shellcheck disable=SC3045  # dash has -n
    (ulimit -n $files && exec "$NETC" --backend=c tiny.net -o keep.txt) >"$work/out" 2>"$work/said"
    status=$?
    # So few may not even let the libraries be loaded: that is no doing of netc.
    grep -q 'error while loading shared libraries' "$work/said" || holds "$files open files: a refusal of the system" test $status -eq 3
    holds "$files open files: no temporary file" nothing_left
done
if [ -z "${NETC_SANITIZE:-}" ]; then    # sanitizers want all of the address space
    least=0
    for megabytes in 193 194 195 196 197 198 204 400; do
        # shellcheck disable=SC3045  # dash has -v
        (ulimit -v $((1000 * megabytes)) && exec "$NETC" -c tiny.net -o limited.o) >"$work/out" 2>"$work/said"
        status=$?
        # Below some size not even the libraries are loaded: that is no doing of netc.
        if [ $status -eq 0 ] || grep -q '^netc: .*out of memory' "$work/said"; then least=1; fi
        [ $least -eq 0 ] || holds "$megabytes MB: status $status" test $status -eq 0 -o $status -eq 3
    done
    holds 'memory: a size was found at which netc ran' test $least -eq 1
fi

# ---- Signals ---------------------------------------------------------------------------------------------------------
# gone FILE: the process of which it holds the number has ended. (One that nobody waits for stays, as a zombie.)
gone() {
    left=100
    while [ $left -gt 0 ]; do
        state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$(cat "$1")/status" 2>/dev/null)
        case $state in '' | Z | X) return 0 ;; esac
        left=$((left - 1))
        sleep 0.1
    done
    return 1
}

# A compiler that has started a helper, writes half of its output and ends netc. The second one does not listen.
interrupted() {
    tool killer "$2" "echo \$\$ >'$work/compiler.pid'" "sleep 1000 & echo \$! >'$work/helper.pid'" \
        "while [ \$# -gt 2 ]; do shift; [ \"\$1\" != -o ] || echo half >\"\$2\"; done" "kill -$1 \$PPID" 'wait' 'sleep 1000'
    CC=./killer "$NETC" --backend=c -S tiny.net -o keep.txt >"$work/out" 2>"$work/said"
    status=$?
    holds "SIG$1 ends netc by that signal (status $status)" test $status -gt 128
    holds "SIG$1 leaves no temporary file" nothing_left
    holds "SIG$1 leaves no compiler" gone "$work/compiler.pid"
    holds "SIG$1 leaves no helper of the compiler" gone "$work/helper.pid"
}
for signal in TERM INT HUP PIPE; do
    interrupted $signal ''
done
interrupted TERM "trap '' TERM"
# shellcheck disable=SC2016  # the variable is for the script
tool hangup 'kill -HUP $PPID' 'exit 1'
(trap '' HUP && CC=./hangup exec "$NETC" --backend=c -c tiny.net) >"$work/out" 2>"$work/said"
holds 'a signal that was ignored from the beginning is ignored' test $? -eq 3
if [ -z "${NETC_SANITIZE:-}" ]; then    # sanitizers report crashes in their own way
    for signal in SEGV ABRT; do
        # shellcheck disable=SC2016  # the variable is for the script
        tool killer "kill -$signal \$PPID" 'sleep 1000'
        CC=./killer expect 70 'This is a defect of netc' --backend=c tiny.net -o keep.txt
    done
fi
holds 'the output of before is still there' grep -qx before keep.txt

# Closed standard descriptors are not taken by files: warnings would end up in the output.
sed 's/input image.*/& unused = image;/' tiny.net >warned.net
"$NETC" --emit=c -o whole.c warned.net 2>"$work/said"
holds 'there is a warning' grep -q unused "$work/said"
"$NETC" --emit=c -o closed.c warned.net 0<&- 1>&- 2>&-
holds 'closed standard descriptors change no output' cmp whole.c closed.c

# The runtime lies beside netc.
mkdir far
cp "$NETC" far/netc
NETC=$work/in/far/netc expect 3 'cannot find the runtime' --backend=c tiny.net
sum_up
