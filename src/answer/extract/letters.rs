//! Letters of options, where no words state the answer.

use super::Extraction;
use super::marks::OPTION;
use crate::answer::clean::bare;
use crate::answer::letter;

/// Finds an option that is called right or chosen, else one that is the last line.
pub(super) fn called(text: &str, options: &[String]) -> Extraction {
    let letters = |found: regex::Captures<'_>| (1..=3).find_map(|group| found.get(group)).map(|letter| letter.range());
    if let Some(letter) = OPTION.captures_iter(text).filter_map(letters).last().and_then(|range| text.get(range)) {
        return Extraction::stated(letter, false);
    }
    let last = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
    let alone = last.len() < 40 && letter::is_alone(last, options);
    // `C. 15`, where 15 is what option C says.
    let with_text = !options.is_empty() && last.len() < 200 && letter::is_led(last, options);
    if alone || with_text { Extraction::stated(bare(last), false) } else { Extraction::NOTHING }
}

/// Cuts a sentence that begins with an option's letter down to the letter (`C because the sum is 5`).
pub(super) fn lone<'a>(phrase: &'a str, options: &[String]) -> &'a str {
    let words = phrase.find([' ', ',']).and_then(|end| Some((phrase.get(..end)?, phrase.get(end..)?)));
    let Some((first, rest)) = words else { return phrase };
    let reason = rest.trim_start_matches([' ', ',']).split([' ', ',']).next().unwrap_or_default();
    let reasons =
        ["because", "since", "as", "so", "for", "which", "with", "and", "is", "where", "given", "due", "based"];
    if reasons.contains(&reason.to_lowercase().as_str()) && letter::is_alone(first, options) { first } else { phrase }
}
