//! Tests of all of the room.

mod fuzz;
