//! Where a text is cut into steps.
