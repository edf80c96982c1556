"""Asks SymPy about the rows of disagreements.jsonl: does it agree with the verdict that the table calls right?

    python3 -m venv venv && venv/bin/pip install sympy==1.14.0
    venv/bin/python benchmarks/grader/referee.py benchmarks/grader/disagreements.jsonl

The translation into SymPy is our own and small: values, tuples, lists and matrices. What it does not read (intervals, words,
bases, sets of inequalities) is counted as not asked. The exit code is 1 where SymPy contradicts a row.
"""

import json
import re
import sys

import sympy
from sympy.parsing.sympy_parser import (
    convert_xor,
    factorial_notation,
    implicit_multiplication,
    parse_expr,
    rationalize,
    standard_transformations,
)

RULES = standard_transformations + (factorial_notation, convert_xor, implicit_multiplication, rationalize)
NAMES = {"pi": sympy.pi, "i": sympy.I, "sqrt": sympy.sqrt, "root": sympy.root, "log": sympy.log, "binom": sympy.binomial}
NAMES |= {name: getattr(sympy, name) for name in ["sin", "cos", "tan", "cot", "sec"]}
NAMES |= {letter: sympy.Symbol(letter) for letter in "abcdfghjklmnopqrstuvwxyz"}


class Unread(Exception):
    """The translation does not know this form."""


def brace(text, start):
    """Gives the inside of the brace at start, or the one sign there, and where it ends."""
    while start < len(text) and text[start] == " ":
        start += 1
    if start >= len(text):
        raise Unread(text)
    if text[start] != "{":
        return text[start], start + 1
    depth = 0
    for at in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return text[start + 1 : at], at + 1
    raise Unread(text)


def replaced(text, name, arguments, write):
    """Writes a command with arguments in braces as a function of SymPy."""
    while (found := re.search(r"\\" + name + r"(?![a-zA-Z])", text)) is not None:
        at, inside = found.end(), []
        for _ in range(arguments):
            part, at = brace(text, at)
            inside.append(part)
        text = text[: found.start()] + write(*inside) + text[at:]
    return text


def mixed(text):
    return re.sub(r"(?<![\d.])(\d+)\s*\\[dt]?frac\{(\d+)\}\{(\d+)\}", r"(\1+(\2)/(\3))", text)


def repeating(match):
    whole, before, period = match.groups()
    value = sympy.Rational(int(whole + before)) / 10 ** len(before)
    value += sympy.Rational(int(period), (10 ** len(period) - 1) * 10 ** len(before))
    return f"({value})"


def value(text):
    """Translates one value."""
    text = re.sub(r"\\(?:left|right|displaystyle|,|;|!|:|quad)(?![a-zA-Z])|\\(?= )|~", " ", text)
    text = text.replace("−", "-").replace("π", " pi ").replace("²", "^2").replace("³", "^3").replace("·", "*")
    text = re.sub(r"√\(", "sqrt(", text)
    text = re.sub(r"√(\d+)", r" sqrt(\1)", text)
    text = re.sub(r"(\d+)\.(\d*)\\overline\{(\d+)\}", repeating, text)
    text = re.sub(r"(\d)(?:,\\!\s*|\{,\}|,)(?=\d{3}(?!\d))", r"\1", text)
    text = re.sub(r"(?<=\d)\s+(?=\d{3}(?!\d))", "", text)
    text = mixed(text)
    for function in ["sin", "cos", "tan", "cot", "sec"]:
        angle = r"\s*(\\frac\{[^{}]*\}\{[^{}]*\}|\d+\s*\^\\circ)"
        text = re.sub(r"\\" + function + r"\^2" + angle, function + r"(\1)^2 ", text)
        text = re.sub(r"\\" + function + angle, function + r"(\1) ", text)
    text = re.sub(r"(\d+)\s*\^\\circ", r"(\1*pi/180)", text)
    text = re.sub(r"\\log_\{(\d+)\}\s*(\d+)", r"log(\2,\1)", text)
    text = re.sub(r"\\ln\s*e\^\{(\d+)\}", r"(\1)", text)
    while (found := re.search(r"\\sqrt\[(\d+)\]", text)) is not None:
        inside, at = brace(text, found.end())
        text = text[: found.start()] + f" root(({inside}),{found.group(1)})" + text[at:]
    text = replaced(text, "[dt]?frac", 2, lambda above, below: f"(({above})/({below}))")
    text = replaced(text, "sqrt", 1, lambda inside: f" sqrt({inside})")
    text = replaced(text, "binom", 2, lambda top, below: f" binom({top},{below})")
    text = text.replace("\\cdot", "*").replace("\\times", "*").replace("\\pi", " pi ")
    text = re.sub(r"(?<![a-z])i(?![a-z(])", " i ", text)
    text = re.sub(r"(?<![a-z])([a-z])(?=\()", r"\1*", text)
    text = text.replace("{", "(").replace("}", ")")
    names = re.findall(r"[a-zA-Z]+", text)
    if "\\" in text or any(name not in NAMES and any(letter not in NAMES for letter in name) for name in names):
        raise Unread(text)
    text = re.sub(r"[a-z]+", lambda run: run.group() if run.group() in NAMES else " ".join(run.group()), text)
    try:
        return parse_expr(text, local_dict=NAMES, transformations=RULES)
    except Exception as error:
        raise Unread(text) from error


