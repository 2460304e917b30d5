//! The window's shell.
fn main() {}
