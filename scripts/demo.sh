#!/bin/sh
# Runs the main job on a few items of the sample suite and says where the traces are. `make demo` calls it.
set -eu

model=${MODEL:?the model file; make demo sets it}
limit=${LIMIT:-5}
db=${STEPPROOF_DB:-stepproof.db}
lean=${LEAN:-lean-core/bin/lean}

fail() {
    echo "demo: $1" >&2
    exit 1
}
trap 'echo "demo: interrupted; make demo goes on where it stopped" >&2; exit 130' INT TERM HUP

[ -f "$model" ] || fail "the model $model is not there; make model gets the default one"

program=target/debug/stepproof
[ -x "$program" ] || fail "$program is not there; make build makes it"
echo "demo: $program eval sample --model local:$model --limit $limit" >&2
status=0
"$program" eval sample --model "local:$model" --limit "$limit" --db "$db" || status=$?
[ "$status" = 0 ] || fail "the run ended with exit code $status"

# Has Lean judge the file $1; the command must end with exit code $2.
judge() {
    echo "demo: $program verify --statement examples/lean/statement.lean --proof $1 --lean $lean" >&2
    status=0
    "$program" verify --statement examples/lean/statement.lean --proof "$1" --lean "$lean" --db "$db" || status=$?
    [ "$status" = "$2" ] || fail "the judgement of $1 ended with exit code $status, not $2"
}
if [ -x "$lean" ]; then
    judge examples/lean/proof.lean 0
    judge examples/lean/wrong.lean 1
else
    echo "demo: skipped: proofs judged by Lean; $lean is not there (make lean sets it up on Linux, x86_64)" >&2
fi

cat >&2 <<END

The traces are in $db. Next:
    $program runs                               the runs in the database
    $program show last                          this run, item by item
    $program show last number_theory_01         one item, step by step
    $program traces --text "answer is"          attempts by the words in their steps
    $program sql 'SELECT * FROM attempts_flat'  any question of yours
    $program eval sample --model local:$model
                                                the whole suite; what is done is kept
To have it as a command of your own: cargo install --path .
END
