//! Settings files (stepproof.toml and run files): strict TOML, every mistake with file and line.

use std::fmt::Display;
use std::path::Path;

use stepproof::name::nearest;
use stepproof::trace::Role;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::models::read_model;
use super::{Origin, Resolved, SettingValue, Settings, TABLE_KEYS, scalar};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;

/// Files past this size are no settings.
const MAX_BYTES: u64 = 1 << 20;

/// One key of a file with its value.
pub(super) struct Entry<'a> {
    source: &'a Source<'a>,
    /// The key with its tables (`models.qwen.path`).
    pub(super) key: String,
    /// The last part of the key.
    pub(super) name: &'a str,
    value: &'a Spanned<DeValue<'a>>,
    offset: usize,
}

/// A file and its text.
pub(super) struct Source<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Source<'_> {
    fn line(&self, offset: usize) -> usize {
        self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
    }

    fn error(&self, offset: usize, rule: impl Display) -> CliError {
        CliError::new(Exit::BadInput, format!("read {} line {}: {rule}", self.path.display(), self.line(offset)))
    }
}

impl<'a> Entry<'a> {
    /// Reads the value as one of kind `T`.
    pub(super) fn read<T: SettingValue>(&self) -> Result<Resolved<T>, CliError> {
        let value = T::from_toml(self.value.get_ref()).map_err(|rule| self.error(format!("`{}` {rule}", self.key)))?;
        let folder = self.source.path.parent().unwrap_or(Path::new(""));
        Ok(Resolved { value: value.rebase(folder), origin: self.origin() })
    }

    /// Makes an error at the place of this key.
    pub(super) fn error(&self, rule: impl Display) -> CliError {
        self.source.error(self.offset, rule)
    }

    /// Makes the error of a key that nothing is known of.
    pub(super) fn unknown<'k>(&self, known: impl IntoIterator<Item = &'k str>) -> CliError {
        let error = self.error(format!("unknown key `{}`", self.key));
        error.hint_if(nearest(self.name, known).map(|known| format!("did you mean `{known}`?")))
    }

    /// Gives the place of this key.
    pub(super) fn origin(&self) -> Origin {
        Origin::File { path: self.source.path.to_owned(), line: self.source.line(self.offset) }
    }

    /// Says whether the value is a text.
    pub(super) fn is_text(&self) -> bool {
        self.value.get_ref().is_str()
    }

    /// Gives the entries of a table.
    pub(super) fn entries(&self) -> Result<Vec<Entry<'a>>, CliError> {
        let table = self.value.get_ref().as_table();
        let table = table.ok_or_else(|| self.error(format!("`{}` must be a table", self.key)))?;
        Ok(entries(self.source, &self.key, table))
    }

    /// Gives the value as it is.
    fn any(&self) -> Result<Resolved<toml::Value>, CliError> {
        let value = scalar(self.value.get_ref());
        let value =
            value.ok_or_else(|| self.error(format!("`{}` must be a text, a number, true or false", self.key)))?;
        Ok(Resolved { value, origin: self.origin() })
    }
}

fn entries<'a>(source: &'a Source<'a>, parent: &str, table: &'a DeTable<'a>) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> = table
        .iter()
        .map(|(name, value)| {
            let (offset, name) = (name.span().start, name.get_ref().as_ref());
            let key = if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") };
            Entry { source, key, name, value, offset }
        })
        .collect();
    // In the order of the file, so that the first mistake is the one reported.
    entries.sort_by_key(|entry| entry.offset);
    entries
}

/// Reads a settings or run file.
pub(super) fn read(path: &Path) -> Result<Settings, CliError> {
    let failed = |cause: String| CliError::new(Exit::BadInput, format!("read {}", path.display())).because(cause);
    let size = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?;
    if size.is_dir() {
        return Err(failed("it is a folder".to_owned()));
    }
    if size.len() > MAX_BYTES {
        return Err(failed(format!("it is larger than {MAX_BYTES} bytes, too large for settings")));
    }
    let bytes = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    parse(path, &bytes)
}

/// Reads the bytes of a settings or run file.
pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Settings, CliError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes.iter().take(error.valid_up_to()).filter(|byte| **byte == b'\n').count() + 1;
        CliError::new(Exit::BadInput, format!("read {} line {line}: the text is no UTF-8", path.display()))
    })?;
    let source = Source { path, text };
    let document = DeTable::parse(text).map_err(|error| {
        source.error(error.span().map_or(0, |span| span.start), error.message().trim().replace('\n', ", "))
    })?;
    let mut settings = Settings::default();
    for entry in entries(&source, "", document.get_ref()) {
        match entry.name {
            "model" => read_roles(&mut settings, &entry)?,
            "set" => {
                for parameter in entry.entries()? {
                    settings.parameters.insert(parameter.name.to_owned(), parameter.any()?);
                }
            }
            "lean" => {
                for setting in entry.entries()? {
                    if !settings.read_plain(&setting.key, &setting)? {
                        return Err(setting.unknown(Settings::KEYS.iter().filter_map(|key| key.strip_prefix("lean."))));
                    }
                }
            }
            "models" => {
                for model in entry.entries()? {
                    let value = read_model(&model)?;
                    settings.models.insert(model.name.to_owned(), Resolved { value, origin: model.origin() });
                }
            }
            name => {
                if name.contains('.') || !settings.read_plain(name, &entry)? {
                    let known = Settings::KEYS.iter().copied().filter(|key| !key.contains('.'));
                    return Err(entry.unknown(known.chain(TABLE_KEYS)));
                }
            }
        }
    }
    Ok(settings)
}

/// Reads `model = "SPEC"` (the main model) or a table of models by role.
fn read_roles(settings: &mut Settings, entry: &Entry<'_>) -> Result<(), CliError> {
    if entry.is_text() {
        settings.roles.insert(Role::Main, entry.read()?);
        return Ok(());
    }
    for model in entry.entries()? {
        let role = Role::from_name(model.name).ok_or_else(|| model.unknown(Role::ALL.map(Role::name)))?;
        settings.roles.insert(role, model.read()?);
    }
    Ok(())
}
