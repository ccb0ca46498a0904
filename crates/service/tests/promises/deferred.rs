//! Promise 4, deferred: what is asked under a matter whose showing the officer has declared deferred is in no list, count
//! or proof of the person before that is over, and in each of them after; nobody hides anything behind it; and whoever
//! verifies the log finds each entry that was held back, let in early, or dropped.

use domain::{MatterId, Purpose, Recipient, SubjectId, Timestamp};
use gate::{Actor, LogCheck, MOST_DEFERRED_DAYS, Sought, Target, Use, Witness, check_list};
use service::{NewCase, NewDeferral, NewMatter};
use store::StoreError;
use store::testing::rows::{Cell, Cells, log_rows, replace_row};

use crate::altered::altered;
use crate::log::reads;
use crate::matters::{ORDER, agreement, ask, order, problem};
use crate::on_both;
use crate::other_reader;
use crate::site::{Member, PORTFOLIO, SystemRandomness, TestSite, item};

on_both! {
    nothing_shows_before_it_is_over_and_all_of_it_after,
    whom_it_is_about_sees_what_another_sees_meanwhile,
    it_may_be_prolonged_and_ended_early_each_time_by_a_declaration,
    a_third_person_declares_it_of_a_reviewed_matter_for_a_time,
    nobody_hides_another_use_behind_it,
    the_officer_sees_it_at_once,
    whatever_is_done_to_what_is_kept_is_found_and_said,
    what_joins_is_the_same_whenever_the_sealer_is_cut,
    a_prolonged_row_of_the_register_hides_nothing_and_is_found,
}

const DAY: i64 = 86_400;

/// A sealed order about Ada as the task of one of the staff, and what there is to look at it.
pub(crate) struct Sealed {
    pub(crate) site: TestSite,
    pub(crate) ada: Member,
    eve: Member,
    /// Ada and Eve themselves.
    own: [Actor; 2],
    pub(crate) staff: Actor,
    pub(crate) officer: Actor,
    pub(crate) id: MatterId,
    pub(crate) folder: tempfile::TempDir,
}

pub(crate) fn new_deferral(site: &TestSite, matter: MatterId, days: i64) -> NewDeferral {
    NewDeferral {
        portfolio: PORTFOLIO,
        matter,
        until: site.app.gate.now().plus_seconds(days * DAY),
        law: "Code of criminal procedure, article 46".to_owned(),
        reasons: "The court has ordered that it is kept secret.".to_owned(),
    }
}

impl Sealed {
    pub(crate) async fn new(site: TestSite, days: i64) -> Self {
        let (ada, eve) = (site.member("ada", true).await, site.member("eve", true).await);
        let staff = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
        let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
        let id = site.reviewed(&order()).await;
        service::defer_matter(&site.app, &officer, &new_deferral(&site, id, days)).await.unwrap();
        site.open_for(id, &staff, &[ada.subject]).await.unwrap();
        let own = [&ada, &eve].map(|member| member.subject);
        let own = [site.member_abroad(own[0], "BE").await, site.member_abroad(own[1], "BE").await];
        Self { site, ada, eve, own, staff, officer, id, folder: tempfile::tempdir().unwrap() }
    }

    /// The staff ask under the order so many times.
    pub(crate) async fn asked(&self, times: usize) {
        for _ in 0..times {
            ask(&self.site.app, &self.staff, ORDER, self.ada.subject, self.id).await.unwrap();
        }
    }

    fn witness(&self) -> Witness {
        Witness::open(self.folder.path(), "test-witness", &SystemRandomness).unwrap()
    }

    pub(crate) async fn roll(&self) {
        let sealer = self.site.app.gate.sealer(Some(self.witness())).await.unwrap();
        sealer.roll().await.unwrap();
        sealer.finish().await.unwrap();
    }

    fn own(&self, member: &Member) -> &Actor {
        self.own.iter().find(|actor| actor.is(member.subject)).unwrap()
    }

