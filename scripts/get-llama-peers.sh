#!/bin/sh
# Builds llama.cpp's own programs, for `make test-server` and `stepproof bench model`; nothing else needs them.
#
#   scripts/get-llama-peers.sh [FOLDER]     default: target/llama-peers
#
# FOLDER then holds llama-server, llama-bench and llama-batched-bench. They are built for the same CPU features as
# stepproof itself, which a build without flags of its own leaves at ggml's portable ones; NATIVE=1 builds for this very
# machine, to be compared with a stepproof that was built with RUSTFLAGS="-C target-cpu=native".
#
# The sources are the llama.cpp that the Python package llama-cpp-python carries; nothing of the package is installed
# and no Python code of it is kept. Needs python3 with pip, cmake, g++ and make; about 12 minutes on one core (JOBS=N
# uses more). Run again, it does nothing where the programs are there.
set -eu

package=llama-cpp-python
version=0.3.36
sha256=832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e
programs="llama-bench llama-batched-bench llama-server"
folder=${1:-target/llama-peers}
jobs=${JOBS:-1}
case ${NATIVE:-0} in 1 | ON | on) native=ON ;; *) native=OFF ;; esac
made="$sha256 native=$native"

fail() {
    echo "could not build llama.cpp's programs: $1" >&2
    exit 1
}

there() {
    [ "$(cat "$folder/.made" 2>/dev/null)" = "$made" ] || return 1
    for program in $programs; do
        [ -x "$folder/$program" ] || return 1
    done
}

if there; then
    echo "$folder has $programs"
    exit 0
fi
for tool in python3 cmake g++ make sha256sum tar; do
    command -v "$tool" >/dev/null 2>&1 || fail "$tool is missing"
done

mkdir -p "$folder"
archive="$folder/llama_cpp_python-$version.tar.gz"
check() { echo "$sha256  $archive" | sha256sum --check --status; }
if ! { [ -f "$archive" ] && check; }; then
    rm -f "$archive"
    python3 -m pip download --quiet --no-deps --no-binary "$package" --dest "$folder" "$package==$version" ||
        fail "pip did not get $package $version"
    check || fail "$archive is not the file whose sha256 is $sha256"
fi

source="$folder/source"
rm -rf "$source" "$folder/.made"
mkdir -p "$source"
tar -xzf "$archive" -C "$source" --strip-components=3 "llama_cpp_python-$version/vendor/llama.cpp"

# No TLS, no web page, no download while building; static, so that one file can be moved.
cmake -S "$source" -B "$folder/build" -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
    -DGGML_NATIVE="$native" -DGGML_OPENMP=ON \
    -DLLAMA_OPENSSL=OFF -DLLAMA_CURL=OFF -DLLAMA_BUILD_UI=OFF -DLLAMA_USE_PREBUILT_UI=OFF \
    -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=ON >"$folder/cmake.log" 2>&1 ||
    fail "cmake failed, see $folder/cmake.log"
for program in $programs; do
    nice -n 19 cmake --build "$folder/build" --target "$program" -j "$jobs" >>"$folder/build.log" 2>&1 ||
        fail "the build of $program failed, see $folder/build.log"
    cp "$folder/build/bin/$program" "$folder/$program"
done
rm -rf "$source" "$folder/build"
echo "$made" >"$folder/.made"
echo "$folder: built $programs"
