//! Third door: a log that the caller implements.
struct Nowhere;

impl gate::Log for Nowhere {}

fn main() {}
