#!/bin/sh
# Runs the main job on a few items of the sample suite and says where the traces are. `make demo` calls it.
set -eu

model=${MODEL:?the model file; make demo sets it}
limit=${LIMIT:-5}
db=${STEPPROOF_DB:-stepproof.db}

fail() {
    echo "demo: $1" >&2
    exit 1
}
trap 'echo "demo: interrupted; make demo goes on where it stopped" >&2; exit 130' INT TERM HUP

[ -f "$model" ] || fail "the model $model is not there; make model gets the default one"

echo "demo: stepproof eval sample --model local:$model --limit $limit" >&2
status=0
cargo run --locked --quiet -- eval sample --model "local:$model" --limit "$limit" --db "$db" || status=$?
[ "$status" = 0 ] || fail "the run ended with exit code $status"

cat >&2 <<END

The traces are in $db. The program is run by cargo here; as a command of your own: cargo install --path .
Next:
    cargo run -q -- runs                              the runs in the database
    cargo run -q -- traces --suite sample             its attempts
    cargo run -q -- sql 'SELECT * FROM attempts_flat' any question of yours
    cargo run -q -- eval sample --model local:$model  the whole suite; what is done is kept
END
