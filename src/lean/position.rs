//! The one place where the server's positions (lines and UTF-16 units) and ours (lines and UTF-8 bytes) meet.

use lsp_types::{Position, Range};

use super::Place;

/// A text with the beginnings of its lines. As in Lean only a line feed ends a line.
#[derive(Debug)]
pub struct LineIndex<'a> {
    text: &'a str,
    /// Where each line begins, in bytes.
    starts: Vec<usize>,
}

impl<'a> LineIndex<'a> {
    /// Finds the lines of `text`.
    #[must_use]
    pub fn new(text: &'a str) -> LineIndex<'a> {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        LineIndex { text, starts: std::iter::once(0).chain(ends).collect() }
    }

    /// Gives a line without its line feed, or `None` behind the last one.
    #[must_use]
    pub fn line(&self, line: u32) -> Option<&'a str> {
        let line = usize::try_from(line).ok()?;
        let start = *self.starts.get(line)?;
        let end = self.starts.get(line + 1).map_or(self.text.len(), |next| next - 1);
        self.text.get(start..end)
    }

    /// Converts the server's position. One behind a line's end is that end, one behind the text's end is that end, one
    /// inside a character is the character's beginning.
    #[must_use]
    pub fn place(&self, position: Position) -> Place {
        let Some(line) = self.line(position.line) else {
            return self.end();
        };
        let wanted = position.character as usize;
        if line.is_ascii() {
            return Place { line: position.line, column: narrow(wanted.min(line.len())) };
        }
        let mut units = 0;
        for (at, character) in line.char_indices() {
            units += character.len_utf16();
            if units > wanted {
                return Place { line: position.line, column: narrow(at) };
            }
        }
        Place { line: position.line, column: narrow(line.len()) }
    }

    /// Converts a place, with the same rules.
    #[must_use]
    pub fn position(&self, place: Place) -> Position {
        let (number, column) = match self.line(place.line) {
            Some(_) => (place.line, place.column as usize),
            None => (self.end().line, usize::MAX),
        };
        let mut units = 0;
        let line = self.line(number).unwrap_or_default();
        for (at, character) in line.char_indices() {
            if at + character.len_utf8() > column {
                break;
            }
            units += character.len_utf16();
        }
        Position { line: number, character: narrow(units) }
    }

    /// Gives the position of a byte of the text, that of the character's beginning where it is inside one.
    #[must_use]
    pub fn position_of_byte(&self, at: usize) -> Position {
        let line = self.starts.partition_point(|start| *start <= at).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or_default();
        self.position(Place { line: narrow(line), column: narrow(at - start) })
    }

    /// Converts both ends of a range.
    #[must_use]
    pub fn places(&self, range: Range) -> (Place, Place) {
        (self.place(range.start), self.place(range.end))
    }

    fn end(&self) -> Place {
        let line = self.starts.len().saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or_default();
        Place { line: narrow(line), column: narrow(self.text.len() - start) }
    }
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn columns_are_converted() {
        let text = "ab\n\u{1d538}x∀\n\nlast";
        let index = LineIndex::new(text);
        // (line, UTF-16 column, byte column)
        let rows = [(0, 0, 0), (0, 2, 2), (1, 0, 0), (1, 2, 4), (1, 3, 5), (1, 4, 8), (2, 0, 0), (3, 4, 4)];
        for (line, character, column) in rows {
            assert_eq!(index.place(Position { line, character }), Place { line, column }, "{line}:{character}");
            assert_eq!(index.position(Place { line, column }), Position { line, character }, "{line}:{column}");
        }
    }

    #[test]
    fn odd_positions_are_moved_to_the_nearest_place() {
        let index = LineIndex::new("ab\n\u{1d538}\n");
        let end = Place { line: 2, column: 0 };
        for (line, character, place) in [
            (0, 99, Place { line: 0, column: 2 }),
            (1, 1, Place { line: 1, column: 0 }),
            (1, u32::MAX, Place { line: 1, column: 4 }),
            (2, 7, end),
            (u32::MAX, u32::MAX, end),
        ] {
            assert_eq!(index.place(Position { line, character }), place, "{line}:{character}");
        }
        assert_eq!(index.position(Place { line: 9, column: 9 }), Position { line: 2, character: 0 });
        assert_eq!(index.position(Place { line: 1, column: 3 }), Position { line: 1, character: 0 });
    }

    proptest! {
        #[test]
        fn places_survive_utf16(text in "([a∀\u{1d538}\u{e9}\r\n ]|\\PC){0,60}", at in 0_usize..200) {
            let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let before = &text[..at];
            let line = u32::try_from(before.matches('\n').count()).unwrap();
            let column = u32::try_from(at - before.rfind('\n').map_or(0, |end| end + 1)).unwrap();
            let index = LineIndex::new(&text);
            let position = index.position(Place { line, column });
            let units = before.rsplit('\n').next().unwrap_or_default().encode_utf16().count();
            prop_assert_eq!((position.line, position.character as usize), (line, units));
            prop_assert_eq!(index.place(position), Place { line, column });
            prop_assert_eq!(index.position_of_byte(at), position);
        }

        #[test]
        fn no_position_is_too_odd(text in "\\PC{0,20}(\n\\PC{0,9}){0,3}", line: u32, character: u32) {
            let index = LineIndex::new(&text);
            let place = index.place(Position { line, character });
            prop_assert_eq!(index.place(index.position(place)), place);
            prop_assert!(index.line(place.line).is_some_and(|line| line.is_char_boundary(place.column as usize)));
        }
    }
}
