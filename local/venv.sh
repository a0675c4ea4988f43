#!/bin/sh
# venv.sh FILE: make .venv with a Python >= 3.11 of this machine, and install the requirements of FILE into it.
set -eu

pick() {
    newest_seen=""
    without_venv=""
    for python in python3.13 python3.12 python3.11 python3 python; do
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { newest_seen=${newest_seen:-$version}; continue; }
        "$python" -c 'import ensurepip, venv' 2>/dev/null || { without_venv=${without_venv:-$version}; continue; }
        return 0
    done
    if [ -n "$without_venv" ]; then
        echo "Python $without_venv is here, but not its venv module. On Debian and Ubuntu: sudo apt install python$without_venv-venv" >&2
    elif [ -n "$newest_seen" ]; then
        echo "Trawl needs Python 3.11 or newer; the newest found here is $newest_seen. Install python3.12 (apt, brew or python.org)." >&2
    else
        echo "Trawl needs Python 3.11 or newer, and none was found on PATH. On Debian and Ubuntu: sudo apt install python3-venv" >&2
    fi
    return 1
}

if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    pick
    echo "Making .venv with Python $version"
    "$python" -m venv --clear .venv
fi
echo "Installing $1 into .venv (once)"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement "$1"
