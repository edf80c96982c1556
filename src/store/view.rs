//! The documented views: what they hold is written beside their columns in the migrations, and read from there.

use super::open::MIGRATOR;

/// A view of the database with its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewDoc {
    /// Its name in SQL.
    pub name: String,
    /// What one row is.
    pub about: String,
    /// Name and meaning of each column, in order.
    pub columns: Vec<(String, String)>,
}

/// Gives the views that `sql` is made short by, in the order of the migrations.
#[must_use]
pub fn views() -> Vec<ViewDoc> {
    let mut views: Vec<ViewDoc> = Vec::new();
    for migration in MIGRATOR.iter() {
        for view in parse(migration.sql.as_str()) {
            // A later migration replaces a view of the same name, in its place.
            match views.iter_mut().find(|older| older.name == view.name) {
                Some(older) => *older = view,
                None => views.push(view),
            }
        }
    }
    views
}

/// Reads `-- view NAME: ABOUT` and the lines `… AS COLUMN, -- MEANING` up to the view's `FROM`.
fn parse(migration: &str) -> Vec<ViewDoc> {
    let mut views: Vec<ViewDoc> = Vec::new();
    let mut inside = false;
    for line in migration.lines() {
        if let Some((name, about)) = line.strip_prefix("-- view ").and_then(|rest| rest.split_once(": ")) {
            views.push(ViewDoc { name: name.to_owned(), about: about.to_owned(), columns: Vec::new() });
            inside = true;
        } else if line.starts_with("FROM") {
            inside = false;
        } else if let (true, Some(view), Some((column, about))) = (inside, views.last_mut(), line.split_once(" -- ")) {
            let name = column.trim_end_matches(',').rsplit(' ').next().unwrap_or_default();
            view.columns.push((name.to_owned(), about.to_owned()));
        }
    }
    views
}
