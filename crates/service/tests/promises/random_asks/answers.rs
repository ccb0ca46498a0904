//! Asks through the gate, many at once, reads what came to stand on the record, and compares both with what the judge
//! said. Where they differ it says so in words; it does not say who is right.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::{Category, CategorySet, RequestId, SubjectId, TransferSafeguard};
use gate::{Actor, Asking, Bar, Entry, GateError, Target, Term};
use service::App;
use store::StoreError;
use tokio::task::JoinSet;

use super::asks::{About, Ask, Line, Outcome, To, Told, Verdict};
use super::model::World;
use super::setup::Stage;
use super::views::{Opened, VIEWS};

/// What the gate answered.
pub(crate) struct Answer {
    told: Result<Opened, GateError>,
    lines: Vec<Stood>,
}

/// A line of the record as it stands in somebody's list.
pub(crate) struct Stood {
    chain: SubjectId,
    item: Option<domain::WorkItemId>,
    entry: Arc<Entry>,
}

/// Asks at once.
const AT_ONCE: usize = 32;

impl Stage {
    /// Asks all of these, and answers what was said to each and what stands on the record of it; the entries that were
    /// there before are passed over. `last`: the last group of entries that was read.
    pub(crate) async fn ask_all(&self, asks: &[Ask], last: &mut i64) -> Vec<Answer> {
        let mut running = JoinSet::new();
        let mut told: Vec<Option<(RequestId, Result<Opened, GateError>)>> =
            asks.iter().map(|_| None).collect();
        for (place, ask) in asks.iter().enumerate() {
            while running.len() >= AT_ONCE {
                let (place, answer) = running.join_next().await.unwrap().unwrap();
                told[place] = Some(answer);
            }
            let (app, actor) = (self.site.app.clone(), Arc::clone(&self.actors[ask.asker]));
            let (ask, to, travel) = (ask.clone(), self.to(ask), self.world.travel.0);
            running.spawn(async move { (place, one(&app, &actor, &ask, to, travel).await) });
        }
        while let Some(done) = running.join_next().await {
            let (place, answer) = done.unwrap();
            told[place] = Some(answer);
        }
        let mut stood = self.read_record(last).await;
        let mut answer = |(request, told): (RequestId, _)| Answer {
            told,
            lines: stood.remove(request.bytes()).unwrap_or_default(),
        };
        let answers = told.into_iter().map(|told| answer(told.unwrap())).collect();
        assert!(stood.is_empty(), "entries of what nobody asked");
        answers
    }

    fn to(&self, ask: &Ask) -> Option<domain::RecipientId> {
        ask.to.map(|to| match to {
            To::Organisation(place) => self.world.organisations[place].id,
            To::Nobody(id) => id,
        })
    }

    /// What came to stand on the record since it was read last, by request: each line once for each list that it is in.
    pub(crate) async fn read_record(&self, last: &mut i64) -> BTreeMap<[u8; 16], Vec<Stood>> {
        let first = *last + 1;
        let read = move |unit: &mut store::Unit<'_>| store::log::entries_between(unit, first, i64::MAX);
        let entries = self.site.app.store().read(read).await.map_err(|error: StoreError| error).unwrap();
        let mut stood: BTreeMap<[u8; 16], Vec<Stood>> = BTreeMap::new();
        for stored in entries {
            *last = (*last).max(stored.position.batch);
            let entry = Arc::new(Entry::from_bytes(&stored.body).expect("an entry"));
            let lines = stood.entry(*entry.request.bytes()).or_default();
            if stored.people.is_empty() {
                lines.push(Stood { chain: stored.subject, item: entry.item, entry });
            } else {
                let each = stored.people.iter();
                lines.extend(each.map(|one| Stood {
                    chain: one.subject,
                    item: one.item,
                    entry: Arc::clone(&entry),
                }));
            }
        }
        stood
    }
}

async fn one(
    app: &App,
    actor: &Actor,
    ask: &Ask,
    to: Option<domain::RecipientId>,
    travel: domain::SupplementId,
) -> (RequestId, Result<Opened, GateError>) {
    let gate = &app.gate;
    let request = gate.request();
    let asking = Asking {
        to,
        party: ask.party,
        writes: ask.writes,
        supplement: ask.travel.then_some(travel),
        ..Asking::new(actor, ask.portfolio, ask.purpose, request)
    };
    let view = &VIEWS[ask.view];
    let target = |subject: &SubjectId| Target { subject: *subject, item: ask.item };
    let told = match &ask.about {
        About::One(subject) => (view.one)(gate, &asking, target(subject)).await,
        About::Group(group) => {
            let targets: Vec<Target> = group.iter().map(target).collect();
            (view.group)(gate, &asking, &targets).await
        }
        About::Sought(terms) => {
            let terms: Vec<Term> = terms.iter().map(|(kind, text)| Term::new(*kind, text)).collect();
            (view.search)(gate, &asking, &terms, ask.item).await
        }
    };
    (request, told)
}

