//! A sealed value is used as the record itself.
use domain::Person;
use gate::Sealed;

fn name(sealed: &Sealed<Person>) -> &domain::PersonName {
    &sealed.name
}

fn main() {}
