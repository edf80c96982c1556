//! Tells cargo that a new migration file alone is a reason to build again: they are compiled into the library.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
