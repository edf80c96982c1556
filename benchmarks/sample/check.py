#!/usr/bin/env python3
"""Computes the answer of every sample problem from its statement and compares it with the file.

One function a problem, by brute force or with exact fractions; no answer is repeated here. Exits 1 on any
difference, on a problem without a function, and on a function without a problem.
"""

import json
import math
import sys
from fractions import Fraction
from itertools import combinations, permutations, product
from pathlib import Path

CHECKS = {}


def check(function):
    CHECKS[function.__name__] = function
    return function


def lowest_sum(value):
    return value.numerator + value.denominator


def share(events):
    events = list(events)
    return Fraction(sum(1 for event in events if event), len(events))


def is_prime(n):
    return n > 1 and all(n % d for d in range(2, math.isqrt(n) + 1))


def divisors(n):
    return [d for d in range(1, n + 1) if n % d == 0]


def least(condition):
    n = 1
    while not condition(n):
        n += 1
    return n


def digit_sum(n):
    return sum(int(digit) for digit in str(n))


@check
def number_theory_01():
    return pow(7, 2026, 100)


@check
def number_theory_02():
    return sum(1 for d in divisors(2**5 * 3**4 * 5**2) if math.isqrt(d) ** 2 == d)


@check
def number_theory_03():
    return least(lambda n: n % 12 == 0 and digit_sum(n) == 21)


@check
def number_theory_04():
    return sum(1 for n in range(1, 1001) if n % 6 and n % 10)


@check
def number_theory_05():
    return sum(p for p in range(60) if is_prime(p) and is_prime(p + 2))


@check
def number_theory_06():
    text = str(math.factorial(250))
    return len(text) - len(text.rstrip("0"))


@check
def number_theory_07():
    return least(lambda n: n % 5 == 2 and n % 7 == 3 and n % 9 == 4)


@check
def number_theory_08():
    return math.gcd(2**30 - 1, 2**18 - 1)


@check
def number_theory_09():
    (base,) = [b for b in range(4, 37) if int("231", b) == 120]
    return base


@check
def number_theory_10():
    # Both exceed 12, and the smaller one is at most 24.
    third = Fraction(1, 12)
    return sum(1 for x in range(13, 157) for y in range(13, 157) if Fraction(1, x) + Fraction(1, y) == third)


@check
def number_theory_11():
    return digit_sum(10**30 - 2026)


@check
def number_theory_12():
    return sum(1 for n in range(1, 201) if (n * n + n) % 6 == 0)


@check
def number_theory_13():
    return sum(1 for n in range(1, 501) if len(divisors(n)) % 2)


@check
def counting_01():
    return len(set(permutations("BANANAS")))


@check
def counting_02():
    return sum(1 for n in range(100, 1000) if list(str(n)) == sorted(set(str(n))))


@check
def counting_03():
    def cover(cells):
        if not cells:
            return 1
        row, column = min(cells, key=lambda cell: (cell[1], cell[0]))
        ways = 0
        for other in ((row + 1, column), (row, column + 1)):
            if other in cells:
                ways += cover(cells - {(row, column), other})
        return ways

    return cover(frozenset(product(range(2), range(10))))


@check
def counting_04():
    # Friend 0 keeps one seat, which takes the rotations out; 1 and 2 are the two that refuse.
    seatings = [(0,) + rest for rest in permutations(range(1, 5))]
    return sum(1 for s in seatings if abs(s.index(1) - s.index(2)) not in (1, 4))


@check
def counting_05():
    paths = 0
    for rights in combinations(range(10), 6):
        x = sum(1 for step in rights if step < 5)
        # After five steps the path is at (x, 5 - x), the only time it can be at (3, 2).
        paths += x != 3
    return paths


@check
def counting_06():
    return sum(1 for mask in range(1 << 10) if not mask & (mask >> 1))


