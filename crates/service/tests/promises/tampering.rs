//! Promise 4, against somebody who has the database and no key of the site: what they change is found by
//! verifying, told to nobody as the truth, and never signed anew.

use std::time::Duration;

use gate::{GateError, Witness};
use store::testing::Tampering;

use crate::log::{history, reads};
use crate::on_both;
use crate::site::{SystemRandomness, TestSite};

on_both! {
    entries_that_no_checkpoint_of_the_site_signs_do_not_verify,
    an_entry_put_down_as_anothers_is_found_and_told_to_neither,
    a_group_without_entries_is_found,
    nothing_is_signed_on_a_tree_that_was_altered,
    what_was_altered_after_sealing_comes_into_no_chain,
    of_two_sealers_only_the_one_at_work_rolls,
    a_checkpoint_that_the_witness_missed_is_cosigned_later,
}

async fn fault(site: &TestSite) -> String {
    site.app.gate.verify_log(None).await.unwrap_err().to_string()
}

async fn entries_that_no_checkpoint_of_the_site_signs_do_not_verify(site: TestSite) {
    let ada = site.member("ada", true).await;
    let sealer = site.app.gate.sealer(None).await.unwrap();
    reads(&site, &ada, 2).await;
    sealer.seal().await.unwrap();
    reads(&site, &ada, 3).await;
    sealer.seal().await.unwrap();
    site.app.gate.verify_log(None).await.unwrap();
    site.tamper(Tampering::NoNewestCheckpoint).await;
    assert!(fault(&site).await.contains("signs 2"), "{}", fault(&site).await);
    site.tamper(Tampering::NoCheckpoint).await;
    assert!(fault(&site).await.contains("signs 0"), "{}", fault(&site).await);
}

async fn an_entry_put_down_as_anothers_is_found_and_told_to_neither(site: TestSite) {
    let (ada, eve) = (site.member("ada", true).await, site.member("eve", true).await);
    reads(&site, &ada, 2).await;
    site.app.gate.sealer(None).await.unwrap().roll().await.unwrap();
    assert_eq!(history(&site, &eve).await, 1);
    site.tamper(Tampering::OtherSubject { from: ada.subject, to: eve.subject }).await;
    assert!(fault(&site).await.contains("under another subject"), "{}", fault(&site).await);
    for member in [&ada, &eve] {
        let officer = site.actor(domain::Recipient::DataProtectionOfficer, crate::site::PORTFOLIO).await;
        site.assign(member.subject, crate::site::item(201), &officer).await;
        let item = Some(crate::site::item(201));
        let told =
            service::answer_access_request(&site.app, &officer, crate::site::PORTFOLIO, member.subject, item);
        let told = told.await;
        if member.subject == ada.subject {
            assert!(told.is_err(), "less than there is was told as all");
        } else {
            // Eve's own index does not lead there.
            assert_eq!(told.unwrap().history.len(), 2);
        }
    }
}

async fn a_group_without_entries_is_found(site: TestSite) {
    let ada = site.member("ada", true).await;
    reads(&site, &ada, 2).await;
    site.app.gate.sealer(None).await.unwrap().seal().await.unwrap();
    site.tamper(Tampering::EmptyGroup).await;
    let found = tokio::time::timeout(Duration::from_secs(60), fault(&site)).await;
    assert!(found.unwrap().contains("0 entries"), "verifying does not go round in circles");
    let officer = site.actor(domain::Recipient::DataProtectionOfficer, crate::site::PORTFOLIO).await;
    site.assign(ada.subject, crate::site::item(201), &officer).await;
    let item = Some(crate::site::item(201));
    let told = service::answer_access_request(&site.app, &officer, crate::site::PORTFOLIO, ada.subject, item);
    assert!(tokio::time::timeout(Duration::from_secs(60), told).await.unwrap().is_err(), "nor does telling");
}

async fn nothing_is_signed_on_a_tree_that_was_altered(site: TestSite) {
    let ada = site.member("ada", true).await;
    let sealer = site.app.gate.sealer(None).await.unwrap();
    reads(&site, &ada, 2).await;
    sealer.seal().await.unwrap();
    site.tamper(Tampering::OtherTile).await;
    reads(&site, &ada, 1).await;
    let refused = sealer.seal().await.unwrap_err();
    assert!(matches!(refused, GateError::Log { .. }), "{refused}");
    assert_eq!(site.app.gate.log_head().await.unwrap().size, 2, "nothing was signed");
}

async fn what_was_altered_after_sealing_comes_into_no_chain(site: TestSite) {
    let (ada, eve) = (site.member("ada", true).await, site.member("eve", true).await);
    let sealer = site.app.gate.sealer(None).await.unwrap();
    reads(&site, &ada, 2).await;
    sealer.seal().await.unwrap();
    site.tamper(Tampering::OtherSubject { from: ada.subject, to: eve.subject }).await;
    let refused = sealer.roll().await.unwrap_err().to_string();
    assert!(refused.contains("`disclosure` is damaged"), "{refused}");
    let rolls = site.app.store().read(store::log::tree::rolls).await;
    assert!(rolls.map_err(|error: store::StoreError| error).unwrap().is_empty(), "nothing was rolled");
}

async fn of_two_sealers_only_the_one_at_work_rolls(site: TestSite) {
    let ada = site.member("ada", true).await;
    reads(&site, &ada, 2).await;
    let (first, second) =
        (site.app.gate.sealer(None).await.unwrap(), site.app.gate.sealer(None).await.unwrap());
    first.seal().await.unwrap();
    assert!(matches!(second.roll().await, Err(GateError::SealedElsewhere)));
    assert_eq!(first.seal().await.unwrap(), 0, "the other has appended nothing");
    first.roll().await.unwrap();
}

async fn a_checkpoint_that_the_witness_missed_is_cosigned_later(site: TestSite) {
    let folder = tempfile::tempdir().unwrap();
    let ada = site.member("ada", true).await;
    reads(&site, &ada, 2).await;
    let sealer = site.app.gate.sealer(None).await.unwrap();
    sealer.seal().await.unwrap();
    sealer.finish().await.unwrap();
    let witness = Witness::open(folder.path(), "test-witness", &SystemRandomness).unwrap();
    let sealer = site.app.gate.sealer(Some(witness)).await.unwrap();
    assert_eq!(sealer.seal().await.unwrap(), 0, "nothing new");
    let witness = Witness::open(folder.path(), "test-witness", &SystemRandomness).unwrap();
    assert!(witness.last().is_some_and(|note| note.contains("\n2\n")));
}
