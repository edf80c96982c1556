//! From a name or a file and the user's `key=value` changes to a settled [`StrategySpec`].

use std::path::Path;

use super::StrategyError;
use super::prover::resolve;
use super::spec::{Parameters, PresetFile, StrategySpec};

/// The shipped presets; the first three are the kinds.
const PRESETS: [(&str, &str); 11] = [
    ("cot", include_str!("preset/cot.toml")),
    ("stepwise", include_str!("preset/stepwise.toml")),
    ("whole-proof", include_str!("preset/whole-proof.toml")),
    ("deepseek-prover-v1.5", include_str!("preset/deepseek-prover-v1.5.toml")),
    ("deepseek-prover-v1.5-cot", include_str!("preset/deepseek-prover-v1.5-cot.toml")),
    ("deepseek-prover-v2", include_str!("preset/deepseek-prover-v2.toml")),
    ("deepseek-prover-v2-direct", include_str!("preset/deepseek-prover-v2-direct.toml")),
    ("goedel-prover", include_str!("preset/goedel-prover.toml")),
    ("goedel-prover-v2", include_str!("preset/goedel-prover-v2.toml")),
    ("kimina-prover", include_str!("preset/kimina-prover.toml")),
    ("stp", include_str!("preset/stp.toml")),
];
const KINDS: usize = 3;

/// The parameter with a prover's form.
const PROVER: &str = "prover";
/// The change that names a file with the sentences that provers were trained with.
const TRIGGERS: &str = "triggers";

fn shipped(name: &str) -> Option<&'static str> {
    PRESETS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Gives the names of the presets that ship with the program.
#[must_use]
pub fn names() -> Vec<&'static str> {
    PRESETS.iter().map(|(name, _)| *name).collect()
}

/// Loads a strategy by a preset's name or from a TOML file of the user's, which may leave out parameters, and changes
/// parameters by `key=value`. For provers `triggers=FILE` names a TOML file with the sentences that they were trained to
/// be asked with; each is verified, and without it they are asked in our own words.
///
/// # Errors
/// Unknown name (with the nearest one), a file that cannot be read, a parameter that is unknown, of the wrong type or
/// out of range.
pub fn load(name: &str, changes: &[(String, String)]) -> Result<StrategySpec, StrategyError> {
    let is_file = Path::new(name).extension().is_some_and(|extension| extension == "toml");
    let (text, title) = if is_file {
        let path = Path::new(name);
        let text = std::fs::read_to_string(path)
            .map_err(|source| StrategyError::Unreadable { path: path.to_owned(), source })?;
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        (text, stem)
    } else {
        let text = shipped(name).ok_or_else(|| unknown(name))?;
        (text.to_owned(), name.to_owned())
    };
    let fail = |reason: String| StrategyError::Parameters { name: name.to_owned(), reason };
    let preset: PresetFile = toml::from_str(&text).map_err(|error| fail(error.to_string()))?;
    let kind = PRESETS.iter().take(KINDS).find(|(name, _)| *name == preset.kind).map(|(_, text)| *text);
    let base = kind.ok_or_else(|| fail(format!("kind = {:?} is unknown", preset.kind)))?;
    let base: PresetFile = toml::from_str(base).map_err(|error| fail(error.to_string()))?;
    let mut table = base.parameters;
    table.extend(preset.parameters);
    let mut triggers = None;
    for (key, value) in changes {
        if key == TRIGGERS && table.contains_key(PROVER) {
            let text = read_value(value);
            triggers = Some(text.as_str().unwrap_or(value).to_owned());
            continue;
        }
        // `top_k` has no default, so that it is not in the table.
        if (!table.contains_key(key) && key != "top_k") || key == PROVER {
            let extra = ["top_k", TRIGGERS].into_iter().take(if table.contains_key(PROVER) { 2 } else { 1 });
            let known: Vec<&str> = table.keys().map(String::as_str).filter(|key| *key != PROVER).chain(extra).collect();
            let nearest = nearest(key, known.iter().copied());
            return Err(fail(format!("there is no parameter {key:?}; known are {}{nearest}", known.join(", "))));
        }
        table.insert(key.clone(), read_value(value));
    }
    if let Some(toml::Value::Table(prover)) = table.get_mut(PROVER) {
        resolve(prover, triggers.as_deref().map(Path::new)).map_err(&fail)?;
    }
    let mut whole = toml::Table::new();
    whole.insert("kind".to_owned(), toml::Value::String(preset.kind));
    whole.insert("parameters".to_owned(), toml::Value::Table(table));
    let parameters: Parameters = whole.try_into().map_err(|error: toml::de::Error| fail(error.message().to_owned()))?;
    match parameters.fault() {
        Some(fault) => Err(fail(fault)),
        None => Ok(StrategySpec { name: title, version: preset.version, parameters }),
    }
}

/// Reads `0.5`, `true` and `"text"` as TOML does and anything else as a plain word.
fn read_value(text: &str) -> toml::Value {
    let line = format!("value = {text}");
    let parsed = toml::from_str::<toml::Table>(&line).ok().and_then(|mut table| table.remove("value"));
    match parsed {
        // `temperature=1` is meant as a number like any other.
        Some(toml::Value::Integer(number)) => toml::Value::Integer(number),
        Some(value) => value,
        None => toml::Value::String(text.to_owned()),
    }
}

fn unknown(name: &str) -> StrategyError {
    StrategyError::Unknown {
        name: name.to_owned(),
        known: names().join(", "),
        nearest: nearest(name, names().into_iter()),
    }
}

/// Asks whether the nearest of some names was meant, if one is near.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    known
        .map(|known| (strsim::jaro_winkler(name, known), known))
        .filter(|(similarity, _)| *similarity > 0.7)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map_or_else(String::new, |(_, known)| format!("; did you mean {known}?"))
}
