#!/bin/sh
# Make .venv/ with everything pinned by constraints.txt. Does nothing when nothing has changed.
# Usage: tools/setup.sh [EXTRA]   (EXTRA: an optional dependency group of pyproject.toml beside `dev`, such as `bench`)
set -eu
unset PYTHONDONTWRITEBYTECODE # or pip leaves compiling to every start of every command
cd "$(dirname "$0")/.."

extras="dev${1:+,$1}"
stamp=".venv/ready-$extras"
state="$(pwd) $(cat pyproject.toml constraints.txt | cksum)"

fail() {
    echo "setup: $1" >&2
    exit 1
}

# A Python that is recent enough and can make virtual environments (Debian ships that part separately). The system's own comes
# first: distributions build theirs with optimisations that one built by hand often lacks, and Orderlane runs a fifth faster on it.
find_python() {
    for name in ${PYTHON:-} /usr/bin/python3 python3.14 python3.13 python3.12 python3.11 python3; do
        if "$name" -c 'import ensurepip, venv, sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
}

install_python() {
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        return
    fi
    echo "setup: no usable Python found; installing python3 and python3-venv with apt-get" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update >/dev/null && apt-get -qq install --yes --no-install-recommends python3 python3-venv >/dev/null || true
}

if [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$state" ]; then
    exit 0
fi

# An environment of another folder (a moved project) or with a Python that is gone cannot be repaired, only made anew.
for noted in .venv/ready-*; do
    if [ -e "$noted" ] && [ "$(sed 's/ [0-9]* [0-9]*$//' "$noted")" != "$(pwd)" ]; then
        rm -rf .venv
    fi
done
if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python="$(find_python)"
    if [ -z "$python" ]; then
        install_python
        python="$(find_python)"
    fi
    [ -n "$python" ] || fail "Orderlane needs Python 3.11 to 3.14 with its venv module (Debian, Ubuntu: apt-get install python3-venv)"
    echo "setup: making .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv .venv
fi

echo "setup: installing the packages pinned in constraints.txt (about a minute the first time)"
pip=".venv/bin/python -m pip -qq --disable-pip-version-check install --constraint constraints.txt"
$pip setuptools || fail "pip could not install setuptools (see above)"
$pip --no-build-isolation --editable ".[$extras]" || fail "pip could not install the packages (see above)"
echo "$state" > "$stamp"
echo "setup: ready; try: make demo"
