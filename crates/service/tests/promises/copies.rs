//! A copy of the notice on request: the version that binds the person, with a record of its own.

use domain::{CopyWay, Language, Recipient, SubjectId};
use gate::GateError;
use service::{CopyRequest, ServiceError, give_notice_copy};

use crate::on_both;
use crate::site::{NOTICE, OTHER_PORTFOLIO, PORTFOLIO, TestSite};

on_both!(a_copy_is_of_the_version_that_binds_and_is_recorded);

async fn a_copy_is_of_the_version_that_binds_and_is_recorded(site: TestSite) {
    let subject = site.person("ada", true).await;
    // A newer version is published, and does not bind her.
    let rules = NOTICE[0]
        .1
        .replace("version = \"2026-11-01\"", "version = \"2026-12-01\"")
        .replace("effective = \"2026-11-01\"", "effective = \"2026-12-01\"");
    let mut newer = NOTICE.to_vec();
    newer[0].1 = &rules;
    site.publish(PORTFOLIO, &newer).await;

    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let asked =
        CopyRequest { portfolio: PORTFOLIO, subject, language: Language::French, way: CopyWay::Posted };
    let notice = give_notice_copy(&site.app, &staff, &asked, site.app.gate.request()).await.unwrap();
    assert_eq!(notice.version(), "2026-11-01");
    let again = CopyRequest { language: Language::German, way: CopyWay::Handed, ..asked };
    give_notice_copy(&site.app, &staff, &again, site.app.gate.request()).await.unwrap();
    let copies = site.app.store().read(move |unit| store::notice_copy::of_subject(unit, subject)).await;
    let copies = copies.map_err(|error: store::StoreError| error).unwrap();
    let told: Vec<_> = copies.iter().map(|copy| (copy.notice, copy.language, copy.way, copy.giver)).collect();
    assert_eq!(
        told,
        [
            (1, Language::French, CopyWay::Posted, staff.id()),
            (1, Language::German, CopyWay::Handed, staff.id())
        ]
    );
    let row = site.app.store().read(move |unit| store::subject::get(unit, subject)).await;
    let row: Option<store::subject::SubjectRow> = row.map_err(|error: store::StoreError| error).unwrap();
    assert_eq!(row.unwrap().notice, 1, "a copy binds nobody");

    // Nobody else gets to know that somebody is there.
    let job = site.app.gate.job(Recipient::IntakeJob).unwrap();
    let walled = site.actor(Recipient::CustomerService, OTHER_PORTFOLIO).await;
    for actor in [&job, &walled] {
        let refused = give_notice_copy(&site.app, actor, &asked, site.app.gate.request()).await.unwrap_err();
        assert!(matches!(refused, ServiceError::NotADesk), "{refused}");
    }
    let nobody = CopyRequest { subject: SubjectId::from_bytes([3; 16]), ..asked };
    let refused = give_notice_copy(&site.app, &staff, &nobody, site.app.gate.request()).await.unwrap_err();
    assert!(matches!(refused, ServiceError::NotFound("person")), "{refused}");
    let elsewhere = CopyRequest { portfolio: OTHER_PORTFOLIO, ..asked };
    let staff = site.actor(Recipient::CustomerService, OTHER_PORTFOLIO).await;
    let refused = give_notice_copy(&site.app, &staff, &elsewhere, site.app.gate.request()).await.unwrap_err();
    assert!(
        matches!(refused, ServiceError::NotFound("person") | ServiceError::Gate(GateError::NoNotice)),
        "{refused}"
    );
}
