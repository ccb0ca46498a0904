//! A sealed value is serialised.
use domain::Person;
use gate::Sealed;

fn write(sealed: &Sealed<Person>) -> Vec<u8> {
    let mut bytes = Vec::new();
    minicbor::encode(sealed, &mut bytes).unwrap();
    bytes
}

fn main() {}
