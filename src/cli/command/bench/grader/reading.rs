//! Reads the answers of the data set for the rules: only what is surely understood is read, the rest is left alone.

use super::answer::{Answer, Dress, Interval};
use super::expression::Expression;
use Expression::{Decimal, Integer, Power, Product, Quotient, Root, Sum, Symbol};

/// Reads an answer of the data set.
pub(super) fn answer(text: &str) -> Option<Answer> {
    let text = text.trim();
    if let Some(words) = words(text) {
        return Some(Answer::Words(words));
    }
    let read = dressed(text).or_else(|| matrix(text)).or_else(|| based(text)).or_else(|| {
        let tokens = tokens(text)?;
        equation(&tokens)
            .or_else(|| intervals(&tokens))
            .or_else(|| tuple(&tokens))
            .or_else(|| list(&tokens))
            .or_else(|| ratio(&tokens))
            .or_else(|| expression(&tokens).map(Answer::Value))
    })?;
    // Capital letters are names of points and options as often as they are numbers.
    let capital = |name: &String| name.starts_with(char::is_uppercase);
    let names = read.expressions().iter().any(|part| part.variables().iter().any(capital));
    let letter_alone = matches!(&read, Answer::Value(Symbol(name)) if name != "\\pi" && name != "i");
    (!names && !letter_alone).then_some(read)
}

fn words(text: &str) -> Option<String> {
    let inside = text.strip_prefix("\\text{")?.strip_suffix('}')?.trim();
    let plain = inside.len() > 1 && inside.chars().all(|letter| letter.is_ascii_alphabetic() || letter == ' ');
    plain.then(|| inside.to_owned())
}

/// Reads a number with a unit, a degree, percent or money sign, or groups of thousands.
fn dressed(text: &str) -> Option<Answer> {
    let with = |inside: &str, dress| Some(Answer::Dressed(expression(&tokens(inside.trim())?)?, dress));
    for sign in ["^\\circ", "^{\\circ}"] {
        if let Some(inside) = text.strip_suffix(sign) {
            return with(inside, Dress::Degree);
        }
    }
    if let Some(inside) = text.strip_suffix("\\%") {
        return with(inside, Dress::Percent);
    }
    if let Some(inside) = text.strip_prefix("\\$") {
        return with(&ungrouped(inside).unwrap_or_else(|| inside.to_owned()), Dress::Money);
    }
    if let Some(digits) = ungrouped(text) {
        return with(&digits, Dress::Grouped);
    }
    let (inside, unit) = text.split_once("\\text{").or_else(|| text.split_once("\\mbox{"))?;
    let (unit, power) = unit.split_once('}')?;
    let known = unit.trim().split(' ').all(|word| UNITS.contains(&word));
    (known && ["", "^2", "^3"].contains(&power.trim())).then(|| with(inside, Dress::Unit))?
}

const UNITS: [&str; 30] = [
    "cm", "feet", "inches", "miles", "square", "cubic", "units", "meters", "dollars", "degrees", "cents", "hours",
    "days", "minutes", "seconds", "in.", "km", "mph", "pounds", "years", "grams", "kg", "m", "ft", "gallons", "liters",
    "mm", "ounces", "weeks", "yards",
];

/// Reads digits in groups of three (`4,\!989,\!600`, `23{,}000`, `58,500`) without what stands between them.
fn ungrouped(text: &str) -> Option<String> {
    let plain = text.replace(",\\!", ",").replace("{,}", ",");
    let mut groups = plain.split(',');
    let first = groups.next()?;
    let digits = |group: &str| group.chars().all(|digit| digit.is_ascii_digit());
    let rest: Vec<&str> = groups.collect();
    let whole = (1..=3).contains(&first.len()) && digits(first) && !rest.is_empty();
    (whole && rest.iter().all(|group| group.len() == 3 && digits(group))).then(|| format!("{first}{}", rest.concat()))
}

fn matrix(text: &str) -> Option<Answer> {
    let inside = text.strip_prefix("\\begin{pmatrix}")?.strip_suffix("\\end{pmatrix}")?;
    let rows = inside.trim().trim_end_matches("\\\\").split("\\\\");
    let row = |row: &str| row.split('&').map(|entry| expression(&tokens(entry)?)).collect::<Option<Vec<_>>>();
    Some(Answer::Matrix(rows.map(row).collect::<Option<_>>()?))
}

fn based(text: &str) -> Option<Answer> {
    let (digits, base) = text.split_once('_')?;
    let base = base.trim_start_matches('{').trim_end_matches('}');
    // A single digit means the same in most bases.
    let digits_fit = digits.len() > 1 && digits.chars().all(|digit| digit.is_ascii_digit());
    let base: i64 = base.parse().ok()?;
    digits_fit.then(|| Answer::Based(digits.to_owned(), base))
}

