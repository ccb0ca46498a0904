//! What the driver knows: what each operation must answer. Those who take part in one programme are behind one lock, held
//! while an operation about one of them, or about their programme, is under way; so the answer is known exactly with many
//! clients, too. Both product and floor wait for these locks alike.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::gdpr::people::{GROUP, Key, key};
use crate::gdpr::plan::{Operation, scattered};

/// Organisations of the register.
pub(crate) const ORGANISATIONS: u32 = 100;

/// What is asked of product or floor.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    /// A person with their cover comes in.
    Create(Key),
    /// The programme of this key ends.
    EndProgramme(Key),
    /// What lapsed is erased.
    Sweep,
    /// Somebody is erased.
    Erase(Key),
    /// An organisation is registered for more or fewer clauses.
    SetClauses(u32, bool),
    /// A contract with an organisation begins or ends.
    SetAgreement(u32, bool),
    /// Consent to offers is given or taken back.
    SetConsent(Key, bool),
    /// A person reads their own cover.
    ReadOwn(Key),
    /// Customer service reads it.
    ReadCover(Key),
    /// Those who take part in the programme of this key are read.
    ReadProgramme(Key),
    /// Somebody is read for an offer, unless they object.
    ReadForOffer(Key),
    /// Somebody's cover is read for a decision by health data, unless they object.
    ReadForDecision(Key),
    /// A person's consents: by themself, or by the officer.
    ReadConsents(Key, bool),
    /// What is held is read, and corrected for the so-manyth time.
    Correct(Key, u32),
    /// Who saw somebody's data.
    ReadLogs(Key),
    /// Whether somebody was erased.
    VerifyErased(Key),
}

/// What comes back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Answer {
    /// It was done.
    Done,
    /// No clause allows it.
    Refused,
    /// So many people.
    People(u64),
    /// The number of a policy, an e-mail address.
    Text(String),
    /// E-mail addresses, in order.
    Texts(Vec<String>),
    /// First day of cover.
    Day(u32),
    /// All consents, and those that stand.
    Consents(u64, u64),
    /// Entries of the log.
    Entries(u64),
    /// Whether.
    Is(bool),
}

/// Who is there, as far as answers tell.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) corrections: u32,
    pub(crate) health: bool,
    pub(crate) programme: bool,
    pub(crate) offers: bool,
    /// Consents ever given.
    pub(crate) consents: u64,
    /// Entries about them.
    pub(crate) entries: u64,
}

impl Held {
    /// Somebody who just came in, with what the source says.
    fn new(key: Key) -> Self {
        let health = key.consents_to_health();
        Self {
            corrections: 0,
            health,
            programme: false,
            offers: false,
            consents: u64::from(health),
            entries: 0,
        }
    }

    /// Somebody who was there from the beginning.
    fn loaded(key: Key) -> Self {
        let new = Self::new(key);
        let offers = key.consents_to_offers();
        Self { programme: true, offers, consents: new.consents + 1 + u64::from(offers), ..new }
    }

    fn standing(&self) -> u64 {
        u64::from(self.health) + u64::from(self.programme) + u64::from(self.offers)
    }
}

/// Those of one programme, by their place in it.
pub(crate) type Group = Vec<Option<Held>>;

/// Everything that the driver knows.
pub(crate) struct Model {
    records: u32,
    groups: Vec<Arc<Mutex<Group>>>,
    organisations: Vec<Mutex<(bool, bool)>>,
    /// People of the past that came in, and how many of them are there.
    lapsed: Mutex<(u32, u64)>,
    next: AtomicU32,
    /// Those that are erased from the beginning.
    pub(crate) erased: Vec<u32>,
    /// Whether there is a log.
    has_log: bool,
}

/// Somebody who is there, and nobody else works on.
struct Found {
    group: OwnedMutexGuard<Group>,
    key: Key,
}

impl Found {
    fn held(&mut self) -> Option<&mut Held> {
        self.group.get_mut((self.key.number % GROUP) as usize)?.as_mut()
    }
}

