//! A grant is minted outside the gate.
use domain::{Coverage, PolicyNumber, View};

#[derive(View)]
#[of(Coverage)]
struct Cover {
    #[category(Plan)]
    policy_number: PolicyNumber,
}

fn main() {
    let _ = gate::Grant::<Cover>::mint(todo!(), todo!(), Vec::new());
}
