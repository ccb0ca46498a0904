//! A sealed value is printed for people.
use domain::Person;
use gate::Sealed;

fn print(sealed: &Sealed<Person>) -> String {
    format!("{sealed}")
}

fn main() {}
