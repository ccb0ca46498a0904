//! Two sealed values are compared.
use domain::Person;
use gate::Sealed;

fn same(left: &Sealed<Person>, right: &Sealed<Person>) -> bool {
    left == right
}

fn main() {}
