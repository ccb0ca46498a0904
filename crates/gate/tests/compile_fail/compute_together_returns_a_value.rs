//! A computation on several people returns a personal value of one.
use domain::{Coverage, PolicyNumber, SubjectId, View};
use gate::{Grant, Sealed};

#[derive(View)]
#[of(Coverage)]
struct Cover {
    #[category(Plan)]
    policy_number: PolicyNumber,
}

fn leak(grant: &Grant<Cover>, one: SubjectId, other: SubjectId, sealed: &Sealed<Coverage>) {
    let members = [(one, &[][..]), (other, &[][..])];
    let _ = grant.compute_together(&members, (grant, one), &[], &(), sealed, |_, sealed, (reader, _), _| {
        Ok(reader.open::<Cover, _>(sealed)?.policy_number)
    });
}

fn main() {}
