# shellcheck shell=sh
# Sourced first by scripts whose head comment begins with "usage:": with --help they print that comment and end well.

usage() { awk 'NR == 1 { next } !/^#/ { exit } { sub(/^# ?/, ""); print }' "$0"; }

case ${1:-} in
-h | --help)
    usage
    exit 0
    ;;
esac
