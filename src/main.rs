//! The program.
fn main() { print!("{}", yishiting::protocol::typescript::types()); }
