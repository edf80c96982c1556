//! Several values, relations, regions, matrices.

use super::Want::{Open, Other, Same};
use super::check;

#[test]
fn tuples_sets_and_lists() {
    check(
        &[
            ("(1,2)", "(1, 2)"),
            (r"(8\sqrt3, 14)", r"\left(4\sqrt{12}, 14\right)"),
            (r"\left(3, \frac{\pi}{2}\right)", "(3, 0.5\\pi)"),
            (r"\{1,2\}", r"\{2,1\}"),
            (r"\{1,2\}", "2, 1"),
            ("1, -2", "-2, 1"),
            (r"1,-1,i,-i", r"-i, i, -1, 1"),
            (r"2, 3, \text{ and } 4", "4,3,2"),
            ("-2 or 3", "3, -2"),
            (r"x = 1 \text{ or } x = 2", "2, 1"),
            (r"\pm 2", "2, -2"),
            (r"3 \pm \sqrt5", r"3+\sqrt5, 3-\sqrt5"),
            (r"\frac{1\pm\sqrt5}{2}", r"\frac{1+\sqrt5}{2},\frac{1-\sqrt5}{2}"),
            ("±i", "i, -i"),
            ("x=±2", r"\pm 2"),
            (r"\sqrt2, -\sqrt2", r"-\frac{2}{\sqrt2}, \frac{2}{\sqrt2}"),
            (r"(-4, 27);(2, 15)", r"(2,15), (-4,27)"),
            (r"\emptyset", r"\{\}"),
            ("1, 3, 5, \\dots", "1,3,5,..."),
            ("{(1,2)}", "(1,2)"),
            (r"\infty", r"+\infty"),
            (r"\text{January 5}", "january 5"),
            ("3:5", "6:10"),
            ("3:5", r"\frac35"),
            ("1:2:3", "2:4:6"),
            (r"10^\circ, 50^\circ", "50, 10"),
            ("(x,y) = (1,2)", "(1,2)"),
            (r"\langle 1, 2 \rangle", "(1,2)"),
            ("A, B", "B, A"),
            ("(20,100)", r"(20, 1 \times 10^{2})"),
            ("(100,101)", "(100, 101)"),
            ("110111", r"110\ 111"),
        ],
        Same,
    );
    check(
        &[
            ("(1,2)", "(2,1)"),
            ("(1,2)", "(1,2,3)"),
            ("(1,2)", "(1,3)"),
            (r"\{1,2\}", "(1,2)"),
            ("(1,2)", "[1,2]"),
            (r"\infty", r"-\infty"),
            ("1, -2", "1"),
            ("1, -2", "1, 2"),
            ("1, 2, 3", "1, 2"),
            (r"\pm 2", "2"),
            (r"3 \pm \sqrt5", r"3 \pm \sqrt6"),
            ("3:5", "5:3"),
            ("5", "(5, 6)"),
            (r"(1, \sqrt2)", "(1, 1.4142135)"),
        ],
        Other,
    );
    check(
        &[
            ("(1,2)", "1,2"),
            (r"\{5\}", "5"),
            ("1,1,2", "1,2,2"),
            ("(1,050)", "(1, 50)"),
            (r"\{(1,2)\}", "(1,2)"),
            ("(3,4)", r"3\mathbf{i}+4\mathbf{j}"),
            (r"\begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix}", "I"),
            ("12", "1,2"),
            ("1234567", "12,34,567"),
            ("3:30", "1:10"),
        ],
        Open,
    );
}

#[test]
fn equations_and_definitions() {
    check(
        &[
            ("x = 5", "5"),
            ("y=-2x+1", "y = 1-2x"),
            ("y=-2x+1", "2x+y=1"),
            ("y=-2x+1", "-2x+1"),
            ("2x - y + 3z + 8 = 0", "-4x+2y-6z=16"),
            ("x+y=1", "2x+2y=2"),
            (r"x^2+y^2=25", "25 = y^2 + x^2"),
            ("f(x) = x^2", "f(x) = x \\cdot x"),
            ("f(x) = x^2", "f(t) = t^2"),
            ("f(x) = x^2", "x^2"),
            ("5 = x", "x=5"),
            (r"\frac{x}{2}+\frac{y}{3}=1", "3x+2y=6"),
            (r"\pi x = y", r"2y = 2 \pi x"),
            ("x = y", "y = x"),
            (r"\frac{1}{49}", r"\frac{1}{49} = b"),
            ("y = 2x", r"x = \frac{y}{2}"),
            ("5x - 11y + z - 17 = 0", r"\frac{(x+2)(5x - 11y + z - 17)}{x+2} = 0"),
            (r"b=\frac{1}{49}", r"\frac{(b+7) b}{b+7} = \frac{1}{49}"),
        ],
        Same,
    );
    check(
        &[
            ("x = 5", "y = 5"),
            ("x = 5", "x = -5"),
            ("x = 5", "6"),
            ("x+y=1", "x+y=2"),
            ("y=-2x+1", "y=2x+1"),
            ("2x - y + 3z + 8 = 0", "2x - y + 3z - 8 = 0"),
            ("f(x) = x^2", "f(x) = x^3"),
            ("x^2 = y", "x = y"),
            ("x^2 = 4", "x = 2"),
            ("x^2+y^2=25", "x^2+y^2=16"),
            ("84a^2 + 100b^2 - 168a - 441 = 0", "84a^2 + 100b^2 - 168a - 4410 = 0"),
            (r"\frac{x^2}{9}+\frac{y^2}{4}=1", r"\frac{x^2}{9}-\frac{y^2}{4}=1"),
        ],
        Other,
    );
    check(&[("x+1=5", "5"), ("x^2+y^2=-1", "x^2+y^2=-2"), ("f(x)=x", "g(x)=x"), ("X+Y=1", "x+y=1")], Open);
}

