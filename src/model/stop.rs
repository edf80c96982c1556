//! Finds stop texts in a stream and holds back what may become one.

/// Looks for stop texts in one completion. Feed it the raw text, think tags included, in order.
///
/// The match that is complete first wins; of several that are complete at the same place, the longest. So the result
/// does not depend on where the stream is cut.
///
/// ```
/// use stepproof::model::stop::StopMatcher;
///
/// let mut matcher = StopMatcher::new(vec!["\n\n".to_owned()]);
/// assert_eq!(matcher.push("one\n").emit, "one");
/// let step = matcher.push("\ntwo");
/// assert_eq!((step.emit.as_str(), step.stopped.as_deref()), ("", Some("\n\n")));
/// ```
#[derive(Debug, Clone)]
pub struct StopMatcher {
    stops: Vec<String>,
    held: String,
}

/// What one piece of text led to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StopStep {
    /// Text that is certain to stand before any stop text.
    pub emit: String,
    /// The stop text that was found. The caller then ends; text after it is dropped.
    pub stopped: Option<String>,
}

impl StopMatcher {
    /// Looks for these texts; empty ones are ignored.
    #[must_use]
    pub fn new(mut stops: Vec<String>) -> StopMatcher {
        stops.retain(|stop| !stop.is_empty());
        StopMatcher {
            stops,
            held: String::new(),
        }
    }

    /// Takes the next piece of text. After a stop was found the matcher starts anew with empty hands.
    pub fn push(&mut self, delta: &str) -> StopStep {
        self.held.push_str(delta);
        let matches = self.stops.iter().filter_map(|stop| {
            let start = self.held.find(stop.as_str())?;
            Some((start + stop.len(), start, stop))
        });
        if let Some((_, start, stop)) = matches.min_by_key(|(end, start, _)| (*end, *start)) {
            let stopped = Some(stop.clone());
            let mut emit = std::mem::take(&mut self.held);
            emit.truncate(start);
            return StopStep { emit, stopped };
        }
        let rest = self.held.split_off(self.held.len() - self.uncertain_end());
        StopStep {
            emit: std::mem::replace(&mut self.held, rest),
            stopped: None,
        }
    }

    /// Ends the text and gives what was held back.
    #[must_use]
    pub fn finish(self) -> String {
        self.held
    }

    /// Gives the length of the longest end of the held text that begins a stop text.
    fn uncertain_end(&self) -> usize {
        let begins = |stop: &String| {
            let longest = self.held.len().min(stop.len() - 1);
            let found = (1..=longest)
                .rev()
                .find(|&length| self.held.as_bytes().ends_with(&stop.as_bytes()[..length]));
            // Half a character never matches: the held text ends at a character's end, and so does a prefix equal to it.
            found.unwrap_or(0)
        };
        self.stops.iter().map(begins).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Gives all that was emitted and the stop text found.
    fn run<'a>(stops: &[&str], deltas: impl IntoIterator<Item = &'a str>) -> (String, Option<String>) {
        let mut matcher = StopMatcher::new(stops.iter().map(|stop| (*stop).to_owned()).collect());
        let mut emitted = String::new();
        for delta in deltas {
            let step = matcher.push(delta);
            emitted += &step.emit;
            if step.stopped.is_some() {
                return (emitted, step.stopped);
            }
        }
        (emitted + &matcher.finish(), None)
    }

    fn check(stops: &[&str], text: &str, expected: (&str, Option<&str>)) {
        let expected = (expected.0.to_owned(), expected.1.map(str::to_owned));
        assert_eq!(run(stops, [text]), expected, "{text:?} in one piece");
        let letters: Vec<String> = text.chars().map(String::from).collect();
        assert_eq!(
            run(stops, letters.iter().map(String::as_str)),
            expected,
            "{text:?} letter by letter"
        );
    }

    #[test]
    fn the_match_that_is_complete_first_wins() {
        check(&[], "abc", ("abc", None));
        check(&[""], "abc", ("abc", None));
        check(&["x"], "abc", ("abc", None));
        check(&["b"], "abc", ("a", Some("b")));
        check(&["\n\n", "Step"], "a\n\nStep 2", ("a", Some("\n\n")));
        check(&["abcd", "bc"], "abcd", ("a", Some("bc")));
        check(&["b", "ab"], "ab", ("", Some("ab")));
        check(&["aab"], "aaab", ("a", Some("aab")));
        check(
            &["\u{e9}\u{1F600}"],
            "a\u{e9}\u{e9}\u{1F600}b",
            ("a\u{e9}", Some("\u{e9}\u{1F600}")),
        );
        check(&["end."], "no end", ("no end", None));
    }

    #[test]
    fn only_what_may_become_a_stop_is_held_back() {
        let mut matcher = StopMatcher::new(vec!["Question:".to_owned(), "\u{1F600}!".to_owned()]);
        assert_eq!(matcher.push("so 4. Que").emit, "so 4. ");
        assert_eq!(matcher.push("ry \u{1F600}").emit, "Query ");
        assert_eq!(matcher.push("?").emit, "\u{1F600}?");
        assert_eq!(matcher.finish(), "");
    }

    proptest! {
        #[test]
        fn cuts_between_deltas_change_nothing(text in "[ab\u{e9}]{0,24}", stops in prop::collection::vec("[ab\u{e9}]{0,4}", 0..4), size in 1usize..6) {
            let stops: Vec<&str> = stops.iter().map(String::as_str).collect();
            let letters: Vec<char> = text.chars().collect();
            let deltas: Vec<String> = letters.chunks(size).map(|chunk| chunk.iter().collect()).collect();
            let (emitted, stopped) = run(&stops, deltas.iter().map(String::as_str));
            prop_assert_eq!(&(emitted.clone(), stopped.clone()), &run(&stops, [text.as_str()]));
            let seen = emitted + stopped.as_deref().unwrap_or_default();
            prop_assert!(text.starts_with(&seen));
            prop_assert_eq!(stopped.is_some(), stops.iter().any(|stop| !stop.is_empty() && text.contains(stop)));
        }
    }
}
