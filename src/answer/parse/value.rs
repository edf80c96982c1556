//! Sums and products, by precedence.

use super::super::expression::{Expression, Function};
use super::super::nesting::Nested;
use super::super::number::decimal;
use super::super::token::Token;
use super::MAX_DEPTH;
use super::atom::is_derivative;
use super::item::{Item, items};

/// Reads tokens as one value.
pub(super) fn value(tokens: &[Token]) -> Option<Expression> {
    if let Some(scientific) = scientific(tokens) {
        return scientific;
    }
    let items = items(tokens)?;
    let mut reader = Reader { items: &items, at: 0, depth: 0, indices: Vec::new(), bars: 0, functions: 0 };
    let mut value = reader.sum()?;
    if reader.is_name("choose") {
        // Its braces are gone where they stood around everything.
        reader.at += 1;
        value = Expression::Call(Function::Binomial, vec![value, reader.sum()?]);
    }
    (reader.at == items.len()).then_some(value)
}

/// Reads `1.5e3` and `1.5E-3`; the outer `None` where it is nothing of the kind. `2e-3` has two readings.
fn scientific(tokens: &[Token]) -> Option<Option<Expression>> {
    let [Token::Number(digits), Token::Word { text, .. }, power @ ..] = tokens else { return None };
    let (negative, power) = match power {
        [minus, Token::Number(power)] if minus.is('-') => (true, power),
        [plus, Token::Number(power)] if plus.is('+') => (false, power),
        [Token::Number(power)] => (false, power),
        _ => return None,
    };
    match text.as_str() {
        "E" => {}
        "e" if tokens.len() == 3 => {}
        "e" => return Some(None),
        _ => return None,
    }
    let read = || {
        let power: i64 = power.parse().ok().filter(|power| *power < 10_000)?;
        let ten = Expression::Power(
            Box::new(Expression::whole(10)),
            Box::new(Expression::whole(if negative { -power } else { power })),
        );
        Some(Expression::Product(vec![Expression::Number(decimal(digits)?), ten]))
    };
    Some(read())
}

/// Most marks behind one atom, and most quotients in one product.
const MAX_MARKS: u32 = 16;

/// Reads items from left to right.
pub(super) struct Reader<'a> {
    pub(super) items: &'a [Item],
    pub(super) at: usize,
    pub(super) depth: u32,
    /// Names that sums run over.
    pub(super) indices: Vec<String>,
    /// Absolute values that are open.
    pub(super) bars: u32,
    /// Functions that are being read, each in the one before.
    pub(super) functions: u32,
}

impl Nested for Reader<'_> {
    const DEEPEST: u32 = MAX_DEPTH;

    fn level(&mut self) -> &mut u32 {
        &mut self.depth
    }
}