@check
def counting_07():
    return sum(1 for mask in range(1 << 12) if bin(mask).count("1") == 4 and not mask & (mask >> 1))


@check
def counting_08():
    return sum(1 for p in permutations(range(6)) if all(p[i] != i for i in range(6)))


@check
def counting_09():
    return sum(1 for q in product(range(10), repeat=4) if sum(q) == 9 and q[0] <= 3)


@check
def counting_10():
    return sum(1 for shelves in product(range(3), repeat=5) if len(set(shelves)) == 3)


@check
def counting_11():
    return sum(1 for _ in product(combinations(range(6), 2), combinations(range(7), 2)))


@check
def probability_01():
    return lowest_sum(share(a * b % 6 == 0 for a, b in product(range(1, 7), repeat=2)))


@check
def probability_02():
    marbles = "RRRRBBBBBGGG"
    return lowest_sum(share(len(set(drawn)) == 3 for drawn in combinations(marbles, 3)))


@check
def probability_03():
    return lowest_sum(share(sum(chosen) % 2 == 0 for chosen in combinations(range(1, 10), 3)))


@check
def probability_04():
    return lowest_sum(share("HH" not in "".join(tosses) for tosses in product("HT", repeat=8)))


@check
def probability_05():
    return lowest_sum(share(sum(p[i] == i for i in range(5)) == 1 for p in permutations(range(5))))


@check
def probability_06():
    throws = list(product(range(1, 7), repeat=2))
    return lowest_sum(Fraction(sum(max(throw) for throw in throws), len(throws)))


@check
def algebra_01():
    (value,) = {x * x + y * y for x, y in product(range(-40, 41), repeat=2) if x + y == 13 and x * y == 30}
    return value


@check
def algebra_02():
    # Power sums of the roots of x^2 = 7x - 3.
    sums = [2, 7]
    while len(sums) < 4:
        sums.append(7 * sums[-1] - 3 * sums[-2])
    root = (7 + math.sqrt(37)) / 2, (7 - math.sqrt(37)) / 2
    assert abs(root[0] ** 3 + root[1] ** 3 - sums[3]) < 1e-9
    return sums[3]


@check
def algebra_03():
    a = 2
    for _ in range(19):
        a = 3 * a - 1
    return a % 1000


@check
def algebra_04():
    return lowest_sum(sum(Fraction(1, n * (n + 1)) for n in range(1, 100)))


@check
def algebra_05():
    return sum(1 for x in range(-1000, 1001) if abs(2 * x - 7) + abs(x + 4) <= 30)


@check
def algebra_06():
    (terms,) = [
        [a + d * n for n in range(15)]
        for a, d in product(range(-100, 101), repeat=2)
        if a + 2 * d == 17 and a + 9 * d == 52
    ]
    return sum(terms)


@check
def algebra_07():
    return sum(math.isqrt(k) for k in range(1, 41))


@check
def algebra_08():
    # Third differences of x^3 + ... are 6.
    values = [10, 20, 30]
    first, second = values[2] - values[1], values[2] - 2 * values[1] + values[0]
    while len(values) < 8:
        second += 6
        first += second
        values.append(values[-1] + first)
    return values[-1]


@check
def algebra_09():
    (x,) = [x for x in range(2, 1000) if 3 ** (2**2) == x]
    assert abs(math.log2(math.log(x, 3)) - 2) < 1e-12
    return x


@check
def algebra_10():
    return sum(1 for x, y in product(range(-61, 62), repeat=2) if x * x - y * y == 60)


@check
def geometry_01():
    a, b, c = 13, 14, 15
    sixteen_area_squared = (a + b + c) * (-a + b + c) * (a - b + c) * (a + b - c)
    four_area = math.isqrt(sixteen_area_squared)
    assert four_area**2 == sixteen_area_squared
    return lowest_sum(Fraction(a * b * c, four_area))


@check
def geometry_02():
    (area,) = {a * b for a, b in product(range(1, 23), repeat=2) if 2 * (a + b) == 46 and a * a + b * b == 17**2}
    return area


