-- What Lean said of a run's statements before anything was asked of them: a statement that does not compile with `sorry`
-- cannot be proved, and stays out of the figures visibly. An item without a row has not been looked at.

CREATE TABLE statement_check (
    item INTEGER PRIMARY KEY REFERENCES item (id) ON DELETE CASCADE,
    fault TEXT -- Lean's first message; null where the statement compiles
) STRICT;
