#!/bin/sh
# Every check and test, in the development profile, so that the C++ is compiled once. `make test` calls it.
set -eu

model=${MODEL:?the model file; make test sets it}

step=
start=$(date +%s)
finish() {
    status=$?
    if [ "$status" != 0 ]; then
        echo "test: failed: $step" >&2
    fi
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

run() {
    step=$*
    echo "==> $step ($(($(date +%s) - start)) s)" >&2
    "$@"
}

has() {
    cargo "$1" --version >/dev/null 2>&1
}

[ -f "$model" ] || { step="the model $model is not there"; exit 1; }
# Tests run in their crate's folder, so a relative path would do; an absolute one holds wherever they run.
model=$(cd "$(dirname "$model")" && pwd)/$(basename "$model")
# Tests with weights must not be skipped unseen.
export STEPPROOF_REQUIRE_REAL=1 STEPPROOF_TEST_MODEL="$model"

# Nor tests with Lean, except on a machine that the small Lean is not made for.
lean=${LEAN:-lean-core/bin/lean}
if [ -x "$lean" ]; then
    lean=$(cd "$(dirname "$lean")" && pwd)/$(basename "$lean")
elif [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ]; then
    step="$lean is not there; make lean sets it up"
    exit 1
else
    echo "==> skipped: tests with Lean; the small Lean is for Linux on x86_64 only (make test LEAN=FILE takes another)" >&2
    lean=none
fi
export STEPPROOF_TEST_LEAN="$lean"

if has fmt; then run cargo fmt --check; else echo "==> skipped: cargo fmt is not installed" >&2; fi
if has clippy; then
    run cargo clippy --locked --quiet --all-targets -- -D warnings
else
    echo "==> skipped: cargo clippy is not installed" >&2
fi
run cargo test --locked --quiet
run cargo check --locked --quiet --no-default-features
run env RUSTDOCFLAGS="-D warnings" cargo doc --locked --quiet --no-deps
echo "==> all passed in $(($(date +%s) - start)) s" >&2
