#!/bin/sh
# usage: examples/run.sh                                       compiles and trains examples/digits.net, which needs no data set
#        examples/run.sh FILE.net [COMMAND] [ARGUMENT...]      the same for any net; COMMAND is one of the trainer's, by default train
#
# Installs what is missing, builds netc, compiles the net, runs the trainer. Works from any folder. Results go to runs/ in the
# source tree unless the arguments say --out.
. "$(dirname "$0")/../tests/usage.sh"
here=$PWD
root=$(cd "$(dirname "$0")/.." && pwd) || exit 3
. "$root/tests/setup.sh"

case ${1:-} in
'') net=$root/examples/digits.net ;;
-*)
    usage >&2
    exit 2
    ;;
*) net=$1 && shift ;;
esac
if [ ! -f "$net" ]; then
    echo "run.sh: there is no file $net" >&2
    exit 3
fi
name=$(basename "$net" .net)
command=train
case ${1:-} in
'' | -*) ;;
*) command=$1 && shift ;;
esac

setup "$root/tests/packages.txt" build || exit 3

# The build talks only when it fails: what the user wants to see is the training.
echo "building netc in build/release"
mkdir -p "$root/build" || exit 3
log=$root/build/examples.log
if ! (cd "$root" && cmake --preset release && cmake --build --preset release -j "$(nproc)" --target netc) >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    echo "run.sh: the build failed; all of it: build/examples.log" >&2
    exit 3
fi

mkdir -p "$root/build/examples" || exit 3
trainer=$root/build/examples/$name
echo "compiling $name.net"
"$root/build/release/netc" "$net" -o "$trainer" || exit

# out_given ARGUMENT...: whether the user chose a folder.
out_given() {
    for argument in "$@"; do
        case $argument in --out | --out=*) return 0 ;; esac
    done
    return 1
}

cd "$here" || exit 3
if [ "$command" != train ] || out_given "$@"; then
    exec "$trainer" "$command" "$@"
fi
number=1
while [ -e "$root/runs/$name-$number" ]; do number=$((number + 1)); done
mkdir -p "$root/runs" || exit 3
"$trainer" train --out "$root/runs/$name-$number" "$@"
status=$?
echo "results: runs/$name-$number; the trainer: build/examples/$name"
exit $status
