"""Lists the disagreements between stepproof and math-verify that disagreements.jsonl has no row for.

    stepproof bench grader --data data --to pairs.jsonl
    venv/bin/python benchmarks/peers/math_verify_peer.py pairs.jsonl theirs.jsonl
    python3 benchmarks/grader/compare.py theirs.jsonl benchmarks/grader/disagreements.jsonl

They disagree on a pair where one of them calls it equal and the other does not. The exit code is 1 where a row is missing,
or a row's verdicts are not those of the two.
"""

import collections
import json
import sys


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def main(pairs, table):
    rows = {(row["gold"], row["given"]): row for row in read(table)}
    counts, missing = collections.Counter(), 0
    for pair in read(pairs):
        if (pair["ours"] == "equal") == (pair["theirs"] == "equal"):
            continue
        counts["disagreements"] += 1
        row = rows.get((pair["gold"], pair["given"]))
        if row is None or (row["ours"], row["theirs"]) != (pair["ours"], pair["theirs"]):
            missing += 1
            print(json.dumps(pair, ensure_ascii=False))
        else:
            for side in ["ours", "theirs"]:
                counts[side + " right"] += (row[side] == "equal") == (row["right"] == "equal")
    print(dict(counts), f"{missing} without a row of the table", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
