//! A personal type is declared plain.
struct Name(domain::PersonName);

impl gate::Plain for Name {}

fn main() {}