@check
def geometry_03():
    return sum(1 for x, y in product(range(-5, 6), repeat=2) if x * x + y * y <= 25)


@check
def geometry_04():
    corners = [(0, 0), (8, 2), (10, 9), (3, 7)]
    pairs = zip(corners, corners[1:] + corners[:1])
    return abs(sum(x * v - u * y for (x, y), (u, v) in pairs))


@check
def geometry_05():
    (sides,) = [n for n in range(3, 400) if Fraction(180 * (n - 2), n) == 168]
    return sides


@check
def geometry_06():
    sides = range(1, 30)
    return sum(1 for a in sides for b in range(a, 30) for c in range(b, 30) if a + b + c == 30 and a + b > c)


@check
def geometry_07():
    (distance,) = [d for d in range(26) if d * d + 24 * 24 == 25 * 25]
    return distance


@check
def geometry_08():
    painted = lambda cell: sum(coordinate in (0, 5) for coordinate in cell)
    return sum(1 for cell in product(range(6), repeat=3) if painted(cell) <= 1)


@check
def geometry_09():
    return sum(1 for a, b in combinations(range(20), 2) if b - a not in (1, 19))


@check
def words_01():
    return len(["apple"] * 3 + ["apple"] * 4)


@check
def words_02():
    return len(range(15)[6:])


@check
def words_03():
    return sum(6 for _ in range(4))


@check
def words_04():
    return Fraction(20, 5)


@check
def words_05():
    return 8 + 7


@check
def words_06():
    return sum([10, 20])


@check
def words_07():
    return sum(2 for _ in range(5))


@check
def words_08():
    return sum(4 for _ in range(3))


@check
def words_09():
    return 20 - (3 * 4 + 2)


@check
def words_10():
    return 60 * Fraction(5, 2)


@check
def words_11():
    return 6 * Fraction(3, 4)


@check
def words_12():
    return 40 * (1 - Fraction(15, 100))


@check
def words_13():
    return 240 - Fraction(5, 8) * 240


@check
def words_14():
    return 5 * 8 - 17


@check
def words_15():
    return 2 * (12 + 7)


@check
def words_16():
    ana = 14
    ben = 2 * ana
    return ana + ben + (ben - 5)


@check
def words_17():
    marks = [82, 90, 76, 88]
    return Fraction(sum(marks), len(marks))


@check
def words_18():
    liters, minutes = Fraction(500, 2), 0
    while liters < 500:
        liters += 12 - 7
        minutes += 1
    return minutes


@check
def words_19():
    return 4 - 9


@check
def words_20():
    return 3 * 8 - 11 * 2


def main():
    folder = Path(__file__).resolve().parent
    problems = {}
    faults = []
    for name in ("competition.jsonl", "words.jsonl"):
        for number, line in enumerate((folder / name).read_text(encoding="utf-8").splitlines(), 1):
            record = json.loads(line)
            if record["id"] in problems:
                faults.append(f"{name}, line {number}: id {record['id']} is there twice")
            problems[record["id"]] = record
    for problem_id in sorted(problems.keys() - CHECKS.keys()):
        faults.append(f"{problem_id}: no check computes its answer")
    for problem_id in sorted(CHECKS.keys() - problems.keys()):
        faults.append(f"{problem_id}: a check without a problem")
    for problem_id, function in CHECKS.items():
        if problem_id in problems:
            stated, computed = Fraction(str(problems[problem_id]["answer"])), function()
            if stated != computed:
                faults.append(f"{problem_id}: the file says {stated}, computed {computed}")
            if not problem_id.startswith("words_") and not (computed.denominator == 1 and 0 <= computed <= 999):
                faults.append(f"{problem_id}: {computed} is no integer from 0 to 999")
    for fault in faults:
        print(fault)
    print(f"{len(problems)} problems, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
