//! A grant for one view opens another.
use domain::{Claim, ClaimLine, Coverage, PolicyNumber, View};
use gate::{Grant, Sealed};

#[derive(View)]
#[of(Coverage)]
struct Cover {
    #[category(Plan)]
    policy_number: PolicyNumber,
}

#[derive(View)]
#[of(Claim)]
struct Lines {
    #[category(Claims)]
    lines: Vec<ClaimLine>,
}

fn open(grant: &Grant<Cover>, claim: &Sealed<Claim>) {
    let _ = grant.open::<Lines, _>(claim);
}

fn main() {}
