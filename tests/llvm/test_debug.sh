#!/bin/sh
# Debuggers know kernels by the names of their layers and each statement by its layer's line, whichever back end made the code, from
# any folder.
: "${NETC:?the compiler: set by ctest, or NETC=build/release/netc}"
dump=$(command -v llvm-dwarfdump-19) || {
    echo "SKIP: llvm-dwarfdump-19 is not installed"
    exit 77
}
case $NETC in /*) ;; *) NETC=$PWD/$NETC ;; esac
work=$(mktemp -d) || exit 3
work=$(cd "$work" && pwd -P) || exit 3
trap 'rm -rf "$work"' EXIT

die() {
    echo "$*"
    exit 1
}

mkdir "$work/nets"
# A kernel of four layers on lines of their own, one of them in another file, and labels that C knows otherwise.
cat >"$work/nets/tail.net" <<'END'
block tail() {
    return in
        -> maxpool(2x2);
}
END
cat >"$work/nets/lines.net" <<'END'
include "tail.net";
net lines {
    input image: 1x8x8;
    output logits = image
        -> c1: conv(4, 3x3, padding = 1)
        -> tanh
        -> tail()
        -> flatten
        -> memset: dense(20)
        -> relu
        -> NULL: dense(10);
}
train { loss = cross_entropy(logits, label); optimizer = sgd(lr = 0.1); batch = 32; epochs = 1; }
END

# lines OBJECT: the numbers of the lines of lines.net that code belongs to
lines() {
    "$dump" --debug-info "$1" >"$work/info" || die "$1: no debug information"
    "$dump" --debug-line "$1" >"$work/table" || die "$1: no lines"
    awk '/^file_names\[/ { gsub("[^0-9]", "", $2); n = $1 $2; gsub("[^0-9]", "", n) }
        /name: / { if ($0 ~ /lines\.net"/) of[n] = 1 }
        /^0x/ && ($4 in of) && $2 > 0 { print $2 }' "$work/table" | sort -nu | tr '\n' ' '
}

has_function() {
    grep -qF "DW_AT_name	(\"$2\")" "$work/info" || die "$1: no kernel is called $2"
}

makers="c:gcc"
! command -v clang-19 >/dev/null 2>&1 || makers="$makers c:clang-19"
! "$NETC" --version | grep -q '^back ends:.*llvm' || makers="$makers llvm:cc"
for maker in $makers; do
    object=$work/${maker#*:}.o
    (cd "$work" && CC=${maker#*:} "$NETC" --backend="${maker%:*}" -c -march=x86-64-v3 nets/lines.net -o "$object") || exit 1
    "$dump" --verify "$object" >"$work/verify" || die "$maker: the debug information is broken: $(cat "$work/verify")"
    found=$(lines "$object")
    [ "$found" = "5 6 9 10 11 13 " ] || die "$maker: code belongs to the lines $found"
    for name in c1 kernel_memset kernel_NULL c1_weight_gradient; do
        has_function "$maker" $name
    done
    grep -qF "DW_AT_comp_dir	(\"$work\")" "$work/info" || die "$maker: the folder of the compilation is not recorded"
    grep -q 'name: .*tail\.net"' "$work/table" || die "$maker: nothing belongs to the included file"
done

if ! command -v gdb >/dev/null 2>&1; then
    echo "gdb is not installed: its breakpoints are not tested"
    exit 0
fi
for maker in $makers; do
    (cd "$work" && CC=${maker#*:} "$NETC" --backend="${maker%:*}" -march=x86-64-v3 nets/lines.net -o "it_${maker%:*}") || exit 1
    said=$(cd / && gdb -nx -batch -ex 'break c1' -ex 'break lines.net:9' -ex 'list lines.net:5,5' "$work/it_${maker%:*}" 2>&1)
    case $said in
    *"not defined"* | *"No line"* | *"No such file"*) die "$maker: gdb says: $said" ;;
    *"Breakpoint 1 at"*"Breakpoint 2 at"*"c1: conv(4, 3x3, padding = 1)"*) ;;
    *) die "$maker: gdb says: $said" ;;
    esac
done
