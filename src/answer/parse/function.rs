//! Functions with their arguments, and sums and products over whole numbers.

use super::super::expression::{Constant, Expression, Function, Series};
use super::item::Item;
use super::value::Reader;

/// Functions of one argument by their names.
const FUNCTIONS: [(&str, Function); 18] = [
    ("sin", Function::Sine),
    ("cos", Function::Cosine),
    ("tan", Function::Tangent),
    ("tg", Function::Tangent),
    ("cot", Function::Cotangent),
    ("sec", Function::Secant),
    ("csc", Function::Cosecant),
    ("arcsin", Function::ArcSine),
    ("arccos", Function::ArcCosine),
    ("arctan", Function::ArcTangent),
    ("asin", Function::ArcSine),
    ("acos", Function::ArcCosine),
    ("atan", Function::ArcTangent),
    ("ln", Function::Natural),
    ("log", Function::Logarithm),
    ("abs", Function::Absolute),
    ("floor", Function::Floor),
    ("ceil", Function::Ceiling),
];

/// Functions of several arguments, always in brackets.
const OF_SEVERAL: [(&str, Function); 5] = [
    ("max", Function::Maximum),
    ("min", Function::Minimum),
    ("gcd", Function::GreatestDivisor),
    ("lcm", Function::LeastMultiple),
    ("binom", Function::Binomial),
];

/// Most functions in each other: `\sin \cos \tan x` has three.
const MAX_FUNCTIONS: u32 = 6;

impl Reader<'_> {
    /// Reads a function of something that has few functions in each other.
    pub(super) fn function(&mut self, name: &str) -> Option<Expression> {
        if self.functions >= MAX_FUNCTIONS {
            return None;
        }
        self.functions += 1;
        let call = self.call(name);
        self.functions -= 1;
        call
    }

    /// Reads a function's power, base and argument.
    fn call(&mut self, name: &str) -> Option<Expression> {
        if let Some((_, function)) = OF_SEVERAL.iter().find(|(own, _)| *own == name) {
            let arguments = self.arguments()?;
            let fits = if *function == Function::Binomial { arguments.len() == 2 } else { arguments.len() >= 2 };
            return fits.then_some(Expression::Call(*function, arguments));
        }
        if name == "exp" {
            let inner = if self.is('(') { self.bracket()? } else { self.group()? };
            return Some(Expression::Power(Box::new(Expression::Constant(Constant::Euler)), Box::new(inner)));
        }
        if name == "cis" {
            let angle = self.argument()?;
            let sine = Expression::Call(Function::Sine, vec![angle.clone()]);
            let imaginary = Expression::Product(vec![Expression::Constant(Constant::Imaginary), sine]);
            return Some(Expression::Sum(vec![Expression::Call(Function::Cosine, vec![angle]), imaginary]));
        }
        if name == "lg" {
            return Some(Expression::Call(Function::LogarithmTo, vec![Expression::whole(10), self.argument()?]));
        }
        let (_, mut function) = *FUNCTIONS.iter().find(|(own, _)| *own == name)?;
        let mut base = None;
        let mut power = None;
        for _ in 0..2 {
            if self.is('_') && base.is_none() {
                if function != Function::Logarithm {
                    return None;
                }
                self.at += 1;
                base = Some(self.script()?);
            } else if self.is('^') && power.is_none() {
                self.at += 1;
                power = Some(self.exponent()?);
            }
        }
        if power == Some(Expression::whole(-1)) {
            function = match function {
                Function::Sine => Function::ArcSine,
                Function::Cosine => Function::ArcCosine,
                Function::Tangent => Function::ArcTangent,
                _ => return None,
            };
            power = None;
        }
        let argument = self.argument()?;
        let call = match base {
            Some(base) => Expression::Call(Function::LogarithmTo, vec![base, argument]),
            None => Expression::Call(function, vec![argument]),
        };
        Some(match power {
            Some(power) => Expression::Power(Box::new(call), Box::new(power)),
            None => call,
        })
    }

    /// Reads an argument: a bracket, or factors without a sign between them up to the next function.
    fn argument(&mut self) -> Option<Expression> {
        let argument = match self.peek(0)? {
            Item::Symbol('(') => {
                let argument = self.bracket()?;
                // `sin(x)^2` has two readings.
                if self.is('^') {
                    return None;
                }
                return Some(argument);
            }
            Item::Symbol('{') => return self.group(),
            Item::Symbol('|') => self.factor()?,
            _ => {
                let mut factors = vec![self.factor()?];
                while self.simple_factor_follows() {
                    factors.push(self.factor()?);
                }
                if factors.len() == 1 { factors.pop()? } else { Expression::Product(factors) }
            }
        };
        // `sin x/2` and `sin x(x+1)` have two readings.
        if self.is('/') || self.is('(') || self.is('*') { None } else { Some(argument) }
    }

    fn simple_factor_follows(&self) -> bool {
        match self.peek(0) {
            Some(Item::Letter(_)) => true,
            Some(Item::Name(name)) => ["pi", "frac", "sqrt"].contains(&name.as_str()),
            _ => false,
        }
    }

    /// Reads `(a, b, …)`.
    fn arguments(&mut self) -> Option<Vec<Expression>> {
        self.take('(').then_some(())?;
        let mut arguments = Vec::new();
        loop {
            arguments.push(self.sum()?);
            if self.take(')') {
                return Some(arguments);
            }
            self.take(',').then_some(())?;
        }
    }

    /// Reads `_{k=1}^{n}` and the product that stands behind it.
    pub(super) fn series(&mut self, sum: bool) -> Option<Expression> {
        (self.take('_') && self.take('{')).then_some(())?;
        let Some(Item::Letter(index)) = self.peek(0).cloned() else { return None };
        self.at += 1;
        self.take('=').then_some(())?;
        let from = self.sum()?;
        (self.take('}') && self.take('^')).then_some(())?;
        let to = if self.is_name("infty") {
            self.at += 1;
            None
        } else {
            Some(self.exponent()?)
        };
        self.indices.push(index.clone());
        let body = self.body();
        self.indices.pop();
        Some(Expression::Series(Box::new(Series { index, from, to, body: body? }), sum))
    }

    /// Reads the factors that a sum runs over.
    fn body(&mut self) -> Option<Expression> {
        let mut factors = vec![self.factor()?];
        loop {
            if self.is('*') || self.is_name("cdot") || self.is_name("times") {
                self.at += 1;
            } else if self.is('/') {
                return None;
            } else if !matches!(self.peek(0), Some(Item::Letter(_) | Item::Name(_) | Item::Symbol('(' | '{')))
                || self.is_name("pm")
            {
                break;
            }
            factors.push(self.factor()?);
        }
        if factors.len() == 1 { factors.pop() } else { Some(Expression::Product(factors)) }
    }
}
