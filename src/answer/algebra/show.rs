//! Normal forms as text, for people who ask why.

use std::fmt::Write as _;

use num_traits::{One, Signed};

use super::super::expression::Function;
use super::polynomial::{Fraction, Monomial, Polynomial};
use super::{Algebra, Generator, Name};

/// Longest text of a normal form in bytes; the rest is three dots.
const MAX_TEXT: usize = 400;

impl Algebra {
    /// Writes a normal form in plain text.
    pub(in super::super) fn show(&self, fraction: &Fraction) -> String {
        let mut text = String::new();
        self.write_fraction(fraction, &mut text);
        if text.len() > MAX_TEXT {
            let cut = (0..=MAX_TEXT).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            text.truncate(cut);
            text.push('…');
        }
        text
    }

    fn write_fraction(&self, fraction: &Fraction, text: &mut String) {
        if fraction.below.is_one() {
            return self.write_polynomial(&fraction.above, text);
        }
        text.push('(');
        self.write_polynomial(&fraction.above, text);
        text.push_str(")/(");
        self.write_polynomial(&fraction.below, text);
        text.push(')');
    }

    fn write_polynomial(&self, polynomial: &Polynomial, text: &mut String) {
        if polynomial.is_zero() {
            text.push('0');
        }
        for (place, (monomial, number)) in polynomial.0.iter().enumerate() {
            if text.len() > MAX_TEXT {
                return;
            }
            match (place, number.is_negative()) {
                (0, true) => text.push('-'),
                (0, false) => {}
                (_, true) => text.push_str(" - "),
                (_, false) => text.push_str(" + "),
            }
            let size = number.abs();
            if !size.is_one() || monomial.is_one() {
                let _ = write!(text, "{size}");
                if !monomial.is_one() {
                    text.push('*');
                }
            }
            self.write_monomial(monomial, text);
        }
    }

    fn write_monomial(&self, monomial: &Monomial, text: &mut String) {
        for (place, (name, exponent)) in monomial.0.iter().enumerate() {
            if place > 0 {
                text.push('*');
            }
            self.write_generator(*name, text);
            if exponent.is_integer() && !exponent.is_one() && !exponent.numer().is_negative() {
                let _ = write!(text, "^{exponent}");
            } else if !exponent.is_one() {
                let _ = write!(text, "^({exponent})");
            }
        }
    }

    fn write_generator(&self, name: Name, text: &mut String) {
        if text.len() > MAX_TEXT {
            return;
        }
        match self.generator(name) {
            None => text.push('?'),
            Some(Generator::Imaginary) => text.push('i'),
            Some(Generator::Pi) => text.push_str("pi"),
            Some(Generator::Euler) => text.push('e'),
            Some(Generator::Whole(base, _)) => {
                let _ = write!(text, "{base}");
            }
            Some(Generator::Logarithm(base, _)) => {
                let _ = write!(text, "ln({base})");
            }
            Some(Generator::Cosine(turn)) => {
                let _ = write!(text, "(2cos({turn}*pi))");
            }
            Some(Generator::Root(index, radicand)) => {
                let _ = write!(text, "root[{index}](");
                self.write_polynomial(radicand, text);
                text.push(')');
            }
            Some(Generator::Variable(name)) => text.push_str(name),
            Some(Generator::Power(base, exponent)) => {
                text.push('(');
                self.write_fraction(base, text);
                text.push_str(")^(");
                self.write_monomial(exponent, text);
                text.push(')');
            }
            Some(Generator::Call(function, arguments)) => {
                text.push_str(function_name(*function));
                for (place, argument) in arguments.iter().enumerate() {
                    text.push(if place == 0 { '(' } else { ',' });
                    self.write_fraction(argument, text);
                }
                text.push(')');
            }
        }
    }
}

fn function_name(function: Function) -> &'static str {
    match function {
        Function::Sine => "sin",
        Function::Cosine => "cos",
        Function::Tangent => "tan",
        Function::Cotangent => "cot",
        Function::Secant => "sec",
        Function::Cosecant => "csc",
        Function::ArcSine => "arcsin",
        Function::ArcCosine => "arccos",
        Function::ArcTangent => "arctan",
        Function::Natural => "ln",
        Function::Logarithm | Function::LogarithmTo => "log",
        Function::Absolute => "abs",
        Function::Floor => "floor",
        Function::Ceiling => "ceil",
        Function::Factorial => "factorial",
        Function::Binomial => "binomial",
        Function::Degree => "degree",
        Function::GreatestDivisor => "gcd",
        Function::LeastMultiple => "lcm",
        Function::Maximum => "max",
        Function::Minimum => "min",
    }
}