    /// What a member is told who asks for their list: the purposes, with which were deferred.
    async fn told(&self, member: &Member) -> Vec<(&'static str, bool)> {
        let answer =
            service::answer_access_request(&self.site.app, self.own(member), PORTFOLIO, member.subject, None)
                .await;
        let lines = answer.unwrap().history;
        lines.iter().map(|line| (line.purpose.word(), line.deferred.is_some())).collect()
    }

    /// What a member can prove, which another reader takes too: leaves, and which were deferred.
    async fn proven(&self, member: &Member) -> Vec<(u64, bool)> {
        let (app, own) = (&self.site.app, self.own(member));
        let proof =
            service::prove_disclosures(app, own, PORTFOLIO, member.subject, None, Some(self.witness())).await;
        let text = proof.unwrap().to_string();
        let site = app.gate.log_head().await.unwrap().verifier;
        let witness = self.witness().verifier();
        let list = check_list(&text, &site.parse().unwrap(), &witness.parse().unwrap()).unwrap();
        let leaves: Vec<(u64, bool)> =
            list.lines.iter().map(|(leaf, line)| (*leaf, line.deferred.is_some())).collect();
        let other = other_reader::entries(&text, &site, &witness.to_string()).unwrap();
        assert_eq!(other.len(), leaves.len());
        leaves
    }

    pub(crate) async fn fault(&self) -> Option<String> {
        let check = LogCheck::default();
        let at_once = self.site.app.gate.check_log(check.clone()).await.err().map(|error| error.to_string());
        let check = LogCheck { chains_a_pass: 1, ..check };
        let in_parts = self.site.app.gate.check_log(check).await.err();
        assert_eq!(at_once.is_some(), in_parts.is_some(), "{at_once:?} {in_parts:?}");
        at_once
    }
}

async fn nothing_shows_before_it_is_over_and_all_of_it_after(site: TestSite) {
    let sealed = Sealed::new(site, 3).await;
    reads(&sealed.site, &sealed.ada, 1).await;
    sealed.asked(2).await;
    assert_eq!(sealed.told(&sealed.ada).await, [("plan-information", false), ("access-request", false)]);
    let before = sealed.proven(&sealed.ada).await;
    assert_eq!(before.len(), 3, "{before:?}");
    // Sealed, chained and rolled it is as before.
    assert_eq!(sealed.told(&sealed.ada).await.len(), 4);
    sealed.roll().await;
    assert_eq!(sealed.fault().await, None);
    sealed.site.clock.advance(3 * DAY - 1);
    sealed.roll().await;
    assert!(sealed.told(&sealed.ada).await.iter().all(|(_, deferred)| !deferred), "a second before");
    sealed.site.clock.advance(1);
    // Over it is, and joins with the roll that a proof makes.
    let after = sealed.proven(&sealed.ada).await;
    assert_eq!(after.iter().filter(|(_, deferred)| *deferred).count(), 3, "{after:?}");
    assert_eq!(after[..before.len()], before, "an earlier list is how a later one begins");
    let told = sealed.told(&sealed.ada).await;
    let deferred: Vec<_> = told.iter().filter(|(_, deferred)| *deferred).map(|(why, _)| *why).collect();
    assert_eq!(deferred, ["legal-obligation", "official-request", "official-request"]);
    assert_eq!(sealed.fault().await, None);
    // What comes under it now stands in the list at once, and the chain goes on.
    ask(&sealed.site.app, &sealed.staff, ORDER, sealed.ada.subject, sealed.id).await.unwrap();
    assert_eq!(sealed.told(&sealed.ada).await.iter().filter(|(_, deferred)| *deferred).count(), 3);
    assert_eq!(
        sealed.told(&sealed.ada).await.iter().filter(|(why, _)| *why == "official-request").count(),
        3
    );
    let last = sealed.proven(&sealed.ada).await;
    assert_eq!(last[..after.len()], after);
    assert_eq!(sealed.fault().await, None);
}