impl Model {
    /// After loading so many records, with room for so many more; every hundredth may be erased.
    pub(crate) fn new(records: u32, operations: u32, some_erased: bool, has_log: bool) -> Self {
        let erased: Vec<u32> =
            if some_erased { (0..records).filter(|number| number % 100 == 7).collect() } else { Vec::new() };
        let member = |number: u32| {
            let is_there = number < records && !(some_erased && number % 100 == 7);
            is_there.then(|| Held::loaded(key(number)))
        };
        let groups = (0..=(records + operations) / GROUP)
            .map(|group| Arc::new(Mutex::new((group * GROUP..(group + 1) * GROUP).map(member).collect())))
            .collect();
        Self {
            records,
            groups,
            organisations: (0..ORGANISATIONS).map(|_| Mutex::new((true, true))).collect(),
            lapsed: Mutex::new((0, 0)),
            next: AtomicU32::new(records),
            erased,
            has_log,
        }
    }

    /// Everybody who is there.
    pub(crate) async fn there(&self) -> Vec<Key> {
        let mut keys = Vec::new();
        for (number, group) in (0..).zip(&self.groups) {
            let group = group.lock().await;
            let there = (number * GROUP..).zip(group.iter()).filter(|(_, held)| held.is_some());
            keys.extend(there.map(|(number, _)| key(number)));
        }
        keys
    }

    async fn lock(&self, number: u32) -> Option<OwnedMutexGuard<Group>> {
        let group = self.groups.get((number / GROUP) as usize)?;
        Some(Arc::clone(group).lock_owned().await)
    }

    /// The record of a rank or, where it was erased, of the next one that is there.
    async fn find(&self, rank: u32) -> Option<Found> {
        for rank in (rank..self.records).chain(0..rank) {
            let key = key(scattered(rank, self.records));
            let mut found = Found { group: self.lock(key.number).await?, key };
            if found.held().is_some() {
                return Some(found);
            }
        }
        None
    }

    /// Carries out an operation and compares its answer. `Err` says what was wrong.
    pub(crate) async fn carry_out<F>(
        &self,
        (operation, rank): (Operation, u32),
        system: &impl Fn(Act) -> F,
    ) -> Result<(), String>
    where
        F: Future<Output = Result<Answer, String>>,
    {
        use Operation as O;
        match operation {
            O::Create => self.create(rank, system).await,
            O::DeleteByTtl => self.sweep(system).await,
            O::DeleteByPurpose | O::ReadByPurpose => {
                self.programme(rank, operation == O::ReadByPurpose, system).await
            }
            O::UpdateMetadataByPurpose | O::UpdateMetadataBySharing => {
                self.organisation(rank, operation == O::UpdateMetadataByPurpose, system).await
            }
            O::VerifyDeletion if rank.is_multiple_of(2) && !self.erased.is_empty() => {
                let number = self.erased.get(rank as usize / 2 % self.erased.len()).copied().unwrap_or(0);
                compare(operation, &Answer::Is(true), system(Act::VerifyErased(key(number))).await)
            }
            _ => {
                let mut found = self.find(rank).await.ok_or("nobody is there any more")?;
                let key = found.key;
                let held = found.held().ok_or("nobody is there any more")?;
                let (act, expected) = self.about(operation, key, held);
                let outcome = compare(operation, &expected, system(act).await);
                if matches!(act, Act::Erase(_)) {
                    let place = (key.number % GROUP) as usize;
                    found.group.get_mut(place).and_then(Option::take);
                }
                outcome
            }
        }
    }

    /// What is done about one person and what it must answer; and what is known of them afterwards.
    fn about(&self, operation: Operation, key: Key, held: &mut Held) -> (Act, Answer) {
        use Operation as O;
        let email = key.email(held.corrections);
        let (act, answer, entries) = match operation {
            O::DeleteByUser | O::DeleteByKey => (Act::Erase(key), Answer::Done, 1),
            O::UpdateMetadataByUser | O::UpdateMetadataByKey => {
                held.offers = !held.offers;
                held.consents += u64::from(held.offers);
                (Act::SetConsent(key, held.offers), Answer::Done, 0)
            }
            O::ReadByUser => (Act::ReadOwn(key), Answer::Text(key.policy()), 1),
            O::ReadByKey => (Act::ReadCover(key), Answer::Text(key.policy()), 1),
            O::ReadByObjection => {
                let answer = if held.offers { Answer::Text(email) } else { Answer::Refused };
                (Act::ReadForOffer(key), answer, 1)
            }
            O::ReadByDecision => {
                let answer = if held.health { Answer::Day(20_200_101) } else { Answer::Refused };
                (Act::ReadForDecision(key), answer, 1)
            }
            O::UpdateByKey => {
                held.corrections += 1;
                (Act::Correct(key, held.corrections), Answer::Text(email), 2)
            }
            O::ReadLogs => {
                // The answer's own entry is a part of it.
                let entries = if self.has_log { held.entries + 1 } else { 0 };
                (Act::ReadLogs(key), Answer::Entries(entries), 1)
            }
            O::VerifyDeletion => (Act::VerifyErased(key), Answer::Is(false), 1),
            _ => {
                let answer = Answer::Consents(held.consents, held.standing());
                (Act::ReadConsents(key, operation == O::ReadMetadataByKey), answer, 1)
            }
        };
        held.entries += entries;
        (act, answer)
    }

