//! A view calls health data plan data.
use domain::{Coverage, Diagnosis, View};

#[derive(View)]
#[of(Coverage)]
struct Cover {
    #[category(Plan)]
    exclusions: Vec<Diagnosis>,
}

fn main() {}