async fn whom_it_is_about_sees_what_another_sees_meanwhile(site: TestSite) {
    let sealed = Sealed::new(site, 3).await;
    sealed.asked(3).await;
    // Refused under the order it is deferred too.
    for purpose in [Purpose::EnforcementOfTerms, Purpose::Fraud] {
        let _ = ask(&sealed.site.app, &sealed.staff, (purpose, None), sealed.ada.subject, sealed.id).await;
    }
    for _ in 0..2 {
        assert_eq!(sealed.told(&sealed.ada).await, sealed.told(&sealed.eve).await);
        let (of_ada, of_eve) = (sealed.proven(&sealed.ada).await, sealed.proven(&sealed.eve).await);
        assert_eq!(of_ada.len(), of_eve.len());
        assert!(of_ada.iter().chain(&of_eve).all(|(_, deferred)| !deferred));
    }
    assert_eq!(sealed.fault().await, None);
    sealed.site.clock.advance(3 * DAY);
    sealed.roll().await;
    let count = async |member| sealed.told(member).await.iter().filter(|(_, deferred)| *deferred).count();
    assert_eq!((count(&sealed.ada).await, count(&sealed.eve).await), (6, 0));
    // Whom the order does not concern sees at once what is asked about them under it.
    assert!(ask(&sealed.site.app, &sealed.staff, ORDER, sealed.eve.subject, sealed.id).await.is_err());
    let told = sealed.told(&sealed.eve).await;
    assert_eq!(told.iter().filter(|one| **one == ("official-request", false)).count(), 1, "{told:?}");
    assert_eq!(sealed.fault().await, None);
}

async fn it_may_be_prolonged_and_ended_early_each_time_by_a_declaration(site: TestSite) {
    let sealed = Sealed::new(site, 2).await;
    sealed.asked(1).await;
    sealed.roll().await;
    let deferred = async || sealed.told(&sealed.ada).await.iter().filter(|(_, deferred)| *deferred).count();
    sealed.site.clock.advance(DAY);
    let longer = new_deferral(&sealed.site, sealed.id, 4);
    service::defer_matter(&sealed.site.app, &sealed.officer, &longer).await.unwrap();
    sealed.site.clock.advance(2 * DAY);
    sealed.roll().await;
    assert_eq!(deferred().await, 0, "prolonged");
    sealed.asked(1).await;
    let end = async || {
        service::end_deferral(&sealed.site.app, &sealed.officer, PORTFOLIO, sealed.id, "Lifted.").await
    };
    end().await.unwrap();
    // Asked after the end it is an ordinary entry.
    sealed.asked(1).await;
    assert_eq!(deferred().await, 0);
    sealed.roll().await;
    assert_eq!(deferred().await, 3);
    assert_eq!(sealed.fault().await, None);
    assert!(problem(end().await).contains("over already"));
    let again = new_deferral(&sealed.site, sealed.id, 1);
    let again = service::defer_matter(&sealed.site.app, &sealed.officer, &again).await;
    assert!(problem(again).contains("its deferral is over"));
    let changes = service::matter_changes(&sealed.site.app, PORTFOLIO).await.unwrap();
    let declared: Vec<&str> = changes
        .iter()
        .map(|one| one.change.change.as_str())
        .filter(|words| words.contains("defer"))
        .collect();
    assert_eq!(declared.len(), 3, "{declared:?}");
    let until = "showing deferred until 2026-11-25T00:00:00";
    assert!(declared[0].contains(until) && declared[0].contains(", under Code of"), "{declared:?}");
    assert!(declared[2].contains("order `2026/17` of Labour Court (BE): deferral of the showing ended"));
    // An ended matter leaves nothing behind either.
    sealed.site.end_of(sealed.id).await.unwrap();
    assert!(ask(&sealed.site.app, &sealed.staff, ORDER, sealed.ada.subject, sealed.id).await.is_err());
}

