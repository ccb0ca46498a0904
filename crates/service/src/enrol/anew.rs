//! What is missing of people who are known and were erased, wholly or in part: found, and the place cleared
//! for new keys. Whether they are taken up anew is not decided here.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Category, Personal, PortfolioId, RetentionClass, SubjectId};
use gate::Collection;
use store::StoreError;
use store::key::WrappedKey;
use store::subject::SubjectRow;

use super::NewSubject;
use crate::{App, ServiceError};

/// A place of a key of someone.
type Slots = BTreeSet<(Category, RetentionClass)>;

/// People who are known here and of whom something is missing. They stay bound to the notice that they had.
#[derive(Default)]
pub(super) struct Missing {
    /// Those whose record of who they are is gone.
    unknown: BTreeSet<SubjectId>,
    /// Those whose record stands and who lack keys of another class: a notice may keep claims shorter than
    /// membership.
    only_keys: BTreeSet<SubjectId>,
}

impl Missing {
    /// Finds them among those given. `P` is the record that says who a subject is.
    pub(super) async fn read<P: Personal, D>(
        app: &App,
        known: &[SubjectRow],
        given: &[(NewSubject, &Collection, &D)],
    ) -> Result<Self, ServiceError> {
        let given: BTreeMap<SubjectId, &NewSubject> =
            given.iter().map(|(rows, ..)| (rows.row.subject, rows)).collect();
        let is_here = |row: &SubjectRow| {
            let portfolio = given.get(&row.subject).map(|rows| rows.row.portfolio);
            portfolio == Some::<PortfolioId>(row.portfolio)
        };
        let here: Vec<SubjectId> = known.iter().filter(|row| is_here(row)).map(|row| row.subject).collect();
        let fetched = app.store().fetch_many(here.clone(), &[P::KIND], P::CATEGORIES).await?;
        let keys = app.store().read(move |unit| store::many::keys(unit, &here)).await?;
        let mut there: BTreeMap<SubjectId, Slots> = BTreeMap::new();
        for key in &keys {
            there.entry(key.subject).or_default().insert((key.category, key.class));
        }
        let mut missing = Self::default();
        for one in fetched {
            let there = there.remove(&one.subject).unwrap_or_default();
            let mut slots = P::CATEGORIES.iter().map(|category| (category, P::RETENTION));
            let keys = given.get(&one.subject).map_or(&[][..], |rows| &rows.keys);
            if one.fetched.rows.is_empty() || !slots.all(|slot| there.contains(&slot)) {
                missing.unknown.insert(one.subject);
            } else if !keys.iter().all(|key| there.contains(&(key.category, key.class))) {
                missing.only_keys.insert(one.subject);
            }
        }
        Ok(missing)
    }

    /// Whether anything of someone is missing.
    pub(super) fn is_any(&self, subject: SubjectId) -> bool {
        self.is_unknown(subject) || self.is_only_keys(subject)
    }

    /// Whether the record of who someone is is gone.
    pub(super) fn is_unknown(&self, subject: SubjectId) -> bool {
        self.unknown.contains(&subject)
    }

    /// Whether someone lacks keys, and who they are stands.
    pub(super) fn is_only_keys(&self, subject: SubjectId) -> bool {
        self.only_keys.contains(&subject)
    }

    /// Deletes the rows that an erasure which was cut off left without their key, before there is a key again
    /// which does not open them. `keys` are the new ones.
    pub(super) async fn clear(&self, app: &App, keys: &[WrappedKey]) -> Result<(), ServiceError> {
        let of_missing = keys.iter().filter(|key| self.is_any(key.subject));
        let slots: Vec<_> = of_missing.map(|key| (key.subject, key.category, key.class)).collect();
        if slots.is_empty() {
            return Ok(());
        }
        app.store()
            .write(move |unit| {
                for (subject, category, class) in &slots {
                    // Somebody else may have made it meanwhile.
                    if store::key::get(unit, *subject, *category, *class)?.is_none() {
                        store::sealed::delete_class(unit, *subject, *category, *class)?;
                    }
                }
                Ok::<_, StoreError>(())
            })
            .await?;
        Ok(())
    }
}
