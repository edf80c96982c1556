//! Times of day that name their half: `3:30 PM`, `12 \text{ a.m.}`.

use super::super::token::Token;

/// Reads a time of day as seconds after midnight; `None` where its half is not written.
pub(in super::super) fn time(tokens: &[Token]) -> Option<u32> {
    let two = |digits: &String| digits.len() == 2;
    let (hour, minute, second, half, colon) = match tokens {
        [Token::Number(hour), colon, Token::Number(minute), other, Token::Number(second), half @ ..]
            if colon.is(':') && other.is(':') && two(minute) && two(second) =>
        {
            (hour, minute.as_str(), second.as_str(), half, true)
        }
        [Token::Number(hour), colon, Token::Number(minute), half @ ..] if colon.is(':') && two(minute) => {
            (hour, minute.as_str(), "0", half, true)
        }
        [Token::Number(hour), half @ ..] => (hour, "0", "0", half, false),
        _ => return None,
    };
    // `3 am` is as well a product; in text it is not.
    let written = |token: &Token| matches!(token, Token::Word { dressed, .. } if *dressed || colon);
    if half.is_empty() || half.len() > 4 || !half.iter().all(|token| written(token) || token.is('.')) {
        return None;
    }
    let letters: String = half
        .iter()
        .filter_map(|token| match token {
            Token::Word { text, .. } => Some(text.to_lowercase()),
            _ => None,
        })
        .collect();
    let (hour, minute, second): (u32, u32, u32) = (hour.parse().ok()?, minute.parse().ok()?, second.parse().ok()?);
    if !(1..=12).contains(&hour) || minute > 59 || second > 59 {
        return None;
    }
    let noon = match letters.as_str() {
        "am" => 0,
        "pm" => 12,
        _ => return None,
    };
    Some(((hour % 12 + noon) * 60 + minute) * 60 + second)
}
