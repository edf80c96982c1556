//! Kinds of setting values: read from TOML or from text, checked, shown.

use std::num::{NonZeroU32, NonZeroU64};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::ValueEnum;
use stepproof::model::ModelSpec;
use toml::de::DeValue;

/// A kind of value that a setting can have.
pub(crate) trait SettingValue: Sized {
    /// What a user must write; completes "must be …".
    fn wanted() -> String;

    /// Reads a value of a settings file.
    fn from_toml(value: &DeValue<'_>) -> Result<Self, String>;

    /// Reads the text of an environment variable.
    fn from_text(text: &str) -> Result<Self, String>;

    /// Writes the value for people.
    fn show(&self) -> String;

    /// Puts relative paths under the folder of the file that they stand in.
    fn rebase(self, _folder: &Path) -> Self {
        self
    }
}

fn must_be<T: SettingValue>() -> String {
    format!("must be {}", T::wanted())
}

/// Kinds written as a TOML string or, where `$number`, as a TOML number: both go through `FromStr`.
macro_rules! parsed_kind {
    ($kind:ty, $wanted:literal, string) => {
        parsed_kind!($kind, $wanted, |value: &DeValue<'_>| value.as_str().map(str::to_owned));
    };
    ($kind:ty, $wanted:literal, number) => {
        parsed_kind!($kind, $wanted, |value: &DeValue<'_>| match value {
            // TOML allows underscores and signs in numbers, Rust's parsers do not take all of them.
            DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().replace('_', "")),
            DeValue::Float(number) => Some(number.as_str().replace('_', "")),
            _ => None,
        });
    };
    ($kind:ty, $wanted:literal, $text:expr) => {
        impl SettingValue for $kind {
            fn wanted() -> String {
                $wanted.to_owned()
            }

            fn from_toml(value: &DeValue<'_>) -> Result<Self, String> {
                ($text)(value).ok_or_else(must_be::<Self>).and_then(|text| Self::from_text(&text))
            }

            fn from_text(text: &str) -> Result<Self, String> {
                text.parse().map_err(|_| must_be::<Self>())
            }

            fn show(&self) -> String {
                self.to_string()
            }
        }
    };
}

parsed_kind!(u64, "a whole number from 0", number);
parsed_kind!(u32, "a whole number from 0", number);
parsed_kind!(NonZeroU32, "a whole number from 1", number);
parsed_kind!(NonZeroU64, "a whole number from 1", number);
parsed_kind!(Temperature, "a number from 0 to 10", number);
parsed_kind!(TopP, "a number above 0, at most 1", number);
parsed_kind!(Seconds, "a number of seconds above 0, at most 31536000 (a year)", number);
parsed_kind!(String, "text in quotes", string);

