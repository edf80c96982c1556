//! Units that measure: which of them an answer names. Different ones make no difference of values, and no equality.

use std::collections::BTreeSet;

use super::token::Token;

/// Measures with their other spellings; a plural `s` is dress.
const MEASURES: [&[&str]; 29] = [
    &["mm", "millimeter", "millimetre"],
    &["cm", "centimeter", "centimetre"],
    &["m", "meter", "metre"],
    &["km", "kilometer", "kilometre"],
    &["inch", "in", "inche"],
    &["foot", "feet", "ft"],
    &["yard", "yd"],
    &["mile", "mi"],
    &["g", "gram"],
    &["kg", "kilogram"],
    &["mg", "milligram"],
    &["pound", "lb"],
    &["ounce", "oz"],
    &["ton", "tonne"],
    &["liter", "litre", "l"],
    &["ml", "milliliter", "millilitre"],
    &["gallon", "gal"],
    &["second", "sec", "s"],
    &["minute", "min"],
    &["hour", "hr", "h"],
    &["day"],
    &["week"],
    &["month"],
    &["year", "yr"],
    &["dollar"],
    &["cent"],
    &["radian", "rad"],
    &["celsius", "degrees c"],
    &["fahrenheit", "degrees f"],
];

/// Gives the measures that an answer names, as places in a table; a sign of dollars names them too.
pub(super) fn measures(tokens: &[Token], dollars: bool) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    if dollars {
        found.extend(MEASURES.iter().position(|names| names.contains(&"dollar")));
    }
    for (at, token) in tokens.iter().enumerate() {
        let Token::Word { text, dressed } = token else { continue };
        let after_degree = at.checked_sub(1).and_then(|before| tokens.get(before)) == Some(&Token::Degree);
        if after_degree && (text == "C" || text == "F") {
            let name = format!("degrees {}", text.to_lowercase());
            found.extend(MEASURES.iter().position(|names| names.contains(&name.as_str())));
            continue;
        }
        // A bare letter is a variable.
        if !dressed && text.chars().count() == 1 {
            continue;
        }
        let word = text.to_lowercase();
        let singular = word.strip_suffix('s').filter(|singular| !singular.is_empty()).unwrap_or(&word);
        let place = MEASURES.iter().position(|names| names.contains(&word.as_str()) || names.contains(&singular));
        found.extend(place);
    }
    found
}
