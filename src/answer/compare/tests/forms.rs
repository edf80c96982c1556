//! Forms that say the same in other words: classes, chains, near values, dots, conditions, phrases, options.

use super::Want::{Open, Other, Same};
use super::check;

#[test]
fn residue_classes() {
    check(
        &[
            (r"5 \pmod{7}", r"5 \pmod 7"),
            (r"5 \pmod{7}", r"12 \pmod 7"),
            (r"-2 \pmod{7}", "5 (mod 7)"),
            (r"5 \pmod{7}", r"5\ (\text{mod } 7)"),
            (r"x \equiv 5 \pmod{7}", r"5 \pmod 7"),
            (r"x \equiv 5 \pmod{7}", r"x \equiv 12 \pmod{7}"),
            (r"x ≡ 5 (mod 7)", r"x \equiv 5 \mod 7"),
            (r"17 \bmod 5", "2"),
            (r"1, 3 \pmod 8", r"11 \pmod 8, 9 \pmod 8"),
            (r"x \equiv 1, 3 \pmod 8", r"3, 1 \pmod 8"),
            (r"n \pmod{m}", r"n \pmod m"),
        ],
        Same,
    );
    check(
        &[
            (r"5 \pmod{7}", r"6 \pmod 7"),
            (r"5 \pmod{7}", r"5 \pmod 8"),
            (r"x \equiv 5 \pmod{7}", r"x \equiv 6 \pmod{7}"),
            (r"5 \pmod{7}", "6"),
            (r"17 \bmod 5", "3"),
        ],
        Other,
    );
    check(
        &[
            // One number of many.
            (r"5 \pmod{7}", "5"),
            (r"5 \pmod{7}", "12"),
            (r"17 \bmod 5", "17"),
            (r"6 \pmod{7}", r"\frac{5}{2}"),
            (r"6 \pmod{7}", "2.5"),
            (r"5 \pmod{0}", r"5 \pmod{0}+1"),
            (r"1, 3 \pmod 8", "1, 3"),
            (r"n \pmod{m}", r"k \pmod m"),
        ],
        Open,
    );
}

#[test]
fn repeating_decimals() {
    check(
        &[
            ("0.(3)", r"\frac13"),
            ("0.(3)", r"0.\overline{3}"),
            (r"0.\dot{3}", r"\frac13"),
            (r"0.1\dot{6}", r"\frac16"),
            (r"0.\dot{1}4285\dot{7}", r"\frac17"),
            (r"0.\dot{0}\dot{9}", r"\frac{1}{11}"),
            ("12.(45)", r"\frac{1233}{99}"),
        ],
        Same,
    );
    check(&[("0.(3)", "0.3"), (r"0.\dot{3}", "0.3")], Other);
    // A product as well.
    check(&[("0.1(6)", r"\frac16"), ("0.1(6)", "0.6"), (r"0.\dot{3}5", r"\frac13")], Open);
}