#[test]
fn inequalities_and_intervals() {
    check(
        &[
            ("x<3", r"(-\infty, 3)"),
            (r"x \ge 3", r"[3, \infty)"),
            ("x >= 3", "3 ≤ x"),
            (r"-2 \le x < 5", "[-2, 5)"),
            ("(1,2)", "1<x<2"),
            (r"x \in [1, 2]", r"1 \leq x \leq 2"),
            (r"(-\infty, 1) \cup (1, \infty)", r"x \ne 1"),
            (r"(-\infty,-2)\cup(-2,2)\cup(2,\infty)", r"(2,\infty)\cup(-\infty,-2)\cup(-2,2)"),
            (r"(-∞, 1) ∪ (2, ∞)", r"x < 1 \text{ or } x > 2"),
            (r"[0,1]\cup[1,2]", "[0,2]"),
            (r"\left( 0, \frac{1}{\sqrt{2}} \right]", r"(0, \frac{\sqrt2}{2}]"),
            (r"[0,\pi]", r"0 \le \theta \le \pi"),
            ("2x > 6", "x > 3"),
            ("-2x > 6", "x < -3"),
            (r"\mathbb{R}", r"(-\infty, \infty)"),
            (r"\mathbb{R} \setminus \{0\}", r"x \neq 0"),
            (r"(-\infty, 3]\cup\{5\}", r"\{5\}\cup(-\infty,3]"),
            ("(3,5]", "3 < x <= 5"),
            ("y > 2x+1", "2y > 4x+2"),
            ("y > 2x+1", "-y < -2x-1"),
        ],
        Same,
    );
    check(
        &[
            ("x<3", r"x \le 3"),
            ("x<3", "x>3"),
            ("(1,2]", "[1,2)"),
            ("(1,2]", "(1,2)"),
            ("[1,3]", "[1,4]"),
            (r"[8,\infty)", r"(8,\infty)"),
            (r"[8,\infty)", "8"),
            (r"(-\infty, 1) \cup (1, \infty)", r"(-\infty, \infty)"),
            (r"[-2,1]\cup[3,4]", "[-2,4]"),
            ("x > 3", "y > 3"),
            ("[0,1]", r"\{0,1\}"),
            ("[a, b)", "[b, a)"),
            ("y > 2x+1", "y \\ge 2x+1"),
            ("y > 2x+1", "-y > -2x-1"),
        ],
        Other,
    );
    check(&[("x>1, x<2", "(1,2)"), ("(a,\\infty)", "x > a")], Open);
}

#[test]
fn matrices_bases_and_units() {
    check(
        &[
            (r"\begin{pmatrix} 1/4 \\ -7/4 \end{pmatrix}", r"\begin{pmatrix} 0.25 \\ -\frac{7}{4} \end{pmatrix}"),
            (r"\begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix}", r"\begin{bmatrix} 1 & 0 \\ 0 & 1 \\ \end{bmatrix}"),
            (r"\frac12\begin{pmatrix} 2 \\ \sqrt{8} \end{pmatrix}", r"\begin{pmatrix} 1 \\ \sqrt2 \end{pmatrix}"),
            (r"\begin{pmatrix}1\\2\end{pmatrix}", r"\left[\begin{array}{c}1\\2\end{array}\right]"),
            ("52_8", "52_{8}"),
            ("-37_8", "-037_8"),
            (r"9\text{ min}", "9"),
            (r"\text{A, B}", "B, A"),
            (r"\text{A5}_{11}", "A5_{11}"),
            ("0101_2", "101_2"),
            ("12_5", "(12)_{5}"),
            ("24_{10}", "24"),
            (r"12\sqrt{13}\text{ feet}", r"12\sqrt{13}"),
            (r"5\sqrt3 cm", r"5\sqrt{3}"),
            (r"2400 \mbox{ cm}^2", "2400"),
            (r"45^\circ", "45"),
            (r"\$5.50", "5.5"),
            (r"\frac{100}{3}\%", r"\frac{100}{3}"),
        ],
        Same,
    );
    check(
        &[
            (r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", r"\begin{pmatrix} 2 \\ 1 \end{pmatrix}"),
            (r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", r"\begin{pmatrix} 1 \\ 2 \\ 3 \end{pmatrix}"),
            (r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", "(1,3)"),
            ("52_8", "53_8"),
            ("52_8", "52_9"),
            ("101_2", "7"),
            ("52_8", "52"),
            (r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", r"\begin{pmatrix} 1 & 2 \end{pmatrix}"),
            (r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", r"[1, \infty)"),
            ("x + y + z = 0", "5"),
            ("x + y + z = 0", "(1,2)"),
            (r"\text{even}", "(1,2)"),
            (r"50\%", "(1,2)"),
        ],
        Other,
    );
    check(
        &[
            (r"5\text{ m}", r"500\text{ cm}"),
            (r"5\text{ m}", r"5\text{ cm}"),
            (r"\$5", r"5\text{ cents}"),
            ("2.5", "2,5"),
            (r"2\text{ hours}", r"120\text{ minutes}"),
            (r"45^\circ", r"\frac{\pi}{4}"),
        ],
        Open,
    );
    check(&[(r"45^\circ", "46"), (r"5\text{ cm}", r"6\text{ centimeters}")], Other);
    check(&[(r"5\text{ cm}", r"5\text{ centimeters}")], Same);
    check(&[("52_8", "42"), ("101_2", "12_3"), (r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", "(1,2)")], Open);
}
