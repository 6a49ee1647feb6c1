# Sourced by deploy/up and deploy/test: makes .venv and installs what the lock files name.
# Needs: `root` (the project's folder). Gives: `python` (of .venv). Can be run again at any time.

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "$0: $*"
    exit 1
}

# What was compiled once serves every start: without it each takes half a second longer.
unset PYTHONDONTWRITEBYTECODE

# Pictures and tensors are large: in pages of 2 MB a tenth of the work of decoders and nets, and
# more, is saved. Where the kernel or the C library has none of that, this does nothing.
export GLIBC_TUNABLES="${GLIBC_TUNABLES:-glibc.malloc.hugetlb=1}"

# Some 2.5 GB are installed, and pip unpacks beside them.
needed_mb=5000

find_python() {
    for name in "${PYTHON:-}" python3 python3.11 python3.12; do
        [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 || continue
        if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))'; then
            command -v "$name"
            return
        fi
    done
    fail "Python 3.11 or 3.12 is needed and was not found. On Debian 12: apt-get install python3 python3-venv"
}

make_venv() {
    if "$python" -c 'import pip' 2>/dev/null; then
        return
    fi
    base=$(find_python) || exit 1
    "$base" -c 'import venv, ensurepip' 2>/dev/null ||
        fail "$base has no module venv. On Debian 12: apt-get install python3-venv"
    free_mb=$(df -Pm "$root" | awk 'NR == 2 { print $4 }')
    [ "$free_mb" -ge "$needed_mb" ] ||
        fail "$free_mb MB are free in $root and $needed_mb are needed: make room first."
    say "Making $root/.venv with $base"
    # What is there does not work: half made, or its Python is gone.
    rm -rf "$root/.venv"
    "$base" -m venv "$root/.venv" || fail "The virtual environment could not be made (see above)."
}

pip_install() {
    if [ -t 2 ]; then quiet=""; else quiet="--quiet"; fi
    # shellcheck disable=SC2086
    "$python" -m pip install $quiet --disable-pip-version-check --no-input "$@" >&2 ||
        fail "The installation failed (see above). Run this again to go on where it stopped."
}

# install STAMP FILE…: what the files name, unless that was done before.
install() {
    stamp="$root/.venv/installed-$1"
    shift
    sum=$(cat "$@" | sha256sum)
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ] && return
    say "Installing what $(basename "$1") names (the first time this takes minutes)"
    # First and alone, so that nothing else can pull another build of it.
    pip_install "$(grep '^torch==' "$root/deploy/requirements.txt")"
    for file in "$@"; do
        set -- "$@" -r "$file"
        shift
    done
    pip_install "$@"
    printf '%s\n' "$sum" >"$stamp"
}

prepare() {
    python="$root/.venv/bin/python"
    # Two that start at once take turns.
    exec 9<"$root/deploy/requirements.txt"
    if command -v flock >/dev/null 2>&1; then flock 9; fi
    make_venv
    install "$@"
    exec 9<&-
}
