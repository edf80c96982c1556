//! Single values, a test for each family.

use super::Want::{Open, Other, Same};
use super::check;

#[test]
fn numbers_and_powers() {
    check(
        &[
            (r"\frac{1}{2}", "0.5"),
            ("3+4", "7"),
            (r"2\frac{1}{3}", r"\frac{7}{3}"),
            (r"-15\frac{3}{5}", r"-\frac{78}{5}"),
            ("2^{10}", "1024"),
            ("2^10", "1024"),
            (r"2^{100} - 2", "1267650600228229401496703205374"),
            ("2^{-3}", r"\frac18"),
            (r"0.\overline{3}", r"\frac13"),
            (r"0.\overline{09}", r"\frac{1}{11}"),
            (r"0.1\overline{6}", r"\frac16"),
            (r"0.\overline{142857}", r"\frac{1}{7}"),
            (r"1.5 \times 10^3", "1500"),
            (r"6 \cdot 10^{-2}", "0.06"),
            (r"(2)(3)", "6"),
            (r"\frac{\frac12}{\frac34}", r"\frac23"),
            ("5!", "120"),
            (r"\binom{5}{2}", "10"),
            (r"\binom{100}{3}", "161700"),
            (r"\frac{10!}{8!}", "90"),
            (r"\lfloor 3.7 \rfloor", "3"),
            (r"\lceil \pi \rceil", "4"),
            (r"|{-3}|", "3"),
            (r"\max(3, 5)", "5"),
            (r"\gcd(12, 18)", "6"),
            ("10^{50}+1", "100000000000000000000000000000000000000000000000001"),
            ("5½", "5.5"),
            (r"50\%", r"\frac12"),
            ("4²", "16"),
            (r"8^{1/3}", "2"),
            (r"4^{3/2}", "8"),
            (r"4^{-\frac{1}{2}}", r"\frac12"),
            ("1.5e3", "1500"),
            ("0.999...", "1"),
            ("0.1666…", r"\frac16"),
            (r"{5 \choose 2}", "10"),
            ("1.5E-3", "0.0015"),
            (r"2^3\frac{1}{2}", "4"),
            (r"\log_2\frac{1}{8}", "-3"),
        ],
        Same,
    );
    check(
        &[
            ("0.333", r"\frac13"),
            (r"0.\overline{3}", "0.3333333333333333333333"),
            ("10^{50}+1", "10^{50}"),
            ("10^{-50}", r"2 \cdot 10^{-50}"),
            ("2^{10}", "1023"),
            ("3+4", "8"),
            (r"\binom{5}{2}", "11"),
            ("5!", "5"),
            (r"3\%", "3.1"),
        ],
        Other,
    );
    check(
        &[
            (r"2\frac{7}{2}", "7"),
            ("1/2/3", r"\frac16"),
            (r"\frac{1}{0}", "5"),
            (r"\frac{1}{0}", r"\frac{2}{0}"),
            ("0^0", "1"),
            ("2 3", "6"),
            (r"\approx 3", "3"),
            ("5!!", "15"),
            ("2e-3", "0.002"),
        ],
        Open,
    );
}

#[test]
fn roots_of_numbers() {
    check(
        &[
            (r"\sqrt{8}", r"2\sqrt2"),
            (r"\frac{1}{\sqrt2}", r"\frac{\sqrt2}{2}"),
            ("sqrt(2)/2", r"\frac{\sqrt{2}}{2}"),
            ("√2/2", r"\frac{1}{\sqrt 2}"),
            (r"\sqrt{2}\sqrt{3}", r"\sqrt{6}"),
            (r"\sqrt[3]{16}", r"2\sqrt[3]{2}"),
            (r"\sqrt[3]{-8}", "-2"),
            (r"\sqrt[6]{8}", r"\sqrt{2}"),
            (r"\sqrt{3+2\sqrt2}", r"1+\sqrt2"),
            (r"\sqrt{5+2\sqrt6}", r"\sqrt2+\sqrt3"),
            (r"\sqrt{2+\sqrt3}", r"\frac{\sqrt6+\sqrt2}{2}"),
            (r"\sqrt{2+\sqrt2}\sqrt{2-\sqrt2}", r"\sqrt2"),
            (r"\sqrt[3]{7+5\sqrt2}", r"1+\sqrt2"),
            (r"\sqrt[3]{2+\sqrt5}+\sqrt[3]{2-\sqrt5}", "1"),
            (r"\frac{1}{1+\sqrt2}", r"\sqrt2-1"),
            (r"\frac{1}{\sqrt2+\sqrt3+\sqrt5}", r"\frac{2\sqrt3+3\sqrt2-\sqrt{30}}{12}"),
            (r"\sqrt{\frac{3}{4}}", r"\frac{\sqrt3}{2}"),
            (r"\sqrt{\sqrt{16}}", "2"),
            (r"\sqrt{2}^4", "4"),
            (r"2^{1/2} \cdot 2^{1/3}", "2^{5/6}"),
            (r"10^{\log_{10} 7}", "7"),
            (r"\sqrt{9-4\sqrt5}", r"\sqrt5-2"),
            (r"5(\sqrt3-1)", r"5\sqrt3-5"),
            (r"\sqrt{1+\sqrt{1+\sqrt{9}}}", r"\sqrt{3}"),
            (r"\sqrt{11+6\sqrt2}+\sqrt{11-6\sqrt2}", "6"),
            (r"\frac{\sqrt{21}}{14}", r"\frac{1}{2}\sqrt{\frac{3}{7}}"),
            (r"\frac{1+\sqrt5}{2}", r"\frac{2}{\sqrt5-1}"),
        ],
        Same,
    );
    check(
        &[
            (r"\sqrt2", "1.41421356237309504880168872420969807856967187537694"),
            (r"\sqrt{10^{40}+1}", "10^{20}"),
            (r"\sqrt2+\sqrt3", r"\sqrt5"),
            (r"\sqrt{3+2\sqrt2}", r"1+\sqrt3"),
            (r"11\sqrt2", r"-11\sqrt2"),
            (r"2\sqrt3", r"3\sqrt2"),
            (r"\sqrt{2}", r"\sqrt{3}"),
            (r"\sqrt[3]{2}", r"\sqrt{2}"),
        ],
        Other,
    );
}

