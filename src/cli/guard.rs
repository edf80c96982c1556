//! A panic is a defect in stepproof: it is said so, with its place, and ends the process with its own exit code.

use std::io::Write;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};

use crate::cli::exit::Exit;
use crate::cli::render::escape_line;

/// Runs the command; a panic in it ends as [`Exit::Defect`].
pub(crate) fn run(command: impl FnOnce() -> Exit) -> Exit {
    panic::set_hook(Box::new(|info| {
        // A standard error that is gone is nothing to fail over.
        let _ = anstream::stderr().write_all(report(info).as_bytes());
    }));
    panic::catch_unwind(AssertUnwindSafe(command)).unwrap_or(Exit::Defect)
}

fn report(info: &PanicHookInfo<'_>) -> String {
    let place = info.location().map_or_else(
        || "an unknown place".to_owned(),
        |location| format!("{}:{}", within_sources(location.file()), location.line()),
    );
    let message = info.payload_as_str().unwrap_or("no message");
    format!(
        "error: a defect in stepproof {} at {place}: {}\n\
         hint: committed attempts are safe; please report this line with the command that led to it\n",
        env!("CARGO_PKG_VERSION"),
        escape_line(message)
    )
}

/// Cuts the folders of the machine that compiled the program off a source path.
fn within_sources(path: &str) -> &str {
    for mark in ["/registry/src/", "/library/"] {
        if let Some((_, rest)) = path.rsplit_once(mark) {
            return rest;
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_defect_and_names_its_place() {
        assert_eq!(run(|| Exit::No), Exit::No);
        let said = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
        let heard = said.clone();
        assert_eq!(
            run(|| {
                panic::set_hook(Box::new(move |info| heard.lock().unwrap().push_str(&report(info))));
                panic!("odd \u{1b}[2J state")
            }),
            Exit::Defect
        );
        let _ = panic::take_hook();
        let said = said.lock().unwrap();
        assert!(said.starts_with("error: a defect in stepproof "), "{said}");
        assert!(said.contains("guard.rs:") && said.contains("odd \\u{1b}[2J state"), "{said}");
    }

    #[test]
    fn places_do_not_show_the_builder_s_folders() {
        assert_eq!(within_sources("/x/registry/src/index-1/toml-1.2/src/a.rs"), "index-1/toml-1.2/src/a.rs");
        assert_eq!(within_sources("src/run/mod.rs"), "src/run/mod.rs");
    }
}
