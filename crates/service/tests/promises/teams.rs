//! Promise 2: a work item may be a team's task. Whoever of the staff is in the team when they ask works on it, and nobody
//! else does; what bars somebody from a file bars them in a team as well; and it is on the record before it is anybody's.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use domain::{Condition, PortfolioId, Purpose, Recipient, RetentionClass, SubjectId, Timestamp, WorkItemId};
use gate::{Actor, Asking, Bar, Entry, EntryOutcome, GateError, Target, portfolio_chain};
use service::views::PersonForAccess;
use service::{App, NewActor, NewWork, ServiceError};
use store::condition::ConditionRow;
use store::work_item::{Assignee, WorkItemRow};

use crate::on_both;
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, TestSite, day, item};

on_both! {
    who_is_in_the_team_works_and_nobody_else,
    who_is_moved_away_works_no_longer,
    what_ended_opens_to_nobody_of_the_team,
    what_bars_somebody_bars_them_in_a_team,
    an_ended_team_item_refuses_the_very_next_ask_of_every_reader,
    a_run_tests_a_teams_items_each,
    a_task_is_given_only_to_whom_it_can_be,
    it_is_on_the_record_before_it_is_anybodys,
    open_work_is_listed_in_pages,
    who_leaves_gives_back_their_own_and_not_the_teams,
    who_is_erased_leaves_no_work_behind,
}

/// Somebody of a team.
fn colleague(portfolio: PortfolioId, team: &str) -> NewActor {
    NewActor {
        recipient: Recipient::CustomerService,
        portfolio,
        role: "desk".to_owned(),
        team: team.to_owned(),
        country: "BE".parse().unwrap(),
        organisation: None,
        own_files: Vec::new(),
        sponsors: Vec::new(),
        trained_until: Some(day("2027-11-01")),
        authority: Vec::new(),
        days: 365,
    }
}

async fn entered(site: &TestSite, new: &NewActor) -> (Actor, String) {
    let (_, token) = service::enter_actor(&site.app, &site.keeper, new).await.unwrap();
    (site.app.gate.authenticate(&token).await.unwrap(), token)
}

async fn of_team(site: &TestSite, team: &str) -> Actor {
    entered(site, &colleague(PORTFOLIO, team)).await.0
}

fn north() -> Assignee {
    Assignee::Team("north".to_owned())
}

async fn assign(site: &TestSite, subject: SubjectId, to: Assignee) -> Result<WorkItemRow, ServiceError> {
    let new = NewWork { portfolio: PORTFOLIO, subject, to, days: 30 };
    service::assign_work(&site.app, &site.keeper, &new).await
}

async fn end(app: &App, keeper: &Actor, item: WorkItemId) {
    service::end_work(app, keeper, PORTFOLIO, item).await.unwrap();
}

async fn ask(app: &App, actor: &Actor, target: Target) -> Result<(), GateError> {
    let asking = Asking::new(actor, PORTFOLIO, Purpose::PlanInformation, app.gate.request());
    app.gate.ask::<PersonForAccess>(&asking, target).await.map(drop)
}

async fn entries(site: &TestSite, subject: SubjectId) -> Vec<Entry> {
    let read = site.app.store().read(move |unit| store::log::pending_of(unit, subject)).await;
    let stored = read.map_err(|error: store::StoreError| error).unwrap();
    stored.iter().map(|entry| Entry::from_bytes(&entry.body).expect("an entry")).collect()
}

pub(crate) async fn last_entry(site: &TestSite, subject: SubjectId) -> Entry {
    entries(site, subject).await.pop().expect("it is on the record")
}

/// It is refused, and the refusal stands in the person's list.
async fn is_refused(site: &TestSite, actor: &Actor, target: Target, bar: Option<Bar>) {
    let before = site.entries(target.subject).await;
    match ask(&site.app, actor, target).await {
        Err(GateError::Refused(refused)) => assert_eq!(refused.bar, bar, "{refused}"),
        other => panic!("{other:?}"),
    }
    let entry = last_entry(site, target.subject).await;
    assert_eq!(site.entries(target.subject).await, before + 1);
    assert_eq!((entry.outcome, entry.actor, entry.bar), (EntryOutcome::Refused, actor.id(), bar));
}