#[test]
fn constants_and_complex_numbers() {
    check(
        &[
            (r"\frac{\pi}{4}", "pi/4"),
            ("5π", r"5\pi"),
            (r"100-25\pi", r"25(4-\pi)"),
            (r"\frac{9}{\pi^2}(\sqrt{3}+3)", r"\frac{9\sqrt3+27}{\pi^2}"),
            ("e^2 e^3", "e^5"),
            (r"\mathrm{e}^{1}", r"\exp(1)"),
            ("(1+i)^2", "2i"),
            (r"\frac{1}{1+i}", r"\frac{1-i}{2}"),
            ("i^{2}", "-1"),
            (r"e^{i\pi}", "-1"),
            (r"e^{i\pi/3}", r"\frac12+\frac{\sqrt3}{2}i"),
            (r"\sqrt{-4}", "2i"),
            (r"i\sqrt2", r"\sqrt2 i"),
            ("(3+4i)(3-4i)", "25"),
            (r"|3+4i|", "5"),
            (r"\sqrt{3+4i}", "2+i"),
            (r"\frac{2}{25} - \frac{14}{25}i", r"\frac{2-14i}{25}"),
            (r"6-2\mathrm{i}", "6-2i"),
        ],
        Same,
    );
    check(
        &[
            (r"\pi", "3.14159265358979323846264338327950288419716939937510"),
            (r"\pi", r"\frac{22}{7}"),
            ("e", r"\pi"),
            ("3i", "3"),
            ("3+i", "3-i"),
            (r"100-25\pi", r"100+25\pi"),
            (r"e^{\pi\sqrt{163}}", "262537412640768744"),
        ],
        Other,
    );
}

#[test]
fn logarithms_and_angles() {
    check(
        &[
            (r"\log_2 8", "3"),
            (r"\log_2{8}", "3"),
            (r"\log_{10} 1000", "3"),
            (r"\ln 8", r"3\ln 2"),
            (r"\ln(6)", r"\ln 2 + \ln 3"),
            (r"\frac{\ln 9}{\ln 3}", "2"),
            (r"e^{\ln 5}", "5"),
            (r"2^{\log_2 7}", "7"),
            (r"\ln e^3", "3"),
            (r"\ln \frac{1}{2}", r"-\ln 2"),
            (r"\log_4 8", r"\frac32"),
            (r"\log_2 3 \cdot \log_3 2", "1"),
            (r"\log 4 + \log 25", r"2\log 10"),
            (r"\sin 30^\circ", r"\frac12"),
            (r"\sin \frac{\pi}{6}", r"\frac12"),
            (r"\cos(\pi/4)", r"\frac{\sqrt2}{2}"),
            (r"\tan 60^\circ", r"\sqrt3"),
            (r"\sin 15^\circ", r"\frac{\sqrt6-\sqrt2}{4}"),
            (r"\cos 36^\circ", r"\frac{1+\sqrt5}{4}"),
            (r"\cos\frac{\pi}{7}\cos\frac{2\pi}{7}\cos\frac{3\pi}{7}", r"\frac18"),
            (r"\cos 20^\circ \cos 40^\circ \cos 80^\circ", r"\frac18"),
            (r"\tan \frac{\pi}{8}", r"\sqrt2-1"),
            (r"\arctan 1", r"\frac{\pi}{4}"),
            (r"\arcsin\frac12", r"\frac{\pi}{6}"),
            (r"\cos^{-1}(0)", r"\frac{\pi}{2}"),
            (r"\sin^2 x + \cos^2 x", "1"),
            (r"\frac{\sin x}{\cos x}", r"\tan x"),
            (r"1 - \cos^2 t", r"\sin^2 t"),
            (r"\sin(-x)", r"-\sin x"),
            (r"\operatorname{cis} \frac{\pi}{2}", "i"),
            (r"\log 100", "2"),
            (r"\lg 1000", "3"),
            (r"\cos(x + \pi)", r"-\cos x"),
        ],
        Same,
    );
    check(
        &[
            (r"\log_2 8", "4"),
            (r"\ln 2", "0.6931471805599453"),
            (r"\sin 30^\circ", r"\frac{\sqrt3}{2}"),
            (r"\sin x", r"\cos x"),
            (r"2\sin 5x \cos x", r"2\sin 4x \cos x"),
            (r"\tan x", r"\cot x"),
            (r"\sin 1", "0.8414709848"),
        ],
        Other,
    );
    check(&[(r"\log 2", r"\ln 2"), (r"\tan 90^\circ", "0"), (r"\sin 2x/2", "1")], Open);
}

