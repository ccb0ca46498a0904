//! A sealed value's rows are read.
use domain::Person;
use gate::Sealed;

fn read(sealed: &Sealed<Person>) -> usize {
    sealed.rows.len()
}

fn main() {}
