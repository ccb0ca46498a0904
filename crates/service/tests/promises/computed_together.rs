//! Promise 1 where several people's records are computed on together: what is sealed for one of them may have come from all, so
//! that it is of no category that is not shown of each.

use domain::{
    AccumulatorBalance, Category, CategorySet, Condition, Currency, FamilySums, Proposal, Purpose, Recipient,
    RecordId, SubjectId,
};
use gate::{Asking, GateError, Target, Writer};
use service::views::{FamilySumsToCount, OverridesOnDesk};
use store::StoreError;
use store::key::WrappedKey;

use crate::on_both;
use crate::site::{PORTFOLIO, TestSite, day, item};

on_both! {
    what_is_sealed_for_one_is_of_categories_that_are_shown_of_each,
}

async fn keys(site: &TestSite, subject: SubjectId) -> Vec<WrappedKey> {
    let read = site.app.store().read(move |unit| store::many::keys(unit, &[subject])).await;
    read.map_err(|error: StoreError| error).unwrap()
}

/// Something with health data.
fn put_health(writer: &mut Writer<'_>) -> Result<(), GateError> {
    let proposal = Proposal { computed: day("2026-11-23"), claims: Vec::new(), workings: Vec::new() };
    writer.put(RecordId::from_bytes([1; 16]), 1, &proposal)
}

/// Something without.
fn put_sums(writer: &mut Writer<'_>) -> Result<(), GateError> {
    let balances: Vec<AccumulatorBalance> = Vec::new();
    writer.put(RecordId::from_bytes([1; 16]), 1, &FamilySums { currency: Currency::EUR, balances })
}

async fn what_is_sealed_for_one_is_of_categories_that_are_shown_of_each(site: TestSite) {
    let (ada, eve) = (site.member("ada", true).await.subject, site.member("eve", true).await.subject);
    let at = site.app.gate.now();
    site.write(move |unit| {
        store::condition::end(unit, eve, Condition::ConsentHealth, *PORTFOLIO.bytes(), at)
    })
    .await;
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    for subject in [ada, eve] {
        site.assign(subject, item(1), &staff).await;
    }
    let gate = &site.app.gate;
    let asking = Asking::new(&staff, PORTFOLIO, Purpose::ClaimsProcessing, gate.request());
    let targets = [ada, eve].map(|subject| Target::for_item(subject, item(1))).to_vec();
    let both = gate.run::<OverridesOnDesk>(asking, targets, 10).await.unwrap().next().await.unwrap().unwrap();
    assert_eq!(both.granted.len(), 2);
    let asking = Asking::new(&staff, PORTFOLIO, Purpose::ClaimsProcessing, gate.request());
    let asking = Asking { writes: CategorySet::of(&[Category::Claims]), ..asking };
    let sums = gate.ask::<FamilySumsToCount>(&asking, Target::for_item(ada, item(1))).await.unwrap();
    let (of_ada, of_eve) = (keys(&site, ada).await, keys(&site, eve).await);
    let (ada_alone, together) = ([(ada, &of_ada[..])], [(ada, &of_ada[..]), (eve, &of_eve[..])]);
    let (to, grant) = ((&sums, ada), &both.grant);
    let is_refused = |done: Result<gate::Computed<()>, GateError>| {
        let refused = "the result has a category that the clause does not name";
        matches!(done, Err(GateError::Compute(said)) if said == refused)
    };

    // Of her alone her health is shown, and may be sealed for her; not for whom the other grant covers, which shows none.
    let done = grant.compute_together(&ada_alone, to, &of_ada, &(), &(), |(), (), _, (own, _)| {
        own.iter_mut().try_for_each(put_health)
    });
    assert!(done.unwrap().rows.iter().all(|row| row.subject == ada));
    let done =
        grant.compute_together(&ada_alone, to, &of_ada, &(), &(), |(), (), _, (_, other)| put_health(other));
    assert!(is_refused(done));

    // Together with somebody of whom it is not, it is not for either.
    for place in [0_usize, 1] {
        let done = grant.compute_together(&together, to, &of_ada, &place, &(), |place, (), _, (own, _)| {
            own.get_mut(*place).map_or(Ok(()), put_health)
        });
        assert!(is_refused(done), "{place}");
    }
    let done = grant.compute_together(&together, to, &of_ada, &(), &(), |(), (), _, (own, other)| {
        own.iter_mut().try_for_each(put_sums)?;
        put_sums(other)
    });
    let subjects: Vec<SubjectId> = done.unwrap().rows.iter().map(|row| row.subject).collect();
    assert_eq!(subjects, [ada, eve, ada], "each for its own, in the order given");
}
