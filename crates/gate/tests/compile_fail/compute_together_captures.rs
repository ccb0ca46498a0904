//! A computation on several people carries one's values out by capturing a variable.
use domain::{Coverage, PolicyNumber, SubjectId, View};
use gate::{Grant, Sealed};

#[derive(View)]
#[of(Coverage)]
struct Cover {
    #[category(Plan)]
    policy_number: PolicyNumber,
}

fn leak(grant: &Grant<Cover>, one: SubjectId, other: SubjectId, sealed: &Sealed<Coverage>) {
    let mut out = Vec::new();
    let members = [(one, &[][..]), (other, &[][..])];
    let _ = grant.compute_together(&members, (grant, one), &[], &(), sealed, |_, sealed, (reader, _), _| {
        out.push(reader.open::<Cover, _>(sealed)?);
        Ok(())
    });
}

fn main() {}
