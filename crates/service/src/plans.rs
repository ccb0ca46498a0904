//! The plans, parsed once and read again when one is asked for that another process added. A plan
//! version is immutable and dated: its id is a hash of its name and text, and the database holds each
//! name and version once. It forgets no version: cover taken up under one stays under it.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use benefits::Plan;
use domain::{Date, PlanId};
use store::readjudication::PlanChange;
use store::reference::PlanRow;
use store::{Store, StoreError};

use crate::ServiceError;

/// Plan versions by id.
#[derive(Clone, Debug, Default)]
pub struct PlanBook {
    plans: Arc<RwLock<BTreeMap<PlanId, Arc<Plan>>>>,
}

impl PlanBook {
    /// Reads the plans that are stored, as [`PlanBook::refresh`] does.
    pub async fn load(store: &Store) -> Result<Self, ServiceError> {
        let book = Self::default();
        book.refresh(store).await?;
        Ok(book)
    }

    /// Reads the plans that were stored since. One that this program cannot read stays unknown, and holds
    /// up only what needs it.
    pub async fn refresh(&self, store: &Store) -> Result<(), ServiceError> {
        for row in store.read(store::reference::plans).await? {
            if self.get(row.plan).is_some() {
                continue;
            }
            match parse(&row.name, &row.text) {
                Ok(plan) => self.insert(row.plan, plan),
                Err(error) => tracing::error!(%error, "a stored plan cannot be read"),
            }
        }
        Ok(())
    }

    /// Adds a plan version: parsed first, then stored. The same text again changes nothing.
    ///
    /// Errors: [`ServiceError::OtherPlan`] when this version of the plan is known with another text.
    pub async fn add(&self, store: &Store, name: &str, text: &str) -> Result<PlanId, ServiceError> {
        let plan = parse(name, text)?;
        domain::no_card_number("plan", text).map_err(ServiceError::Unusable)?;
        let id = plan_id(plan.id(), text);
        let row = PlanRow {
            plan: id,
            name: plan.id().to_owned(),
            version: plan.version().to_owned(),
            text: text.to_owned(),
        };
        store
            .write(move |unit| match store::reference::insert_plan(unit, &row) {
                Err(StoreError::Duplicate) if store::reference::has_plan(unit, row.plan)? => Ok(()),
                other => other,
            })
            .await
            .map_err(|error| match error {
                StoreError::Duplicate => ServiceError::OtherPlan { label: plan.label().to_owned() },
                other => other.into(),
            })?;
        self.insert(id, plan);
        Ok(id)
    }

    /// The plan version with this id.
    #[must_use]
    pub fn get(&self, id: PlanId) -> Option<Arc<Plan>> {
        self.plans.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// The version of a plan for cover that begins on a day: the newest that applies by then.
    ///
    /// Errors: [`ServiceError::Unknown`] without such a plan, [`ServiceError::NotYetEffective`] when its
    /// first version applies later.
    pub fn named(&self, name: &str, start: Date) -> Result<PlanId, ServiceError> {
        let book = self.plans.read().unwrap_or_else(PoisonError::into_inner);
        let versions = || book.iter().filter(|(_, plan)| plan.id() == name);
        let applies = versions().filter(|(_, plan)| plan.effective() <= start);
        if let Some((id, _)) = applies.max_by_key(|(_, plan)| newest(plan)) {
            return Ok(*id);
        }
        let known = || book.values().map(|plan| plan.id()).collect::<std::collections::BTreeSet<_>>();
        Err(match versions().map(|(_, plan)| plan.effective()).min() {
            Some(from) => ServiceError::NotYetEffective { plan: name.to_owned(), from },
            None => ServiceError::Unknown {
                what: "plan",
                name: name.to_owned(),
                known: known().into_iter().collect::<Vec<_>>().join(", "),
            },
        })
    }

    /// Which versions of a plan such cover would no longer be taken up under today, and which would take their place.
    pub(crate) fn superseded(&self) -> Vec<PlanChange> {
        let book = self.plans.read().unwrap_or_else(PoisonError::into_inner);
        let newer = |than: &Arc<Plan>| {
            let mut all: Vec<_> = book
                .iter()
                .filter(|(_, plan)| plan.id() == than.id() && newest(plan) > newest(than))
                .collect();
            all.sort_by_key(|(_, plan)| newest(plan));
            all
        };
        let mut changes = Vec::new();
        for (old, plan) in book.iter() {
            let newer = newer(plan);
            // Of two that apply from one day the newer leaves the other no day.
            let ends = newer.iter().skip(1).map(|(_, next)| Some(next.effective())).chain([None]);
            changes.extend(newer.iter().zip(ends).map(|((new, version), before)| PlanChange {
                old: *old,
                new: **new,
                from: version.effective(),
                before,
            }));
        }
        changes
    }

    /// Every plan version, by id.
    #[must_use]
    pub fn all(&self) -> BTreeMap<PlanId, Arc<Plan>> {
        self.plans.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn insert(&self, id: PlanId, plan: Plan) {
        self.plans.write().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::new(plan));
    }
}

/// What the newest version has most of: by the day from which it applies, then by its name.
fn newest(plan: &Plan) -> (Date, String) {
    (plan.effective(), plan.version().to_owned())
}

fn parse(name: &str, text: &str) -> Result<Plan, ServiceError> {
    Ok(Plan::parse(&format!("{name}.toml"), text)?)
}

/// The id of a plan version: the first bytes of SHA-256 over its name and text.
fn plan_id(name: &str, text: &str) -> PlanId {
    use sha2::{Digest, Sha256};
    let digest = Sha256::new().chain_update(name).chain_update([0]).chain_update(text).finalize();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    PlanId::from_bytes(bytes)
}
