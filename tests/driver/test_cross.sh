#!/bin/sh
# Files for other CPUs than this one, whatever this one is: objects and assembly of every back end, and the stages of text.
. tests/support/trainers.sh

# registers FILE.s: the widest vector registers that it uses.
registers() {
    for wide in zmm ymm xmm; do
        if grep -q "%$wide" "$1"; then
            echo $wide
            return
        fi
    done
}

# check BACKEND MARCH REGISTERS
check() {
    set -- "$@" "--backend=$1" "-march=$2"
    made="netc $4 $5"
    "$NETC" "$4" "$5" -S tests/llvm/conv.net -o "$work/made.s" || die "$made -S: status $?"
    wide=$(registers "$work/made.s")
    [ "$wide" = "$3" ] || die "$made -S uses $wide registers instead of $3"
    grep -q 'vfm\(add\|sub\).*%'"$3" "$work/made.s" || die "$made -S has no multiply-add of $3 registers"
    "$NETC" "$4" "$5" --emit=asm tests/llvm/conv.net >"$work/printed.s" || die "$made --emit=asm: status $?"
    cmp "$work/made.s" "$work/printed.s" || die "$made: -S and --emit=asm differ"
    "$NETC" "$4" "$5" -c tests/llvm/conv.net -o "$work/made.o" || die "$made -c: status $?"
    [ "$(head -c 4 "$work/made.o" | tail -c 3)" = ELF ] || die "$made -c made no ELF object"
    "$NETC" "$4" "$5" --emit=obj tests/llvm/conv.net -o "$work/emitted.o" || die "$made --emit=obj: status $?"
    cmp "$work/made.o" "$work/emitted.o" || die "$made: -c and --emit=obj differ"
    text=c
    [ "$1" = c ] || text=llvm
    "$NETC" "$4" "$5" --emit=$text tests/llvm/conv.net >"$work/text" || die "$made --emit=$text: status $?"
    [ -s "$work/text" ] || die "$made --emit=$text printed nothing"
    echo "$1 $2: $wide"
}

narrow_cpus="x86-64-v3 haswell alderlake znver3" wide_cpus="x86-64-v4 skylake-avx512 sapphirerapids graniterapids znver5"
# They differ in rows of a table; a sanitized build sees one of each kind.
[ -z "${NETC_SANITIZE:-}" ] || narrow_cpus=alderlake wide_cpus=graniterapids
for backend in $("$NETC" --version | sed -n 's/^back ends: //p' | tr -d ,); do
    for march in $narrow_cpus; do
        check "$backend" "$march" ymm
    done
    for march in $wide_cpus; do
        check "$backend" "$march" zmm
    done
    # An executable for another CPU is made too; only running it needs that CPU.
    compile tests/llvm/conv.net "$work/trainer" "--backend=$backend" -march=sapphirerapids
    "$work/trainer" info >"$work/info" || die "info of a trainer for another CPU: status $?"
    grep -q -- '-march=sapphirerapids' "$work/info" || die "info does not name the CPU: $(cat "$work/info")"
done
