//! A personal field names no category.
use domain::{Personal, PersonName};

#[derive(Personal)]
#[personal(kind = Specimen, retention = Membership)]
struct Pet {
    #[tag(1)]
    name: PersonName,
}

fn main() {}
