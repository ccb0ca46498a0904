//! What stays of somebody who was erased: every table is looked at, and those that still know their number are listed here.

use domain::{Recipient, RetentionClass};
use service::NewRepresentation;
use store::tables::{TABLES, Table};
use store::testing::tamper;

use crate::on_both;
use crate::site::{PORTFOLIO, TestSite, item};

on_both! {
    only_listed_tables_know_somebody_who_was_erased,
}

/// Rows without a value: that somebody of this number was here and is gone (`subject`, `erasure`), when they were covered and what
/// became of their claims (dates and states, by which nothing is counted or taken up twice), what had been agreed for them and
/// ended, and how the books came to their sums (the posting's amount is sealed, and went).
pub(crate) const STAY: &[&str] =
    &["subject", "condition", "coverage", "claim", "posting", "payment", "erasure"];

async fn only_listed_tables_know_somebody_who_was_erased(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await.subject;
    let desk = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    site.assign(ada, item(1), &desk).await;
    crate::supplied::sent(&site, ada, "key", b"a letter").await.unwrap();
    site.submit(&[site.claim("c1", "ada", "GP", 5_000)]).await;
    service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();
    let today = site.app.today().unwrap();
    service::pay_claims(&site.app, PORTFOLIO, today, 100, |_| {}).await.unwrap();
    let guardian = crate::representatives::representative(&site, PORTFOLIO).await;
    let new = NewRepresentation {
        portfolio: PORTFOLIO,
        subject: ada,
        actor: guardian.id(),
        ground: domain::RepresentationGround::Guardian,
        until: today,
        born: None,
    };
    service::represent(&site.app, &site.keeper, &new).await.unwrap();

    let before = knowing(&site, ada).await;
    for table in ["sealed", "lookup", "claim", "idempotency", "representation", "quarantine"] {
        assert!(before.contains(&table), "{table} is looked at: {before:?}");
    }
    service::erase_subject(&site.app, ada, RetentionClass::ALL).await.unwrap();
    assert_eq!(knowing(&site, ada).await, STAY);
}

/// The tables, those of the log aside, in which a row is about this person.
pub(crate) async fn knowing(site: &TestSite, subject: domain::SubjectId) -> Vec<&'static str> {
    let hex: String = subject.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let is_sqlite = format!("{:?}", site.app.store()).contains("sqlite");
    let id = if is_sqlite { format!("X'{hex}'") } else { format!("'\\x{hex}'") };
    let has_subject = |table: &&Table| table.columns.iter().any(|column| column.name == "subject");
    let mut found = Vec::new();
    for table in TABLES.iter().filter(has_subject).filter(|table| table.schema != "moretus_log") {
        let sql =
            format!("UPDATE {}.{} SET subject = subject WHERE subject = {id}", table.schema, table.name);
        if site.write(move |unit| tamper(unit, &sql)).await > 0 {
            found.push(table.name);
        }
    }
    found
}