/// A token of LaTeX: a number, a letter, a command without its backslash, or a sign.
#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(String),
    Letter(char),
    Command(String),
    Sign(char),
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        rest = rest.get(next.len_utf8()..)?;
        let run = |rest: &str, fits: fn(char) -> bool| rest.find(|letter| !fits(letter)).unwrap_or(rest.len());
        match next {
            ' ' | '$' => {}
            '\\' => {
                let length = run(rest, |letter| letter.is_ascii_alphabetic());
                if length == 0 {
                    let spaces = rest.starts_with([',', ';', '!', ' ']);
                    let sign = rest.chars().next()?;
                    rest = rest.get(1..)?;
                    if !spaces {
                        out.push(Token::Command(sign.to_string()));
                    }
                    continue;
                }
                let name = rest.get(..length)?;
                rest = rest.get(length..)?;
                match name {
                    "left" | "right" => {}
                    "dfrac" | "tfrac" => out.push(Token::Command("frac".to_owned())),
                    _ => out.push(Token::Command(name.to_owned())),
                }
            }
            '0'..='9' | '.' => {
                let length = run(rest, |digit| digit.is_ascii_digit() || digit == '.');
                out.push(Token::Number(format!("{next}{}", rest.get(..length)?)));
                rest = rest.get(length..)?;
            }
            _ if next.is_ascii_alphabetic() => out.push(Token::Letter(next)),
            _ => out.push(Token::Sign(next)),
        }
    }
    Some(out)
}

/// Cuts at a sign that stands outside of all brackets and braces.
fn cut(tokens: &[Token], at: &Token) -> Vec<Vec<Token>> {
    let (mut depth, mut parts) = (0, vec![Vec::new()]);
    for token in tokens {
        match token {
            Token::Sign('(' | '[' | '{') => depth += 1,
            Token::Sign(')' | ']' | '}') => depth -= 1,
            _ => {}
        }
        if depth == 0 && token == at {
            parts.push(Vec::new());
        } else if let Some(last) = parts.last_mut() {
            last.push(token.clone());
        }
    }
    parts
}

fn equation(tokens: &[Token]) -> Option<Answer> {
    let parts = cut(tokens, &Token::Sign('='));
    let [left, right] = parts.as_slice() else { return None };
    // A product of letters before the sign may be the name of a length.
    let letters = left.iter().filter(|token| matches!(token, Token::Letter(_))).count();
    if left.len() > 1 && letters == left.len() {
        return None;
    }
    Some(Answer::Equation(expression(left)?, expression(right)?))
}

fn intervals(tokens: &[Token]) -> Option<Answer> {
    let parts = cut(tokens, &Token::Command("cup".to_owned()));
    let found: Vec<Interval> = parts.iter().map(|part| interval(part)).collect::<Option<_>>()?;
    let open_pair = |interval: &Interval| !interval.closed.0 && !interval.closed.1 && interval.is_bounded();
    // `(1, 2)` alone is a point as well.
    (found.len() > 1 || !found.iter().any(open_pair)).then_some(Answer::Intervals(found))
}

fn interval(tokens: &[Token]) -> Option<Interval> {
    let [Token::Sign(open @ ('(' | '[')), inside @ .., Token::Sign(close @ (')' | ']'))] = tokens else { return None };
    let ends = cut(inside, &Token::Sign(','));
    let [low, high] = ends.as_slice() else { return None };
    let infinity = |name: &Token| *name == Token::Command("infty".to_owned());
    let low = match low.as_slice() {
        [Token::Sign('-'), end] if infinity(end) => None,
        other => Some(expression(other)?),
    };
    let high = match high.as_slice() {
        [end] | [Token::Sign('+'), end] if infinity(end) => None,
        other => Some(expression(other)?),
    };
    let variables = [&low, &high].into_iter().flatten().any(|end| !end.variables().is_empty());
    (!variables).then_some(Interval { low, high, closed: (*open == '[', *close == ']') })
}

fn tuple(tokens: &[Token]) -> Option<Answer> {
    let [Token::Sign('('), inside @ .., Token::Sign(')')] = tokens else { return None };
    let parts = cut(inside, &Token::Sign(','));
    let parts: Vec<Expression> = parts.iter().map(|part| expression(part)).collect::<Option<_>>()?;
    (parts.len() > 1).then_some(Answer::Tuple(parts))
}

fn list(tokens: &[Token]) -> Option<Answer> {
    let parts = cut(tokens, &Token::Sign(','));
    let parts: Vec<Expression> = parts.iter().map(|part| expression(part)).collect::<Option<_>>()?;
    // Letters in a row may be names.
    let letters = parts.iter().any(|part| !part.variables().is_empty());
    (parts.len() > 1 && !letters).then_some(Answer::List(parts))
}

fn ratio(tokens: &[Token]) -> Option<Answer> {
    let [Token::Number(one), Token::Sign(':'), Token::Number(other)] = tokens else { return None };
    // `05:00` is a time.
    let plain = !one.starts_with('0') && !other.starts_with('0');
    plain.then(|| Some(Answer::Ratio(one.parse().ok()?, other.parse().ok()?)))?
}

