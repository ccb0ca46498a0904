//! A view names a field that the record does not have.
use domain::{Coverage, View};

#[derive(View)]
#[of(Coverage)]
struct Cover {
    #[category(Plan)]
    shoe_size: u32,
}

fn main() {}
