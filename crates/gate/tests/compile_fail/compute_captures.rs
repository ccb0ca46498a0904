//! A computation carries values out by capturing a variable.
use domain::{Coverage, PolicyNumber, SubjectId, View};
use gate::{Grant, Sealed};

#[derive(View)]
#[of(Coverage)]
struct Cover {
    #[category(Plan)]
    policy_number: PolicyNumber,
}

fn leak(grant: &Grant<Cover>, subject: SubjectId, sealed: &Sealed<Coverage>) {
    let mut out = Vec::new();
    let _ = grant.compute(subject, &[], &(), sealed, |_, sealed, reader, _| {
        out.push(reader.open::<Cover, _>(sealed)?);
        Ok(())
    });
}

fn main() {}