fn expression(tokens: &[Token]) -> Option<Expression> {
    let mut reader = Reader { tokens, at: 0 };
    let value = reader.sum()?;
    (reader.at == tokens.len()).then_some(value)
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn take(&mut self, sign: char) -> bool {
        let found = self.peek() == Some(&Token::Sign(sign));
        self.at += usize::from(found);
        found
    }

    fn sum(&mut self) -> Option<Expression> {
        let mut terms = Vec::new();
        loop {
            let negative = self.take('-');
            if !negative && !self.take('+') && !terms.is_empty() {
                break;
            }
            let term = self.product()?;
            terms.push(if negative { term.negated() } else { term });
        }
        if terms.len() == 1 { terms.pop() } else { Some(Sum(terms)) }
    }

    fn product(&mut self) -> Option<Expression> {
        let mut factors = vec![self.power()?];
        loop {
            match self.peek() {
                Some(Token::Command(name)) if name == "cdot" || name == "times" => {
                    self.at += 1;
                    factors.push(self.power()?);
                }
                Some(Token::Sign('/')) => {
                    self.at += 1;
                    // What a denominator without brackets holds is told by plain numbers only.
                    let (Some(Integer(above)), Some(Integer(below))) = (factors.pop(), self.power()) else {
                        return None;
                    };
                    let ends = matches!(self.peek(), None | Some(Token::Sign('+' | '-' | ')')));
                    if !factors.is_empty() || !ends {
                        return None;
                    }
                    factors.push(Integer(above).over(Integer(below)));
                }
                None | Some(Token::Sign('+' | '-' | ')' | '}' | ']')) => break,
                _ => {
                    let factor = self.power()?;
                    let before = factors.last()?;
                    match (before, &factor) {
                        // A mixed number.
                        (Integer(_), Quotient(..)) if factors.len() == 1 && factor.as_fraction().is_some() => {
                            let whole = factors.pop()?;
                            factors.push(Sum(vec![whole, factor]));
                        }
                        (_, Integer(_) | Decimal(_)) => return None,
                        _ => factors.push(factor),
                    }
                }
            }
        }
        if factors.len() == 1 { factors.pop() } else { Some(Product(factors)) }
    }

    fn power(&mut self) -> Option<Expression> {
        let base = self.atom()?;
        if !self.take('^') {
            return Some(base);
        }
        let exponent = self.argument()?;
        // A power of a power without braces has no reading.
        (self.peek() != Some(&Token::Sign('^'))).then(|| Power(Box::new(base), Box::new(exponent)))
    }

    /// Reads an argument in braces, or one digit or letter.
    fn argument(&mut self) -> Option<Expression> {
        if self.take('{') {
            let inner = self.sum()?;
            return self.take('}').then_some(inner);
        }
        match self.peek()? {
            Token::Number(digits) if digits.len() == 1 => self.atom(),
            Token::Letter(_) | Token::Command(_) => self.atom(),
            _ => None,
        }
    }

    /// Reads the arguments of a fraction without braces too: `\frac12`.
    fn fraction(&mut self) -> Option<Expression> {
        if let Some(Token::Number(digits)) = self.peek()
            && let (2, Ok(number)) = (digits.len(), digits.parse::<i64>())
        {
            self.at += 1;
            return Some(Integer(number / 10).over(Integer(number % 10)));
        }
        let (above, below) = (self.argument()?, self.argument()?);
        Some(above.over(below))
    }

    fn atom(&mut self) -> Option<Expression> {
        let token = self.peek()?.clone();
        self.at += 1;
        match token {
            Token::Number(digits) if digits.contains('.') => {
                let digits = if digits.starts_with('.') { format!("0{digits}") } else { digits };
                (digits.matches('.').count() == 1 && !digits.ends_with('.')).then_some(Decimal(digits))
            }
            Token::Number(digits) => (digits.len() <= 12).then(|| digits.parse().ok().map(Integer))?,
            // A function of what stands in the bracket is no product.
            Token::Letter('f' | 'g') if self.peek() == Some(&Token::Sign('(')) => None,
            Token::Letter(letter) => Some(Symbol(letter.to_string())),
            Token::Command(name) if name == "pi" => Some(Symbol("\\pi".to_owned())),
            Token::Command(name) if name == "frac" => self.fraction(),
            Token::Command(name) if name == "sqrt" => {
                let index = if self.take('[') {
                    let Some(Integer(index)) = self.atom() else { return None };
                    if !self.take(']') {
                        return None;
                    }
                    index
                } else {
                    2
                };
                Some(Root(index, Box::new(self.argument()?)))
            }
            Token::Sign('(') => {
                let inner = self.sum()?;
                self.take(')').then_some(inner)
            }
            _ => None,
        }
    }
}
