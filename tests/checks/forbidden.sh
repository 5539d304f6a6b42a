#!/bin/sh
# Fails on calls that end the process or write to standard error outside compiler/driver and runtime/trainer, and on functions
# that are refused everywhere: unbounded copies, <threads.h> (ThreadSanitizer cannot follow it), shells.
. "$(dirname "$0")/files.sh"
bad=0

# Prints FILE:LINE:TEXT of code (comments removed) that matches.
code_matching() {
    pattern=$1
    shift
    [ $# -gt 0 ] || return 1
    awk -v pattern="$pattern" '
    FNR == 1 { comment = 0 }
    {
        text = $0
        if (comment && !sub(/^.*\*\//, "", text)) next
        comment = 0
        gsub(/\/\*([^*]|\*+[^*\/])*\*+\//, "", text)
        sub(/\/\/.*$/, "", text)
        if (sub(/\/\*.*$/, "", text)) comment = 1
        if (text ~ pattern) { printf "%s:%d:%s\n", FILENAME, FNR, $0; found = 1 }
    }
    END { exit !found }' "$@"
}

# shellcheck disable=SC2046  # tracked names contain no spaces
refuse() {
    if code_matching "(^|[^A-Za-z0-9_\"])$2" $(tracked 'compiler/*.c' 'compiler/*.h' 'runtime/*.c' 'runtime/*.h' | grep -Ev "$3"); then
        echo "^ $1"
        bad=1
    fi
}

ends='^(compiler/driver|runtime/trainer)/'
refuse "only compiler/driver and runtime/trainer end the process" '(exit|_exit|_Exit|quick_exit|abort)[ ]*\(' "$ends"
refuse "only compiler/driver and runtime/trainer write to standard error" '(stderr|perror[ ]*\()' "$ends"
refuse "unbounded or unchecked" '(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atof|alloca)[ ]*\(' '^$'
refuse "no shell is ever involved" '(system|popen)[ ]*\(' '^$'
refuse "use <pthread.h>" '#[ ]*include <threads\.h>' '^$'
exit $bad
