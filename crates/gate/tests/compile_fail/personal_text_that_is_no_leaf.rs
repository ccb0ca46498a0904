//! A text of a record is no leaf type: nothing says whether it is searched for a payment card's number.
use domain::Personal;

#[derive(Personal)]
#[personal(kind = Specimen, retention = Membership)]
struct Pet {
    #[category(Identity)]
    #[tag(1)]
    name: Option<String>,
}

fn main() {}
