//! A permission for sums opens one person's record.
use domain::{Coverage, PolicyNumber, View};
use gate::{Sealed, Total};

#[derive(View)]
#[of(Coverage)]
struct Cover {
    #[category(Plan)]
    policy_number: PolicyNumber,
}

fn open(total: &Total<Cover>, cover: &Sealed<Coverage>) {
    let _ = total.open::<Cover, _>(cover);
}

fn main() {}
