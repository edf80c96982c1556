//! (subject to come)
