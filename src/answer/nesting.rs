//! How deep whoever calls itself may go: an answer chooses how deep it is nested, the stack does not grow with it.

/// What calls itself for the parts of a part.
pub(super) trait Nested {
    /// Deepest level.
    const DEEPEST: u32;

    /// Gives the level that it is at.
    fn level(&mut self) -> &mut u32;

    /// Runs `inner` one level deeper; `None` where that is too deep.
    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if *self.level() >= Self::DEEPEST {
            return None;
        }
        *self.level() += 1;
        let found = inner(self);
        *self.level() -= 1;
        found
    }
}
