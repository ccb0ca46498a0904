//! A personal field has no tag.
use domain::{Personal, PersonName};

#[derive(Personal)]
#[personal(kind = Specimen, retention = Membership)]
struct Pet {
    #[category(Identity)]
    name: PersonName,
}

fn main() {}
