//! Which model to load and how, and what of that is refused before anything is loaded.

use std::path::PathBuf;

use crate::model::gguf::GgufInfo;

/// Context in tokens where the settings name none: enough for long reasoning, 190 MB of memory for a small model.
const DEFAULT_CONTEXT: u32 = 8192;
/// Requests that are written at once where the settings name no number. Beyond it a CPU writes hardly more in all, and
/// each decode has to look at the cells of all of them.
const DEFAULT_SEQUENCES_ON_A_CPU: u32 = 8;
const DEFAULT_SEQUENCES_ON_A_GPU: u32 = 64;
/// Sequences that llama.cpp knows in one context.
pub(super) const MOST_SEQUENCES: u32 = 256;
/// Sequences beside those at work, kept so that what they begin with need not be decoded again.
pub(super) const KEPT_SEQUENCES: u32 = 192;
/// Megabytes of keys and values kept outside the context: 40,000 tokens of a small model.
const DEFAULT_OUTSIDE_MB: u32 = 1024;

/// Which model to load, and how.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LocalSettings {
    /// The GGUF file.
    pub path: PathBuf,
    /// Name for people; the file's stem where there is none.
    pub name: Option<String>,
    /// Context in tokens, of each request; at most what the model was trained for. Where there is none: that, but at
    /// most 8192.
    pub context: Option<u32>,
    /// Tokens whose keys and values are held, of all requests together and of what may be used again; at least one
    /// context. Where there is none: two contexts, less where that takes more than 512 MiB beyond one.
    pub cells: Option<u32>,
    /// Requests that are written at once, at most; further ones wait. Where there is none: 8, and 64 on a GPU.
    pub sequences: Option<u32>,
    /// Megabytes of what was read and written that are kept outside those cells once nobody asks for it. Where there is
    /// none: 1024.
    pub outside_mb: Option<u32>,
    /// Gives the same text for the same request on this build and machine, whatever ran before: one request at a time,
    /// always decoded in the same groups of tokens.
    pub deterministic: bool,
    /// Layers to compute on a GPU.
    pub gpu_layers: u32,
    /// Threads to compute with, at most as many as the machine has; all where there is none.
    pub threads: Option<u32>,
    /// Jinja chat template that replaces the model's own.
    pub chat_template: Option<String>,
}

impl LocalSettings {
    /// Names a file; everything else is chosen by what it holds.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> LocalSettings {
        LocalSettings { path: path.into(), ..LocalSettings::default() }
    }

    pub(super) fn threads(&self) -> u32 {
        self.threads.unwrap_or_else(cores)
    }

    pub(super) fn sequences(&self) -> u32 {
        let fitting = if self.gpu_layers == 0 { DEFAULT_SEQUENCES_ON_A_CPU } else { DEFAULT_SEQUENCES_ON_A_GPU };
        self.sequences.unwrap_or(fitting)
    }

    /// Bytes kept outside the context.
    pub(super) fn outside(&self) -> usize {
        let megabytes = usize::try_from(self.outside_mb.unwrap_or(DEFAULT_OUTSIDE_MB)).unwrap_or(usize::MAX);
        if self.deterministic { 0 } else { megabytes.saturating_mul(1 << 20) }
    }

    /// Checks the settings against the machine and the model; gives the context of one request.
    pub(super) fn check(&self, info: &GgufInfo) -> Result<u32, String> {
        let cores = cores();
        match self.threads {
            Some(0) => return Err("0 threads compute nothing".to_owned()),
            // They would wait for each other at every layer: far slower than with one for each.
            Some(threads) if threads > cores => {
                return Err(format!("{threads} threads: this machine computes with {cores} at once"));
            }
            _ => {}
        }
        if let Some(sequences) = self.sequences.filter(|sequences| !(1..=MOST_SEQUENCES / 2).contains(sequences)) {
            return Err(format!("{sequences} requests at once: 1 to {} are possible", MOST_SEQUENCES / 2));
        }
        let context = self.context_length(info)?;
        match self.cells {
            Some(cells) if cells < context => {
                Err(format!("{cells} cells hold no context of {context} tokens: name at least as many"))
            }
            _ => Ok(context),
        }
    }

    fn context_length(&self, info: &GgufInfo) -> Result<u32, String> {
        let trained = info.context_length.and_then(|length| u32::try_from(length).ok()).filter(|length| *length > 0);
        match (self.context, trained) {
            (Some(0), _) => Err("a context of 0 tokens holds nothing".to_owned()),
            (Some(wanted), Some(trained)) if wanted > trained => {
                Err(format!("a context of {wanted} tokens: the model was trained for {trained}"))
            }
            (Some(wanted), _) => Ok(wanted),
            (None, Some(trained)) => Ok(trained.min(DEFAULT_CONTEXT)),
            (None, None) => Err("it does not say how long its context is: name one".to_owned()),
        }
    }
}

fn cores() -> u32 {
    std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1))
}