    async fn create<F>(&self, rank: u32, system: &impl Fn(Act) -> F) -> Result<(), String>
    where
        F: Future<Output = Result<Answer, String>>,
    {
        if rank.is_multiple_of(4) {
            let mut lapsed = self.lapsed.lock().await;
            let key = Key { number: lapsed.0, lapsed: true };
            *lapsed = (lapsed.0 + 1, lapsed.1 + 1);
            return compare(Operation::Create, &Answer::Done, system(Act::Create(key)).await);
        }
        let key = key(self.next.fetch_add(1, Ordering::Relaxed));
        let mut group = self.lock(key.number).await.ok_or("there is no room for more")?;
        if let Some(place) = group.get_mut((key.number % GROUP) as usize) {
            *place = Some(Held::new(key));
        }
        compare(Operation::Create, &Answer::Done, system(Act::Create(key)).await)
    }

    async fn sweep<F>(&self, system: &impl Fn(Act) -> F) -> Result<(), String>
    where
        F: Future<Output = Result<Answer, String>>,
    {
        let mut lapsed = self.lapsed.lock().await;
        let expected = Answer::People(std::mem::take(&mut lapsed.1));
        compare(Operation::DeleteByTtl, &expected, system(Act::Sweep).await)
    }

    async fn programme<F>(&self, rank: u32, reads: bool, system: &impl Fn(Act) -> F) -> Result<(), String>
    where
        F: Future<Output = Result<Answer, String>>,
    {
        let key = key(scattered(rank, self.records));
        let mut group = self.lock(key.number).await.ok_or("there is no such programme")?;
        let first = key.number / GROUP * GROUP;
        let mut emails = Vec::new();
        for (number, held) in (first..).zip(group.iter_mut()) {
            let Some(held) = held.as_mut().filter(|held| held.programme) else { continue };
            emails.push(crate::gdpr::people::key(number).email(held.corrections));
            held.programme = reads;
            held.entries += u64::from(reads);
        }
        emails.sort();
        if reads {
            let answer = system(Act::ReadProgramme(key)).await;
            return compare(Operation::ReadByPurpose, &Answer::Texts(emails), answer);
        }
        compare(Operation::DeleteByPurpose, &Answer::Done, system(Act::EndProgramme(key)).await)
    }

    async fn organisation<F>(
        &self,
        rank: u32,
        by_purpose: bool,
        system: &impl Fn(Act) -> F,
    ) -> Result<(), String>
    where
        F: Future<Output = Result<Answer, String>>,
    {
        let number = rank % ORGANISATIONS;
        let organisation = self.organisations.get(number as usize).ok_or("no such organisation")?;
        let mut known = organisation.lock().await;
        let (operation, act) = if by_purpose {
            known.0 = !known.0;
            (Operation::UpdateMetadataByPurpose, Act::SetClauses(number, known.0))
        } else {
            known.1 = !known.1;
            (Operation::UpdateMetadataBySharing, Act::SetAgreement(number, known.1))
        };
        compare(operation, &Answer::Done, system(act).await)
    }

    /// What must stand of each organisation: for more clauses, and whether a contract holds.
    pub(crate) async fn organisations(&self) -> Vec<(bool, bool)> {
        let mut known = Vec::new();
        for organisation in &self.organisations {
            known.push(*organisation.lock().await);
        }
        known
    }

    /// Says something that is not so of everybody: the check must find it.
    #[cfg(test)]
    pub(crate) async fn lie(&self) {
        for group in &self.groups {
            for held in group.lock().await.iter_mut().flatten() {
                held.corrections += 1;
                held.consents += 1;
            }
        }
    }
}

fn compare(operation: Operation, expected: &Answer, answer: Result<Answer, String>) -> Result<(), String> {
    match answer {
        Ok(answer) if answer == *expected => Ok(()),
        Ok(answer) => Err(format!("{operation:?} answered {answer:?}, not {expected:?}")),
        Err(error) => Err(format!("{operation:?}: {error}")),
    }
}
