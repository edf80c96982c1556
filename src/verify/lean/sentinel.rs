//! Reads Lean's report of the axioms that the sentinel theorem rests on.

/// What `#print axioms` says of a theorem: `'name' depends on axioms: [a, b]`, wrapped over lines where it is long.
///
/// Gives the full names, without universes; nothing where the message is no such report of exactly this name. Names may
/// hold commas, brackets and line ends inside `«…»`.
pub(crate) fn axioms(message: &str, name: &str) -> Option<Vec<String>> {
    let said = message.strip_prefix('\'')?.strip_prefix(name)?.strip_prefix('\'')?;
    if said.trim_end() == " does not depend on any axioms" {
        return Some(Vec::new());
    }
    let mut words = said;
    for word in ["depends", "on", "axioms:"] {
        words = words.trim_start().strip_prefix(word)?;
    }
    let list = words.trim().strip_prefix('[')?.strip_suffix(']')?;
    let mut names = Vec::new();
    let mut rest = list;
    loop {
        let end = name_end(rest)?;
        let (name, behind) = rest.split_at_checked(end)?;
        let name = name.trim();
        let plain = without_universes(name);
        if plain.is_empty() {
            return None;
        }
        names.push(plain.to_owned());
        match behind.strip_prefix(',') {
            Some(more) => rest = more,
            None => return Some(names),
        }
    }
}

/// Reads a report whatever name it is of: Lean prints a private theorem's under a name of its own.
pub(crate) fn any_axioms(message: &str) -> Option<Vec<String>> {
    let end = message.find("' d")?;
    axioms(message, message.get(1..end)?)
}

/// Finds the comma behind the first name of a list, or the list's end; nothing where a quotation mark is not closed.
fn name_end(list: &str) -> Option<usize> {
    let mut quoted = false;
    let mut braces = 0_usize;
    for (at, c) in list.char_indices() {
        match c {
            '«' => quoted = true,
            '»' => quoted = false,
            '{' if !quoted => braces += 1,
            '}' if !quoted => braces = braces.saturating_sub(1),
            ',' if !quoted && braces == 0 => return Some(at),
            _ => {}
        }
    }
    (!quoted).then_some(list.len())
}

/// Cuts the universes off a name (`Quot.sound.{u}`).
fn without_universes(name: &str) -> &str {
    match name.rfind(".{") {
        Some(at) if name.ends_with('}') && name.get(at..).is_some_and(|tail| !tail.contains('»')) => {
            name.get(..at).unwrap_or(name)
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::axioms;

    #[test]
    fn reports_are_read() {
        let check = |message: &str, expected: Option<&[&str]>| {
            let expected = expected.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
            assert_eq!(axioms(message, "Check_n7"), expected, "{message:?}");
        };
        check("'Check_n7' does not depend on any axioms", Some(&[]));
        check("'Check_n7' depends on axioms: [propext]", Some(&["propext"]));
        check("'Check_n7' depends on axioms: [propext, Classical.choice]", Some(&["propext", "Classical.choice"]));
        check("'Check_n7' depends on axioms: [hyp0xxx,\n hyp1xxx,\n cheat]", Some(&["hyp0xxx", "hyp1xxx", "cheat"]));
        check("'Check_n7' depends on axioms:\n[a]", Some(&["a"]));
        check("'Check_n7' depends on axioms: [Quot.sound.{u}, f.{u, v}]", Some(&["Quot.sound", "f"]));
        check("'Check_n7' depends on axioms: [«propext, Quot.sound»]", Some(&["«propext, Quot.sound»"]));
        check("'Check_n7' depends on axioms: [«propext]\nx», a]", Some(&["«propext]\nx»", "a"]));
        check("'Check_n7' depends on axioms: [«a.{u}»]", Some(&["«a.{u}»"]));
        check("'Check_n7' depends on axioms: []", None);
        check("'Check_n7' depends on axioms: [a", None);
        check("'Check_n7' depends on axioms: [a,, b]", None);
        check("'Check_n7' depends on axioms: [«a, b]", None);
        check("'Evil.Check_n7' does not depend on any axioms", None);
        check("'Check_n77' does not depend on any axioms", None);
        check("'Check_n7' does not depend on any axioms, but on this", None);
        check("x 'Check_n7' does not depend on any axioms", None);
    }

    proptest! {
        #[test]
        fn any_message_is_survived(message in "('Check_n7' depends on axioms: \\[)?.{0,40}") {
            let _ = axioms(&message, "Check_n7");
        }
    }
}
