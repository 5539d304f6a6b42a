# shellcheck shell=sh
# Sourced by tests/run.sh and examples/run.sh: installs what is missing of the packages in tests/packages.txt.

# packages_of FILE GROUP...: the packages of these groups.
packages_of() {
    packages_file=$1
    shift
    for group in "$@"; do
        awk -v group="$group" '!/^#/ && $2 == group { print $1 }' "$packages_file"
    done
}

# packages_missing PACKAGE...: those that are not installed, on one line.
packages_missing() {
    for package in "$@"; do
        case $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) in
        'install ok installed') ;;
        *) printf '%s ' "$package" ;;
        esac
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        echo "setup: neither root nor sudo: cannot run: $*" >&2
        return 1
    fi
}

# setup FILE GROUP...: installs what is missing; does not touch the network when all is there. Fails when something stays missing.
setup() {
    if ! command -v dpkg-query >/dev/null 2>&1; then
        echo "setup: this is no Debian; what $1 lists must be there already" >&2
        return 0
    fi
    # shellcheck disable=SC2046  # names of packages are words
    missing=$(packages_missing $(packages_of "$@"))
    [ -n "$missing" ] || return 0
    echo "setup: installing $missing"
    # shellcheck disable=SC2086
    as_root apt-get -q update && as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends $missing
    # shellcheck disable=SC2086
    missing=$(packages_missing $missing)
    [ -n "$missing" ] || return 0
    echo "setup: still missing: $missing" >&2
    return 1
}
