//! What is compiled in: the definitions of `benchmarks/suites/` and the problems of `benchmarks/sample/`.

use std::sync::LazyLock;

use super::spec::SuiteSpec;

const DEFINITIONS: [&str; 12] = [
    include_str!("../../benchmarks/suites/sample.toml"),
    include_str!("../../benchmarks/suites/sample-words.toml"),
    include_str!("../../benchmarks/suites/aime-2024.toml"),
    include_str!("../../benchmarks/suites/aime-2025.toml"),
    include_str!("../../benchmarks/suites/aime-1983-2023.toml"),
    include_str!("../../benchmarks/suites/math500.toml"),
    include_str!("../../benchmarks/suites/gsm8k.toml"),
    include_str!("../../benchmarks/suites/amc10.toml"),
    include_str!("../../benchmarks/suites/amc12.toml"),
    include_str!("../../benchmarks/suites/amc23.toml"),
    include_str!("../../benchmarks/suites/core-theorems.toml"),
    include_str!("../../benchmarks/suites/minif2f.toml"),
];

const PROBLEMS: [(&str, &str); 3] = [
    ("sample/competition.jsonl", include_str!("../../benchmarks/sample/competition.jsonl")),
    ("sample/words.jsonl", include_str!("../../benchmarks/sample/words.jsonl")),
    ("sample/core.jsonl", include_str!("../../benchmarks/sample/core.jsonl")),
];

#[expect(clippy::expect_used, reason = "fixed texts, parsed in every test run")]
static SPECS: LazyLock<Vec<SuiteSpec>> =
    LazyLock::new(|| DEFINITIONS.iter().map(|text| toml::from_str(text).expect("our definitions are valid")).collect());

/// The definitions of all suites that are compiled in, in the order of the documentation.
pub(super) fn specs() -> &'static [SuiteSpec] {
    &SPECS
}

/// Finds problems that are compiled in.
pub(super) fn problems(name: &str) -> Option<&'static str> {
    PROBLEMS.iter().find(|(own, _)| *own == name).map(|(_, text)| *text)
}