#[test]
fn sums_and_products_with_dots() {
    check(
        &[
            (r"1+2+\cdots+100", "5050"),
            (r"1+2+3+...+100", "5050"),
            (r"1+2+\cdots+1000000", "500000500000"),
            (r"1+2+3+\cdots+n", r"\frac{n(n+1)}{2}"),
            (r"1+2+\cdots+(n-1)", r"\frac{n(n-1)}{2}"),
            (r"1+3+5+\cdots+99", "2500"),
            (r"2+4+\cdots+2n", "n(n+1)"),
            (r"100+99+98+\cdots+1", "5050"),
            (r"1+2+4+\cdots+1024", "2047"),
            (r"1+2+4+\cdots+2^{10}", "2047"),
            (r"1+2+4+\cdots+2^n", "2^{n+1}-1"),
            (r"1+\frac12+\frac14+\cdots", "2"),
            (r"1-\frac12+\frac14-\frac18+\cdots", r"\frac23"),
            (r"1^2+2^2+\cdots+10^2", "385"),
            (r"1^2+2^2+3^2+\cdots+n^2", r"\frac{n(n+1)(2n+1)}{6}"),
            (r"1+4+9+\cdots+100", "385"),
            (r"1+8+27+\cdots+n^3", r"\frac{n^2(n+1)^2}{4}"),
            (r"1 \cdot 2 \cdots 5", "120"),
            (r"1 \cdot 2 \cdot 3 \cdot \ldots \cdot n", "n!"),
            (r"2 \cdot 4 \cdot 6 \cdots 10", "3840"),
        ],
        Same,
    );
    check(
        &[
            (r"1+2+\cdots+100", "5051"),
            (r"1+2+\cdots+n", r"\frac{n(n-1)}{2}"),
            (r"1+\frac12+\frac14+\cdots", "3"),
            (r"1 \cdot 2 \cdots 5", "24"),
        ],
        Other,
    );
    check(
        &[
            // Whole numbers, or powers of 2; squares, or every third number.
            (r"1+2+\cdots+1024", "2047"),
            (r"1+4+\cdots+100", "385"),
            (r"1+2+4+\cdots+1000", "1999"),
            (r"1+2+3+\cdots", r"\infty"),
            (r"1+\frac12+\cdots", "2"),
            (r"1+2+3+\cdots+6.5", "24.5"),
            (r"1+1+2+3+5+\cdots+55", "143"),
            (r"1 \cdot 2 \cdots 1024", r"2^{55}"),
        ],
        Open,
    );
}

#[test]
fn near_values_and_chains() {
    check(
        &[
            (r"\pi \approx 3.14", r"\pi"),
            (r"x = \sqrt2 \approx 1.414", r"\sqrt{2}"),
            (r"x = \sqrt2 \approx 1.414", r"x = \frac{2}{\sqrt2}"),
            (r"\frac{22}{7} ≈ 3.143", r"3\frac17"),
            (r"0.56=56\%", "0.56"),
            (r"0.56=56\%", r"56\%"),
            (r"x=\frac{1}{2}=0.5", "0.5"),
            (r"x=\frac{1}{2}=0.5", r"x=\frac12"),
            (r"\frac{2}{4}=\frac{1}{2}", "0.5"),
            ("3+4=7", "7"),
            (r"f(x)=(x+1)^2=x^2+2x+1", "f(x)=x^2+2x+1"),
        ],
        Same,
    );
    check(
        &[
            (r"\pi \approx 3.14", r"\frac{22}{7}"),
            (r"x = \sqrt2 \approx 1.414", r"\sqrt3"),
            (r"0.56=56\%", "0.57"),
            (r"x=\frac{1}{2}=0.5", "0.6"),
            (r"x=\frac{1}{2}=0.5", "y=0.5"),
        ],
        Other,
    );
    check(
        &[
            // No exact value is stated, or one that the decimal is not near.
            (r"\approx 3.14", "3.14"),
            (r"x \approx 3.14", "3.14"),
            (r"\approx 3.14", "2"),
            (r"\pi \approx 3.14", "3.14"),
            (r"\pi \approx 4.1", r"\pi"),
            // The two do not agree.
            (r"x=\frac{1}{2}=0.6", "0.5"),
            (r"\frac{1}{3}=0.333", r"\frac13"),
            // 56 % is 56 by its dress.
            (r"0.56=56\%", "56"),
            ("x=y=3", "3"),
        ],
        Open,
    );
}