impl Reader<'_> {
    pub(super) fn peek(&self, ahead: usize) -> Option<&Item> {
        self.items.get(self.at + ahead)
    }

    pub(super) fn is(&self, symbol: char) -> bool {
        matches!(self.peek(0), Some(Item::Symbol(own)) if *own == symbol)
    }

    pub(super) fn is_name(&self, name: &str) -> bool {
        matches!(self.peek(0), Some(Item::Name(own)) if own == name)
    }

    pub(super) fn take(&mut self, symbol: char) -> bool {
        let found = self.is(symbol);
        self.at += usize::from(found);
        found
    }

    /// Reads terms with signs between them.
    pub(super) fn sum(&mut self) -> Option<Expression> {
        self.deeper(|reader| {
            let mut terms = Vec::new();
            loop {
                let first = terms.is_empty();
                let Some(sign) = reader.sign() else {
                    if first {
                        terms.push(reader.product()?);
                        continue;
                    }
                    break;
                };
                let term = reader.product()?;
                terms.push(match sign {
                    Sign::Plus => term,
                    Sign::Minus => term.negated(),
                    Sign::Both(upper) => Expression::PlusMinus(Box::new(term), upper),
                });
            }
            if terms.len() == 1 { terms.pop() } else { Some(Expression::Sum(terms)) }
        })
    }

    /// Reads one sign.
    pub(super) fn sign(&mut self) -> Option<Sign> {
        let sign = match self.peek(0)? {
            Item::Symbol('+') if matches!(self.peek(1), Some(Item::Symbol('/'))) => {
                // `+/-` and `+-`.
                if !matches!(self.peek(2), Some(Item::Symbol('-'))) {
                    return None;
                }
                self.at += 2;
                Sign::Both(true)
            }
            Item::Symbol('+') => Sign::Plus,
            Item::Symbol('-') => Sign::Minus,
            Item::Name(name) if name == "pm" => Sign::Both(true),
            Item::Name(name) if name == "mp" => Sign::Both(false),
            _ => return None,
        };
        self.at += 1;
        Some(sign)
    }

    /// Reads factors, with and without a sign of multiplication between them.
    fn product(&mut self) -> Option<Expression> {
        let mut factors = vec![self.factor()?];
        // A divisor is followed by no factor without a sign: `1/2x` has two readings.
        let mut divided = false;
        let mut quotients = 0;
        loop {
            if self.take('*') || self.take_name("cdot") || self.take_name("times") {
                let factor = self.signed_factor()?;
                factors.push(factor);
                divided = false;
            } else if self.take('/') || self.take_name("div") {
                quotients += 1;
                if divided || quotients > MAX_MARKS {
                    return None;
                }
                let below = self.signed_factor()?;
                let above =
                    if factors.len() == 1 { factors.pop()? } else { Expression::Product(std::mem::take(&mut factors)) };
                if is_derivative(&above, &below) {
                    return None;
                }
                factors.push(Expression::Quotient(Box::new(above), Box::new(below)));
                divided = true;
            } else if self.starts_factor() {
                if divided || matches!(self.peek(0), Some(Item::Number(_) | Item::Whole(_))) {
                    return None;
                }
                let factor = self.factor()?;
                factors.push(factor);
            } else {
                break;
            }
        }
        if factors.len() == 1 { factors.pop() } else { Some(Expression::Product(factors)) }
    }

    fn take_name(&mut self, name: &str) -> bool {
        let found = self.is_name(name);
        self.at += usize::from(found);
        found
    }

    /// Reads a factor that may have a minus sign of its own (`2 · -3`).
    pub(super) fn signed_factor(&mut self) -> Option<Expression> {
        if self.take('-') { Some(self.factor()?.negated()) } else { self.factor() }
    }

    /// Tells whether a factor can begin here.
    fn starts_factor(&self) -> bool {
        match self.peek(0) {
            Some(Item::Number(_) | Item::Whole(_) | Item::Letter(_)) => true,
            Some(Item::Symbol('|')) => self.bars == 0,
            Some(Item::Symbol(symbol)) => ['(', '{', '['].contains(symbol),
            Some(Item::Name(name)) => {
                let joins = ["cdot", "times", "div", "pm", "mp", "rfloor", "rceil", "}", "rangle", "choose"]
                    .contains(&name.as_str());
                !(joins || name == "vert" && self.bars > 0)
            }
            _ => false,
        }
    }

    /// Reads an atom with its powers and marks.
    pub(super) fn factor(&mut self) -> Option<Expression> {
        self.deeper(|reader| {
            let base = reader.atom()?;
            reader.marked(base)
        })
    }

    /// Reads what stands behind an atom: factorials, degree signs, a power.
    pub(super) fn marked(&mut self, base: Expression) -> Option<Expression> {
        let mut value = base;
        let mut marks = 0;
        loop {
            marks += 1;
            // Each mark nests the value deeper.
            if marks > MAX_MARKS {
                return None;
            }
            if self.take('!') {
                // `n!!` is another function.
                if self.is('!') {
                    return None;
                }
                value = Expression::Call(Function::Factorial, vec![value]);
            } else if matches!(self.peek(0), Some(Item::Degree)) {
                self.at += 1;
                value = Expression::Call(Function::Degree, vec![value]);
            } else if self.take('^') {
                let exponent = self.exponent()?;
                value = Expression::Power(Box::new(value), Box::new(exponent));
            } else {
                return Some(value);
            }
        }
    }

    /// Reads an exponent: a group, or one signed atom with the power that it carries itself.
    pub(super) fn exponent(&mut self) -> Option<Expression> {
        self.deeper(|reader| {
            if reader.take('-') {
                return Some(reader.exponent()?.negated());
            }
            let base = reader.script()?;
            if reader.take('^') {
                let power = reader.exponent()?;
                return Some(Expression::Power(Box::new(base), Box::new(power)));
            }
            if reader.is('!') { reader.marked(base) } else { Some(base) }
        })
    }
}

/// What stands before a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Plus,
    Minus,
    /// ± (`true`) or ∓.
    Both(bool),
}
