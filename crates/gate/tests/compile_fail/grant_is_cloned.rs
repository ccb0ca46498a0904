//! A grant is cloned, so that it outlives its use.
use gate::Grant;

fn twice<S: domain::Views>(grant: &Grant<S>) -> Grant<S> {
    grant.clone()
}

fn main() {}
