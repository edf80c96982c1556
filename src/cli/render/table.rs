//! Tables: columns fitted to the terminal's width, cells escaped.

use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle,
};

use crate::cli::render::escape_line;

/// How a column is aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words.
    Left,
    /// Names that people copy: broken over lines only where there is no other way.
    Whole,
    /// Numbers; broken no sooner than names.
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

/// Makes a column of names.
pub(crate) const fn names(title: &'static str) -> Column {
    Column { title, align: Align::Whole }
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

/// Room between two columns, beside the one column that a missing rule takes.
const GAP: u16 = 1;
/// Room that a column is left with at least, where it needs that much.
const LEAST: usize = 10;

/// Draws a table at most `width` columns wide.
pub(crate) fn draw(heads: &[(String, Align)], rows: impl Iterator<Item = Vec<String>>, width: u16) -> String {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    table.set_header(heads.iter().map(|(title, align)| cell(title, *align)));
    for row in rows {
        let aligns = heads.iter().map(|(_, align)| *align).chain(std::iter::repeat(Align::Left));
        table.add_row(row.iter().zip(aligns).map(|(text, align)| cell(text, align)));
    }
    let widths: Vec<usize> = table.column_max_content_widths().into_iter().map(usize::from).collect();
    let whole = whole(heads, &widths, usize::from(width));
    for (index, whole) in whole.into_iter().enumerate() {
        if let Some(column) = table.column_mut(index) {
            column.set_padding((0, GAP));
            if whole {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
    }
    table.trim_fmt()
}

/// Chooses the columns that are as wide as what stands in them: names first, then numbers, as long as the others are
/// left with room.
fn whole(heads: &[(String, Align)], widths: &[usize], width: usize) -> Vec<bool> {
    let needs = |index: usize| widths.get(index).copied().unwrap_or(0);
    let least = (0..heads.len()).map(|index| needs(index).min(LEAST) + usize::from(GAP) + 1).sum();
    let mut left = width.saturating_sub(least);
    let mut whole = vec![false; heads.len()];
    for wanted in [Align::Whole, Align::Right] {
        for (index, chosen) in whole.iter_mut().enumerate() {
            let more = needs(index).saturating_sub(LEAST);
            if heads.get(index).is_some_and(|(_, align)| *align == wanted) && more <= left {
                left -= more;
                *chosen = true;
            }
        }
    }
    whole
}

fn cell(text: &str, align: Align) -> Cell {
    Cell::new(escape_line(text)).set_alignment(match align {
        Align::Left | Align::Whole => CellAlignment::Left,
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
    #[test]
    fn names_are_broken_last_and_no_name_breaks_the_width() {
        let heads =
            |align| [("run".to_owned(), align), ("text".to_owned(), Align::Left), ("more".to_owned(), Align::Left)];
        let rows = |name: &str| vec![vec![name.to_owned(), "many words ".repeat(9), "and more ".repeat(9)]].into_iter();
        let name = "01a21064-ebeb-7025-bb5d";
        assert!(!draw(&heads(Align::Left), rows(name), 50).contains(name));
        assert!(draw(&heads(Align::Whole), rows(name), 50).contains(name));
        let drawn = draw(&heads(Align::Whole), rows(&name.repeat(9)), 50);
        assert!(drawn.lines().all(|line| line.chars().count() <= 50), "{drawn}");
    }
}
