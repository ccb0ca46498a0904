//! Fourth door: a computation gets a reader without a grant.
use domain::{Coverage, PolicyNumber, View};

#[derive(View)]
#[of(Coverage)]
struct Cover {
    #[category(Plan)]
    policy_number: PolicyNumber,
}

fn main() {
    let _reader: gate::Reader<'_, Cover> = gate::Reader { grant: todo!() };
}
