//! Tables: columns fitted to the terminal's width, cells escaped.

use comfy_table::{Cell, CellAlignment, ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle};

use crate::cli::render::escape_line;

/// How a column is aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A column's head.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// What stands above it.
    pub(crate) title: &'static str,
    /// How it is aligned.
    pub(crate) align: Align,
}

/// Makes a column of words.
pub(crate) const fn words(title: &'static str) -> Column {
    Column { title, align: Align::Left }
}

/// Makes a column of numbers.
pub(crate) const fn numbers(title: &'static str) -> Column {
    Column { title, align: Align::Right }
}

/// What a record shows of itself in a table.
pub(crate) trait Tabular {
    /// The heads of the columns.
    const COLUMNS: &'static [Column];

    /// The cells, one a column; they need not be escaped.
    fn cells(&self) -> Vec<String>;
}

// Light rules only, so that narrow terminals keep their room for the content.
const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none())
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .content_lines(ContentLineStyle::none());

/// Draws a table at most `width` columns wide.
pub(crate) fn draw(heads: &[(String, Align)], rows: impl Iterator<Item = Vec<String>>, width: u16) -> String {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    table.set_header(heads.iter().map(|(title, align)| cell(title, *align)));
    for row in rows {
        let aligns = heads.iter().map(|(_, align)| *align).chain(std::iter::repeat(Align::Left));
        table.add_row(row.iter().zip(aligns).map(|(text, align)| cell(text, align)));
    }
    table.trim_fmt()
}

fn cell(text: &str, align: Align) -> Cell {
    Cell::new(escape_line(text)).set_alignment(match align {
        Align::Left => CellAlignment::Left,
        Align::Right => CellAlignment::Right,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_aligned_escaped_and_wrapped() {
        let heads = [("name".to_owned(), Align::Left), ("count".to_owned(), Align::Right)];
        let rows = vec![vec!["a\u{1b}[2Jb".to_owned(), "7".to_owned()], vec!["long ".repeat(12), "123".to_owned()]];
        let drawn = draw(&heads, rows.into_iter(), 40);
        assert!(drawn.contains("a\\u{1b}[2Jb"), "{drawn}");
        assert!(drawn.lines().all(|line| line.chars().count() <= 40), "{drawn}");
        assert!(drawn.lines().any(|line| line.ends_with("    7")), "{drawn}");
        assert!(drawn.lines().count() > 4, "the long cell is wrapped, not cut: {drawn}");
    }
}