#[test]
fn sets_by_a_condition() {
    check(
        &[
            (r"\{x \mid x > 3\}", r"(3,\infty)"),
            (r"\{x : x > 3\}", "x > 3"),
            (r"\{ x | x > 3 \}", r"\{y \mid y > 3\}"),
            (r"\{x \in \mathbb{R} \mid x > 3\}", "x>3"),
            (r"\{x \mid x \in \mathbb{R}, x \ne 0\}", r"x \ne 0"),
            (r"\{x \mid 1 < x \le 3\}", "(1,3]"),
            (r"\{x \mid x < 1 \text{ or } x > 2\}", r"(-\infty,1)\cup(2,\infty)"),
            (r"\{n \in \mathbb{Z} \mid 1 \le n < 4\}", r"\{1,2,3\}"),
            (r"\{x \mid x = 1 \text{ or } x = 2\}", r"\{1,2\}"),
        ],
        Same,
    );
    check(
        &[
            (r"\{x \mid x > 3\}", r"[3,\infty)"),
            (r"\{x \mid x > 3\}", "x>4"),
            (r"\{n \in \mathbb{Z} \mid 1 \le n < 4\}", r"\{1,2\}"),
        ],
        Other,
    );
    check(&[(r"\{x \mid x^2 = 4\}", r"\{-2,2\}"), (r"\{x \in \mathbb{Q} \mid x > 3\}", "x>3")], Open);
}

#[test]
fn times_of_day() {
    check(
        &[
            (r"3:30 \text{ PM}", r"3:30 \text{ p.m.}"),
            ("3:30 PM", "03:30pm"),
            (r"3 \text{ p.m.}", "3:00 PM"),
            ("3:30 PM", "15:30"),
            ("12:15 AM", "0:15"),
            (r"4\!:\!51\!:\!06 \text{ p.m.}", "4:51:06 PM"),
            ("4:51:06 PM", "16:51:06"),
        ],
        Same,
    );
    check(
        &[
            ("3:00 PM", "3:00 AM"),
            (r"3 \text{ p.m.}", r"3 \text{ a.m.}"),
            ("3:30 PM", "3:31 PM"),
            ("3:30 PM", "16:30"),
            ("3:30 PM", "3:45"),
            ("12:00 AM", "12:00 PM"),
            ("4:51:06 PM", "4:51:07 PM"),
        ],
        Other,
    );
    check(&[("3:30 PM", "3:30"), (r"3 \text{ PM}", "3"), ("13:30 PM", "1:30 PM")], Open);
}

#[test]
fn bases_and_degrees() {
    check(
        &[
            (r"1011_{\text{two}}", "1011_2"),
            (r"1011_{two}", "1011_{2}"),
            (r"\text{A5}_{\text{eleven}}", r"\text{A5}_{11}"),
        ],
        Same,
    );
    check(&[("1011_{two}", "1011_{three}"), ("1011_2", "12_{10}")], Other);
    // The same number in another base than the one that is asked for; an angle, or a number with a sign of degrees.
    check(&[("1011_2", "11_{10}"), (r"45^\circ", r"\frac{\pi}{4}")], Open);
    check(&[(r"45^\circ", "45"), (r"\sin 45^\circ", r"\sin\frac{\pi}{4}")], Same);
}

#[test]
fn sums_and_multiples_of_angles() {
    check(
        &[
            (r"\sin 2x", r"2\sin x\cos x"),
            (r"\cos 2x", r"2\cos^2 x - 1"),
            (r"\cos 2x", r"\cos^2 x - \sin^2 x"),
            (r"\tan 2x", r"\frac{2\tan x}{1-\tan^2 x}"),
            (r"\sin 3x", r"3\sin x - 4\sin^3 x"),
            (r"\sin^2 x", r"\frac{1-\cos 2x}{2}"),
            (r"\sin(a+b)", r"\sin a\cos b+\cos a\sin b"),
            (r"\cos(x+\frac{\pi}{3})", r"\frac12\cos x-\frac{\sqrt3}{2}\sin x"),
            (r"2\cos^2\frac{x}{2}", r"1+\cos x"),
            (r"\tan\frac{x}{2}", r"\frac{\sin x}{1+\cos x}"),
            (r"\sec^2 x - \tan^2 x", "1"),
        ],
        Same,
    );
    check(
        &[
            (r"\sin 2x", r"2\sin x"),
            (r"\cos 2x", r"\cos^2 x + \sin^2 x"),
            (r"\sin(a+b)", r"\sin a + \sin b"),
            (r"\tan\frac{x}{2}", r"\frac{\sin x}{1-\cos x}"),
        ],
        Other,
    );
}

