"""Judges pairs of answers with math-verify, for `stepproof bench grader`.

    stepproof bench grader --data data --to pairs.jsonl
    python3 -m venv venv && venv/bin/pip install math-verify==0.9.0 sympy==1.14.0
    venv/bin/python benchmarks/peers/math_verify_peer.py pairs.jsonl theirs.jsonl

Each line of the first file has gold and given; the second file gets the same lines with `theirs`: equal, different, or
failed where one of the two could not be parsed or the time was up. Both answers are put into a box, as a model's would be,
unless they bring their own dollar signs. The last line on standard error says how many pairs a second that was.
"""

import json
import logging
import sys
import time

from math_verify import parse, verify

SECONDS = 5


def boxed(answer):
    dressed = "$" in answer.replace("\\$", "") or "\\(" in answer
    return answer if dressed else "\\boxed{" + answer + "}"


def judge(gold, given):
    try:
        gold = parse(boxed(gold), parsing_timeout=SECONDS)
        given = parse(boxed(given), parsing_timeout=SECONDS)
        if not gold or not given:
            return "failed"
        return "equal" if verify(gold, given, timeout_seconds=SECONDS) else "different"
    except Exception:  # whatever it is, there is no verdict
        return "failed"


def main(source, target):
    logging.disable(logging.CRITICAL)
    with open(source, encoding="utf-8") as lines:
        pairs = [json.loads(line) for line in lines]
    began = time.monotonic()
    with open(target, "w", encoding="utf-8") as out:
        for pair in pairs:
            pair["theirs"] = judge(pair["gold"], pair["given"])
            out.write(json.dumps(pair, ensure_ascii=False) + "\n")
    seconds = time.monotonic() - began
    print(f"{len(pairs)} pairs in {seconds:.1f} s, {len(pairs) / seconds:.1f} a second", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
