//! `sql`: the arguments of a query of the user's own.

use clap::Args;

use crate::cli::args::{DbArg, FormatArg};
use crate::cli::settings::Settings;

/// Query the database with SQL; nothing can be changed this way
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  stepproof sql 'SELECT * FROM accuracy_by_item' --format json")]
pub(crate) struct SqlArgs {
    /// The query
    #[arg(value_name = "SELECT")]
    pub(crate) query: String,
    #[command(flatten)]
    db: DbArg,
    #[command(flatten)]
    format: FormatArg,
}

impl SqlArgs {
    /// Gives the flags as a layer of settings.
    pub(crate) fn layer(&self) -> Settings {
        let mut layer = Settings::default();
        self.db.lay(&mut layer);
        self.format.lay(&mut layer);
        layer
    }
}