async fn a_third_person_declares_it_of_a_reviewed_matter_for_a_time(site: TestSite) {
    let (ada, staff) = site.ada_and_staff().await;
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    let defer = async |actor: &Actor, new: &NewDeferral| service::defer_matter(&site.app, actor, new).await;
    let id = site.register(&order()).await.unwrap();
    assert!(problem(defer(&officer, &new_deferral(&site, id, 2)).await).contains("was not reviewed"));
    site.review(id).await.unwrap();
    for other in [&staff, &site.operator("An Author"), &site.operator("A Third")] {
        let refused = problem(defer(other, &new_deferral(&site, id, 2)).await);
        assert!(refused.contains("data protection officer declares it"), "{refused}");
    }
    let elsewhere = site.actor(Recipient::DataProtectionOfficer, crate::site::OTHER_PORTFOLIO).await;
    problem(defer(&elsewhere, &new_deferral(&site, id, 2)).await);
    for days in [0, -1, MOST_DEFERRED_DAYS + 1] {
        let refused = problem(defer(&officer, &new_deferral(&site, id, days)).await);
        assert!(refused.contains("at most 180 days"), "{refused}");
    }
    for (law, reasons) in [("", "Secret."), ("Article 46", " ")] {
        let new =
            NewDeferral { law: law.to_owned(), reasons: reasons.to_owned(), ..new_deferral(&site, id, 2) };
        assert!(problem(defer(&officer, &new).await).contains("empty"));
    }
    // What was opened is in lists already.
    site.open_for(id, &staff, &[ada]).await.unwrap();
    assert!(problem(defer(&officer, &new_deferral(&site, id, 2)).await).contains("was opened already"));
    let end = service::end_deferral(&site.app, &officer, PORTFOLIO, id, "Lifted.").await;
    assert!(problem(end).contains("is not deferred"));
    let treaty = site.reviewed(&agreement()).await;
    assert!(problem(defer(&officer, &new_deferral(&site, treaty, 2)).await).contains("under an agreement"));
    // Whoever registered it, and whose task it is, are others than who declares.
    let second = NewMatter { reference: "2026/18".to_owned(), ..order() };
    let own = service::register_matter(&site.app, &officer, &second).await.unwrap();
    site.review(own).await.unwrap();
    assert!(problem(defer(&officer, &new_deferral(&site, own, 2)).await).contains("somebody else must"));
    let colleague = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    defer(&colleague, &new_deferral(&site, own, 2)).await.unwrap();
    site.open_for(own, &staff, &[ada]).await.unwrap();
    // Before it is over it may be declared by another, also for a shorter time.
    let third = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    defer(&third, &new_deferral(&site, own, 1)).await.unwrap();
    site.app.gate.verify_log(None).await.unwrap();
}