#[test]
fn polynomials_and_rational_functions() {
    check(
        &[
            ("x+1", "1+x"),
            ("(x+1)^2", "x^2+2x+1"),
            ("xy", "y x"),
            ("ab", "ba"),
            ("(t-11)(t+11)", "t^2-121"),
            (r"\frac{x^2-1}{x-1}", "x+1"),
            (r"\frac{1}{x}+\frac{1}{y}", r"\frac{x+y}{xy}"),
            (r"\frac{\pi r}{h+r}", r"\frac{r\pi}{r+h}"),
            (r"-(ab+ac+bc)", "-ab-bc-ca"),
            ("2xy+10x+20y+100", "2(x+10)(y+5)"),
            (r"\frac{4-x}{5}", r"\frac{4}{5}-\frac{x}{5}"),
            ("x_1+x_2", "x_{2}+x_{1}"),
            (r"\alpha+\beta", r"β+α"),
            (r"42x\sqrt{5x}", r"\sqrt{8820x^3}"),
            (r"30p\sqrt p", r"30p^{3/2}"),
            (r"\sqrt{a^2+b^2}", r"\sqrt{b^2+a^2}"),
            (r"\sqrt{x^2}", "|x|"),
            (r"\sqrt{x^2+2x+1}", "|x+1|"),
            (r"\sqrt{4x^2}", r"2|x|"),
            (r"|x-1|", r"|1-x|"),
            (r"\ln x^2", r"2\ln x"),
            (r"\sqrt{x}\sqrt{y}", r"\sqrt{xy}"),
            ("3^x-2^x", "-2^x+3^x"),
            ("2^{x+1}", r"2 \cdot 2^x"),
            ("4^x", "2^{2x}"),
            (r"\frac{2^n}{2}", "2^{n-1}"),
            ("e^{2x}", "(e^x)^2"),
            ("x^n x", "x^{n+1}"),
            ("(n+1)!", "(n+1)n!"),
            (r"\frac{n!}{(n-2)!}", "n(n-1)"),
            (r"\binom{n}{2}", r"\frac{n(n-1)}{2}"),
            (r"\sqrt[3]{x^3}", "x"),
            (r"\frac{x+1}{x^2+x}", r"\frac1x"),
            (r"\frac{1}{1+\frac{1}{x}}", r"\frac{x}{x+1}"),
            (r"\sum_{k=1}^{n} k", r"\frac{n(n+1)}{2}"),
            (r"\sum_{k=1}^{n} k^2", r"\frac{n(n+1)(2n+1)}{6}"),
            (r"\sum_{k=1}^{10} k", "55"),
            (r"\sum_{i=0}^{\infty} \frac{1}{2^i}", "2"),
            (r"\prod_{k=1}^{5} k", "120"),
        ],
        Same,
    );
    check(
        &[
            ("x+1", "x-1"),
            ("x^2", "x^3"),
            ("(x+1)^2", "x^2+1"),
            (r"\frac{x+1}{x-1}", r"\frac{x-1}{x+1}"),
            ("x", r"\frac{1}{x}"),
            ("2x", "2y"),
            ("5", "5x"),
            ("xy", "-xy"),
            (r"\sqrt{x}", "x"),
            ("2^x", "x^2"),
            ("4^x", "2^{x+2}"),
            (r"\sqrt{x+1}", r"\sqrt{x}+1"),
            (r"|x|", "x"),
            (r"\ln(x+1)", r"\ln x + 1"),
            ("n!", "(n+1)!"),
            (r"\sqrt{a^2+b^2}", r"\sqrt{a^2-b^2}"),
            (r"\sum_{k=1}^{n} k", r"\frac{n(n-1)}{2}"),
        ],
        Other,
    );
    check(
        &[
            ("5", "5m"),
            ("x", r"\operatorname{foo} x"),
            ("1/2x", r"\frac{x}{2}"),
            (r"\sqrt{x^2}", "x"),
            ("x^2", "X^2"),
            (r"\frac{1}{x-x}", r"\frac{2}{x-x}"),
            (r"\sqrt{-1-x^2}", r"\sqrt{-x^2-1}"),
        ],
        Open,
    );
}
