//! The smallest values: numbers, variables, constants, brackets, fractions, roots.

use num_traits::{One, Signed};

use super::super::expression::{Constant, Expression, Function};
use super::super::number::Rational;
use super::item::Item;
use super::value::Reader;

impl Reader<'_> {
    pub(super) fn atom(&mut self) -> Option<Expression> {
        let item = self.peek(0)?.clone();
        self.at += 1;
        match item {
            Item::Number(value) => Some(Expression::Number(value)),
            Item::Whole(value) => self.mixed(value),
            Item::Letter(letter) => self.variable(letter),
            Item::Symbol('(') => self.closed(')'),
            Item::Symbol('[') => self.closed(']'),
            Item::Symbol('{') => self.closed('}'),
            Item::Symbol('|') => self.absolute(),
            Item::Name(name) => self.named(&name),
            Item::Symbol(_) | Item::Degree => None,
        }
    }

    /// Reads an atom where a whole number ends: it is no mixed one with a fraction behind it.
    pub(super) fn script(&mut self) -> Option<Expression> {
        if let Some(Item::Whole(value)) = self.peek(0) {
            let value = value.clone();
            self.at += 1;
            return Some(Expression::Number(value));
        }
        self.atom()
    }

    /// Reads the rest of a bracket.
    fn closed(&mut self, close: char) -> Option<Expression> {
        let bars = std::mem::take(&mut self.bars);
        let inner = self.sum();
        self.bars = bars;
        let inner = inner?;
        if close == '}' && self.is_name("choose") {
            self.at += 1;
            let part = self.sum()?;
            return self.take(close).then(|| Expression::Call(Function::Binomial, vec![inner, part]));
        }
        self.take(close).then_some(inner)
    }

    /// Reads `{…}`.
    pub(super) fn group(&mut self) -> Option<Expression> {
        if self.take('{') { self.closed('}') } else { None }
    }

    /// Reads `(…)`.
    pub(super) fn bracket(&mut self) -> Option<Expression> {
        if self.take('(') { self.closed(')') } else { None }
    }

    fn absolute(&mut self) -> Option<Expression> {
        self.bars += 1;
        let inner = self.sum();
        self.bars -= 1;
        let inner = inner?;
        if !self.take('|') {
            if !self.is_name("vert") {
                return None;
            }
            self.at += 1;
        }
        Some(Expression::Call(Function::Absolute, vec![inner]))
    }

    /// Reads a whole number, with the proper fraction that makes it a mixed one.
    fn mixed(&mut self, whole: Rational) -> Option<Expression> {
        if self.is_name("frac") {
            let before = self.at;
            self.at += 1;
            if let Some(part) = self.plain_fraction() {
                // An improper one is as well a factor.
                return (part < Rational::one()).then(|| Expression::Number(whole + part));
            }
            self.at = before;
        }
        Some(Expression::Number(whole))
    }

    /// Reads `{1}{2}`, whole numbers both.
    fn plain_fraction(&mut self) -> Option<Rational> {
        let mut part = || match (self.peek(0), self.peek(1), self.peek(2)) {
            (Some(Item::Symbol('{')), Some(Item::Whole(value)), Some(Item::Symbol('}'))) => {
                let value = value.clone();
                self.at += 3;
                Some(value)
            }
            _ => None,
        };
        let (above, below) = (part()?, part()?);
        (above.is_positive() && below.is_positive()).then(|| above / below)
    }

    /// Reads a variable with its index and primes; `e` and `i` are constants unless a sum runs over them.
    fn variable(&mut self, letter: String) -> Option<Expression> {
        let indexed = self.is('_');
        if !indexed && !self.indices.contains(&letter) {
            match letter.as_str() {
                "e" => return Some(Expression::Constant(Constant::Euler)),
                "i" => return Some(Expression::Constant(Constant::Imaginary)),
                _ => {}
            }
        }
        let mut name = letter;
        if self.take('_') {
            name.push('_');
            name.push_str(&self.index()?);
        }
        while self.take('\'') {
            name.push('\'');
        }
        // `f(2)` is no product.
        if self.is('(') && (name.starts_with('f') || name.starts_with('g')) && !name.starts_with("ga") {
            return None;
        }
        Some(Expression::Variable(name))
    }

    /// Reads the index of a variable: numbers and letters.
    fn index(&mut self) -> Option<String> {
        let braced = self.take('{');
        let mut text = String::new();
        loop {
            match self.peek(0) {
                Some(Item::Whole(value)) => text.push_str(&value.to_string()),
                Some(Item::Letter(letter)) => text.push_str(letter),
                _ => break,
            }
            self.at += 1;
            if !braced {
                break;
            }
        }
        (!text.is_empty() && text.len() <= 16 && (!braced || self.take('}'))).then_some(text)
    }

    fn named(&mut self, name: &str) -> Option<Expression> {
        match name {
            "pi" => Some(Expression::Constant(Constant::Pi)),
            "frac" => {
                let (above, below) = (self.group()?, self.group()?);
                (!is_derivative(&above, &below)).then_some(())?;
                Some(Expression::Quotient(Box::new(above), Box::new(below)))
            }
            "sqrt" => self.root(2),
            "cbrt" => self.root(3),
            "vert" => self.absolute(),
            "lfloor" => self.between("rfloor", Function::Floor),
            "lceil" => self.between("rceil", Function::Ceiling),
            "binom" | "dbinom" | "tbinom" if self.is('{') => {
                let (whole, part) = (self.group()?, self.group()?);
                Some(Expression::Call(Function::Binomial, vec![whole, part]))
            }
            "sum" => self.series(true),
            "prod" => self.series(false),
            _ => match name.strip_prefix("sqrt[").and_then(|rest| rest.strip_suffix(']')) {
                Some(index) => {
                    let index = index.parse::<u32>().ok().filter(|index| *index >= 2)?;
                    self.root(index)
                }
                None => self.function(name),
            },
        }
    }

    /// Reads what stands under a root: a group, a bracket, or one number or letter.
    fn root(&mut self, index: u32) -> Option<Expression> {
        let inner = match self.peek(0)? {
            Item::Symbol('{') => self.group()?,
            Item::Symbol('(') => self.bracket()?,
            Item::Whole(value) | Item::Number(value) => {
                let value = value.clone();
                self.at += 1;
                Expression::Number(value)
            }
            Item::Letter(letter) => {
                let letter = letter.clone();
                self.at += 1;
                self.variable(letter)?
            }
            Item::Name(name) if name == "pi" => {
                self.at += 1;
                Expression::Constant(Constant::Pi)
            }
            _ => return None,
        };
        Some(Expression::Root(index, Box::new(inner)))
    }

    fn between(&mut self, close: &str, function: Function) -> Option<Expression> {
        let inner = self.sum()?;
        if !self.is_name(close) {
            return None;
        }
        self.at += 1;
        Some(Expression::Call(function, vec![inner]))
    }
}

/// Tells whether a quotient is a derivative (`dy/dx`), in which nothing cancels.
pub(super) fn is_derivative(above: &Expression, below: &Expression) -> bool {
    let differential = |part: &Expression| matches!(part, Expression::Variable(name) if name == "d");
    let begins = |value: &Expression| match value {
        Expression::Product(factors) => factors.len() == 2 && factors.first().is_some_and(differential),
        _ => false,
    };
    begins(below) && (differential(above) || begins(above))
}