async fn nobody_hides_another_use_behind_it(site: TestSite) {
    let sealed = Sealed::new(site, 3).await;
    let (site, id) = (&sealed.site, sealed.id);
    // A colleague whose task it is not, and who has a task of their own about Eve.
    let colleague = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    site.assign(sealed.eve.subject, item(7), &colleague).await;
    let asking = gate::Asking::new(&colleague, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
    let under = async |subject: SubjectId, item| {
        let target = Target::for_item(subject, item);
        site.app.gate.ask::<service::views::CoverPage>(&asking, target).await.is_ok()
    };
    assert!(under(sealed.eve.subject, item(7)).await);
    for subject in [sealed.ada.subject, sealed.eve.subject] {
        assert!(!under(subject, id.into()).await, "under another's order");
    }
    // A clause that asks for no task gives nothing under the order either: themselves, for instance.
    let (own, eve) = (sealed.own(&sealed.eve), sealed.eve.subject);
    let answer = service::answer_access_request(&site.app, own, PORTFOLIO, eve, Some(id.into())).await;
    assert!(answer.is_err());
    // Who forges the entry's own word without a declaration hides nothing.
    let told = sealed.told(&sealed.eve).await;
    assert_eq!(
        told.iter().filter(|(why, _)| *why == "plan-information").count(),
        2,
        "refused, and told: {told:?}"
    );
    assert_eq!(sealed.fault().await, None);
}

async fn the_officer_sees_it_at_once(site: TestSite) {
    let sealed = Sealed::new(site, 3).await;
    sealed.asked(2).await;
    let site = &sealed.site;
    let people = vec![sealed.ada.subject];
    let new = NewCase { portfolio: PORTFOLIO, officer: sealed.officer.id(), people, days: 1 };
    let case = Some(service::open_case(&site.app, &site.keeper, &new).await.unwrap());
    for (is_rolled, subject) in
        [(false, None), (false, Some(sealed.ada.subject)), (true, Some(sealed.ada.subject))]
    {
        if is_rolled {
            sealed.roll().await;
        }
        let (from, to) = (Timestamp::from_micros(0), Timestamp::from_micros(i64::MAX));
        let sought = Sought { from, to, actor: Some(sealed.staff.id()), clause: None, subject };
        let mut uses = service::uses(&site.app, &sealed.officer, PORTFOLIO, case, sought).unwrap();
        let mut found: Vec<Use> = Vec::new();
        while let Some(part) = uses.next().await.unwrap() {
            found.extend(part);
        }
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|one| one.deferred.is_some()));
    }
}

/// The rows of one table of the log.
async fn rows(sealed: &Sealed, name: &str) -> Vec<Cells> {
    let mut tables = sealed.site.write(log_rows).await;
    let place = tables.iter().position(|(table, _)| table.name == name).unwrap();
    tables.swap_remove(place).1
}

/// Puts a row in the place of another, as whoever has the database. `Err` when that does not take it.
async fn replaced(
    sealed: &Sealed,
    name: &'static str,
    row: Option<&Cells>,
    by: Option<&Cells>,
) -> Result<(), StoreError> {
    let (row, by) = (row.cloned(), by.cloned());
    let replace = move |unit: &mut store::Unit<'_>| {
        let table = store::tables::TABLES.iter().find(|table| table.name == name).unwrap();
        replace_row(unit, table, row.as_ref(), by.as_ref())
    };
    sealed.site.app.store().write(replace).await
}

/// What is said once a row is another one; it is put back. Nothing when the database does not take it.
async fn said_of(sealed: &Sealed, name: &'static str, row: &Cells, by: Option<&Cells>) -> Option<String> {
    replaced(sealed, name, Some(row), by).await.ok()?;
    let said = sealed.fault().await;
    replaced(sealed, name, by, Some(row)).await.unwrap();
    Some(said.unwrap_or_else(|| panic!("{name} {row:?} as {by:?} is not found")))
}

