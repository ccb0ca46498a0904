//! Two personal fields share a tag.
use domain::{Date, Personal, PersonName};

#[derive(Personal)]
#[personal(kind = Specimen, retention = Membership)]
struct Pet {
    #[category(Identity)]
    #[tag(1)]
    name: PersonName,
    #[category(Identity)]
    #[tag(1)]
    birth_date: Date,
}

fn main() {}
