//! A grant is built without asking.
use gate::Grant;

fn main() {
    let _grant: Grant<()> = Grant { granted: Vec::new() };
}
