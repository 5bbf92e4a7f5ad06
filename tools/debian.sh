#!/bin/sh
# What no Python package brings: valgrind, which counts instructions for `make check` and
# `make bench`. Needs root, or sudo that asks for nothing.
set -e

if command -v valgrind >/dev/null; then
    echo "Everything is here: valgrind."
    exit 0
fi
if ! command -v apt-get >/dev/null; then
    echo "There is no apt-get here: install valgrind with what this system has." >&2
    exit 1
fi
if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "valgrind is missing and we are not root; run: sudo apt-get install valgrind" >&2
    exit 1
fi
if ! { $as_root apt-get update -qq &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq valgrind; }; then
    echo "apt-get could not install valgrind; what it said stands above." >&2
    exit 1
fi