async fn whatever_is_done_to_what_is_kept_is_found_and_said(site: TestSite) {
    let sealed = Sealed::new(site, 1).await;
    sealed.asked(1).await;
    sealed.site.clock.advance(DAY);
    sealed.roll().await;
    // One that waits still, of another order.
    let second = NewMatter { reference: "2026/18".to_owned(), ..order() };
    let second = sealed.site.reviewed(&second).await;
    let new = new_deferral(&sealed.site, second, 2);
    service::defer_matter(&sealed.site.app, &sealed.officer, &new).await.unwrap();
    sealed.site.open_for(second, &sealed.staff, &[sealed.ada.subject]).await.unwrap();
    sealed.roll().await;
    sealed.roll().await;
    assert_eq!(sealed.fault().await, None);
    let kept = rows(&sealed, "deferred").await;
    let (joined, waiting): (Vec<&Cells>, Vec<&Cells>) = kept.iter().partition(|row| row[4] != Cell::Int(-1));
    assert_eq!((joined.len(), waiting.len()), (2, 1));
    let with = |row: &Cells, joined: i64| {
        let mut by = row.clone();
        by[4] = Cell::Int(joined);
        by
    };
    let held_back = said_of(&sealed, "deferred", joined[0], Some(&with(joined[0], -1))).await.unwrap();
    assert!(held_back.contains("it must have joined the list of subject"), "{held_back}");
    let early = said_of(&sealed, "deferred", waiting[0], Some(&with(waiting[0], 9))).await.unwrap();
    assert!(early.contains("by the log it has not"), "{early}");
    for row in &kept {
        let gone = said_of(&sealed, "deferred", row, None).await.unwrap();
        assert!(gone.contains("is not kept as such"), "{gone}");
        for (.., by) in altered(row) {
            said_of(&sealed, "deferred", row, Some(&by)).await;
        }
    }
    let chains = rows(&sealed, "chain").await;
    let deferred: Vec<&Cells> = chains.iter().filter(|row| row[1] == Cell::Int(1)).collect();
    assert_eq!(deferred.len(), 1);
    let gone = said_of(&sealed, "chain", deferred[0], None).await.unwrap();
    assert!(gone.contains("the chain of what is deferred about subject"), "{gone}");
    for (.., by) in altered(deferred[0]) {
        said_of(&sealed, "chain", deferred[0], Some(&by)).await;
    }
    let state = rows(&sealed, "log_state").await;
    let declared = state.iter().find(|row| row[0] == Cell::Text("deferrals".to_owned())).unwrap();
    for by in [None, Some(vec![declared[0].clone(), declared[1].flipped(35)])] {
        let said = said_of(&sealed, "log_state", declared, by.as_ref()).await.unwrap();
        assert!(said.contains("until when entries are deferred is not what the log declares"), "{said}");
    }
    assert_eq!(sealed.fault().await, None, "all was put back");
    // A sealer that goes on from what somebody altered signs a list that is not the log's: that stays.
    replaced(&sealed, "deferred", Some(waiting[0]), None).await.unwrap();
    sealed.site.clock.advance(2 * DAY);
    sealed.roll().await;
    let never = sealed.fault().await.unwrap();
    assert!(never.contains("commits other chains"), "{never}");
}

async fn what_joins_is_the_same_whenever_the_sealer_is_cut(site: TestSite) {
    let sealed = Sealed::new(site, 1).await;
    for round in 0..4 {
        if round < 2 {
            sealed.asked(1).await;
        }
        reads(&sealed.site, &sealed.ada, 1).await;
        reads(&sealed.site, &sealed.eve, 1).await;
        // Rolled by one sealer, gone on from by the next, which begins with what joined.
        sealed.roll().await;
        assert_eq!(sealed.fault().await, None, "round {round}");
        sealed.site.clock.advance(DAY / 2);
        let told = sealed.told(&sealed.ada).await;
        let deferred = told.iter().filter(|(_, deferred)| *deferred).count();
        assert_eq!(deferred, if round < 2 { 0 } else { 3 }, "round {round}");
        let entries = sealed.site.app.gate.verify_log(None).await.unwrap();
        assert!(entries.chains >= 4);
    }
}

async fn a_prolonged_row_of_the_register_hides_nothing_and_is_found(site: TestSite) {
    let sealed = Sealed::new(site, 1).await;
    sealed.asked(1).await;
    let sql = "UPDATE moretus.deferral SET until = until + 864000000000";
    sealed.site.write(move |unit| store::testing::tamper(unit, sql)).await;
    let said = sealed.fault().await.unwrap();
    assert!(said.contains("until a time that no entry of the log declares"), "{said}");
    sealed.asked(1).await;
    sealed.site.clock.advance(DAY);
    // What the altered row would defer rests on no declaration.
    sealed.asked(1).await;
    sealed.roll().await;
    assert_eq!(sealed.told(&sealed.ada).await.iter().filter(|(_, deferred)| *deferred).count(), 4);
    let read = sealed.site.write({
        let subject = sealed.ada.subject;
        move |unit| store::log::deferred::of_subject(unit, subject)
    });
    assert_eq!(read.await.len(), 3, "only what was asked in time was ever deferred");
}
