//! A computation returns a personal value.
use domain::{Coverage, PolicyNumber, SubjectId, View};
use gate::{Grant, Sealed};

#[derive(View)]
#[of(Coverage)]
struct Cover {
    #[category(Plan)]
    policy_number: PolicyNumber,
}

fn leak(grant: &Grant<Cover>, subject: SubjectId, sealed: &Sealed<Coverage>) {
    let _ = grant.compute(subject, &[], &(), sealed, |_, sealed, reader, _| {
        Ok(reader.open::<Cover, _>(sealed)?.policy_number)
    });
}

fn main() {}
