//! Writes answers in the styles that models write: LaTeX of several habits, plain text, signs of Unicode.

use super::answer::{Answer, Dress, Interval};
use super::expression::Expression;
use Expression::{Decimal, Integer, Negative, Power, Product, Quotient, Root, Sum, Symbol, Written};

/// How something is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `\frac{1}{2}`, as answer keys have it.
    Key,
    /// `\dfrac{1}{2}`, brackets with `\left` and thin spaces.
    Display,
    /// `\tfrac{1}{2}`, `\cdot` between factors, no space.
    Dots,
    /// `1/2`, `sqrt(2)`, `x^2`, `pi`.
    Plain,
    /// `1/2`, `√2`, `x²`, `π`, `−`.
    Unicode,
}

impl Style {
    fn is_latex(self) -> bool {
        !matches!(self, Style::Plain | Style::Unicode)
    }

    fn minus(self) -> &'static str {
        if self == Style::Unicode { "−" } else { "-" }
    }

    fn brackets(self, inside: &str) -> String {
        if self == Style::Display { format!("\\left({inside}\\right)") } else { format!("({inside})") }
    }

    /// Writes an answer.
    pub(super) fn answer(self, answer: &Answer) -> String {
        let all = |parts: &[Expression], between: &str| {
            parts.iter().map(|part| self.expression(part)).collect::<Vec<_>>().join(between)
        };
        match answer {
            Answer::Value(value) => self.expression(value),
            Answer::Dressed(value, dress) => self.dressed(&self.grouped(value, 1), *dress),
            Answer::Tuple(parts) => {
                // `(1,234)` has two readings.
                let long = parts.iter().any(|part| part.as_whole().is_some_and(|value| value.abs() > 99));
                self.brackets(&all(parts, if self == Style::Dots && !long { "," } else { ", " }))
            }
            Answer::List(parts) => all(parts, ", "),
            Answer::Intervals(parts) => {
                let cup = if self == Style::Unicode { " ∪ " } else { " \\cup " };
                parts.iter().map(|part| self.interval(part)).collect::<Vec<_>>().join(cup)
            }
            Answer::Matrix(rows) => {
                let rows: Vec<String> = rows.iter().map(|row| all(row, " & ")).collect();
                let name = if self == Style::Display { "bmatrix" } else { "pmatrix" };
                format!("\\begin{{{name}}}{}\\end{{{name}}}", rows.join(" \\\\ "))
            }
            Answer::Equation(left, right) => format!("{} = {}", self.expression(left), self.expression(right)),
            Answer::Based(digits, base) if self == Style::Plain => format!("{digits}_{base}"),
            Answer::Based(digits, base) => format!("{digits}_{{{base}}}"),
            Answer::Ratio(one, other) => format!("{one}:{other}"),
            Answer::Words(words) => format!("\\text{{{words}}}"),
        }
    }

    fn dressed(self, value: &str, dress: Dress) -> String {
        match dress {
            Dress::Degree if self.is_latex() => format!("{value}^{{\\circ}}"),
            Dress::Degree => format!("{value}°"),
            Dress::Percent if self.is_latex() => format!("{value}\\%"),
            Dress::Percent => format!("{value}%"),
            Dress::Money => format!("\\${value}"),
            Dress::Grouped | Dress::Unit => value.to_owned(),
        }
    }

    fn interval(self, interval: &Interval) -> String {
        let infinity = if self == Style::Unicode { "∞" } else { "\\infty" };
        let low =
            interval.low.as_ref().map_or_else(|| format!("{}{infinity}", self.minus()), |low| self.expression(low));
        let high = interval.high.as_ref().map_or_else(|| infinity.to_owned(), |high| self.expression(high));
        let (left, right) = if self == Style::Display { ("\\left", "\\right") } else { ("", "") };
        let open = if interval.closed.0 { '[' } else { '(' };
        let close = if interval.closed.1 { ']' } else { ')' };
        format!("{left}{open}{low}, {high}{right}{close}")
    }

    /// Writes an expression.
    pub(super) fn expression(self, expression: &Expression) -> String {
        match expression {
            Integer(value) => value.to_string(),
            Decimal(text) | Written(text, _) => text.clone(),
            Symbol(name) => self.symbol(name),
            Negative(inner) => format!("{}{}", self.minus(), self.grouped(inner, 1)),
            Sum(terms) => self.sum(terms),
            Product(factors) => self.product(factors),
            Quotient(above, below) => self.quotient(above, below),
            Power(base, exponent) => self.power(base, exponent),
            Root(index, inner) => self.root(*index, inner),
        }
    }

    fn symbol(self, name: &str) -> String {
        match (name, self) {
            ("\\pi", Style::Plain) => "pi".to_owned(),
            ("\\pi", Style::Unicode) => "π".to_owned(),
            // Its own name must not run into a letter.
            ("\\pi", _) => "\\pi ".to_owned(),
            _ => name.to_owned(),
        }
    }

    /// Writes a part, in brackets where it binds less than `level` wants: 1 in a sum's term, 2 in a product, 3 under a power.
    fn grouped(self, expression: &Expression, level: u8) -> String {
        let own = match expression {
            Sum(_) | Written(..) => 0,
            Negative(_) => 0,
            Product(_) => 1,
            // A fraction of LaTeX holds together by itself in a product.
            Quotient(..) => 1 + u8::from(self.is_latex()),
            Power(..) => 2,
            Root(..) => 2 + u8::from(self.is_latex()),
            Integer(_) | Decimal(_) | Symbol(_) => 3,
        };
        let text = self.expression(expression);
        if own < level { self.brackets(&text) } else { text }
    }

    fn sum(self, terms: &[Expression]) -> String {
        let mut text = String::new();
        let space = if self == Style::Dots { "" } else { " " };
        for term in terms {
            let (sign, term) = match term {
                Negative(inner) => (self.minus(), inner.as_ref()),
                other => ("+", other),
            };
            match (text.is_empty(), sign) {
                (true, "+") => {}
                (true, _) => text.push_str(sign),
                (false, _) => text.push_str(&format!("{space}{sign}{space}")),
            }
            text.push_str(&self.grouped(term, 1));
        }
        text
    }

    fn product(self, factors: &[Expression]) -> String {
        let mut text = String::new();
        for factor in factors {
            let factor = self.grouped(factor, 2);
            // Digits run together, and a fraction after a number is a mixed number.
            let apart = factor.starts_with(|first: char| first.is_ascii_digit())
                || factor.starts_with("\\frac")
                || factor.starts_with("\\dfrac")
                || factor.starts_with("\\tfrac");
            let times = match self {
                _ if text.is_empty() => "",
                Style::Plain => "*",
                // `√2x` has two readings.
                Style::Unicode if apart || text.contains('√') => "·",
                Style::Dots => " \\cdot ",
                _ if apart => " \\cdot ",
                Style::Key => " ",
                _ => "",
            };
            text.push_str(times);
            text.push_str(&factor);
        }
        text
    }

    fn quotient(self, above: &Expression, below: &Expression) -> String {
        let name = match self {
            Style::Key => "frac",
            Style::Display => "dfrac",
            Style::Dots => "tfrac",
            Style::Plain | Style::Unicode => {
                return format!("{}/{}", self.grouped(above, 2), self.grouped(below, 3));
            }
        };
        format!("\\{name}{{{}}}{{{}}}", self.expression(above), self.expression(below))
    }

    fn power(self, base: &Expression, exponent: &Expression) -> String {
        let base = self.grouped(base, 3);
        let text = self.expression(exponent);
        match (self, exponent.as_whole()) {
            (Style::Unicode, Some(2)) => format!("{base}²"),
            (Style::Unicode, Some(3)) => format!("{base}³"),
            (Style::Plain | Style::Unicode, _) => format!("{base}^{}", self.grouped(exponent, 3)),
            _ if text.chars().count() == 1 => format!("{base}^{text}"),
            _ => format!("{base}^{{{text}}}"),
        }
    }

    fn root(self, index: i64, inner: &Expression) -> String {
        let text = self.expression(inner);
        match (self, index) {
            (Style::Unicode, 2) => format!("√{}", self.grouped(inner, 3)),
            (Style::Plain, 2) => format!("sqrt({text})"),
            (Style::Plain | Style::Unicode, _) => format!("{}^(1/{index})", self.grouped(inner, 3)),
            (_, 2) => format!("\\sqrt{{{text}}}"),
            _ => format!("\\sqrt[{index}]{{{text}}}"),
        }
    }
}
