use super::*;
use proptest::prelude::*;

/// Gives reasoning, answer and `open_reasoning` of deltas.
fn split<'a>(starts_inside: bool, deltas: impl IntoIterator<Item = &'a str>) -> (String, String, bool) {
    let mut splitter = ThinkSplitter::new(starts_inside);
    let mut pieces: Vec<(Phase, String)> = Vec::new();
    for delta in deltas {
        pieces.extend(splitter.push(delta));
    }
    let end = splitter.finish();
    pieces.extend(end.rest);
    assert!(pieces.iter().all(|(_, text)| !text.is_empty()), "{pieces:?}");
    let first_answer = pieces
        .iter()
        .position(|(phase, _)| *phase == Phase::Answer)
        .unwrap_or(pieces.len());
    assert!(
        pieces[first_answer..].iter().all(|(phase, _)| *phase == Phase::Answer),
        "{pieces:?}"
    );
    let join = |wanted| {
        pieces
            .iter()
            .filter(|(phase, _)| *phase == wanted)
            .map(|(_, text)| text.as_str())
            .collect()
    };
    (join(Phase::Think), join(Phase::Answer), end.open_reasoning)
}

fn check(starts_inside: bool, text: &str, expected: (&str, &str, bool)) {
    let expected = (expected.0.to_owned(), expected.1.to_owned(), expected.2);
    assert_eq!(split(starts_inside, [text]), expected, "{text:?} in one piece");
    let letters: Vec<String> = text.chars().map(String::from).collect();
    assert_eq!(
        split(starts_inside, letters.iter().map(String::as_str)),
        expected,
        "{text:?} letter by letter"
    );
}

#[test]
fn tags_at_the_beginning_part_the_output() {
    check(false, "", ("", "", false));
    check(false, "plain answer", ("", "plain answer", false));
    check(false, "<think>\nwhy\n</think>\n\nbecause", ("why", "because", false));
    check(false, " \n<think>why</think>because\n", ("why", "because\n", false));
    check(false, "<think></think>x", ("", "x", false));
    check(false, "<think>\n\n</think>\n\nx", ("", "x", false));
    check(false, "<think>a\n\nb\n\n</think>x", ("a\n\nb", "x", false));
    check(false, "<think>  a  </think>  x", ("  a  ", "  x", false));
    check(
        false,
        "<think>\u{e9}\u{1F600}\r\n</think>\r\n\u{e9}",
        ("\u{e9}\u{1F600}", "\u{e9}", false),
    );
}

#[test]
fn what_is_no_tag_at_the_beginning_is_text() {
    check(false, "  leading", ("", "  leading", false));
    check(false, "<thin ice", ("", "<thin ice", false));
    check(false, "<thin", ("", "<thin", false));
    check(false, " \n ", ("", " \n ", false));
    check(
        false,
        "answer <think>no</think>",
        ("", "answer <think>no</think>", false),
    );
    check(false, "a</think>b", ("", "a</think>b", false));
    check(
        false,
        "<think>a</think>b</think><think>c",
        ("a", "b</think><think>c", false),
    );
    check(false, "<think>a<think>b</think>c", ("a<think>b", "c", false));
    check(false, "<think>a < b </b></think>c", ("a < b </b>", "c", false));
}

#[test]
fn a_block_that_is_never_closed_is_reported() {
    check(false, "<think>", ("", "", true));
    check(false, "<think>on and on\n", ("on and on\n", "", true));
    check(false, "<think>almost\n</thin", ("almost\n</thin", "", true));
    check(true, "", ("", "", true));
    check(true, "on and on", ("on and on", "", true));
}

#[test]
fn a_prompt_that_opened_the_tag_starts_inside() {
    check(true, "why\n</think>\n\nbecause", ("why", "because", false));
    check(true, "\n</think>\nx", ("", "x", false));
    check(true, "</think>x", ("", "x", false));
    check(true, "<think>\nwhy</think>x", ("why", "x", false));
    check(true, "  why</think>x", ("  why", "x", false));
}

#[test]
fn the_phase_follows_the_text() {
    let mut splitter = ThinkSplitter::new(true);
    assert_eq!(splitter.phase(), Phase::Think);
    splitter.push("a</think>");
    assert_eq!(splitter.phase(), Phase::Answer);
    let mut splitter = ThinkSplitter::new(false);
    assert_eq!(splitter.phase(), Phase::Answer);
    splitter.push("<think>");
    assert_eq!(splitter.phase(), Phase::Think);
}

proptest! {
    #[test]
    fn cuts_between_deltas_change_nothing(
        pieces in prop::collection::vec(prop::sample::select(vec!["<think>", "</think>", "\n", " ", "<", "/think>", "a", "\u{e9}"]), 0..12),
        size in 1usize..9,
        starts_inside: bool,
    ) {
        let text = pieces.concat();
        let letters: Vec<char> = text.chars().collect();
        let deltas: Vec<String> = letters.chunks(size).map(|chunk| chunk.iter().collect()).collect();
        prop_assert_eq!(split(starts_inside, deltas.iter().map(String::as_str)), split(starts_inside, [text.as_str()]));
    }

    #[test]
    fn nothing_but_tags_and_white_space_is_lost(text in "(<think>)?[a-c<>/\n ]{0,20}(</think>)?[a-c\n ]{0,20}", starts_inside: bool) {
        let (reasoning, answer, _) = split(starts_inside, [text.as_str()]);
        let bare = |text: &str| text.replace("<think>", "").replace("</think>", "").replace(char::is_whitespace, "");
        prop_assert_eq!(bare(&(reasoning + &answer)), bare(&text));
    }
}