impl Answer {
    /// In what this differs from what a judge said; nothing where it does not.
    pub(crate) fn differs(&self, world: &World, ask: &Ask, verdict: &Verdict) -> Option<String> {
        let told = self.told();
        if told.as_ref() != Ok(&verdict.told) {
            return Some(format!("the gate tells {told:?}, the judge {:?}", verdict.told));
        }
        if let Ok(Opened { fields: Some(fields), .. }) = &self.told {
            let opens = CategorySet::of(&[Category::Identity, Category::MemberId]);
            let said = verdict.lines[0].shown.intersection(opens);
            if *fields != said {
                return Some(format!("the gate opened {fields}, the judge said {said}"));
            }
        }
        let mut stood: Vec<&Stood> = self.lines.iter().collect();
        let mut said: Vec<&Line> = verdict.lines.iter().collect();
        stood.sort_by_key(|one| (one.chain, Outcome::of(one.entry.outcome)));
        said.sort_by_key(|line| (line.chain, Some(line.outcome)));
        if stood.len() != said.len() {
            return Some(format!("{} lines stand on the record, the judge says {}", stood.len(), said.len()));
        }
        stood.iter().zip(said).find_map(|(stood, line)| stood.differs(world, ask, line))
    }

    /// What was told, as the judge says it.
    fn told(&self) -> Result<Told, String> {
        match &self.told {
            Ok(opened) => Ok(Told::Granted(opened.people.clone())),
            Err(GateError::NotAuthenticated) => Ok(Told::NotKnown),
            Err(GateError::Refused(refused)) => Ok(Told::Refused(refused.bar.filter(is_told))),
            // The group was too small, and nobody in it was refused.
            Err(GateError::Compute(_)) => Ok(Told::Refused(None)),
            Err(other) => Err(other.to_string()),
        }
    }
}

/// What the asker knows of themself; of anything else that bars it nothing is told.
fn is_told(bar: &Bar) -> bool {
    matches!(bar, Bar::OwnFile | Bar::Untrained | Bar::OutOfScope)
}

impl Stood {
    fn differs(&self, world: &World, ask: &Ask, line: &Line) -> Option<String> {
        let (entry, asker) = (&self.entry, &world.askers[ask.asker]);
        let transfer =
            entry.transfer.map(|set| set.iter().collect::<std::collections::BTreeSet<TransferSafeguard>>());
        let stands = (self.chain, Outcome::of(entry.outcome), entry.bar, entry.shown, entry.withheld);
        let said = (line.chain, Some(line.outcome), line.bar, line.shown, line.withheld);
        if stands != said {
            return Some(format!("on the record stands {stands:?}, the judge says {said:?}"));
        }
        let stands = (self.item, entry.to, &transfer, &entry.notice);
        let said = (line.item, line.to, &line.transfer, &line.version);
        if stands != said {
            return Some(format!("on the record stands {stands:?}, the judge says {said:?}"));
        }
        let who =
            (entry.actor, entry.actor_recipient, entry.actor_country.code(), entry.portfolio, entry.purpose);
        let chain_of = [ask.portfolio, asker.portfolio.unwrap_or(ask.portfolio)];
        if who != (asker.id, asker.kind, asker.country, entry.portfolio, ask.purpose)
            || !chain_of.contains(&entry.portfolio)
        {
            return Some(format!("the record says who asked otherwise: {who:?}"));
        }
        (line.outcome == Outcome::Granted).then(|| self.cites_otherwise(world, line)).flatten()
    }

    /// Each clause that is named is one that shows something of it, and together they show all of it.
    fn cites_otherwise(&self, world: &World, line: &Line) -> Option<String> {
        let all = || world.versions.iter().flat_map(|one| one.clauses()).chain(world.travel.1.clauses());
        let mut covered = CategorySet::EMPTY;
        for id in &self.entry.clauses {
            if !line.clauses.contains(id) {
                return Some(format!("`{id}` is named, the judge says one of {:?}", line.clauses));
            }
            for clause in all().filter(|clause| clause.id == *id) {
                covered = covered.union(clause.data);
            }
        }
        let is_whole = covered.contains_all(line.shown);
        (!is_whole).then(|| format!("{:?} do not show all of {}", self.entry.clauses, line.shown))
    }
}