async fn who_is_in_the_team_works_and_nobody_else(site: TestSite) {
    let (ada, eve) = (site.person("ada", true).await, site.person("eve", true).await);
    let member = of_team(&site, "north").await;
    let given = assign(&site, ada, north()).await.unwrap().item;
    let target = Target::for_item(ada, given);
    ask(&site.app, &member, target).await.unwrap();
    let entry = last_entry(&site, ada).await;
    let told = (entry.outcome, entry.actor, entry.item, entry.team.as_deref());
    assert_eq!(told, (EntryOutcome::Granted, member.id(), Some(given), Some("north")));
    // Who joins has its work.
    let late = of_team(&site, "north").await;
    ask(&site.app, &late, target).await.unwrap();

    for team in ["south", "North", "north ", ""] {
        is_refused(&site, &of_team(&site, team).await, target, None).await;
    }
    is_refused(&site, &member, Target::of(ada), None).await;
    is_refused(&site, &member, Target::for_item(ada, item(9)), None).await;
    is_refused(&site, &member, Target::for_item(eve, given), None).await;
    // Another portfolio's team of the same name: behind its own wall, and at this one's.
    let outsider = entered(&site, &colleague(OTHER_PORTFOLIO, "north")).await.0;
    let asking = Asking::new(&outsider, OTHER_PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
    let own = site.app.gate.ask::<PersonForAccess>(&asking, target).await.map(drop);
    assert!(matches!(own, Err(GateError::Refused(_))));
    let chain = portfolio_chain(OTHER_PORTFOLIO);
    assert_eq!(last_entry(&site, chain).await.bar, Some(Bar::NotThere));
    let over = ask(&site.app, &outsider, target).await;
    assert!(matches!(over, Err(GateError::Refused(_))));
    assert_eq!(last_entry(&site, chain).await.bar, Some(Bar::StaffWall));
    // Nor is what is that team's this one's.
    let theirs = Target::for_item(ada, item(7));
    let row = ConditionRow {
        subject: ada,
        condition: Condition::WorkItem,
        object: gate::team_assignment(item(7), OTHER_PORTFOLIO, "north"),
        since: Timestamp::from_micros(0),
        until: None,
    };
    site.write(move |unit| store::condition::set_many(unit, &[row])).await;
    is_refused(&site, &member, theirs, None).await;
    // Who is not staff is in no team, whatever their record says.
    let service =
        NewActor { recipient: Recipient::IntakeJob, trained_until: None, ..colleague(PORTFOLIO, "north") };
    is_refused(&site, &entered(&site, &service).await.0, target, None).await;
}

async fn who_is_moved_away_works_no_longer(site: TestSite) {
    let ada = site.person("ada", true).await;
    let (member, token) = entered(&site, &colleague(PORTFOLIO, "north")).await;
    let target = Target::for_item(ada, assign(&site, ada, north()).await.unwrap().item);
    let asking = Asking::new(&member, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
    let mut run = site.app.gate.run::<PersonForAccess>(asking, vec![target; 3], 1).await.unwrap();
    assert_eq!(run.next().await.unwrap().unwrap().granted.len(), 1);
    let (app, keeper) = (&site.app, &site.keeper);
    service::move_actor(app, keeper, PORTFOLIO, member.id(), "south").await.unwrap();
    let change = last_entry(&site, portfolio_chain(PORTFOLIO)).await.change;
    assert_eq!(change.as_deref(), Some("customer-service-staff (desk, north) moved to south"));
    site.clock.advance(1);
    // Whatever they are in the middle of; and anew they are in the other team.
    assert!(matches!(run.next().await, Err(GateError::NotAuthenticated)));
    assert!(matches!(ask(app, &member, target).await, Err(GateError::NotAuthenticated)));
    let moved = app.gate.authenticate(&token).await.unwrap();
    is_refused(&site, &moved, target, None).await;
    assert_eq!(last_entry(&site, ada).await.team.as_deref(), Some("south"));
    let south = assign(&site, ada, Assignee::Team("south".to_owned())).await.unwrap().item;
    ask(app, &moved, Target::for_item(ada, south)).await.unwrap();
    service::move_actor(app, keeper, PORTFOLIO, member.id(), "").await.unwrap();
    site.clock.advance(1);
    let alone = app.gate.authenticate(&token).await.unwrap();
    is_refused(&site, &alone, Target::for_item(ada, south), None).await;
    service::end_actor(app, keeper, PORTFOLIO, member.id()).await.unwrap();
    assert!(service::move_actor(app, keeper, PORTFOLIO, member.id(), "north").await.is_err());
}

async fn what_ended_opens_to_nobody_of_the_team(site: TestSite) {
    let ada = site.person("ada", true).await;
    let (member, token) = entered(&site, &colleague(PORTFOLIO, "north")).await;
    let first = Target::for_item(ada, assign(&site, ada, north()).await.unwrap().item);
    let second = Target::for_item(ada, assign(&site, ada, north()).await.unwrap().item);
    let own = assign(&site, ada, Assignee::Actor(member.id())).await.unwrap();
    for target in [first, second, Target::for_item(ada, own.item)] {
        ask(&site.app, &member, target).await.unwrap();
    }
    end(&site.app, &site.keeper, first.item.unwrap()).await;
    is_refused(&site, &member, first, None).await;
    // Once more it is to no effect, and the others stand.
    end(&site.app, &site.keeper, first.item.unwrap()).await;
    ask(&site.app, &member, second).await.unwrap();
    ask(&site.app, &member, Target::for_item(ada, own.item)).await.unwrap();
    site.clock.advance(31 * 86_400);
    let member = site.app.gate.authenticate(&token).await.unwrap();
    is_refused(&site, &member, second, None).await;
    is_refused(&site, &member, Target::for_item(ada, own.item), None).await;
    let unknown = service::end_work(&site.app, &site.keeper, PORTFOLIO, item(9)).await;
    assert!(matches!(unknown, Err(ServiceError::NotFound(_))));
    let elsewhere = service::end_work(&site.app, &site.keeper, OTHER_PORTFOLIO, own.item).await;
    assert!(matches!(elsewhere, Err(ServiceError::NotFound(_))));
}

async fn what_bars_somebody_bars_them_in_a_team(site: TestSite) {
    let ada = site.person("ada", true).await;
    let own = NewActor { own_files: vec![ada], ..colleague(PORTFOLIO, "north") };
    let relative = entered(&site, &own).await.0;
    let target = Target::for_item(ada, assign(&site, ada, north()).await.unwrap().item);
    is_refused(&site, &relative, target, Some(Bar::OwnFile)).await;
    // Nobody covers her, so that who works for a sponsor does not work for her.
    let sponsor = crate::scope::covered_by(&site, "eve", "Drukkerij").await;
    let account = NewActor { sponsors: vec![sponsor], ..colleague(PORTFOLIO, "north") };
    let account = entered(&site, &account).await.0;
    is_refused(&site, &account, target, Some(Bar::OutOfScope)).await;
    let (colleague, token) = entered(&site, &colleague(PORTFOLIO, "north")).await;
    ask(&site.app, &colleague, target).await.unwrap();
    // An emergency is whose who opened it, alone.
    let asking = Asking::new(&colleague, PORTFOLIO, Purpose::EmergencyAccess, site.app.gate.request());
    let file = site.app.gate.ask::<PersonForAccess>(&asking, target).await.map(drop);
    assert!(matches!(file, Err(GateError::Refused(_))));
    let untrained = day("2026-11-24");
    service::train_actor(&site.app, &site.keeper, PORTFOLIO, colleague.id(), untrained).await.unwrap();
    site.clock.advance(2 * 86_400);
    let colleague = site.app.gate.authenticate(&token).await.unwrap();
    is_refused(&site, &colleague, target, Some(Bar::Untrained)).await;
}

const READERS: usize = 4;

async fn an_ended_team_item_refuses_the_very_next_ask_of_every_reader(site: TestSite) {
    let ada = site.person("ada", true).await;
    let mut members = Vec::new();
    for _ in 0..READERS {
        members.push(of_team(&site, "north").await);
    }
    let given = assign(&site, ada, north()).await.unwrap().item;
    // Another process, with a gate and a store of its own.
    let other = site.reopen().await;
    let keeper = other.gate.operator(&site.root(), "tests").unwrap();
    let ended = Arc::new(AtomicBool::new(false));
    let opened = Arc::new(AtomicUsize::new(0));
    let readers: Vec<_> = members
        .into_iter()
        .map(|member| {
            let (app, ended, opened) = (site.app.clone(), Arc::clone(&ended), Arc::clone(&opened));
            tokio::spawn(async move {
                loop {
                    let asked_after = ended.load(Ordering::SeqCst);
                    let answer = ask(&app, &member, Target::for_item(ada, given)).await;
                    assert!(!(asked_after && answer.is_ok()), "opened after it was ended");
                    opened.fetch_add(usize::from(answer.is_ok()), Ordering::SeqCst);
                    if asked_after {
                        break;
                    }
                }
            })
        })
        .collect();
    let reading = async {
        while opened.load(Ordering::SeqCst) < 2 * READERS {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), reading).await.unwrap();
    end(&other, &keeper, given).await;
    ended.store(true, Ordering::SeqCst);
    for reader in readers {
        reader.await.unwrap();
    }
    other.store().close().await.unwrap();
}

async fn a_run_tests_a_teams_items_each(site: TestSite) {
    let (ada, eve) = (site.person("ada", true).await, site.person("eve", true).await);
    let member = of_team(&site, "north").await;
    let mut targets = Vec::new();
    for subject in [ada, eve] {
        targets.push(Target::for_item(subject, assign(&site, subject, north()).await.unwrap().item));
    }
    let granted = async || {
        let asking = Asking::new(&member, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
        let mut run = site.app.gate.run::<PersonForAccess>(asking, targets.clone(), 10).await.unwrap();
        let part = run.next().await.unwrap().unwrap();
        (part.granted.clone(), part.refused.len())
    };
    assert_eq!(granted().await, (targets.clone(), 0));
    end(&site.app, &site.keeper, targets[1].item.unwrap()).await;
    assert_eq!(granted().await, (vec![targets[0]], 1));
    assert_eq!(last_entry(&site, eve).await.outcome, EntryOutcome::Refused);
}

async fn a_task_is_given_only_to_whom_it_can_be(site: TestSite) {
    let ada = site.person("ada", true).await;
    let member = of_team(&site, "north").await;
    let elsewhere = entered(&site, &colleague(OTHER_PORTFOLIO, "south")).await.0;
    let own = NewActor { own_files: vec![ada], ..colleague(PORTFOLIO, "east") };
    let relative = entered(&site, &own).await.0;
    let left = of_team(&site, "west").await;
    service::end_actor(&site.app, &site.keeper, PORTFOLIO, left.id()).await.unwrap();
    let service =
        NewActor { recipient: Recipient::IntakeJob, trained_until: None, ..colleague(PORTFOLIO, "up") };
    let service = entered(&site, &service).await.0;
    let before = site.entries(ada).await;
    let team = |name: &str| Assignee::Team(name.to_owned());
    let actors = [&elsewhere, &relative, &left, &service].map(|actor| Assignee::Actor(actor.id()));
    let own = Assignee::Actor(site.keeper.id());
    let refused = actors.into_iter().chain([own, team("south"), team("west"), team("up"), team("")]);
    for to in refused {
        assert!(assign(&site, ada, to.clone()).await.is_err(), "{to:?}");
    }
    let to = Assignee::Actor(member.id());
    for days in [0, 91] {
        let new = NewWork { portfolio: PORTFOLIO, subject: ada, to: to.clone(), days };
        let answer = service::assign_work(&site.app, &site.keeper, &new).await;
        assert!(matches!(answer, Err(ServiceError::Work(_))));
    }
    let nobody = assign(&site, SubjectId::from_bytes([9; 16]), north()).await;
    assert!(matches!(nobody, Err(ServiceError::Gate(GateError::NotInPortfolio))));
    let new = NewWork { portfolio: PORTFOLIO, subject: ada, to, days: 1 };
    let by_staff = service::assign_work(&site.app, &of_team(&site, "north").await, &new).await;
    assert!(matches!(by_staff, Err(ServiceError::Gate(GateError::NotTheKeeper))));
    assert_eq!(site.entries(ada).await, before, "nothing became anybody's, so nothing is said of her");
    assert!(service::open_work(&site.app, PORTFOLIO, None).await.unwrap().is_empty());
}

async fn it_is_on_the_record_before_it_is_anybodys(site: TestSite) {
    let ada = site.person("ada", true).await;
    let member = of_team(&site, "north").await;
    let matters = site.app.gate.matter_changes(PORTFOLIO).await.unwrap().len();
    let of_actor = assign(&site, ada, Assignee::Actor(member.id())).await.unwrap();
    let to_actor = "work item assigned to customer-service-staff (desk, north) for 30 days";
    let of_team = assign(&site, ada, north()).await.unwrap();
    end(&site.app, &site.keeper, of_team.item).await;
    let said = [
        (Some(to_actor), of_actor.item, Some(member.id())),
        (Some("work item assigned to the team north for 30 days"), of_team.item, None),
        (Some("work item ended"), of_team.item, None),
    ];
    for chain in [ada, portfolio_chain(PORTFOLIO)] {
        let entries = entries(&site, chain).await;
        let last = &entries[entries.len() - said.len()..];
        for (entry, (change, item, whom)) in last.iter().zip(said) {
            assert_eq!((entry.change.as_deref(), entry.item, entry.whom), (change, Some(item), whom));
            assert_eq!((entry.outcome, entry.subject), (EntryOutcome::Changed, chain));
            assert!(entry.shown.is_empty() && entry.view.is_empty());
        }
    }
    let changes = site.app.gate.matter_changes(PORTFOLIO).await.unwrap();
    assert_eq!(changes.len(), matters, "it is no legal matter");
}

async fn open_work_is_listed_in_pages(site: TestSite) {
    let (ada, eve) = (site.person("ada", true).await, site.person("eve", true).await);
    of_team(&site, "north").await;
    for subject in [ada, eve, ada, eve, ada] {
        assign(&site, subject, north()).await.unwrap();
    }
    let all = service::open_work(&site.app, PORTFOLIO, None).await.unwrap();
    assert!(all.len() == 5 && all.is_sorted_by_key(|row| row.until));
    let now = site.app.gate.now();
    let mut paged: Vec<WorkItemRow> = Vec::new();
    loop {
        let last = paged.last().cloned();
        let page =
            site.write(move |unit| store::work_item::open(unit, PORTFOLIO, now, last.as_ref(), 2)).await;
        paged.extend(page.clone());
        if page.len() < 2 {
            break;
        }
    }
    assert_eq!(paged, all);
    assert_eq!(service::open_work(&site.app, PORTFOLIO, Some(ada)).await.unwrap().len(), 3);
    assert!(service::open_work(&site.app, OTHER_PORTFOLIO, None).await.unwrap().is_empty());
    assert!(service::open_work(&site.app, OTHER_PORTFOLIO, Some(ada)).await.unwrap().is_empty());
    end(&site.app, &site.keeper, all[1].item).await;
    let left: Vec<_> = service::open_work(&site.app, PORTFOLIO, None).await.unwrap();
    assert_eq!(left, [&all[..1], &all[2..]].concat());
    site.clock.advance(31 * 86_400);
    assert!(service::open_work(&site.app, PORTFOLIO, None).await.unwrap().is_empty());
}

async fn who_leaves_gives_back_their_own_and_not_the_teams(site: TestSite) {
    let ada = site.person("ada", true).await;
    let (member, colleague) = (of_team(&site, "north").await, of_team(&site, "north").await);
    let own = assign(&site, ada, Assignee::Actor(member.id())).await.unwrap();
    let team = assign(&site, ada, north()).await.unwrap();
    let left = service::end_actor(&site.app, &site.keeper, PORTFOLIO, member.id()).await.unwrap();
    assert_eq!(left.others, 1);
    assert_eq!(service::open_work(&site.app, PORTFOLIO, None).await.unwrap(), std::slice::from_ref(&team));
    // Within the second in which the token still works, too.
    is_refused(&site, &member, Target::for_item(ada, own.item), None).await;
    ask(&site.app, &colleague, Target::for_item(ada, team.item)).await.unwrap();
}

async fn who_is_erased_leaves_no_work_behind(site: TestSite) {
    let ada = site.person("ada", true).await;
    let member = of_team(&site, "north").await;
    let given = assign(&site, ada, north()).await.unwrap();
    service::erase_subject(&site.app, ada, &[RetentionClass::Membership]).await.unwrap();
    assert!(service::open_work(&site.app, PORTFOLIO, None).await.unwrap().is_empty());
    let row = site.write(move |unit| store::work_item::get(unit, PORTFOLIO, given.item)).await;
    assert_eq!(row, None);
    is_refused(&site, &member, Target::for_item(ada, given.item), None).await;
    // Nor does work about them begin: nobody would end it.
    for to in [north(), Assignee::Actor(member.id())] {
        let refused = assign(&site, ada, to).await;
        assert!(matches!(refused, Err(ServiceError::Gate(GateError::NotInPortfolio))));
    }
    assert!(service::open_work(&site.app, PORTFOLIO, None).await.unwrap().is_empty());
}
