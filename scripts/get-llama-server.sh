#!/bin/sh
# Builds a llama-server for `make test-server`; nothing else needs it.
#
#   scripts/get-llama-server.sh [FOLDER]     default: target/llama-server
#
# The sources are the llama.cpp that the Python package llama-cpp-python carries; nothing of the package is installed
# and no Python code of it is kept. Needs python3 with pip, cmake, g++ and make; about 12 minutes on one core (JOBS=N
# uses more). Run again, it does nothing where the binary is there.
set -eu

package=llama-cpp-python
version=0.3.36
sha256=832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e
folder=${1:-target/llama-server}
jobs=${JOBS:-1}

fail() {
    echo "could not build llama-server: $1" >&2
    exit 1
}

if [ -x "$folder/llama-server" ] && [ "$(cat "$folder/.sha256" 2>/dev/null)" = "$sha256" ]; then
    echo "$folder/llama-server is there"
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
rm -rf "$source"
mkdir -p "$source"
tar -xzf "$archive" -C "$source" --strip-components=3 "llama_cpp_python-$version/vendor/llama.cpp"

# No TLS, no web page, no download while building; static, so that one file can be moved.
cmake -S "$source" -B "$folder/build" -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
    -DLLAMA_OPENSSL=OFF -DLLAMA_CURL=OFF -DLLAMA_BUILD_UI=OFF -DLLAMA_USE_PREBUILT_UI=OFF \
    -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=ON >"$folder/cmake.log" 2>&1 ||
    fail "cmake failed, see $folder/cmake.log"
nice -n 19 cmake --build "$folder/build" --target llama-server -j "$jobs" >"$folder/build.log" 2>&1 ||
    fail "the build failed, see $folder/build.log"
cp "$folder/build/bin/llama-server" "$folder/llama-server"
rm -rf "$source" "$folder/build"
echo "$sha256" >"$folder/.sha256"
echo "$folder/llama-server is built"