/// Gives a text, a finite number, or true or false as a plain value; nothing for any other kind.
pub(crate) fn scalar(value: &DeValue<'_>) -> Option<toml::Value> {
    match value {
        DeValue::String(text) => Some(toml::Value::String(text.to_string())),
        DeValue::Boolean(yes) => Some(toml::Value::Boolean(*yes)),
        DeValue::Integer(number) => {
            i64::from_str_radix(&number.as_str().replace('_', ""), number.radix()).ok().map(toml::Value::Integer)
        }
        DeValue::Float(number) => {
            let number = number.as_str().replace('_', "").parse().ok();
            number.filter(|number: &f64| number.is_finite()).map(toml::Value::Float)
        }
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

/// A number with a range, checked wherever it comes from.
macro_rules! ranged {
    ($(#[$doc:meta])* $name:ident, $accepts:expr, $rule:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub(crate) struct $name(pub(crate) f64);

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                let accepts: fn(f64) -> bool = $accepts;
                match text.parse::<f64>() {
                    Ok(number) if accepts(number) => Ok($name(number)),
                    _ => Err(concat!("must be ", $rule).to_owned()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

ranged!(
    /// A sampling temperature; 0 takes the likeliest token.
    Temperature,
    |number| (0.0..=10.0).contains(&number),
    "a number from 0 to 10"
);
ranged!(
    /// The probability mass that nucleus sampling keeps.
    TopP,
    |number| number > 0.0 && number <= 1.0,
    "a number above 0, at most 1"
);
ranged!(
    /// A time limit in seconds.
    Seconds,
    |number| number > 0.0 && number <= 31_536_000.0,
    "a number of seconds above 0, at most 31536000 (a year)"
);

impl SettingValue for bool {
    fn wanted() -> String {
        "true or false".to_owned()
    }

    fn from_toml(value: &DeValue<'_>) -> Result<bool, String> {
        value.as_bool().ok_or_else(must_be::<bool>)
    }

    fn from_text(text: &str) -> Result<bool, String> {
        text.parse().map_err(|_| must_be::<bool>())
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl SettingValue for PathBuf {
    fn wanted() -> String {
        "a path in quotes".to_owned()
    }

    fn from_toml(value: &DeValue<'_>) -> Result<PathBuf, String> {
        value.as_str().ok_or_else(must_be::<PathBuf>).and_then(PathBuf::from_text)
    }

    fn from_text(text: &str) -> Result<PathBuf, String> {
        if text.is_empty() || text.contains('\0') { Err(must_be::<PathBuf>()) } else { Ok(text.into()) }
    }

    fn show(&self) -> String {
        self.display().to_string()
    }

    fn rebase(self, folder: &Path) -> PathBuf {
        // `join` keeps absolute paths; a file in the working folder keeps its short path.
        if folder.as_os_str().is_empty() { self } else { folder.join(self) }
    }
}

impl SettingValue for ModelSpec {
    fn wanted() -> String {
        "a model such as \"local:PATH\", \"openai:SERVED@URL\", \"script:FILE\" or a name from [models]".to_owned()
    }

    fn from_toml(value: &DeValue<'_>) -> Result<ModelSpec, String> {
        value.as_str().ok_or_else(must_be::<ModelSpec>).and_then(ModelSpec::from_text)
    }

    fn from_text(text: &str) -> Result<ModelSpec, String> {
        text.parse().map_err(|error: stepproof::model::ModelError| format!("is wrong: could not {error}"))
    }

    fn show(&self) -> String {
        self.to_string()
    }

    fn rebase(self, folder: &Path) -> ModelSpec {
        match self {
            ModelSpec::Local { path } => ModelSpec::Local { path: path.rebase(folder) },
            ModelSpec::Script { path } => ModelSpec::Script { path: path.rebase(folder) },
            other @ (ModelSpec::Remote { .. } | ModelSpec::Named(_)) => other,
        }
    }
}

/// Kinds of which clap knows the names.
macro_rules! choice_kind {
    ($kind:ty) => {
        impl SettingValue for $kind {
            fn wanted() -> String {
                let names: Vec<String> = <$kind>::value_variants().iter().map(SettingValue::show).collect();
                format!("one of {}", names.join(", "))
            }

            fn from_toml(value: &DeValue<'_>) -> Result<Self, String> {
                value.as_str().ok_or_else(must_be::<Self>).and_then(Self::from_text)
            }

            fn from_text(text: &str) -> Result<Self, String> {
                <$kind as ValueEnum>::from_str(text, false).map_err(|_| must_be::<Self>())
            }

            fn show(&self) -> String {
                self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
            }
        }
    };
}

choice_kind!(crate::cli::output::Format);
choice_kind!(crate::cli::progress::ProgressMode);
choice_kind!(crate::cli::args::ColorMode);
choice_kind!(super::lean::RecheckMode);
choice_kind!(super::lean::SandboxMode);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::Format;

    fn read<T: SettingValue>(toml: &str) -> Result<String, String> {
        let value = DeValue::parse(toml).unwrap();
        T::from_toml(value.get_ref()).map(|value| value.show())
    }

    #[test]
    fn values_are_read_and_mistakes_say_what_is_wanted() {
        assert_eq!(read::<u64>("1_000").as_deref(), Ok("1000"));
        assert_eq!(read::<Temperature>("0.6").as_deref(), Ok("0.6"));
        assert_eq!(read::<Temperature>("1").as_deref(), Ok("1"));
        assert_eq!(read::<Format>("\"jsonl\"").as_deref(), Ok("jsonl"));
        assert_eq!(read::<ModelSpec>("\"local:a.gguf\"").as_deref(), Ok("local:a.gguf"));
        let mistakes = [
            (read::<u64>("-1"), "must be a whole number from 0"),
            (read::<u64>("1.5"), "must be a whole number from 0"),
            (read::<u64>("\"3\""), "must be a whole number from 0"),
            (read::<NonZeroU32>("0"), "must be a whole number from 1"),
            (read::<Temperature>("nan"), "must be a number from 0 to 10"),
            (read::<TopP>("0"), "must be a number above 0, at most 1"),
            (read::<Seconds>("1e400"), "must be a number of seconds"),
            (read::<Format>("\"xml\""), "must be one of table, json, jsonl"),
            (read::<PathBuf>("\"\""), "must be a path"),
            (read::<bool>("1"), "must be true or false"),
            (read::<ModelSpec>("\"a.gguf\""), "write local:a.gguf"),
        ];
        for (result, part) in mistakes {
            assert!(result.as_ref().unwrap_err().contains(part), "{result:?}");
        }
    }

    #[test]
    fn relative_paths_belong_to_the_folder_of_their_file() {
        let folder = Path::new("runs");
        assert_eq!(PathBuf::from("a.db").rebase(folder), Path::new("runs/a.db"));
        assert_eq!(PathBuf::from("/a.db").rebase(folder), Path::new("/a.db"));
        assert_eq!(PathBuf::from("a.db").rebase(Path::new("")), Path::new("a.db"));
        let spec: ModelSpec = "local:m.gguf".parse().unwrap();
        assert_eq!(spec.rebase(folder).to_string(), "local:runs/m.gguf");
    }
}