#[test]
fn several_letters_in_an_exponent() {
    check(&[("e^{kt}", "(e^k)^t"), ("e^{2ix}", "e^{ix}e^{ix}"), ("2^{ab}", "2^{ba}"), ("x_{ab}", "x_{ab}")], Same);
    check(&[("e^{kt}", "e^k t"), ("x^{ab}", "x^a b")], Other);
}

#[test]
fn phrases() {
    check(
        &[
            (r"\text{no solution}", r"\emptyset"),
            (r"\text{no solution}", r"\text{none}"),
            (r"\text{no solution}", r"\text{There are no solutions}"),
            (r"\text{No solutions}", r"\{\}"),
            (r"\text{does not exist}", "DNE"),
            (r"\text{undefined}", r"\text{not defined}"),
            ("no solution", "∅"),
            (r"\text{all real numbers}", r"\mathbb{R}"),
            (r"\text{all real numbers}", r"(-\infty,\infty)"),
        ],
        Same,
    );
    check(
        &[
            (r"\text{no solution}", "5"),
            (r"\text{no solution}", r"\{0\}"),
            (r"\text{no solution}", "(1,2)"),
            (r"\text{does not exist}", "0"),
            (r"\text{undefined}", "5"),
            (r"\text{yes}", r"\text{no}"),
            (r"\text{true}", r"\text{false}"),
            (r"\text{all real numbers}", r"(0,\infty)"),
        ],
        Other,
    );
    check(
        &[
            (r"\text{no solution}", r"\text{no real solution}"),
            (r"\text{no solution}", r"\text{does not exist}"),
            (r"\text{does not exist}", r"\text{undefined}"),
            (r"\text{no solution}", r"\text{no real numbers}"),
            (r"\text{none}", "0"),
            (r"\text{yes}", r"\text{true}"),
            (r"\text{infinitely many}", r"\infty"),
        ],
        Open,
    );
}

#[test]
fn options_with_their_text() {
    check(
        &[
            (r"\text{(C) } 12", r"\text{(C)}"),
            (r"\text{(C) } 12", "C"),
            (r"\text{(C) } 12", "12"),
            (r"\textbf{(C)}\ \frac{1}{2}", "0.5"),
            (r"\text{(C) } 12", r"\textbf{(C)}\ 12.0"),
        ],
        Same,
    );
    check(
        &[(r"\text{(C) } 12", r"\text{(D)}"), (r"\text{(C) } 12", "13"), (r"\text{(C) } 12", r"\text{(D) } 13")],
        Other,
    );
    check(
        &[
            (r"\text{(C) } 12", r"\text{(D) } 12"),
            (r"\text{(C) } 12", r"\text{(C) } 13"),
            (r"\text{(A) and (B)}", r"\text{(A)}"),
        ],
        Open,
    );
}

#[test]
fn what_looks_like_a_product_or_dress_and_is_none() {
    check(
        &[(r"\tan 1^\circ", r"\tan 1"), (r"\sin 30^\circ", r"\sin 30"), (r"20^\circ\text{C}", r"21^\circ\text{C}")],
        Other,
    );
    check(
        &[
            (r"\frac{dy}{dx}", r"\frac{y}{x}"),
            ("dy/dx", "y/x"),
            ("f(2)", "2f"),
            ("g(x+1)", "gx+g"),
            (r"20^\circ\text{F}", r"20^\circ\text{C}"),
            (r"\text{undefined}", r"\frac{1}{0}"),
            (r"\text{IV}", "4"),
            (r"\frac{\pi}{2}+2\pi k", r"\frac{\pi}{2}+2\pi n"),
            (r"x=k\pi", r"x=n\pi"),
        ],
        Open,
    );
    check(&[(r"h(a+b)", "ah+bh"), (r"20^\circ\text{C}", "20"), (r"\frac{ad}{bd}", r"\frac{a}{b}")], Same);
}
