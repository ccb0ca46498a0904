//! A view gives a field another type.
use domain::{Coverage, View};

#[derive(View)]
#[of(Coverage)]
struct Cover {
    #[category(Plan)]
    policy_number: String,
}

fn main() {}