def undressed(text):
    text = text.strip().strip("$").strip().rstrip(".")
    text = re.sub(r"^\\\((.*)\\\)$", r"\1", text)
    text = re.sub(r"\^\{?\\circ\}?$|°$|\\degree$|\s*\\?%$", "", text)
    text = re.sub(r"(?:\\,)?\s*\\(?:text|mbox|mathrm)\{[^{}$]*\}(?:\^\d)?$|\s+(?:dollars|hours|percent|degrees)$", "", text)
    text = re.sub(r"^(?:\\text\{\\\$\}|\\?\$)", "", text)
    return re.sub(r"^(?:[xnkam]|\\theta)\s*=", "", text).strip()


def parts(text):
    """Translates an answer: its kind and its values."""
    text = undressed(text)
    if any(mark in text for mark in ["\\infty", "∞", "\\cup", "[", "\\le", "\\ge", "<", ">", "_{", "\\in "]):
        if "sqrt[" not in text:
            raise Unread(text)
    factor = re.match(r"^\\frac\{1\}\{(\d+)\}\s*(?=\\begin)", text)
    scale = sympy.Rational(1, int(factor.group(1))) if factor else 1
    matrix = re.match(r"^\\begin\{[pb]matrix\}(.*)\\end\{[pb]matrix\}$", text[factor.end() if factor else 0 :], re.S)
    if matrix:
        rows = [row.split("&") for row in matrix.group(1).split("\\\\") if row.strip()]
        return "matrix", [scale * value(entry) for row in rows for entry in row] + [len(rows)]
    text = re.sub(r"\\(?:left|right)(?![a-zA-Z])", "", text).strip()
    if text.startswith("\\pm"):
        one = value(text[3:])
        return "list", [one, -one]
    text = re.sub(r"^\\\{(.*)\\\}$", r"\1", text)
    text = re.sub(r",?\s*\\text\{\s*(?:and|or)\s*\}|\s+(?:and|or)\s+", ", ", text)
    pieces, depth = [""], 0
    for sign in text:
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(sign, 0)
        if sign == "," and depth == 0 and not re.search(r"\d{1,3}$", pieces[-1] + " "):
            pieces.append("")
        else:
            pieces[-1] += sign
    if len(pieces) > 1:
        return "list", [value(piece) for piece in pieces]
    inner = re.match(r"^\((.*)\)$", text)
    if inner and re.search(r",(?!\d{3}\b)", inner.group(1)):
        pieces = flat(inner.group(1))
        if pieces is not None:
            return "tuple", [value(piece) for piece in pieces]
    return "value", [value(text)]


def flat(text):
    """Cuts at the commas outside brackets; nothing where the brackets do not match."""
    pieces, depth = [""], 0
    for sign in text:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth < 0:
            return None
        if sign == "," and depth == 0:
            pieces.append("")
        else:
            pieces[-1] += sign
    return pieces


def same(one, other):
    gap = sympy.simplify(one - other)
    if gap == 0:
        return True
    return bool(gap.equals(0))


def ask(gold, given):
    (kind, these), (other_kind, those) = parts(gold), parts(given)
    if kind != other_kind or len(these) != len(those):
        return False
    if kind == "list":
        return all(any(same(this, that) for that in those) for this in these) and all(
            any(same(this, that) for this in these) for that in those
        )
    return all(same(this, that) for this, that in zip(these, those))


def main(path):
    agreed, contradicted, unasked = 0, [], 0
    with open(path, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    for row in rows:
        try:
            equal = ask(row["gold"], row["given"])
        except (Unread, TypeError, ValueError, NotImplementedError, AttributeError):
            unasked += 1
            continue
        if equal == (row["right"] == "equal"):
            agreed += 1
        else:
            contradicted.append(row)
    for row in contradicted:
        print(f"SymPy contradicts: {row['gold']!r} and {row['given']!r} are {row['right']} in the table")
    print(f"{len(rows)} rows: SymPy agrees with {agreed}, contradicts {len(contradicted)}, is not asked about {unasked}")
    return 1 if contradicted else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
